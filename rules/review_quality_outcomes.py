"""Whether loans granted against rules and model repay otherwise than loans granted as they said."""

from dataclasses import dataclass

import pandas as pd

from rules.default_rates import Verdict, verdict
from rules.intervals import rate, wilson
from rules.proportions import difference
from rules.review_case import Override

AGAINST, AS_SAID = Override.LOW_SIDE.value, ""


@dataclass(frozen=True)
class Repaid:
    """The default rate of loans granted against what was said (the first), beside that of the others."""

    rows: pd.DataFrame  # override; granted, disbursed, borrowers, defaulted; rate, low, high
    difference: float  # first less second; nan where either has nobody
    low: float
    high: float
    p_value: float
    verdict: Verdict


def repaid(parts: pd.DataFrame, significance: float) -> Repaid:
    """Compare the two.

    parts: override (AGAINST or AS_SAID); granted, disbursed, borrowers (observed for the horizon), defaulted (of them).
    Several rows of one override are added up.
    Formula: Wilson; the difference by Newcombe with a two-sided test. Only what was granted has outcomes: nothing is
    said of what would have become of those declined.
    Source: metrics.md, "default rate at H", trap 10.
    """
    summed = parts.groupby("override")[["granted", "disbursed", "borrowers", "defaulted"]].sum()
    rows = summed.reindex([AGAINST, AS_SAID], fill_value=0).astype("int64").reset_index()
    low, high = wilson(rows["defaulted"], rows["borrowers"], 1 - significance)
    rows = rows.assign(rate=rate(rows["defaulted"], rows["borrowers"]), low=low, high=high)
    (k1, k2), (n1, n2) = rows["defaulted"], rows["borrowers"]
    gap = difference(k1, n1, k2, n2, 1 - significance).iloc[0]
    found, p_value = float(gap["difference"]), float(gap["p_value"])
    return Repaid(rows, found, float(gap["low"]), float(gap["high"]), p_value, verdict(found, p_value, significance))
