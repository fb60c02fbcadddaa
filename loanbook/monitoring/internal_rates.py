"""The internal rates of many loans at once, by Newton's method on columns; the rule is `rules.price.all_in_rate`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MONTHS_A_YEAR = 12
_STEPS, _EXACT = 60, 1e-13
_NONE = 1e-7  # a month's rate below which nothing is discounted

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Charged:
    """What loans charge."""

    rate: Floats  # a month's internal rate x 12; nan where there is none
    lent_year_fen: dict[int | None, Floats]  # money-years within so many months, None: all; rate x it is charged


def charged(got_fen: Ints, place: Ints, number: Ints, due_fen: Floats, within: Sequence[int | None]) -> Charged:
    """What loans charge that were got at month 0, from what is due in later months.

    place: to which loan each due belongs, rising; number: its month, from 1; within: months.
    Formula: the rate r at which dues discounted by (1 + r)^-number are worth what was got. What is owed after month k
    is the worth then of the dues after it; money-years within H months = what is owed after months 0 to H - 1, / 12. So
    over the whole contract r x 12 x money-years = dues - got. The first guess, dues - got over the sum of number x due,
    lies below the rate of a loan that charges anything, from where Newton's method on a falling convex function only
    rises.
    """
    loans = len(got_fen)
    charge = _summed(place, due_fen, loans) - got_fen
    waited = _summed(place, number * due_fen, loans)
    told = (got_fen > 0) & (waited > 0)
    month = np.divide(charge, waited, out=np.zeros(loans), where=told).clip(-0.5)
    for _ in range(_STEPS):
        factor = due_fen * np.exp(-number * np.log1p(month)[place])
        beyond = _summed(place, factor, loans) - got_fen
        slope = _summed(place, number * factor, loans) / (1 + month)
        step = np.divide(beyond, slope, out=np.zeros(loans), where=told & (slope > 0))
        month = np.maximum(month + step, -0.99)
        if not np.abs(step).max(initial=0) > _EXACT:
            break
    years = {months: _owed(month, place, number, due_fen, months) / MONTHS_A_YEAR for months in within}
    return Charged(np.where(told, MONTHS_A_YEAR * month, np.nan), years)


def _owed(month: Floats, place: Ints, number: Ints, due_fen: Floats, within: int | None) -> Floats:
    """What is owed after each of the first so many months, summed: a due is owed until its month."""
    r, until = month[place], number if within is None else np.minimum(number, within)
    grown = np.log1p(r)
    level = np.abs(r) < _NONE
    each = np.exp(-(number - until) * grown) - np.exp(-number * grown)
    held = np.divide(each, r, out=until.astype(float), where=~level)
    return _summed(place, due_fen * held, len(month))


def _summed(place: Ints, each: Floats, loans: int) -> Floats:
    """Sums by loan; 0 of one without any."""
    return np.bincount(place, each, loans).astype(float)


def level_dues(principal_fen: Ints, month: Floats, term_months: Ints, monthly_fee_fen: Ints) -> Floats:
    """What is due each month of loans of equal payments, before rounding to the fen: P r / (1 - (1 + r)^-n) + fee."""
    growth = -np.expm1(-term_months * np.log1p(month))
    even = np.divide(principal_fen, term_months, dtype=float)
    due: Floats = np.divide(principal_fen * month, growth, out=even, where=growth > 0) + monthly_fee_fen
    return due
