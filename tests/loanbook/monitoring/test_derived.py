# ruff: noqa: E501 - the columns of applications and loans
"""Applications, their stops, scores of loans and what loans charge, on a drawn book with answers worked by hand."""

from datetime import date

import pytest

from queries import layers, margins, scores
from rules.filters import DateRange, Definition, Horizon, Selection
from rules.price import all_in_rate
from tests.loanbook.derived import asked, derive
from tests.queries.drawn import book_of, run

AS_OF = date(2026, 6, 30)
EVERYTHING = Selection(DateRange(), None, Definition.DPD90, Horizon.M12, ())

TABLES = {
    "tier": """
        code   rank
        gold   1
        """,
    "product": """
        id  code  name_en  name_zh  kind
        1   cash  Cash     现金     cash
        """,
    "funder": """
        id  name  kind  cost_rate  share_of_margin
        1   Bank  bank  0.05       0.4
        """,
    "prime_rate": """
        id  starts_on   one_year_rate
        1   2024-01-01  0.03
        2   2025-03-01  0.02
        """,
    "member": """
        id  registered_at        acquisition_channel  province
        1   2024-06-01_02:00:00  organic              Anhui
        2   2024-06-01_02:00:00  referral             Anhui
        3   2024-06-01_02:00:00  organic              Hubei
        """,
    "application": """
        id  member_id  product_id  applied_at           amount  term_months  tier_code  status     decided_at           decided_by  approved_amount
        11  1          1           2025-01-10_02:00:00  1200    12           gold       disbursed  2025-01-10_03:00:00  model       1200
        12  2          1           2025-01-11_02:00:00  900     12           gold       declined   2025-01-11_03:00:00  rules       -
        13  2          1           2025-04-01_02:00:00  600     6            gold       disbursed  2025-04-02_03:00:00  manual      600
        14  3          1           2025-04-03_02:00:00  500     6            gold       declined   2025-04-04_03:00:00  manual      -
        15  3          1           2025-04-05_02:00:00  400     6            gold       declined   2025-04-05_03:00:00  model       -
        16  1          1           2026-06-30_02:00:00  300     6            gold       declined   2026-07-02_03:00:00  model       -
        17  1          1           2026-07-01_02:00:00  300     6            gold       open       -                    -           -
        """,
    "application_check": """
        id  application_id  layer   code      outcome  value              checked_at
        1   11              rules   many      pass     1                  2025-01-10_02:00:01
        2   11              model   score     pass     640                2025-01-10_02:00:02
        3   12              rules   many      fail     9                  2025-01-11_02:00:01
        4   12              rules   court     fail     2                  2025-01-11_02:00:01
        5   13              model   score     fail     540                2025-04-01_02:00:02
        6   13              manual  override  pass     income_proven      2025-04-02_03:00:00
        7   14              model   score     flag     650                2025-04-03_02:00:02
        8   14              manual  review    fail     income_not_proven  2025-04-04_03:00:00
        """,
    "score": """
        id  application_id  model_version  score  default_probability  scored_at
        1   11              A              640    0.04                 2025-01-10_02:00:02
        2   11              B              700    0.02                 2025-01-10_02:00:01
        3   13              A              500    0.2                  2025-03-31_02:00:00
        4   13              A              540    0.1                  2025-04-01_02:00:02
        5   13              A              800    0.01                 2025-12-01_02:00:02
        """,
    "loan": """
        id  application_id  member_id  product_id  funder_id  funder_share  tier_code  acquisition_channel  disbursed_at         principal  annual_rate  upfront_fee  term_months  status    closed_at
        21  11              1          1           1          0.8           gold       organic              2025-01-11_02:00:00  1200       0.12         12           2            paid_off  2025-03-11_02:00:00
        22  13              2          1           -          -             gold       referral             2025-04-03_02:00:00  600        0.24         -            12           active    -
        """,
    "instalment": """
        loan_id  number  due_on      principal_due  interest_due
        21       1       2025-02-11  600            12
        21       2       2025-03-11  600            6
        """,
    "repayment": """
        id  loan_id  paid_at              amount
        1   21       2025-02-11_02:00:00  612
        2   21       2025-03-11_02:00:00  606
        """,
    "perk": """
        id  member_id  kind                  granted_at           expires_at           loan_id  cost
        1   1          interest_free_coupon  2025-01-11_02:00:00  2025-12-01_02:00:00  21       3
        2   1          rate_cut              2025-01-11_02:00:00  2025-12-01_02:00:00  21       7
        3   1          interest_free_coupon  2026-07-01_02:00:00  2026-12-01_02:00:00  21       5
        """,
    "contact": """
        id  member_id  loan_id  party   purpose       channel  contacted_at         outcome    cost
        1   1          21       debtor  due_reminder  sms      2025-02-08_02:00:00  delivered  0.1
        2   1          21       debtor  due_reminder  sms      2025-03-08_02:00:00  delivered  0.2
        """,
}  # fmt: skip


@pytest.fixture(scope="module")
def snapshot():
    return derive(AS_OF, TABLES)


