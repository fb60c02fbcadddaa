"""Vintage, cure and first-payment statements: by hand on drawn books, and against plain Python on random ones."""

from collections import Counter
from datetime import date, timedelta
from itertools import combinations

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries import cures, first_payment, vintages
from rules.cures import Course
from rules.filters import DateRange, Definition, Horizon, Selection
from rules.vintages import Cohort
from tests.queries.drawn import Loan, book_of, fact_rows, fill, refill, run

EVERYTHING = Selection(DateRange(), None, Definition.DPD90, Horizon.M12, ())
GOLD, BRONZE = {"tier": "gold"}, {"tier": "bronze"}


def loan(borrower, disbursed_on, principal_fen=100, dims=None, **more):
    """A loan that has the dimension of its month."""
    month = {"disbursed_month": f"{disbursed_on:%Y-%m}"}
    return Loan(borrower, disbursed_on, principal_fen, dims={**(dims or {}), **month}, **more)


def left(month, exit_kind=None, **more):
    return {"vintage_month_90": month, "vintage_exit_90": exit_kind, **more}


# Borrower 1 takes three loans in the first quarter, two of them in March; the fourth in the next.
LOANS = [
    loan(1, date(2025, 1, 5), 100, dims=GOLD, course=left(3, "payoff")),
    loan(1, date(2025, 3, 1), 200, dims=BRONZE, course=left(4, "default")),
    loan(1, date(2025, 3, 31), 300, dims=GOLD, course=left(5)),
    loan(1, date(2025, 4, 1), 400, dims=GOLD, course=left(4, "default")),
    loan(2, date(2025, 3, 9), 500, dims=GOLD, course=left(5)),
    loan(2, date(2025, 3, 9), 600, dims=GOLD, course=left(4, "default")),
    loan(3, date(2026, 6, 30), 700, dims=BRONZE, course=left(0)),
    loan(4, date(2026, 6, 30), 800, dims=BRONZE),  # no month end yet
]


def asking(loans):
    connection = duckdb.connect()
    fill(connection, loans, book_of(loans))
    return lambda statement: rows(run(connection, statement))


