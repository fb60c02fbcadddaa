"""Settlement: repayments allocated to instalments, oldest due first, by sums over whole columns."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

NEVER = 2**31 - 1  # a day that does not come; days are ordinals, 1 on 0001-01-01
_LARGEST = 2**43 - 1  # fen: 88 billion CNY; sums beyond it are as good as it
_DAY_BITS, _FEN_BITS = 32, 43  # place of the loan and day or sum in one key of 63 bits: at most 2**20 loans at a time


@dataclass(frozen=True)
class Dues:
    """One row per instalment, by loan, due date and number."""

    loan: Ints  # place of the loan among those settled together
    number: Ints
    due_on: Ints
    due_fen: Ints
    principal_fen: Ints  # of due_fen
    fee_fen: Ints  # of due_fen


@dataclass(frozen=True)
class Payments:
    """One row per payment above zero up to as_of, by loan and instant."""

    loan: Ints
    paid_on: Ints
    amount_fen: Ints


@dataclass(frozen=True)
class Settled:
    """The dues of some loans with what has been paid of them; a row per instalment in the order of `dues`."""

    dues: Dues
    payments: Payments
    first_due: Ints  # row of each loan's first instalment, and one past the last loan's last
    due_up_fen: Ints  # sum of the loan's dues with the instalment
    due_before_fen: Ints  # sum of the loan's dues before the instalment
    paid_up_fen: Ints  # per payment: sum of the loan's payments with it
    paid_fen: Ints  # of the instalment by as_of
    principal_paid_fen: Ints
    settled_on: Ints  # NEVER while open


@dataclass(frozen=True)
class Allocation:
    """What sums that were paid on loans paid for, one row per sum; what is over all dues pays for nothing."""

    principal_fen: Ints
    interest_fen: Ints
    fee_fen: Ints


def settle(dues: Dues, payments: Payments, paid_off_on: Ints) -> Settled:
    """What has been paid of each instalment, and the day on which it was settled.

    Formula: dues and payments are summed up per loan; an instalment is settled by the first payment with which the sum
    of payments reaches the sum of dues up to it. A part payment pays fee, then interest, then principal. An instalment
    of nothing is settled when it is due. What a paid-off loan has left is settled on the day that it was paid off.
    paid_off_on: per loan, NEVER where it has not been.
    Source: data-model.md, "instalment_state".
    """
    loans = len(paid_off_on)
    due_up, paid_up = _summed(dues.due_fen, dues.loan), _summed(payments.amount_fen, payments.loan)
    before = due_up - dues.due_fen
    first_due, first_payment = _firsts(dues.loan, loans), _firsts(payments.loan, loans)
    reached = np.searchsorted(_key(payments.loan, paid_up, _FEN_BITS), _key(dues.loan, due_up, _FEN_BITS))
    is_reached = reached < first_payment[dues.loan + 1]
    settled_on = np.full(len(dues.loan), NEVER, np.int64)
    settled_on[is_reached] = payments.paid_on[reached[is_reached]]
    settled_on = np.where(dues.due_fen == 0, dues.due_on, settled_on)
    paid = np.clip(_last(paid_up, first_payment)[dues.loan] - before, 0, dues.due_fen)
    return Settled(
        dues=dues,
        payments=payments,
        first_due=first_due,
        due_up_fen=due_up,
        due_before_fen=before,
        paid_up_fen=paid_up,
        paid_fen=paid,
        principal_paid_fen=principal_paid(paid, dues.due_fen, dues.principal_fen),
        settled_on=np.minimum(settled_on, paid_off_on[dues.loan]),
    )


def principal_paid(paid_fen: Ints, due_fen: Ints, principal_fen: Ints) -> Ints:
    """The principal in what has been paid of an instalment: fee and interest come first."""
    return np.clip(paid_fen - (due_fen - principal_fen), 0, principal_fen)


def paid_by(settled: Settled, loan: Ints, day: Ints) -> Ints:
    """The sum that each loan had paid by the end of a day."""
    payments = settled.payments
    place = np.searchsorted(_key(payments.loan, payments.paid_on, _DAY_BITS), _key(loan, day, _DAY_BITS), "right")
    first = _firsts(payments.loan, len(settled.first_due) - 1)[loan]
    return np.where(place > first, np.append(settled.paid_up_fen, 0)[place - 1], 0)


def allocated(settled: Settled, loan: Ints, paid_fen: Ints) -> Allocation:
    """What sums paid on loans paid for: oldest due first, within an instalment fee, then interest, then principal."""
    dues, first, following = settled.dues, settled.first_due[loan], settled.first_due[loan + 1]
    covered = covered_by(settled, loan, paid_fen)
    in_part = covered < following
    at = np.where(in_part, covered, 0)
    part = np.where(in_part, paid_fen - settled.due_before_fen[at], 0)
    in_full = [
        _before(each)[covered] - _before(each)[first] for each in (dues.due_fen, dues.principal_fen, dues.fee_fen)
    ]
    principal = in_full[1] + np.where(in_part, principal_paid(part, dues.due_fen[at], dues.principal_fen[at]), 0)
    fee = in_full[2] + np.where(in_part, np.minimum(part, dues.fee_fen[at]), 0)
    return Allocation(principal, in_full[0] + part - principal - fee, fee)


def fees_due_by(settled: Settled, loan: Ints, day: Ints) -> Ints:
    """The fees of each loan's instalments due by the end of a day."""
    dues = settled.dues
    row = np.searchsorted(_key(dues.loan, dues.due_on, _DAY_BITS), _key(loan, day, _DAY_BITS), "right")
    return _before(dues.fee_fen)[row] - _before(dues.fee_fen)[settled.first_due[loan]]


def covered_by(settled: Settled, loan: Ints, paid_fen: Ints) -> Ints:
    """The row of each loan's first instalment that a sum does not cover; where it covers all, of the next loan's."""
    return np.searchsorted(
        _key(settled.dues.loan, settled.due_up_fen, _FEN_BITS), _key(loan, paid_fen, _FEN_BITS), "right"
    )


def settled_by(settled: Settled, loan: Ints, day: Ints) -> Ints:
    """How many instalments of each loan, from its first on, had all been settled by the end of a day."""
    in_order = np.maximum.accumulate(_key(settled.dues.loan, settled.settled_on, _DAY_BITS))
    return np.searchsorted(in_order, _key(loan, day, _DAY_BITS), "right") - settled.first_due[loan]


def _key(loan: Ints, value: Ints, bits: int) -> Ints:
    """Loan and value in one number that is ordered like both."""
    most = _LARGEST if bits == _FEN_BITS else NEVER
    return (loan << bits) | np.clip(value, 0, most)


def _summed(amount: Ints, loan: Ints) -> Ints:
    """Running sums that begin anew with each loan."""
    total = np.cumsum(amount)
    starts = np.flatnonzero(np.diff(loan, prepend=-1))
    base = np.repeat(total[starts] - amount[starts], np.diff(starts, append=len(loan)))
    return total - base


def _before(amount: Ints) -> Ints:
    """The sum of all rows before each row, and of all rows at the end."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(amount)])


def _firsts(loan: Ints, loans: int) -> Ints:
    """The row at which each loan begins, and one past the last row."""
    return np.searchsorted(loan, np.arange(loans + 1))


def _last(value: Ints, firsts: Ints) -> Ints:
    """Each loan's last value; 0 where it has no row."""
    return np.where(firsts[1:] > firsts[:-1], np.append(value, 0)[firsts[1:] - 1], 0)
