"""The internal rates of many loans at once, by Newton's method on columns; the rule is `rules.price.all_in_rate`."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MONTHS_A_YEAR = 12
_STEPS, _EXACT = 60, 1e-13
_NONE = 1e-9  # a month's rate below which money-years are told by the dues alone

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Charged:
    """What loans charge."""

    rate: Floats  # a month's internal rate x 12; nan where there is none
    charge_fen: Ints
    lent_year_fen: Floats  # money-years: the charge over the rate


def charged(got_fen: Ints, place: Ints, number: Ints, due_fen: Ints) -> Charged:
    """What loans charge that were got at month 0, from what is due in later months.

    place: to which loan each due belongs, rising; number: its month, from 1.
    Formula: the rate r at which dues discounted by (1 + r)^-number are worth what was got; charge = dues - got;
    money-years = charge / 12 r, of loans without charge the sum of number x due / 12. The first guess, charge over
    that sum x 12, lies below the rate of a loan that charges anything, from where Newton's method on a falling convex
    function only rises.
    """
    loans = len(got_fen)
    dues = np.bincount(place, due_fen, loans)
    waited = np.bincount(place, number * due_fen.astype(float), loans)
    charge = dues - got_fen
    told = (got_fen > 0) & (waited > 0) & (dues > 0)
    month = np.divide(charge, waited, out=np.zeros(loans), where=told).clip(-0.5)
    for _ in range(_STEPS):
        factor = due_fen * np.exp(-number * np.log1p(month)[place])
        beyond = np.bincount(place, factor, loans) - got_fen
        slope = np.bincount(place, number * factor, loans) / (1 + month)
        step = np.divide(beyond, slope, out=np.zeros(loans), where=told & (slope > 0))
        month = np.maximum(month + step, -0.99)
        if not np.abs(step).max(initial=0) > _EXACT:
            break
    level = np.abs(month) < _NONE
    years = np.divide(charge, MONTHS_A_YEAR * month, out=waited / MONTHS_A_YEAR, where=~level)
    return Charged(np.where(told, MONTHS_A_YEAR * month, np.nan), np.rint(charge).astype(np.int64), years)


def level_dues(principal_fen: Ints, month: Floats, term_months: Ints, monthly_fee_fen: Ints) -> Floats:
    """What is due each month of loans of equal payments, before rounding to the fen: P r / (1 - (1 + r)^-n) + fee."""
    growth = -np.expm1(-term_months * np.log1p(month))
    even = np.divide(principal_fen, term_months, dtype=float)
    due: Floats = np.divide(principal_fen * month, growth, out=even, where=growth > 0) + monthly_fee_fen
    return due
