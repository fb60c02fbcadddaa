"""Each settled loan at each of its month ends: how late it is, and what it owes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loanbook.settlement import Ints, Settled, covered_by, paid_by, principal_paid, settled_by
from loanbook.snapshot_schema import STATES

Bools = npt.NDArray[np.bool_]

_ORDINAL_OF_1970 = 719_163
PAST_DUE_DAYS = (0, 30, 60, 90)  # more than so many days: out of M0, M1, M2, M3
NO_STATE = len(STATES)  # the code of what was before the first month end


@dataclass(frozen=True)
class Spans:
    """The months in which each loan has a state; months are counted from the year 0 (`constructs.month_number`)."""

    first_no: Ints  # of the disbursement
    last_no: Ints  # with a bucket; before first_no where there is none
    exit_state: Ints  # code of the state in the month after the last one; NO_STATE while open
    principal_fen: Ints


@dataclass(frozen=True)
class Spells:
    """Times for which an instalment counted from a date that it was then moved away from (`moved_dues.spells`)."""

    loan: Ints
    due_on: Ints
    until_on: Ints
    changed_on: Ints


@dataclass(frozen=True)
class Months:
    """One row per loan and month of its span, its exit included, by loan and month."""

    loan: Ints
    month_no: Ints
    on_book: Ints  # months since the month of disbursement
    state: Ints  # code: place in STATES
    previous_state: Ints  # a month before; NO_STATE in the first month
    outstanding_fen: Ints
    previous_outstanding_fen: Ints
    rescheduled: Bools  # a due date was moved in this month


def months(settled: Settled, spans: Spans, spells: Spells) -> Months:
    """State of each loan at each month end, from its instalments.

    Formula: days past due = month end - due date of the oldest open instalment, or the older date that one was moved
    away from later; outstanding = principal less that of the instalments that the sum of payments covers, less what it
    covers of the next one's.
    Source: metrics.md, "days past due", "ageing bucket"; data-model.md, "loan_month".
    """
    has_dues = settled.first_due[1:] > settled.first_due[:-1]
    leaves = (spans.exit_state != NO_STATE) & has_dues
    last_no = np.where(leaves, np.maximum(spans.last_no + 1, spans.first_no), spans.last_no)
    rows = np.where(has_dues, np.maximum(last_no - spans.first_no + 1, 0), 0)
    starts = np.cumsum(rows) - rows
    loan = np.repeat(np.arange(len(rows)), rows)
    month_no = np.arange(len(loan)) + (spans.first_no - starts)[loan]
    month_end = month_ends(month_no)

    late, outstanding = _owed(settled, spans.principal_fen, loan, month_end)
    rescheduled = _move(late, month_end, spells, spans.first_no, starts, rows)
    state = np.searchsorted(PAST_DUE_DAYS, late, side="left")
    exits = (starts + rows - 1)[leaves]
    state[exits], outstanding[exits] = spans.exit_state[leaves], 0
    previous_state, previous_fen = np.roll(state, 1), np.roll(outstanding, 1)
    firsts = starts[rows > 0]
    previous_state[firsts], previous_fen[firsts] = NO_STATE, 0
    return Months(
        loan, month_no, month_no - spans.first_no[loan], state, previous_state, outstanding, previous_fen, rescheduled
    )


def month_ends(month_no: Ints) -> Ints:
    """The last days of months."""
    if not len(month_no):
        return month_no
    first = int(month_no.min())
    following = np.arange(first + 1, int(month_no.max()) + 2) - 1970 * 12
    days = following.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + _ORDINAL_OF_1970 - 1
    return days[month_no - first]


def month_numbers(day: Ints) -> Ints:
    """The months of days."""
    dates = (day - _ORDINAL_OF_1970).astype("datetime64[D]")
    return dates.astype("datetime64[M]").astype(np.int64) + 1970 * 12


def _owed(settled: Settled, principal_fen: Ints, loan: Ints, month_end: Ints) -> tuple[Ints, Ints]:
    """Days past due and outstanding principal of loans at month ends."""
    dues, following = settled.dues, settled.first_due[loan + 1]
    oldest = settled.first_due[loan] + settled_by(settled, loan, month_end)
    is_open = oldest < following
    late = np.where(is_open, np.maximum(month_end - dues.due_on[np.where(is_open, oldest, 0)], 0), 0)

    paid = paid_by(settled, loan, month_end)
    covered = covered_by(settled, loan, paid)
    principal_up = np.cumsum(dues.principal_fen)
    before = np.append(principal_up - dues.principal_fen, principal_up[-1:])
    in_part = covered < following
    at = np.where(in_part, covered, 0)
    part = principal_paid(paid - settled.due_before_fen[at], dues.due_fen[at], dues.principal_fen[at])
    repaid = before[covered] - before[settled.first_due[loan]] + np.where(in_part, part, 0)
    return late, np.maximum(principal_fen[loan] - repaid, 0)


def _move(late: Ints, month_end: Ints, spells: Spells, first_no: Ints, starts: Ints, rows: Ints) -> Bools:
    """Let moved instalments be late from their old dates, in place; the rows in whose month one was moved."""
    rescheduled = np.zeros(len(late), np.bool_)
    changed = month_numbers(spells.changed_on) - first_no[spells.loan]
    seen = (changed >= 0) & (changed < rows[spells.loan])
    rescheduled[(starts[spells.loan] + changed)[seen]] = True

    begins = np.maximum(month_numbers(spells.due_on) - first_no[spells.loan], 0)
    ends = np.minimum(month_numbers(spells.until_on) - first_no[spells.loan], rows[spells.loan])
    length = np.maximum(ends - begins, 0)
    spell = np.repeat(np.arange(len(length)), length)
    row = np.arange(len(spell)) - np.repeat(np.cumsum(length) - length, length) + (starts[spells.loan] + begins)[spell]
    np.maximum.at(late, row, month_end[row] - spells.due_on[spell])
    return rescheduled
