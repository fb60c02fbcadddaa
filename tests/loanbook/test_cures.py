"""What becomes of loans over 90 days past due: a tape each, drawn in days past due from month to month."""

from datetime import date
from typing import Any

import pytest

from rules import calendar
from tests.loanbook.derived import derive_loans

pytestmark = pytest.mark.usefixtures("each_engine")

LATE = [0, 31, 62, 93]  # January to April 2024: over 90 first at the end of April


def outcome(*after: int, as_of: date | None = None, **loan: Any) -> tuple[Any, ...]:
    """The outcome of a loan of which the tape goes on like this after April; as of the tape's end."""
    ends = [calendar.last_of_month(calendar.add_months(date(2024, 1, 31), n)) for n in range(len(LATE) + len(after))]
    tape = [
        {"loan_id": 1, "month_end": day, "days_past_due": late, "outstanding": 100}
        for day, late in zip(ends, [*LATE, *after], strict=True)
    ]
    row = {"id": 1, "disbursed_at": "2024-01-05 02:00:00", **loan}
    snapshot = derive_loans(as_of or ends[-1], {"loan": [row], "month_state": tape})
    columns = "past_due_90_on, cure_exit, cure_month, redefault_exit, redefault_month"
    first, *rest = snapshot.execute(f"SELECT {columns} FROM loan_fact").fetchone() or ()
    assert first == date(2024, 4, 30)
    return tuple(rest)


def test_a_cure_counts_when_it_has_held_for_three_months() -> None:
    assert outcome(0, 0, 0) == (None, 3, None, None)
    assert outcome(0, 0, 0, 0) == ("cured", 4, None, 0)
    assert outcome(0, 0, 0, 0, 0, 0) == ("cured", 4, None, 2)
    assert outcome(0, 0, 1, 0, 0, 0) == (None, 6, None, None)
    assert outcome(0, 0, 1, 0, 0, 0, 0) == ("cured", 7, None, 0)


def test_a_cured_loan_can_fall_again() -> None:
    assert outcome(0, 0, 0, 0, 31, 62, 93) == ("cured", 4, "redefault", 3)
    assert outcome(0, 0, 0, 0, 31, 62, 93, 0, 0, 0, 0) == ("cured", 4, "redefault", 3)
    paid_off = {"status": "paid_off", "closed_at": "2024-10-09 02:00:00"}
    assert outcome(0, 0, 0, 0, 0, 0, **paid_off) == ("cured", 4, "paid_off", 2)
    written_off = {"status": "written_off", "written_off_at": "2024-10-09 02:00:00"}
    assert outcome(0, 0, 0, 0, 31, 31, **written_off) == ("cured", 4, "redefault", 2)


def test_an_exit_before_the_cure_has_held_is_the_exit() -> None:
    paid_off = {"status": "paid_off", "closed_at": "2024-07-09 02:00:00"}
    assert outcome(0, 0, 0, **paid_off) == ("paid_off", 3, None, None)
    assert outcome(124, **{"status": "written_off", "written_off_at": "2024-05-31 02:00:00"}) == (
        "written_off", 1, None, None,
    )  # fmt: skip


def test_a_month_that_is_missing_breaks_what_was_held() -> None:
    tape = "loan_id month_end days_past_due outstanding"
    ends = ("2024-01-31 99", "2024-02-29 0", "2024-03-31 0", "2024-05-31 0", "2024-06-30 0", "2024-07-31 0")
    drawn = {
        "loan": "id disbursed_at\n1 2024-01-05_02:00:00",
        "month_state": "\n".join([tape, *(f"1 {end} 100" for end in ends)]),
    }
    snapshot = derive_loans(date(2024, 7, 31), drawn)
    assert snapshot.execute("SELECT cure_exit, cure_month FROM loan_fact").fetchall() == [(None, 6)]
