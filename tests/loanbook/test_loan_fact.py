"""The row per loan: default months, observation, dimensions in their order, the loan before; by hand on drawn books."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanbook import dimension_values
from loanbook.referrals import referral_levels
from rules import bands, calendar
from tests.loanbook.derived import POLICY, asked, derive_loans

pytestmark = pytest.mark.usefixtures("each_engine")


def fact(as_of: date, columns: str, **tables: str) -> dict:
    return asked(derive_loans(as_of, tables), f"loan_no, {columns}", "loan_fact")


def test_default_is_the_earliest_of_past_due_charge_off_and_the_sources_own_date() -> None:
    found = fact(
        date(2024, 12, 31),
        "default_on_30, default_on_60, default_on_90, default_on_charge_off, default_on_recorded",
        loan="""
            id  status       written_off_at       defaulted_on
            1   active       -                    -
            2   written_off  2024-03-11_02:00:00  -
            3   active       -                    2024-02-20
            4   active       -                    2025-01-01
            5   written_off  2025-01-01_02:00:00  -
            """,
        instalment="""
            loan_id  number  due_on      principal_due
            1        1       2024-02-10  100
            2        1       2024-02-10  100
            """,
    )
    # 2024-02-10 + 31 = 03-12, + 61 = 04-11, + 91 = 05-11; loan 2 is charged off the day before its 31st
    off = date(2024, 3, 11)
    assert found == {
        1: (date(2024, 3, 12), date(2024, 4, 11), date(2024, 5, 11), None, None),
        2: (off, off, off, off, off),
        3: (date(2024, 2, 20), date(2024, 2, 20), date(2024, 2, 20), None, date(2024, 2, 20)),
        4: (None, None, None, None, None),
        5: (None, None, None, None, None),
    }


def test_the_default_month_is_the_fewest_that_reach_it_with_month_ends_cut() -> None:
    # 01-31 + 1 month = 02-29 (leap), + 2 = 03-31; 02-29 + 12 = 2025-02-28
    found = fact(
        date(2026, 1, 1),
        "default_month_90",
        loan="""
            id  disbursed_at         defaulted_on
            1   2024-01-31_02:00:00  2024-02-29
            2   2024-01-31_03:00:00  2024-03-01
            3   2024-01-31_04:00:00  2024-03-31
            4   2024-01-31_05:00:00  2024-01-31
            5   2024-01-31_06:00:00  -
            6   2024-02-29_02:00:00  2025-02-28
            7   2024-02-29_03:00:00  2025-03-01
            8   2024-02-29_16:00:00  2024-04-01
            """,
    )
    assert found == {1: 1, 2: 2, 3: 2, 4: 0, 5: None, 6: 12, 7: 13, 8: 1}


@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 1500)), min_size=60, max_size=80))
def test_months_are_as_the_calendar_rules_have_them(pairs: list[tuple[int, int]]) -> None:
    as_of = date(2024, 2, 29)
    loans = []
    for key, (age, after) in enumerate(pairs, start=1):
        day = as_of - timedelta(age)
        defaulted = day + timedelta(after)
        loans.append({"id": key, "disbursed_at": f"{day} 01:00:00", "defaulted_on": defaulted})
    found = derive_loans(as_of, {"loan": loans})
    columns = "loan_id, disbursed_on, default_on_90, observed_months, default_month_90"
    for day, defaulted, observed, month in asked(found, columns, "loan_fact").values():
        assert observed == calendar.whole_months(day, as_of)
        assert (defaulted is None) == (month is None)
        if defaulted is not None:
            assert calendar.add_months(day, month) >= defaulted
            assert month == 0 or calendar.add_months(day, month - 1) < defaulted


def test_final_outcome_is_observed_180_days_after_the_last_due_date() -> None:
    tables = {
        "loan": "id disbursed_at term_months\n1 2024-01-10_02:00:00 9\n2 2024-01-31_02:00:00 1",
        "instalment": "loan_id number due_on principal_due\n1 1 2024-02-10 50\n1 2 2024-03-01 50",
    }
    # loan 1: its last instalment, 2024-03-01, + 180 = 2024-08-28; loan 2, without: 2024-02-29 + 180 = 2024-08-27
    assert fact(date(2024, 8, 27), "final_observed", **tables) == {1: False, 2: True}
    assert fact(date(2024, 8, 28), "final_observed", **tables) == {1: True, 2: True}


def test_a_book_of_outcomes_alone() -> None:
    loans = """
        id  status       closed_at            written_off_at       term_months  dates_imputed
        1   paid_off     2024-06-10_02:00:00  -                    12           1
        2   written_off  -                    2024-09-10_02:00:00  12           1
        3   written_off  2024-09-09_02:00:00  -                    12           0
        4   active       -                    -                    12           0
        """
    columns = "default_month_90, default_on_charge_off, status, outstanding_fen, final_observed, dates_imputed"
    assert fact(date(2025, 12, 31), columns, loan=loans) == {
        1: (None, None, "paid_off", 0, True, True),
        2: (8, date(2024, 9, 10), "written_off", 0, True, True),
        3: (8, date(2024, 9, 9), "written_off", 0, True, False),
        4: (None, None, "active", None, True, False),
    }


DESCRIBED = {
    "tier": "code rank name_en name_zh\ngold 3 Gold 金\nplain 0 Plain 普通",
    "product": "id code name_en name_zh\n7 cash Cash 现金",
    "funder": "id name\n5 Own",
    "member": """
        id  registered_at        birth_year  province  referred_by_id
        1   2020-01-01_00:00:00  2000        Hubei     -
        2   2020-01-02_00:00:00  -           -         1
        3   2020-01-03_00:00:00  1984        Anhui     2
        """,
    "application": """
        id  purpose  decided_by  grade  within_policy
        11  car      manual      B      1
        12  -        rules       A      0
        13  -        -           -      -
        """,
    "score": """
        id  application_id  score  scored_at
        1   11              599.9  2024-01-01_00:00:00
        2   11              600    2024-01-05_00:00:00
        3   11              800    2024-02-05_00:00:00
        4   12              299    2024-01-01_00:00:00
        """,
    "loan": """
        id  application_id  member_id  product_id  funder_id  tier_code  acquisition_channel  principal  term_months
        1   11              1          7           5          gold       referral             4999.99    6
        2   12              2          8           -          plain      organic              5000       12
        3   13              3          7           5          -          -                    200000     6
        """,
}


def test_dimensions_are_what_held_at_origination() -> None:
    codes = (
        "tier, channel, product, province, score_band, age_band, term, amount_band, referral_level, funder,"
        "disbursed_month, decided_by, grade, purpose, credit_policy"
    )
    assert fact(date(2024, 6, 1), codes, **DESCRIBED) == {
        1: ("gold", "referral", "cash", "Hubei", "600-649", "18-24", "6", "0-4999", "0", "Own", "2024-01", "manual",
            "B", "car", "within"),
        2: ("plain", "organic", "unknown", "unknown", "<300", "unknown", "12", "5000-9999", "1", "unknown", "2024-01",
            "rules", "A", "unknown", "outside"),
        3: ("unknown", "unknown", "cash", "Anhui", "unknown", "40-49", "6", "200000+", "2", "Own", "2024-01",
            "unknown", "unknown", "unknown", "unknown"),
    }  # fmt: skip


def test_values_are_listed_in_their_own_order_with_the_lenders_names() -> None:
    snapshot = derive_loans(date(2024, 6, 1), DESCRIBED)
    listed = snapshot.execute(
        "SELECT dimension, value, name_en, name_zh, varies FROM dimension_value "
        "WHERE dimension IN ('tier', 'term', 'score_band', 'decided_by', 'product') ORDER BY dimension, position"
    ).fetchall()
    assert listed == [
        ("decided_by", "rules", None, None, False),
        ("decided_by", "manual", None, None, False),
        ("decided_by", "unknown", None, None, False),
        ("product", "cash", "Cash", "现金", False),
        ("product", "unknown", None, None, False),
        ("score_band", "<300", None, None, False),
        ("score_band", "600-649", None, None, False),
        ("score_band", "unknown", None, None, False),
        ("term", "6", None, None, False),
        ("term", "12", None, None, False),
        ("tier", "plain", "Plain", "普通", False),
        ("tier", "gold", "Gold", "金", False),
        ("tier", "unknown", None, None, False),
    ]
    [(type_,)] = snapshot.execute("SELECT DISTINCT typeof(tier) FROM loan_fact").fetchall()
    assert type_.startswith("ENUM")


def test_many_different_terms_are_banded() -> None:
    loans = "id term_months\n" + "\n".join(f"{months} {months}" for months in range(1, 14))
    found = fact(date(2024, 6, 1), "term", loan=loans)
    assert found == {**dict.fromkeys(range(1, 7), "0-6"), **dict.fromkeys(range(7, 13), "7-12"), 13: "13-24"}


def test_a_hostile_value_is_just_a_value() -> None:
    applications = [{"id": 1, "purpose": 'x\'); DROP TABLE loan; -- %s $1 "q"'}, {"id": 2, "purpose": "  "}]
    loans = [{"id": 1, "application_id": 1}, {"id": 2, "application_id": 2}]
    found = derive_loans(date(2024, 6, 1), {"application": applications, "loan": loans})
    assert asked(found, "loan_no, purpose", "loan_fact") == {1: applications[0]["purpose"], 2: "unknown"}


def test_the_loan_before_and_the_one_before_with_the_same_value() -> None:
    # member 1 borrows as plain, gold, plain; on one day the key decides; member 2 has one loan
    snapshot = derive_loans(
        date(2024, 12, 1),
        {
            "loan": """
                id  member_id  disbursed_at         tier_code
                40  1          2024-03-01_02:00:00  gold
                30  1          2024-01-01_02:00:00  plain
                50  1          2024-03-01_01:00:00  plain
                20  2          2024-02-01_02:00:00  gold
                """
        },
    )
    assert asked(snapshot, "loan_no, loan_id, borrower_no, previous_on, previous_tier_on", "loan_fact") == {
        1: ("30", 1, None, None),
        2: ("20", 2, None, None),
        3: ("40", 1, date(2024, 1, 1), None),
        4: ("50", 1, date(2024, 3, 1), date(2024, 1, 1)),
    }
    varies = asked(snapshot, "dimension, bool_or(varies)", "dimension_value GROUP BY ALL")
    assert {code for code, differs in varies.items() if differs} == {"tier", "disbursed_month"}
    assert asked(snapshot, "loan_no, previous_product_on", "loan_fact") == dict.fromkeys((1, 2, 3, 4))


def test_loans_after_as_of_have_not_happened() -> None:
    loans = "id disbursed_at\n1 2024-03-01_15:59:59\n2 2024-03-01_16:00:00"
    assert fact(date(2024, 3, 1), "loan_id", loan=loans) == {1: "1"}
    assert fact(date(2024, 3, 2), "loan_id", loan=loans) == {1: "1", 2: "2"}


def test_text_keys_are_ordered_and_joined_as_texts() -> None:
    found = fact(
        date(2024, 6, 1),
        "loan_id, borrower_no, province, days_past_due",
        loan="id member_id\nL-10 M-b\nL-2 M-a",
        member="id registered_at province\nM-a 2020-01-01_00:00:00 Hubei\nM-b 2020-01-01_00:00:00 Anhui",
        instalment="loan_id number due_on principal_due\nL-2 1 2024-05-01 100",
    )
    assert found == {1: ("L-10", 1, "Anhui", None), 2: ("L-2", 2, "Hubei", 31)}


def test_an_empty_book_has_no_rows_and_no_values() -> None:
    snapshot = derive_loans(date(2024, 6, 1), {})
    assert snapshot.execute("SELECT count(*) FROM loan_fact").fetchall() == [(0,)]
    assert snapshot.execute("SELECT count(*) FROM dimension_value").fetchall() == [(0,)]


def test_levels_count_from_the_root_and_cycles_are_cut_at_their_earliest_edge() -> None:
    # 1 <- 2 <- 3, 4 by a referrer the book does not hold, 5 <-> 6 (6 registered first) <- 7, 8 by itself
    members = """
        id  referred_by_id  registered_at
        1   -               2020-01-01_00:00:00
        2   1               2020-01-02_00:00:00
        3   2               2020-01-03_00:00:00
        4   99              2020-01-04_00:00:00
        5   6               2020-01-06_00:00:00
        6   5               2020-01-05_00:00:00
        7   5               2020-01-07_00:00:00
        8   8               2020-01-08_00:00:00
        """
    loans = "id member_id\n" + "\n".join(f"{key} {key}" for key in range(1, 9))
    levels = fact(date(2024, 6, 1), "referral_level", member=members, loan=loans)
    assert levels == {1: "0", 2: "1", 3: "2", 4: "0", 5: "1", 6: "0", 7: "2", 8: "0"}


@given(st.lists(st.integers(0, 11), min_size=12, max_size=12))
def test_every_cycle_is_cut_once(referrers: list[int]) -> None:
    # everybody has a referrer among the twelve, so whoever is walked from ends in a cycle
    drawn = {member: (referrer, None) for member, referrer in enumerate(referrers)}
    cycles = set()
    for member in drawn:
        for _ in drawn:
            member = referrers[member]  # noqa: PLW2901 - after twelve steps one is on the cycle
        cycle = {member}
        while (member := referrers[member]) not in cycle:
            cycle.add(member)
        cycles.add(min(cycle))
    assert sorted(referral_levels.earliest_of_cycles(drawn)) == sorted(cycles)


def test_a_deep_level_is_one_value() -> None:
    members = "id referred_by_id registered_at\n1 - 2020-01-01_00:00:00\n" + "\n".join(
        f"{key} {key - 1} 2020-01-01_00:00:00" for key in range(2, 9)
    )
    loans = "id member_id\n" + "\n".join(f"{key} {key}" for key in range(1, 9))
    levels = fact(date(2024, 6, 1), "referral_level", member=members, loan=loans)
    assert list(levels.values()) == ["0", "1", "2", "3", "4", "5+", "5+", "5+"]


def test_band_names() -> None:
    assert bands.labels([300, 500, 750]) == ["<300", "300-499", "500-749", "750+"]
    assert bands.labels([0, 1]) == ["<0", "0", "1+"]
    values = {299.9: "<300", 300: "300-499", 499.9: "300-499", 500: "500-749", 750: "750+", 900: "750+"}
    assert {each: bands.band_of(each, [300, 500, 750]) for each in values} == values
    shuffled = ["unknown", "<300", "750+", "550-599", "300-499"]
    ordered = dimension_values.in_order("score_band", shuffled, POLICY.bands, {})
    assert ordered == ["<300", "300-499", "550-599", "750+", "unknown"]


def test_a_default_that_is_recorded_after_the_payoff_does_not_count_in_the_vintage() -> None:
    # the payoff comes first and ends it, so 1 left by payoff in February; on one day the default counts, as in 2
    found = fact(
        date(2024, 6, 30),
        "vintage_exit_90, vintage_month_90, default_on_90",
        loan="""
            id  status    disbursed_at         closed_at            defaulted_on
            1   paid_off  2024-01-10_02:00:00  2024-02-10_02:00:00  2024-05-10
            2   paid_off  2024-01-11_02:00:00  2024-02-10_02:00:00  2024-02-10
            3   paid_off  2024-01-12_02:00:00  2024-04-10_02:00:00  2024-02-10
            """,
    )
    assert found == {
        1: ("payoff", 1, date(2024, 5, 10)),
        2: ("default", 1, date(2024, 2, 10)),
        3: ("default", 1, date(2024, 2, 10)),
    }