def test_applications_as_they_went(snapshot):
    columns = "application_id, outcome, decided_by, below_cut_off, later_loan_no, CAST(score_band AS TEXT)"
    assert asked(snapshot, columns, "application_fact") == {
        "11": ("approved", "model", False, None, "600-649"),  # scored by A last
        "12": ("declined", "rules", None, 2, "unknown"),  # their member was granted loan 2 later
        "13": ("approved", "manual", True, None, "750+"),
        "14": ("declined", "manual", False, None, "unknown"),
        "15": ("declined", "model", None, None, "unknown"),
        "16": ("open", None, None, None, "unknown"),  # decided after as_of; application 17 is of a later day
    }


def test_reasons_of_stops(snapshot):
    found = snapshot.execute("FROM application_stop ORDER BY ALL").fetchall()
    assert found == [
        (2, "rules", "court", False),
        (2, "rules", "many", False),
        (4, "manual", "income_not_proven", True),
        (5, "model", "unknown", True),
    ]


def test_each_model_s_last_score_by_disbursement(snapshot):
    found = snapshot.execute(
        "SELECT loan_no, CAST(model AS TEXT), score, probability, decides FROM loan_score ORDER BY ALL"
    ).fetchall()
    assert found == [(1, "A", 640, 0.04, True), (1, "B", 700, 0.02, False), (2, "A", 540, 0.1, True)]
    assert snapshot.execute("FROM score_model ORDER BY 1").fetchall() == [("A", 2, 2, 2), ("B", 1, 0, None)]


def test_what_loans_charge(snapshot):
    columns = "loan_no, rate, prime, funding, perk_fen, contact_fen, received_fen, lost_fen, lent_year_fen"
    first, second = asked(snapshot, columns, "loan_charge").values()
    rate = all_in_rate([118_800, -61_200, -60_600]).nominal  # 1200 less the fee of 12, in fen
    assert first[0] == pytest.approx(rate, abs=1e-9)
    assert first[1:3] == pytest.approx((0.03, 0.05 * 0.8))
    assert first[3:7] == (300, 30, 61_200 + 60_600 + 1_200, 0)  # without the rate cut, and what comes after as_of
    assert first[7] == pytest.approx((118_800 + 118_800 * (1 + rate / 12) - 61_200) / 12, abs=1)
    assert second[0] == pytest.approx(0.24, abs=1e-9)  # of equal payments, for want of instalments
    assert second[1:3] == pytest.approx((0.02, 0.0))  # the prime rate of its day; no funder
    assert second[3:7] == (0, 0, None, None)  # it still runs


def test_statements_on_them(snapshot):
    flows = run(snapshot, layers.flows(EVERYTHING))
    assert flows.to_records(index=False).tolist() == [
        ("approved", "manual", "below", 1, 60_000),
        ("approved", "model", "above", 1, 120_000),
        ("declined", "manual", "above", 1, 50_000),
        ("declined", "model", "", 1, 40_000),
        ("declined", "rules", "", 1, 90_000),
        ("open", "", "", 1, 30_000),
    ]
    stops = run(snapshot, layers.stops(EVERYTHING)).set_index("reason")
    assert stops.loc["many", ["applications", "alone", "later", "later_observed"]].to_list() == [1, 0, 1, 1]
    assert stops.loc["income_not_proven", "later"] == 0
    spring = Selection(DateRange(date(2025, 4, 1), date(2025, 4, 4)), None, Definition.DPD90, Horizon.M12,
                       (("province", ("Hubei",)), ("funder", ("Bank",))))  # fmt: skip
    assert run(snapshot, layers.flows(spring))["applications"].sum() == 1
    assert layers.untold(spring) == ["funder"]


def test_scores_by_month_heed_what_an_application_has(snapshot):
    asked_for = Selection(DateRange(), None, Definition.DPD90, Horizon.M12, (("channel", ("referral",)),))
    every = run(snapshot, scores.by_month(EVERYTHING, date(2025, 1, 1), AS_OF, (300, 600)))
    kept = run(snapshot, scores.by_month(asked_for, date(2025, 1, 1), AS_OF, (300, 600)))
    assert every["scored"].sum() == 5
    assert kept["scored"].sum() == 3
    assert list(kept["band"]) == [300, 300, 600]


def test_prices_sum_over_the_borrowers_that_the_default_rate_counts(snapshot):
    found = run(snapshot, margins.by_segment(EVERYTHING, "channel", book_of([]))).set_index("segment")
    assert found["borrowers"].to_dict() == {"organic": 1, "referral": 1}
    assert found.loc["organic", "first_loans"] == 1
    years = found.loc["organic", "lent_year_fen"]
    assert found.loc["organic", "prime_fen"] == round(0.03 * years)
    assert found.loc["organic", "funding_fen"] == round(0.04 * years)
    assert found.loc["organic", ["ended", "received_fen", "lost_fen"]].to_list() == [1, 123_000, 0]
    assert found.loc["referral", "ended"] == 0
    behind = run(snapshot, margins.loans_behind(EVERYTHING, book_of([])))
    for name in ("principal_fen", "charge_fen", "lent_year_fen", "funding_fen", "perk_fen", "contact_fen"):
        assert behind[name].sum() == found[name].sum()


def test_a_book_of_nothing_but_loans_has_prices_alone():
    bare = derive(AS_OF, {"loan": [{"id": 1}]})
    assert bare.execute("SELECT count(*) FROM application_fact").fetchone() == (0,)
    assert bare.execute("SELECT count(*) FROM loan_score").fetchone() == (0,)
    assert bare.execute("SELECT count(*) FROM loan_charge").fetchone() == (0,)  # neither instalments nor a rate
