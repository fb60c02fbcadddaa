"""What the review queue asks of the snapshot: what persons decided before, how that repaid, whose referees repay."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from queries import review_marks, review_outcomes
from rules.filters import Definition, Horizon
from rules.referral_line import lines
from rules.shrinkage import prior
from tests.loanbook.derived import derive, derive_loans
from tests.queries.drawn import run

AS_OF = date(2026, 6, 30)
HOW = (Definition.DPD90, Horizon.M12)

# A person decided 1-6; 7 went by the model; 8 nobody says; 9 is decided after the day; 10 was withdrawn before.
APPLICATIONS = """
    id  member_id  product_id  applied_at           decided_at           status     amount  approved_amount  decided_by
    1   A          1           2025-01-06_01:00:00  2025-01-06_03:00:00  disbursed  1000    1000             manual
    2   B          1           2025-01-06_01:00:00  2025-01-07_03:00:00  disbursed  1000    600              manual
    3   C          1           2025-01-06_01:00:00  2025-01-08_03:00:00  declined   1000    -                manual
    4   C          1           2025-01-06_01:00:00  2025-01-09_03:00:00  declined   1000    -                manual
    5   B          1           2025-02-06_01:00:00  2025-02-07_03:00:00  disbursed  1000    1000             manual
    6   D          1           2026-06-01_01:00:00  2026-06-02_03:00:00  approved   1000    1000             manual
    7   E          1           2025-01-06_01:00:00  2025-01-06_01:01:00  disbursed  1000    1000             model
    8   E          1           2025-03-06_01:00:00  2025-03-07_03:00:00  disbursed  1000    1000             -
    9   E          1           2026-06-30_01:00:00  2026-07-01_03:00:00  declined   1000    -                manual
    10  E          1           2025-03-06_01:00:00  2025-03-07_03:00:00  withdrawn  1000    -                manual
    """
CHECKS = """
    id  application_id  layer   code    outcome  value          checked_at
    1   1               rules   court   pass     0              2025-01-06_01:00:00
    2   1               manual  review  pass     income_proven  2025-01-06_03:00:00
    3   2               model   score   fail     480            2025-01-06_01:00:00
    4   2               rules   court   pass     0              2025-01-06_01:00:00
    5   3               rules   court   flag     1              2025-01-06_01:00:00
    6   3               manual  review  fail     too_much_debt  2025-01-08_03:00:00
    7   4               rules   court   fail     2              2025-01-06_01:00:00
    """
# 1 repaid, 2 defaulted after five months, 5 is B's second, 7 by the model.
LOANS = """
    id  member_id  application_id  status       disbursed_at         closed_at            defaulted_on  principal
    11  A          1               paid_off     2025-01-10_04:00:00  2025-08-01_04:00:00  -             1000
    12  B          2               written_off  2025-01-10_04:00:00  2025-11-01_04:00:00  2025-06-01    600
    15  B          5               active       2025-02-10_04:00:00  -                    -             1000
    17  E          7               active       2025-01-10_04:00:00  -                    -             1000
    18  E          8               active       2025-03-10_04:00:00  -                    -             1000
    """
TABLES = {"application": APPLICATIONS, "application_check": CHECKS, "loan": LOANS, "product": "id code\n1 cash"}


@pytest.fixture(scope="module")
def book():
    return derive_loans(AS_OF, TABLES)


def test_each_persons_decision_is_kept_with_its_override_its_reason_and_its_loan(book):
    kept = "application_id, recorded, outcome, override, reason, product, amount_fen, loan_no IS NOT NULL"
    assert sorted(book.execute(f"SELECT {kept} FROM manual_decision").fetchall()) == [
        ("1", True, "approved", None, "income_proven", "cash", 100_000, True),
        ("2", True, "approved_less", "low_side", None, "cash", 100_000, True),
        ("3", True, "declined", "high_side", "too_much_debt", "cash", 100_000, False),  # a flag is no failure
        ("4", True, "declined", None, None, "cash", 100_000, False),
        ("5", True, "approved", None, None, "cash", 100_000, True),
        ("6", True, "approved", None, None, "cash", 100_000, False),
        ("8", False, "approved", None, None, "cash", 100_000, True),
    ]


def test_a_book_without_checks_or_decisions_has_none():
    bare = derive_loans(AS_OF, {"loan": LOANS})
    assert bare.execute("SELECT count(*) FROM manual_decision").fetchall() == [(0,)]


def test_what_was_decided_since_is_listed_in_its_order(book):
    rows = run(book, review_outcomes.decided(datetime(2025, 1, 8, tzinfo=UTC)))
    assert rows["application_id"].tolist() == ["3", "4", "5", "6"]
    assert rows["override"].tolist() == ["high_side", "", "", ""]
    told = run(book, review_outcomes.counted()).iloc[0]
    assert (told["decisions"], told["newest_at"]) == (6, pd.Timestamp("2026-06-02 03:00:00"))


def parts(book, ours, *, of_ours):
    found = run(book, review_outcomes.repaid(*HOW, ours, of_ours=of_ours))
    columns = ["granted", "disbursed", "borrowers", "defaulted"]
    return {row["override"]: row[columns].tolist() for _place, row in found.iterrows()}


def test_repayment_counts_each_borrower_by_the_earliest_loan_and_nothing_that_was_declined(book):
    assert parts(book, {}, of_ours=False) == {"low_side": [1, 1, 1, 1], "": [3, 2, 2, 0]}
    assert parts(book, {}, of_ours=True) == {}


def test_what_was_decided_here_is_joined_by_application_with_its_own_override(book):
    ours = {"1": "low_side", "5": "", "8": "", "404": ""}
    assert parts(book, ours, of_ours=True) == {"low_side": [1, 1, 1, 0], "": [2, 2, 2, 0]}
    assert parts(book, ours, of_ours=False) == {"low_side": [1, 1, 1, 1], "": [1, 0, 0, 0]}


def test_hostile_keys_are_values_and_nothing_else(book):
    assert parts(book, {"1'; drop table manual_decision; --": "low_side"}, of_ours=True) == {}
    assert len(run(book, review_outcomes.decided(datetime(2025, 1, 1, tzinfo=UTC)))) == 6


MEMBERS = """
    id  registered_at        referred_by_id
    A   2024-01-01_04:00:00  -
    B   2024-01-02_04:00:00  A
    C   2024-01-03_04:00:00  A
    D   2024-01-04_04:00:00  A
    E   2024-01-05_04:00:00  B
    F   2024-01-06_04:00:00  A
    """
# of A's referees B defaulted in time, C only after fourteen months, D is too young, F never borrowed; E repaid
BORROWED = """
    id  member_id  application_id  status    disbursed_at         closed_at            defaulted_on
    1   B          1               active    2025-01-10_04:00:00  -                    2025-06-01
    2   C          2               active    2025-01-10_04:00:00  -                    2026-03-20
    3   D          3               active    2026-01-10_04:00:00  -                    -
    4   E          4               paid_off  2025-01-10_04:00:00  2025-12-10_04:00:00  -
    5   B          5               active    2025-08-10_04:00:00  -                    -
    """


def test_referees_count_by_their_first_loan_once_it_has_been_observed():
    book = derive(AS_OF, {"member": MEMBERS, "loan": BORROWED})
    rows = run(book, review_marks.by_referrer(["A", "B", "F", "nobody", "'; --"], *HOW))
    assert rows.to_numpy().tolist() == [["A", 2, 1], ["B", 1, 0]]
    moments = run(book, review_marks.moments(*HOW))
    assert moments.to_numpy().tolist() == [[1, 1, 0, 0, 0], [2, 1, 1, 1, 1]]
    assert prior(moments).mean == pytest.approx(1 / 3)


def referred(*groups):
    """Referrers by (how many, referees of each, defaulted of each), as the statements give them."""
    rows = [(f"m{number}-{each}", n, k) for number, (count, n, k) in enumerate(groups) for each in range(count)]
    drawn = pd.DataFrame(rows, columns=["member_id", "observed", "defaulted"])
    sums = drawn.assign(squared=drawn["defaulted"] ** 2).groupby("observed").agg(
        referrers=("observed", "size"), value_cny=("defaulted", "sum"), value_cny_squared=("squared", "sum"),
        own_squared=("defaulted", "sum"),
    )  # fmt: skip
    return drawn, sums.reset_index(names="referees")


def test_a_line_is_good_where_its_referees_repay_better_by_more_than_noise_and_never_bad():
    # half of the referrers bring borrowers of whom one in ten defaults, half such of whom nine in ten do
    found = lines(*referred((40, 30, 3), (40, 30, 27), (1, 4, 0)), significance=0.05, fewest=5)
    assert found["m0-0"].good
    assert not found["m1-0"].good  # and that is all that is said of it
    assert found["m0-0"].low < found["m0-0"].rate < found["m0-0"].high < found["m0-0"].all_rate
    assert not found["m2-0"].good  # too few, however they repaid
    assert set(vars(found["m1-0"])) == {"observed", "defaulted", "rate", "low", "high", "all_rate", "good"}


def test_where_referrers_differ_by_chance_alone_nobody_is_marked():
    found = lines(*referred((60, 10, 1), (30, 10, 0), (30, 10, 2)), significance=0.05, fewest=5)
    assert not any(line.good for line in found.values())
    assert {line.rate for line in found.values()} == {found["m0-0"].all_rate}


def test_without_referees_there_is_nothing_to_say():
    drawn, sums = referred((1, 1, 0))
    assert lines(drawn.iloc[:0], sums, significance=0.05, fewest=5) == {}