def rows(frame):
    return list(frame.itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def ask():
    return asking(LOANS)


def test_cells_by_quarter(ask):
    assert ask(vintages.cells(EVERYTHING, Cohort.QUARTER)) == [
        ("2025Q1", 3, "payoff", 1, 100),
        ("2025Q1", 4, "default", 2, 200 + 600),
        ("2025Q1", 5, "", 2, 300 + 500),
        ("2025Q2", 4, "default", 1, 400),
        ("2026Q2", 0, "", 1, 700),
    ]


def test_cells_by_month_and_year_and_of_one_tier(ask):
    months = ask(vintages.cells(EVERYTHING, Cohort.MONTH))
    assert [row[0] for row in months] == ["2025-01", "2025-03", "2025-03", "2025-04", "2026-06"]
    gold = ask(vintages.cells(EVERYTHING.narrowed("tier", "gold"), Cohort.YEAR))
    assert gold == [("2025", 3, "payoff", 1, 100), ("2025", 4, "default", 2, 1000), ("2025", 5, "", 2, 800)]


def test_pairs_are_of_one_borrower_and_cohort_and_in_no_order(ask):
    assert ask(vintages.pairs(EVERYTHING, Cohort.QUARTER)) == [
        ("2025Q1", 3, "payoff", 4, "default", 1),
        ("2025Q1", 3, "payoff", 5, "", 1),
        ("2025Q1", 4, "default", 5, "", 2),  # borrower 1's loans of March, and 2's, taken in the other order
    ]
    assert ask(vintages.pairs(EVERYTHING, Cohort.MONTH)) == [("2025-03", 4, "default", 5, "", 2)]
    assert ask(vintages.pairs(EVERYTHING.narrowed("tier", "gold"), Cohort.QUARTER)) == [
        ("2025Q1", 3, "payoff", 5, "", 1),
        ("2025Q1", 4, "default", 5, "", 1),
    ]
    of_year = ask(vintages.pairs(EVERYTHING, Cohort.YEAR))
    assert sum(row[-1] for row in of_year) == 6 + 1
    assert ("2025", 4, "default", 4, "default", 1) in of_year


def test_as_of_an_earlier_month_end_who_left_later_was_open(ask):
    """At the end of June 2025 the loan of January had been on book for 5 months, those of March for 3."""
    june = date(2025, 6, 30)
    assert ask(vintages.cells(EVERYTHING, Cohort.QUARTER, june)) == [
        ("2025Q1", 3, "", 4, 200 + 300 + 500 + 600),  # of March, of whom two default in month 4
        ("2025Q1", 3, "payoff", 1, 100),
        ("2025Q2", 2, "", 1, 400),
    ]
    assert ask(vintages.pairs(EVERYTHING, Cohort.QUARTER, june)) == [
        ("2025Q1", 3, "", 3, "", 2),
        ("2025Q1", 3, "", 3, "payoff", 2),
    ]
    assert ask(vintages.cells(EVERYTHING, Cohort.QUARTER, date(2025, 7, 31)))[0] == ("2025Q1", 3, "payoff", 1, 100)
    assert ask(vintages.cells(EVERYTHING, Cohort.QUARTER, date(2024, 12, 31))) == []
    assert ask(vintages.cells(EVERYTHING, Cohort.QUARTER, date(2026, 6, 30))) == ask(
        vintages.cells(EVERYTHING, Cohort.QUARTER)
    )


def test_another_definition_reads_its_own_columns(ask):
    other = Selection(DateRange(), None, Definition.CHARGE_OFF, Horizon.M12, ())
    assert ask(vintages.cells(other, Cohort.YEAR)) == ask(vintages.pairs(other, Cohort.YEAR)) == []


def test_no_loans():
    ask = asking([])
    for course in Course:
        assert ask(cures.cells(EVERYTHING, course)) == ask(cures.pairs(EVERYTHING, course)) == []
    assert ask(vintages.cells(EVERYTHING, Cohort.MONTH)) == ask(vintages.pairs(EVERYTHING, Cohort.MONTH)) == []
    assert ask(first_payment.by_month(EVERYTHING)) == []


def late(day, month, exit_kind=None, **more):
    return {"past_due_90_on": day, "cure_month": month, "cure_exit": exit_kind, **more}


def again(month, exit_kind=None):
    return {"redefault_month": month, "redefault_exit": exit_kind}


LATE = [
    loan(1, date(2024, 1, 1), 10, course=late(date(2024, 12, 31), 5, "cured", **again(2, "redefault"))),
    loan(1, date(2024, 1, 1), 20, course=late(date(2025, 1, 1), 5, "cured", **again(7))),
    loan(2, date(2024, 1, 1), 30, course=late(date(2025, 1, 1), 2, "written_off")),
    loan(3, date(2024, 1, 1), 40, course=late(date(2025, 2, 1), 9, rescheduled=True)),
    loan(3, date(2024, 1, 1), 50, course=late(date(2025, 2, 1), 9)),
    loan(4, date(2024, 1, 1), 60, course=late(date(2026, 6, 30), None)),  # no month end yet
    loan(5, date(2024, 1, 1), 70),
]  # fmt: skip


def test_the_course_of_defaulted_loans_by_hand():
    ask = asking(LATE)
    assert ask(cures.cells(EVERYTHING, Course.CURE)) == [
        ("", 2, "written_off", 1, 0, 30),
        ("", 5, "cured", 2, 0, 10 + 20),
        ("", 9, "", 2, 1, 40 + 50),
    ]
    assert [row[:4] for row in ask(cures.cells(EVERYTHING, Course.CURE, Cohort.QUARTER))] == [
        ("2024Q4", 5, "cured", 1),
        ("2025Q1", 2, "written_off", 1),
        ("2025Q1", 5, "cured", 1),
        ("2025Q1", 9, "", 2),
    ]
    assert [row[0] for row in ask(cures.cells(EVERYTHING, Course.CURE, Cohort.MONTH))][::3] == ["2024-12", "2025-02"]
    assert ask(cures.cells(EVERYTHING, Course.REDEFAULT, Cohort.YEAR)) == [
        ("2024", 2, "redefault", 1, 0, 10),
        ("2025", 7, "", 1, 0, 20),
    ]
    assert ask(cures.pairs(EVERYTHING, Course.CURE)) == [("", 5, "cured", 5, "cured", 1), ("", 9, "", 9, "", 1)]
    assert ask(cures.pairs(EVERYTHING, Course.CURE, Cohort.YEAR)) == [("2025", 9, "", 9, "", 1)]
    assert ask(cures.pairs(EVERYTHING, Course.REDEFAULT)) == [("", 2, "redefault", 7, "", 1)]


def first(missed, due_on=date(2025, 2, 1)):
    return {"first_payment_missed": missed, "first_due_on": due_on}


def test_first_payments_by_hand():
    ask = asking([
        loan(1, date(2025, 1, 1), dims=GOLD, course=first(True)),
        loan(1, date(2025, 2, 1), dims=GOLD, course=first(True)),  # not their first
        loan(2, date(2025, 1, 31), dims=GOLD, course=first(False)),
        loan(2, date(2025, 1, 31), dims=GOLD, course=first(True)),  # the same day, but the second
        loan(3, date(2025, 2, 1), dims=BRONZE, course=first(None)),
        loan(3, date(2025, 3, 1), dims=GOLD, course=first(True)),  # their first gold one is not their first
        loan(4, date(2025, 2, 2), dims=GOLD, course=first(None)),
        loan(5, date(2025, 1, 1), dims=GOLD),  # without instalments
    ])  # fmt: skip
    assert ask(first_payment.by_month(EVERYTHING)) == [("2025-01", 2, 1, 0), ("2025-02", 0, 0, 2)]
    assert ask(first_payment.by_month(EVERYTHING.narrowed("tier", "gold"))) == [
        ("2025-01", 2, 1, 0),
        ("2025-02", 0, 0, 1),
    ]


DAYS = st.integers(0, 9).map(lambda step: date(2024, 12, 1) + step * timedelta(days=30))
MONTH = st.none() | st.integers(0, 2)
DRAWN_LOAN = st.builds(
    loan,
    borrower=st.integers(1, 3),
    disbursed_on=DAYS,
    principal_fen=st.integers(1, 9),
    dims=st.fixed_dictionaries({"tier": st.sampled_from(["gold", "bronze"])}),
    course=st.fixed_dictionaries({
        "vintage_month_90": MONTH,
        "vintage_exit_90": st.sampled_from([None, "default", "payoff"]),
        "past_due_90_on": st.none() | DAYS,
        "cure_month": MONTH,
        "cure_exit": st.sampled_from([None, "cured", "paid_off"]),
        "redefault_month": MONTH,
        "redefault_exit": st.sampled_from([None, "redefault"]),
        "rescheduled": st.booleans(),
    }),
)  # fmt: skip


def label(day, cohort):
    return {
        None: "",
        Cohort.MONTH: f"{day:%Y-%m}",
        Cohort.QUARTER: f"{day.year}Q{(day.month + 2) // 3}",
        Cohort.YEAR: str(day.year),
    }[cohort]


@pytest.fixture(scope="module")
def drawing():
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    palette = [loan(1, date(2024, 12, 1) + n * timedelta(days=30), dims=(GOLD, BRONZE)[n % 2]) for n in range(10)]
    fill(connection, palette, book_of(palette))
    yield connection
    connection.close()


def expected(found, month, exit_kind, day, cohort):
    """Cells and pairs of loans, in plain Python."""
    seen = [row for row in found if row[month] is not None]
    state = {row["loan_no"]: (label(row[day], cohort), row[month], row[exit_kind] or "") for row in seen}
    cells = Counter(state.values())
    pairs = Counter(
        (one[0], *first, *second)
        for a, b in combinations(seen, 2)
        if a["borrower_no"] == b["borrower_no"]
        for one, other in [(state[a["loan_no"]], state[b["loan_no"]])]
        if one[0] == other[0]
        for first, second in [sorted([one[1:], other[1:]])]
    )
    return cells, pairs


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DRAWN_LOAN, max_size=12), st.sampled_from([None, *Cohort]), st.booleans())
def test_cells_and_pairs_count_every_loan_once(drawing, loans, cohort, only_gold):
    refill(drawing, loans)
    selection = EVERYTHING.narrowed("tier", "gold") if only_gold else EVERYTHING
    passing = [row for row in fact_rows(loans) if row["tier"] == "gold" or not only_gold]
    late_ones = [row for row in passing if row["past_due_90_on"]]
    asked = [
        (cures.cells, cures.pairs, (Course.CURE, cohort), late_ones, "cure", "past_due_90_on"),
        (
            cures.cells, cures.pairs, (Course.REDEFAULT, cohort),
            [row for row in late_ones if row["cure_exit"] == "cured"], "redefault", "past_due_90_on",
        ),
    ]  # fmt: skip
    if cohort:
        asked.append((vintages.cells, vintages.pairs, (cohort,), passing, "vintage", "disbursed_on"))
    for cells, pairs, arguments, found, what, day in asked:
        suffix = "_90" if what == "vintage" else ""
        counted, paired = expected(found, f"{what}_month{suffix}", f"{what}_exit{suffix}", day, cohort)
        got = run(drawing, cells(selection, *arguments))
        assert {tuple(row[:3]): row[3] for row in rows(got)} == counted
        assert got["principal_fen"].sum() == sum(
            row["principal_fen"] for row in found if row[f"{what}_month{suffix}"] is not None
        )
        assert {row[:5]: row[5] for row in rows(run(drawing, pairs(selection, *arguments)))} == paired


def test_first_payments_as_they_were_known_by_an_earlier_day():
    loans = [
        loan(1, date(2025, 1, 5), course={"first_payment_missed": True, "first_due_on": date(2025, 2, 5)}),
        loan(2, date(2025, 1, 9), course={"first_payment_missed": False, "first_due_on": date(2025, 2, 9)}),
    ]
    ask = asking(loans)
    known = [ask(first_payment.by_month(EVERYTHING, date(2025, 3, day)))[0] for day in (7, 8, 11, 12)]
    assert known == [("2025-01", 0, 0, 2), ("2025-01", 1, 1, 1), ("2025-01", 1, 1, 1), ("2025-01", 2, 1, 0)]
    assert ask(first_payment.by_month(EVERYTHING)) == [("2025-01", 2, 1, 0)]
