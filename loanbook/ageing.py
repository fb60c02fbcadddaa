"""Each settled loan at each of its month ends: how late it is, and what it owes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loanbook.days import month_ends, month_numbers
from loanbook.settlement import Allocation, Ints, Settled, allocated, fees_due_by, paid_by, settled_by
from loanbook.snapshot_schema import STATES
from rules.ageing import WRITTEN_OFF

Bools = npt.NDArray[np.bool_]

PAST_DUE_DAYS = (0, 30, 60, 90)  # more than so many days: out of M0, M1, M2, M3
NO_STATE = len(STATES)  # the code of what was before the first month end


@dataclass(frozen=True)
class Spans:
    """The months in which each loan has a state; months are counted from the year 0 (`constructs.month_number`)."""

    first_no: Ints  # of the disbursement
    last_no: Ints  # with a bucket; before first_no where there is none
    exit_state: Ints  # code of the state in the month after the last one; NO_STATE while open
    exit_on: Ints  # the day on which it left; any while open
    principal_fen: Ints
    taken_back_fen: Ints  # of what was paid; counts from the exit on, for settlement knows nothing of it


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
    interest_fen: Ints  # received in the month
    fee_fen: Ints  # received in the month
    lost_fen: Ints  # principal that was not repaid when the loan left in this month


def months(settled: Settled, spans: Spans, spells: Spells) -> Months:
    """State of each loan at each month end, from its instalments.

    Formula: days past due = month end - due date of the oldest open instalment, or the older date that one was moved
    away from later; outstanding = principal less that of the instalments that the sum of payments covers, less what it
    covers of the next one's. Interest and fees received: see `_paid_for`.
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

    exits = (starts + rows - 1)[leaves]
    firsts = starts[rows > 0]

    late = _days_past_due(settled, loan, month_end)
    rescheduled = _move(late, month_end, spells, spans.first_no, starts, rows)
    state = np.searchsorted(PAST_DUE_DAYS, late, side="left")
    state[exits] = spans.exit_state[leaves]
    paid_for, lost = _paid_for(settled, spans, loan, month_end, exits)
    outstanding = np.maximum(spans.principal_fen[loan] - paid_for.principal_fen, 0)
    outstanding[exits] = 0
    return Months(
        loan=loan,
        month_no=month_no,
        on_book=month_no - spans.first_no[loan],
        state=state,
        previous_state=_month_before(state, firsts, NO_STATE),
        outstanding_fen=outstanding,
        previous_outstanding_fen=_month_before(outstanding, firsts, 0),
        rescheduled=rescheduled,
        interest_fen=paid_for.interest_fen - _month_before(paid_for.interest_fen, firsts, 0),
        fee_fen=paid_for.fee_fen - _month_before(paid_for.fee_fen, firsts, 0),
        lost_fen=lost,
    )


def _days_past_due(settled: Settled, loan: Ints, month_end: Ints) -> Ints:
    dues = settled.dues
    oldest = settled.first_due[loan] + settled_by(settled, loan, month_end)
    is_open = oldest < settled.first_due[loan + 1]
    return np.where(is_open, np.maximum(month_end - dues.due_on[np.where(is_open, oldest, 0)], 0), 0)


def _paid_for(settled: Settled, spans: Spans, loan: Ints, month_end: Ints, exits: Ints) -> tuple[Allocation, Ints]:
    """What all that was paid by each month end paid for, and the principal that was lost when a loan left.

    Formula: as settlement allocates. When a loan leaves, what was taken back is no longer counted as paid. At a
    write-off what has not been paid for by that day is lost. What a payoff pays first is principal: no interest is owed
    for months that don't come; of the rest the fees that were due by then come first, unless all that was to come is
    paid too, and what is over all fees and interest of the schedule pays for nothing.
    """
    leaver = loan[exits]
    written_off = spans.exit_state[leaver] == STATES.index(WRITTEN_OFF)
    day = month_end.copy()
    day[exits[written_off]] = np.minimum(spans.exit_on[leaver], month_end[exits])[written_off]
    paid = paid_by(settled, loan, day)
    paid[exits] = np.maximum(paid[exits] - spans.taken_back_fen[leaver], 0)
    found = allocated(settled, loan, paid)
    lost = np.zeros_like(paid)
    lost[exits[written_off]] = np.maximum(spans.principal_fen[loan] - found.principal_fen, 0)[exits[written_off]]

    payoffs = exits[~written_off]
    payer = loan[payoffs]
    principal = np.minimum(paid[payoffs], spans.principal_fen[payer])
    charges = settled.due_up_fen[settled.first_due[payer + 1] - 1] - _principal(settled, payer)
    received = np.minimum(paid[payoffs] - principal, charges)
    by_then = np.minimum(fees_due_by(settled, payer, spans.exit_on[payer]), received)
    fee = np.where(received == charges, found.fee_fen[payoffs], by_then)
    lost[payoffs] = spans.principal_fen[payer] - principal
    found.principal_fen[payoffs], found.fee_fen[payoffs], found.interest_fen[payoffs] = principal, fee, received - fee
    return found, lost


def _principal(settled: Settled, loan: Ints) -> Ints:
    """The principal in all instalments of each loan."""
    up = np.cumsum(settled.dues.principal_fen)
    last = settled.first_due[loan + 1] - 1
    first = settled.first_due[loan]
    return up[last] - up[first] + settled.dues.principal_fen[first]


def _month_before(value: Ints, firsts: Ints, none: int) -> Ints:
    """Each row's value in the row before; `none` in a loan's first row."""
    before = np.roll(value, 1)
    before[firsts] = none
    return before


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
