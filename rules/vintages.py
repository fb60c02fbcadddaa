"""Vintage curves: what share of the loans disbursed together has defaulted by each month on book."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from rules import incidence
from rules.default_rates import Verdict
from rules.kept import worked_out_once

DEFAULT, PAYOFF = "default", "payoff"


class Cohort(StrEnum):
    """How loans are put together by their disbursement."""

    MONTH = "month"  # "2025-03"
    QUARTER = "quarter"  # "2025Q1"
    YEAR = "year"  # "2025"


@dataclass(frozen=True)
class CohortComparison:
    """The newest cohort that says something, at its age, against an earlier one at the same age."""

    cohort: str
    other: str | None  # None where no earlier cohort is drawn at that age: what follows it is then nan
    month: int  # the age, months on book
    incidence: float
    low: float
    high: float
    other_incidence: float
    difference: float
    difference_low: float
    difference_high: float
    verdict: Verdict


@worked_out_once
def curves(cells: pd.DataFrame, pairs: pd.DataFrame, *, thin_loans: int, confidence: float) -> pd.DataFrame:
    """Cumulative incidence of default by months on book for each cohort, early payoff competing.

    cells, pairs: `queries.vintages.cells` and `pairs`.
    Grain: one row per cohort and month on book (0: by the end of the month of disbursement), cohorts rising.
    Columns: cohort, month; at_risk, defaulted, paid_off, censored (loans in that month); incidence, low, high (0-1);
    standard_error; drawn; loans, principal_fen of the whole cohort.
    Formula, drawn, source: `rules.incidence.curves`.
    """
    found = incidence.curves(cells, pairs, DEFAULT, thin_loans=thin_loans, confidence=confidence)
    return found.rename(columns={"left": "defaulted", "left_otherwise": "paid_off"})


@worked_out_once
def comparison(found: pd.DataFrame) -> CohortComparison | None:
    """The newest cohort against the one a year before at the same age; None where nothing is drawn.

    found: `curves`. The newest cohort is the newest of which at its greatest drawn age it or the other has defaults:
    a cohort that is too young for any default says nothing. The other is the cohort a year before (the same month or
    quarter, so that the season is the same), or where that is not drawn at that age the newest earlier one that is.
    Formula: difference of the incidences; interval from both bands (Zou and Donner 2008); noise where it holds 0.
    """
    drawn = found.loc[found["drawn"]]
    if drawn.empty:
        return None
    newest_first = sorted(drawn["cohort"].unique(), reverse=True)
    candidates = [_against_earlier(drawn, cohort) for cohort in newest_first]
    telling = (one for one in candidates if one.incidence > 0 or one.other_incidence > 0)
    return next(telling, candidates[0])


def _against_earlier(drawn: pd.DataFrame, cohort: str) -> CohortComparison:
    own = drawn.loc[drawn["cohort"] == cohort].iloc[-1]
    month = int(own["month"])
    at_age = drawn.loc[(drawn["month"] == month) & (drawn["cohort"] < cohort)].set_index("cohort")
    a_year_before = f"{int(cohort[:4]) - 1}{cohort[4:]}"
    other = a_year_before if a_year_before in at_age.index else (str(at_age.index.max()) if len(at_age) else None)
    rate, low, high = float(own["incidence"]), float(own["low"]), float(own["high"])
    if other is None:
        nan = float("nan")
        return CohortComparison(cohort, None, month, rate, low, high, nan, nan, nan, nan, Verdict.NOT_COMPARED)
    other_rate, other_low, other_high = at_age.loc[[other], ["incidence", "low", "high"]].to_numpy(float)[0].tolist()
    gap = rate - other_rate
    gap_low = gap - float(np.hypot(rate - low, other_high - other_rate))
    gap_high = gap + float(np.hypot(high - rate, other_rate - other_low))
    verdict = Verdict.HIGHER if gap_low > 0 else Verdict.LOWER if gap_high < 0 else Verdict.NOISE
    return CohortComparison(cohort, other, month, rate, low, high, other_rate, gap, gap_low, gap_high, verdict)
