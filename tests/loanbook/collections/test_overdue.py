"""How late loans come into buckets and leave them: by hand, and day by day in plain Python."""

from collections import Counter
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Date, Integer, column, table

from loanbook.collections import overdue
from loanbook.working import create_tables
from rules.collections import LATE_BUCKETS
from tests.loanbook.derived import POLICY, derive

AS_OF = date(2026, 6, 30)
FOLLOWED = POLICY.collections.followed_days
FOUND = "SELECT bucket, month, previous_month, days, exit, loans FROM overdue_month"
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in range(1, 5))

LOANS = table(
    "standing",
    *(
        column(name, kind)
        for name, kind in (
            ("loan_no", Integer), ("member_id", Integer), ("principal_fen", Integer), ("ends_on", Date),
            ("charged_off_on", Date),
        )
    ),
)  # fmt: skip
MOVES = table(
    "moves",
    *(
        column(name, kind)
        for name, kind in (
            ("loan_no", Integer), ("number", Integer), ("due_on", Date), ("until_on", Date), ("changed_on", Date),
        )
    ),
)  # fmt: skip


def found(dues, moves=(), *, charged_off=None, members=None):
    """dues: (loan_no, due_on, settled_on); moves: (loan_no, due_on, until_on, changed_on)."""
    snapshot = duckdb.connect(config={"threads": 1})
    create_tables(snapshot, "instalment_state", "overdue_month")
    snapshot.execute(
        "CREATE TABLE standing (loan_no INTEGER, member_id INTEGER, principal_fen BIGINT, ends_on DATE, "
        "charged_off_on DATE)"
    )
    snapshot.execute(
        "CREATE TABLE moves (loan_no INTEGER, number INTEGER, due_on DATE, until_on DATE, changed_on DATE)"
    )
    loans = {row[0] for row in (*dues, *moves)}
    members, charged_off = members or {}, charged_off or {}
    for loan in loans:
        row = [loan, members.get(loan, loan), 100, charged_off.get(loan, AS_OF), charged_off.get(loan)]
        snapshot.execute("INSERT INTO standing VALUES (?, ?, ?, ?, ?)", row)
    for number, (loan, due_on, settled_on) in enumerate(dues):
        snapshot.execute(
            "INSERT INTO instalment_state (loan_no, number, due_on, settled_on) VALUES (?, ?, ?, ?)",
            [loan, number + 1, due_on, settled_on],
        )
    for loan, due_on, until_on, changed_on in moves:
        snapshot.execute("INSERT INTO moves VALUES (?, NULL, ?, ?, ?)", [loan, due_on, until_on, changed_on])
    overdue.build(snapshot, LOANS, MOVES, max(loans, default=0), POLICY.collections)
    return sorted(snapshot.execute(FOUND).fetchall(), key=str)


def test_a_loan_is_late_from_the_day_after_a_due_date_that_the_next_day_does_not_settle():
    due = date(2026, 1, 31)
    assert found([(1, due, due)]) == []
    assert found([(1, due, date(2026, 2, 1))]) == []  # 0 days past due at the end of the day
    assert found([(1, due, date(2026, 2, 2))]) == [("M1", FEB, None, 1, "cured", 1)]


def test_a_bucket_is_entered_the_day_on_which_days_past_due_pass_its_limit():
    due = date(2026, 1, 31)
    assert found([(1, due, date(2026, 3, 3))]) == [("M1", FEB, None, 30, "cured", 1)]  # 31 days after: never 31 late
    assert found([(1, due, date(2026, 3, 4))]) == [
        ("M1", FEB, None, 31, "cured", 1), ("M2", MAR, None, 1, "cured", 1),
    ]  # fmt: skip


def test_times_that_touch_are_one_and_a_day_without_lateness_ends_one():
    first, second = date(2026, 1, 10), date(2026, 2, 10)
    touching = [(1, first, date(2026, 2, 11)), (1, second, date(2026, 2, 20))]
    assert found(touching) == [("M1", JAN, None, 40, "cured", 1), ("M2", FEB, None, 10, "cured", 1)]
    apart = [(1, first, second), (1, second, date(2026, 2, 20))]
    assert found(apart) == [("M1", JAN, None, 30, "cured", 1), ("M1", FEB, JAN, 9, "cured", 1)]


def test_what_lasts_is_censored_and_followed_for_no_longer_than_the_policy_says():
    rows = found([(1, date(2026, 4, 30), None), (2, AS_OF, None), (3, AS_OF - timedelta(1), None)])
    # Loan 1 is 61 days late at as_of, which is the first day over 60.
    assert rows == [
        ("M1", date(2026, 5, 1), None, 60, "", 1), ("M1", date(2026, 6, 1), None, 0, "", 1),
        ("M2", date(2026, 5, 1), None, 30, "", 1), ("M3", date(2026, 6, 1), None, 0, "", 1),
    ]  # fmt: skip
    late = date(2026, 2, 1)
    assert found([(1, late, late + timedelta(FOLLOWED + 2))])[0][3:5] == (FOLLOWED, "")
    assert found([(1, late, late + timedelta(FOLLOWED + 1))])[0][3:5] == (FOLLOWED, "cured")


