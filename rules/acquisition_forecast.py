"""How many of those who borrowed will have repaid: known where they have been observed for long, forecast elsewhere."""

import numpy as np
import pandas as pd

from rules.intervals import Floats, rate
from rules.kept import worked_out_once
from rules.survival import at_risk, kaplan_meier

_PRIOR_EVENTS = 10  # defaults and missed first payments that speak for the book's own pace before any are seen


def staying(first_loans: pd.DataFrame, months: int) -> Floats:
    """The share of first loans without default after each month since disbursement, from 0 to `months`.

    first_loans: one row per months observed and default_month (null: none) with borrowers.
    Formula: Kaplan-Meier; loans that have been observed for less are censored, and a default in the month that has not
    ended yet counts with it.
    """
    seen = first_loans["months"].to_numpy(np.int64)
    failed = first_loans["default_month"].astype("float64").to_numpy()
    with_default = failed <= seen
    last = np.where(with_default, failed, seen).astype(np.int64).clip(0, months)
    within = with_default & (np.nan_to_num(failed, nan=np.inf) <= months)
    counted = first_loans["borrowers"].to_numpy(float)
    events = np.bincount(last, np.where(within, counted, 0), months + 1)
    censored = np.bincount(last, np.where(within, 0, counted), months + 1)
    return kaplan_meier(at_risk(events, censored), events)


@worked_out_once
def repaying(
    outcomes: pd.DataFrame, ages: pd.DataFrame, stays: Floats, *, missed_ratio: float, months: int
) -> pd.DataFrame:
    """Outcomes with their repaying borrowers: known for first loans observed for the months, expected for the others.

    outcomes: `queries.acquisition.outcomes`; ages: `queries.acquisition.ages`; stays: `staying` of the whole book;
    missed_ratio: the book's share of first payments missed.
    Columns added: known (observed for the months without default); waiting (borrowers not observed for so long);
    repaying (known and expected), repaying_variance (of the expected ones); risk (times the book's pace of default).
    Formula: of those who wait and have not defaulted, (S(months) / S(age))^risk is expected to stay so, S being the
    book's. risk = (defaults + missed first payments + 10) / (the same as expected at the book's pace + 10): the
    newest cohorts are told by their early arrears, and cohorts of which little is known are taken as the book.
    Variance: binomial, and that of risk as of a Poisson count.
    Source: metrics.md, "cost per acquisition".
    """
    rows = [_of_value(of, stays, missed_ratio, months) for of in _by_value(outcomes["value"], ages)]
    names = ["known", "waiting", "repaying", "repaying_variance", "risk"]
    return outcomes.join(pd.DataFrame(rows, columns=names, index=outcomes.index))


def yet_to_borrow(
    outcomes: pd.DataFrame, found: pd.DataFrame, mature: "pd.Series[bool]", stays: Floats
) -> pd.DataFrame:
    """`repaying` with those whose first loan is still to come in cohorts for which it has not been waited long enough.

    mature: which cohorts have been waited for, row by row. Formula: as many of their members are expected to borrow as
    of the newest six mature cohorts within the same days; of those who are still to come S(months)^risk to repay.
    """
    known = outcomes.loc[mature].iloc[-6:]
    share = float(np.nan_to_num(rate(known["window_borrowers"].sum(), known["members"].sum())))
    missing = (outcomes["members"] * share - outcomes["borrowers"]).clip(lower=0).mask(mature, 0.0)
    stay = stays[-1] ** found["risk"]
    spread = outcomes["members"] * share * (1 - share * stay) * stay
    return found.assign(
        repaying=found["repaying"] + missing * stay,
        repaying_variance=found["repaying_variance"] + spread.mask(missing == 0, 0.0),
    )


def _by_value(values: "pd.Series[str]", ages: pd.DataFrame) -> list[pd.DataFrame]:
    groups = dict(list(ages.groupby("value")))
    return [groups.get(value, ages.iloc[:0]) for value in values]


def _of_value(
    ages: pd.DataFrame, stays: Floats, missed_ratio: float, months: int
) -> tuple[float, float, float, float, float]:
    age = ages["months"].to_numpy(np.int64).clip(0, months)
    borrowers, bad = ages["borrowers"].to_numpy(float), ages["defaulted"].to_numpy(float)
    seen = float(bad.sum() + ages["first_missed"].sum()) + _PRIOR_EVENTS
    expected = float(borrowers @ (1 - stays[age])) + float(ages["first_due"].sum()) * missed_ratio + _PRIOR_EVENTS
    risk = seen / expected
    good, waits = borrowers - bad, age < months
    stay = np.nan_to_num(rate(stays[-1], stays[age])) ** risk
    known, coming = float(good[~waits].sum()), float((good * stay)[waits].sum())
    binomial, falling = float((good * stay * (1 - stay))[waits].sum()), float((good * (1 - stay))[waits].sum())
    return known, float(borrowers[waits].sum()), known + coming, binomial + falling**2 / seen, risk
