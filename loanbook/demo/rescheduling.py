"""Due dates that are moved: extensions of what is overdue, and restructurings of what is past 90 days."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, HOUR, Bools, Floats, Ints, Streams, Window, add_months
from loanbook.demo.loans import Loans, Schedule

KINDS = ("extension", "restructuring")
EXTENDED, RESTRUCTURED = range(2)

_EXTENDED_FAILING, _EXTENDED_PAYING = 0.12, 0.005  # of loans that stop being paid, of others
_RESTRUCTURED = 0.05  # of loans that stop being paid
_OVERDUE = ((8, 29), (35, 59), (95, 141))  # days past due when it is moved: by a month mostly, two, or after 90 days
_TWO_BEHIND = 0.3  # of extensions
_MARGIN = 33  # days: what is moved is due at least six days after it is moved


@dataclass(frozen=True)
class Moves:
    """One row per instalment whose due date was moved, by loan and number."""

    loan: Ints  # row
    number: Ints
    at: Ints
    kind: Ints
    old: Ints
    new: Ints


@dataclass(frozen=True)
class Rescheduled:
    """One row per loan: the number of the first instalment that was moved (0: none), why, and when."""

    number: Ints
    kind: Ints  # -1: none
    at: Ints

    @property
    def restructured(self) -> Bools:
        """Whether its due dates were moved after 90 days."""
        result: Bools = self.kind == RESTRUCTURED
        return result


def reschedule(
    streams: Streams, window: Window, loans: Loans, plan: Schedule, stops: Ints, *, exempt: Bools, number: int
) -> tuple[Schedule, Rescheduled, Moves]:
    """The schedule as it stands at the end of the window, and what was moved in it.

    From the moved instalment on every due date is later by the same whole months, on the same day of the month.
    """
    draws = streams("rescheduling", number).random((5, len(stops)))
    kind, moved = _chosen(draws[0], draws[1], loans, stops)
    kind = np.where(exempt, -1, kind)
    first = np.cumsum(loans.term) - loans.term
    old_due = plan.due[first + moved.clip(1) - 1]
    stage = np.where(kind == RESTRUCTURED, 2, (draws[2] < _TWO_BEHIND).astype(np.int64))
    low, high = np.array(_OVERDUE)[stage].T
    late = low + (draws[3] * (high - low)).astype(np.int64)
    day = old_due + late
    happens = (kind >= 0) & (day < window.end_day)
    result = Rescheduled(
        number=np.where(happens, moved, 0),
        kind=np.where(happens, kind, -1),
        at=day * DAY + 9 * HOUR + (draws[4] * 9 * HOUR).astype(np.int64),
    )
    rows = np.flatnonzero((result.number[plan.loan] > 0) & (plan.number >= result.number[plan.loan]))
    loan = plan.loan[rows]
    due = plan.due.copy()
    due[rows] = add_months(loans.disbursed_day[loan], plan.number[rows] + (late[loan] + _MARGIN) // 28)
    moves = Moves(loan, plan.number[rows], result.at[loan], result.kind[loan], plan.due[rows], due[rows])
    return replace(plan, due=due), result, moves


def _chosen(uniform: Floats, where: Floats, loans: Loans, stops: Ints) -> tuple[Ints, Ints]:
    """Which loans are rescheduled, and from which instalment on: where they stop, a little before, or anywhere."""
    fails = stops > 0
    extended = uniform < np.where(fails, _EXTENDED_FAILING, _EXTENDED_PAYING)
    restructured = fails & (uniform > 1 - _RESTRUCTURED)
    kind = np.select([extended, restructured], [EXTENDED, RESTRUCTURED], -1)
    before = np.where(restructured, stops, stops - (where * 2).astype(np.int64))
    anywhere = 1 + (where * loans.term).astype(np.int64)
    return kind, np.where(fails, before, anywhere).clip(1)


def change_table(moves: Moves, first_id: int, first_loan: int) -> pa.Table:
    """One row per moved due date, by when it was moved."""
    order = np.argsort(moves.at, kind="stable")
    return table("schedule_change", {
        "id": first_id + np.arange(len(order)), "loan_id": first_loan + moves.loan[order],
        "changed_at": moves.at[order], "kind": Coded(moves.kind[order], KINDS),
        "old_due_on": moves.old[order], "new_due_on": moves.new[order], "number": moves.number[order],
    })  # fmt: skip