def test_a_moved_due_date_and_a_charge_off_are_no_cures():
    due, moved_on = date(2026, 1, 10), date(2026, 1, 20)
    moved = found([(1, date(2026, 5, 10), date(2026, 5, 10))], [(1, due, moved_on, moved_on)])
    assert moved == [("M1", JAN, None, 9, "moved", 1)]
    # The old date was paid before it was moved: a cure. And a moved one ends the lateness though another is unpaid.
    assert found([], [(1, due, date(2026, 1, 15), moved_on)]) == [("M1", JAN, None, 4, "cured", 1)]
    both = found([(1, due, date(2026, 3, 1))], [(1, due, moved_on, moved_on)])
    assert both == [("M1", JAN, None, 9, "moved", 1)]
    off = date(2026, 2, 25)
    paid_later = [(1, due, date(2026, 4, 1))]
    assert found(paid_later, charged_off={1: off}) == [
        ("M1", JAN, None, 45, "written_off", 1), ("M2", FEB, None, 15, "written_off", 1),
    ]  # fmt: skip


def test_a_borrowers_entries_name_the_one_before():
    rows = found(
        [(1, date(2026, 1, 10), date(2026, 1, 20)), (2, date(2026, 3, 31), date(2026, 4, 10))], members={1: 5, 2: 5}
    )
    assert rows == [("M1", JAN, None, 9, "cured", 1), ("M1", APR, JAN, 9, "cured", 1)]


def test_through_repayments_of_a_drawn_book():
    snapshot = derive(
        AS_OF,
        {"loan": [{"id": 1, "disbursed_at": "2025-12-10 02:00:00", "principal": 100, "term_months": 1}],
         "instalment": [{"loan_id": 1, "number": 1, "due_on": "2026-01-10", "principal_due": 100}],
         "repayment": [{"id": 1, "loan_id": 1, "paid_at": "2026-01-11 16:00:00", "amount": 100}]},
        members=False,
    )  # fmt: skip
    # 12 January in Shanghai: over one day late at its end before, at 11 January.
    assert snapshot.execute(FOUND).fetchall() == [("M1", JAN, None, 1, "cured", 1)]


DAY = st.integers(0, 200)
FIRST = date(2025, 11, 1)


def walked(dues, moves):
    """Day by day: the counter of (bucket, days, exit) of one loan."""
    times = [
        (FIRST + timedelta(due), None if end is None else FIRST + timedelta(due + end), False) for due, end in dues
    ]
    times += [(FIRST + timedelta(due), FIRST + timedelta(due + end), True) for due, end in moves]
    ends, entered, seen, moved = [], {}, Counter(), None
    day = FIRST
    while day <= AS_OF:
        over = [(day - due).days for due, end, _ in times if due < day and (end is None or day < end)]
        if (
            entered
            and moved is None
            and any(end == day and gone and end > due + timedelta(1) for due, end, gone in times)
        ):
            moved = day
        if not over or (moved == day):
            ends = [(bucket, since, moved or day, "moved" if moved else "cured") for bucket, since in entered.items()]
            if not over:
                seen.update(_ended(ends)), entered.clear()
                moved = None
                day += timedelta(1)
                continue
        if moved is None:
            for bucket, limit in zip(LATE_BUCKETS, (0, 30, 60, 90), strict=True):
                if max(over) > limit:
                    entered.setdefault(bucket, day)
        day += timedelta(1)
    rest = [(bucket, since, moved or AS_OF, "moved" if moved else "") for bucket, since in entered.items()]
    seen.update(_ended(rest))
    return seen


def _ended(ends):
    for bucket, since, until, how in ends:
        days = (until - since).days
        yield (bucket, min(days, FOLLOWED), "" if days > FOLLOWED else how)


@settings(max_examples=40, deadline=None)
@given(
    dues=st.lists(st.tuples(DAY, st.none() | st.integers(0, 150)), min_size=1, max_size=5),
    moves=st.lists(st.tuples(DAY, st.integers(2, 60)), max_size=2),
)
def test_buckets_and_ends_are_those_of_a_walk_through_the_days(dues, moves):
    within = [(due, None if end is None or due + end > (AS_OF - FIRST).days else end) for due, end in dues]
    moved = [(due, end) for due, end in moves if due + end <= (AS_OF - FIRST).days]
    rows = found(
        [(1, FIRST + timedelta(due), None if end is None else FIRST + timedelta(due + end)) for due, end in within],
        [(1, FIRST + timedelta(due), FIRST + timedelta(due + end), FIRST + timedelta(due + end)) for due, end in moved],
    )
    counted = Counter()
    for bucket, _month, _before, days, how, loans in rows:
        counted[bucket, days, how] += loans
    assert counted == walked(within, moved)


def test_nothing_is_late_in_a_book_without_instalments():
    assert found([]) == []


@pytest.mark.parametrize("bucket", LATE_BUCKETS)
def test_every_bucket_is_told(bucket):
    rows = found([(1, date(2026, 1, 10), None)])
    assert [row[0] for row in rows].count(bucket) == 1
