"""Curves of what share has left in one way after each month, with a band that knows which loans share a borrower."""

import numpy as np
import pandas as pd

from rules.intervals import Floats, wilson
from rules.survival import at_risk, cumulative_incidence, influence

OPEN = ""  # the exit of a loan that is still there when last seen

CURVE = (
    "cohort", "month", "at_risk", "left", "left_otherwise", "censored", "incidence", "standard_error", "low", "high",
    "drawn", "loans", "principal_fen",
)  # fmt: skip


def curves(
    cells: pd.DataFrame, pairs: pd.DataFrame, exit_kind: str, *, thin_loans: int, confidence: float
) -> pd.DataFrame:
    """Cumulative incidence of one exit by months, for each cohort, other exits competing and open loans censored.

    cells: cohort, month, exit ("" while open), loans, principal_fen (`queries.exits.cells`).
    pairs: cohort, month_a, exit_a, month_b, exit_b, pairs: unordered pairs of loans of one borrower in a cohort.
    Grain: one row per cohort and month from 0 to the last at which a loan of the cohort was seen; cohorts rise.
    Columns: cohort, month; at_risk, left, left_otherwise, censored (loans in that month); incidence (0-1, by then);
    standard_error; low, high; drawn; loans, principal_fen (of the whole cohort, the same on each row).
    Formula: `cumulative_incidence`. Variance: squares of each borrower's summed `influence`, which is the squares of
    the loans' plus twice the products of a borrower's pairs. Band: Wilson's on the effective number of loans F(1-F)/
    variance, at most the cohort's loans, and those at risk where the variance is 0: like every other interval here it
    stays within 0 and 1 and leaves room above a curve that has not risen yet, which a log(-log) band can't.
    drawn: at least thin_loans at risk, and an age that every loan of the cohort has reached: past it the curve would
    average only the cohort's older part.
    Source: metrics.md, "vintage curve", traps 1, 2, 3 and 15; Dorey and Korn 1987 for the effective number.
    """
    of_cohort = dict(tuple(pairs.groupby("cohort")))
    found = [
        _curve(str(cohort), rows, of_cohort.get(cohort, pairs.iloc[:0]), exit_kind, thin_loans, confidence)
        for cohort, rows in cells.groupby("cohort", sort=True)
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(CURVE))


def _curve(
    cohort: str, cells: pd.DataFrame, pairs: pd.DataFrame, exit_kind: str, thin_loans: int, confidence: float
) -> pd.DataFrame:
    months, kinds, loans = cells["month"].to_numpy(int), _kinds(cells["exit"], exit_kind), cells["loans"].to_numpy(int)
    last = int(months.max())
    counted = np.zeros((3, last + 1), dtype=np.int64)  # still there, left in this way, left in another
    np.add.at(counted, (kinds, months), loans)
    censored, left, otherwise = counted
    followed = at_risk(left + otherwise, censored)
    incidence = cumulative_incidence(followed, left, left + otherwise)
    moved = influence(followed, left, left + otherwise)
    variance = np.einsum("km,kmt->t", counted.astype(float), moved**2) + 2 * _shared(moved, pairs, exit_kind)
    variance = np.clip(variance, 0, None)
    low, high = _band(incidence, variance, followed.astype(float), confidence)
    reached = months[kinds == 0].min(initial=last)  # the age of the cohort's youngest loan that is still there
    month = np.arange(last + 1)
    return pd.DataFrame(
        {
            "cohort": cohort,
            "month": month,
            "at_risk": followed,
            "left": left,
            "left_otherwise": otherwise,
            "censored": censored,
            "incidence": incidence,
            "standard_error": np.sqrt(variance),
            "low": low,
            "high": high,
            "drawn": (followed >= thin_loans) & (month <= reached),
            "loans": int(loans.sum()),
            "principal_fen": int(cells["principal_fen"].sum()),
        }
    )


def _shared(moved: Floats, pairs: pd.DataFrame, exit_kind: str) -> Floats:
    """The sum over a borrower's pairs of loans of the product of their influences, at every time."""
    first = moved[_kinds(pairs["exit_a"], exit_kind), pairs["month_a"].to_numpy(int)]
    second = moved[_kinds(pairs["exit_b"], exit_kind), pairs["month_b"].to_numpy(int)]
    product: Floats = np.einsum("p,pt,pt->t", pairs["pairs"].to_numpy(float), first, second)
    return product


def _band(incidence: Floats, variance: Floats, followed: Floats, confidence: float) -> tuple[Floats, Floats]:
    spread = incidence * (1 - incidence)
    effective = np.divide(spread, variance, out=followed.copy(), where=(variance > 0) & (spread > 0))
    effective = np.minimum(effective, followed[0])
    return wilson(incidence * effective, effective, confidence)


def _kinds(exits: pd.Series, exit_kind: str) -> np.ndarray:
    return np.where(exits == OPEN, 0, np.where(exits == exit_kind, 1, 2))
