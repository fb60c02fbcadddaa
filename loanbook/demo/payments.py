"""What is paid: instalments whole, in parts, too much, bounced and made again; early payoffs; recoveries."""

from dataclasses import dataclass, fields

import numpy as np

from loanbook.demo.draw import DAY, HOUR, NONE, Bools, Ints, visit_seconds
from loanbook.demo.loans import Schedule

KINDS = ("scheduled", "early", "recovery")
SCHEDULED, EARLY, RECOVERY = range(3)

_IN_TWO = 0.12  # of late payments
_IN_TWO_AT_ONCE = 0.15  # of those in two parts: in the same second
_TOO_MUCH = 0.006  # of payments: a part of the next instalment with them
_ROUNDED_UP = 0.02  # of last payments, to the next ten yuan
_BOUNCED = 0.0005  # of payments
_PAYS_A_PART = 0.3  # of the instalment at which they give up
_RECOVERED = 0.35  # of loans written off


@dataclass(frozen=True)
class Repayments:
    """One row per repayment."""

    loan: Ints  # row
    at: Ints
    amount: Ints
    kind: Ints


def joined(parts: list[Repayments]) -> Repayments:
    """The rows of several parts."""
    return Repayments(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Repayments)))


def before(rows: Repayments, end: int) -> Repayments:
    """The rows that have happened by an instant."""
    happened = rows.at < end
    return Repayments(*(getattr(rows, each.name)[happened] for each in fields(Repayments)))


def scheduled(
    rng: np.random.Generator, plan: Schedule, paid: Ints, late: Ints, is_paid: Bools, *, closes_at: Ints, sound: Bools
) -> Repayments:
    """Instalments paid in full; `closes_at` is when each loan's last payment is made (NEVER: not).

    Only payments of `sound` loans bounce, so that what is not allocated of them shifts no planted default.
    """
    rows = np.flatnonzero(is_paid)
    loan, at, amount = plan.loan[rows], paid[rows], plan.total[rows]
    extra = rng.random(len(rows))
    next_same = np.append(loan[1:] == loan[:-1], False)
    much = np.flatnonzero((extra < _TOO_MUCH) & next_same)
    much = much[np.diff(much, prepend=-2) > 1]
    more = (amount[much + 1] * rng.uniform(0.1, 0.6, len(much))).astype(np.int64)
    amount[much] += more
    amount[much + 1] -= more
    last = np.flatnonzero(~next_same & (extra > 1 - _ROUNDED_UP) & (closes_at[loan] == at))
    amount[last] = (amount[last] + 999) // 1000 * 1000

    split = np.flatnonzero((late[rows] >= 5) & (rng.random(len(rows)) < _IN_TWO))
    part = (amount[split] * rng.uniform(0.3, 0.7, len(split))).astype(np.int64)
    amount[split] -= part
    day = plan.due[rows[split]] + 2
    part_at = np.where(
        rng.random(len(split)) < _IN_TWO_AT_ONCE,
        at[split],
        np.minimum(day * DAY + visit_seconds(rng.random(len(split))), at[split]),
    )
    whole = Repayments(
        np.concatenate([loan, loan[split]]),
        np.concatenate([at, part_at]),
        np.concatenate([amount, part]),
        np.full(len(rows) + len(split), SCHEDULED),
    )
    return joined([whole, _bounced(rng, whole, closes_at, sound)])


def _bounced(rng: np.random.Generator, rows: Repayments, closes_at: Ints, sound: Bools) -> Repayments:
    """Some payments are taken back by the bank days later, and made again some days after that."""
    row = np.flatnonzero(rng.random(len(rows.at)) < _BOUNCED)
    back = rows.at[row] // DAY * DAY + rng.integers(1, 4, len(row)) * DAY + 4 * HOUR
    again = back + rng.integers(1, 6, len(row)) * DAY + visit_seconds(rng.random(len(row)))
    loan = rows.loan[row]
    open_ = (again < closes_at[loan]) & sound[loan]
    loan, back, again, amount = loan[open_], back[open_], again[open_], rows.amount[row[open_]]
    return Repayments(
        np.tile(loan, 2),
        np.concatenate([back, again]),
        np.concatenate([-amount, amount]),
        np.full(2 * len(loan), SCHEDULED),
    )


def part_of_lost(rng: np.random.Generator, plan: Schedule, row: Ints, lost: Bools) -> Repayments:
    """Some who give up still pay a part of the instalment that they give up at; `row`: that of each loan."""
    loan = np.flatnonzero(lost & (rng.random(len(lost)) < _PAYS_A_PART))
    row = row[loan]
    at = (plan.due[row] + rng.integers(3, 60, len(loan))) * DAY + visit_seconds(rng.random(len(loan)))
    amount = (plan.total[row] * rng.uniform(0.2, 0.6, len(loan))).astype(np.int64)
    return Repayments(loan, at, amount, np.full(len(loan), SCHEDULED))


def recoveries(rng: np.random.Generator, written_off_at: Ints, remaining: Ints) -> Repayments:
    """After a write-off a third pays something back, in one or two sums."""
    paying = np.flatnonzero((written_off_at != NONE) & (rng.random(len(remaining)) < _RECOVERED))
    loan = np.concatenate([paying, paying[rng.random(len(paying)) < 0.4]])
    day = written_off_at[loan] // DAY + rng.integers(8, 320, len(loan))
    amount = np.rint(remaining[loan] * rng.uniform(0.04, 0.22, len(loan)) / 100).astype(np.int64) * 100
    return Repayments(
        loan, day * DAY + visit_seconds(rng.random(len(loan))), amount.clip(100), np.full(len(loan), RECOVERY)
    )
