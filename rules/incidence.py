"""Curves of what share has left in one way after each month, with a band that knows which loans share a borrower."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.intervals import Floats, wilson
from rules.survival import at_risk, cumulative_incidence, influence

Ints = npt.NDArray[np.int64]

OPEN = ""  # the exit of a loan that is still there when last seen

CURVE = (
    "cohort", "month", "at_risk", "left", "left_otherwise", "censored", "incidence", "standard_error", "low", "high",
    "drawn", "loans", "principal_fen",
)  # fmt: skip
_STAYS, _LEAVES, _LEAVES_OTHERWISE = _WAYS = range(3)  # as `influence` numbers them


def curves(
    cells: pd.DataFrame, pairs: pd.DataFrame, exit_kind: str, *, thin_loans: int, confidence: float
) -> pd.DataFrame:
    """Cumulative incidence of one exit by months, for each cohort, other exits competing and open loans censored.

    cells: cohort, month, exit ("" while open), loans, principal_fen.
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
    if cells.empty:
        return pd.DataFrame(columns=list(CURVE))
    cohorts = sorted(cells["cohort"].unique())
    loans = _Ended.read(cells, exit_kind, "month", "exit", "loans")
    first, second = (_Ended.read(pairs, exit_kind, f"month_{side}", f"exit_{side}", "pairs") for side in ("a", "b"))
    found = [
        _curve(loans.only(rows), first.only(both), second.only(both))
        for rows, both in zip(_places(cells, cohorts), _places(pairs, cohorts), strict=True)
    ]
    curve = {name: np.concatenate([one[name] for one in found]) for name in found[0]}
    variance, reached = curve.pop("variance"), curve.pop("reached")
    low, high = _band(curve["incidence"], variance, curve["at_risk"], curve["month"], confidence)
    whole = cells.groupby("cohort", sort=True)[["loans", "principal_fen"]].sum()
    months = [len(one["month"]) for one in found]
    return pd.DataFrame(
        {
            "cohort": pd.Series(np.repeat(cohorts, months), dtype="str"),
            **curve,
            "standard_error": np.sqrt(variance),
            "low": low,
            "high": high,
            "drawn": (curve["at_risk"] >= thin_loans) & (curve["month"] <= reached),
            "loans": np.repeat(whole["loans"].to_numpy(np.int64), months),
            "principal_fen": np.repeat(whole["principal_fen"].to_numpy(np.int64), months),
        }
    )


@dataclass(frozen=True)
class _Ended:
    """Loans, or one side of pairs of them, by the month at which they were last seen and the way they left then."""

    month: Ints
    way: Ints
    times: Ints

    @classmethod
    def read(cls, rows: pd.DataFrame, exit_kind: str, month: str, exits: str, times: str) -> "_Ended":
        left = rows[exits].to_numpy(object)
        way = np.where(left == OPEN, _STAYS, np.where(left == exit_kind, _LEAVES, _LEAVES_OTHERWISE))
        return cls(rows[month].to_numpy(np.int64), way, rows[times].to_numpy(np.int64))

    def only(self, rows: Ints) -> "_Ended":
        return _Ended(self.month[rows], self.way[rows], self.times[rows])

    def state(self, months: int) -> Ints:
        """Way and month as one number."""
        return self.way * months + self.month


def _curve(loans: _Ended, first: _Ended, second: _Ended) -> dict[str, npt.NDArray[np.generic]]:
    months = int(loans.month.max()) + 1
    states = len(_WAYS) * months
    counted = np.bincount(loans.state(months), loans.times, states)
    censored, left, otherwise = counted.astype(np.int64).reshape(len(_WAYS), months)
    followed = at_risk(left + otherwise, censored)
    shared = np.bincount(first.state(months) * states + second.state(months), first.times, states**2)
    moved = influence(followed, left, left + otherwise).reshape(states, months)
    products = counted[:, None] * moved + 2 * shared.reshape(states, states) @ moved
    reached = loans.month[loans.way == _STAYS].min(initial=months)  # the age of the youngest that is still there
    return {
        "month": np.arange(months),
        "at_risk": followed,
        "left": left,
        "left_otherwise": otherwise,
        "censored": censored,
        "incidence": cumulative_incidence(followed, left, left + otherwise),
        "variance": np.clip(np.einsum("st,st->t", moved, products), 0, None),
        "reached": np.full(months, reached),
    }


def _band(incidence: Floats, variance: Floats, followed: Ints, month: Ints, confidence: float) -> tuple[Floats, Floats]:
    spread = incidence * (1 - incidence)
    effective = np.divide(spread, variance, out=followed.astype(float), where=(variance > 0) & (spread > 0))
    of_cohort = followed[np.maximum.accumulate(np.where(month == 0, np.arange(len(month)), 0))]
    effective = np.minimum(effective, of_cohort)
    return wilson(incidence * effective, effective, confidence)


def _places(rows: pd.DataFrame, cohorts: Sequence[str]) -> Iterable[Ints]:
    """Where the rows of each cohort are."""
    cohort = pd.Index(cohorts).get_indexer(pd.Index(rows["cohort"]))
    order = np.argsort(cohort, kind="stable")
    return np.split(order, np.searchsorted(cohort[order], np.arange(1, len(cohorts))))
