"""Whether some groups are approved less often than others: the four-fifths rule with an exact test."""

from enum import StrEnum

import numpy as np
import pandas as pd

from rules.compliance_policy import AdverseImpact
from rules.dimensions import UNKNOWN
from rules.intervals import rate, wilson
from rules.proportions import benjamini_hochberg, difference


class Attribute(StrEnum):
    """By what people are told apart."""

    GENDER = "gender"
    AGE_BAND = "age_band"
    INCOME_BAND = "income_band"
    PROVINCE = "province"


ATTRIBUTES = tuple(Attribute)


def ratios(rates: dict[str, float]) -> dict[str, float]:
    """Each group's rate over the highest group's.

    Source: metrics.md, "adverse impact ratio"; vector "eeoc_air".
    """
    highest = max(rates.values())
    return {group: each / highest for group, each in rates.items()}


def judged(counts: pd.DataFrame, rule: AdverseImpact, significance: float) -> pd.DataFrame:
    """The approval rate of each group against the group with the highest.

    counts: value, decided, approved; one row per group.
    Grain: one row per group, in the order given. Columns: value, decided, approved; rate, low, high (Wilson);
    is_reference: the group that others are held against; impact: rate over the reference's; p_value, q_value;
    flagged: the impact is below the rule's ratio and the difference is no noise once all groups are compared.
    Formula: the reference is the group with the highest rate of those that are not tiny; difference tested by Fisher's
    exact test where few are expected, the score test else; Benjamini-Hochberg over the groups compared.
    Excludes from comparison: groups with fewer decided applications than the rule says, and those not recorded (nan).
    Source: metrics.md, "adverse impact ratio", trap 20.
    """
    rows = counts.reset_index(drop=True)
    share = rate(rows["approved"], rows["decided"])
    low, high = wilson(rows["approved"], rows["decided"])
    compared = (rows["decided"] >= rule.decided).to_numpy() & (rows["value"] != UNKNOWN).to_numpy()
    found = rows.assign(rate=share, low=low, high=high, is_reference=False, impact=np.nan, p_value=np.nan)
    large = compared & (rows["decided"] >= rule.reference_share * rows["decided"].sum()).to_numpy()
    if large.any() and compared.sum() > 1:
        best = int(np.where(large, share, -1.0).argmax())
        found.loc[best, "is_reference"] = True
        others = np.flatnonzero(compared)
        found.loc[others, "impact"] = share[others] / share[best] if share[best] else np.nan
        tested = others[others != best]
        apart = difference(
            rows["approved"].to_numpy()[tested], rows["decided"].to_numpy()[tested],
            rows["approved"][best], rows["decided"][best],
        )  # fmt: skip
        found.loc[tested, "p_value"] = apart["p_value"].to_numpy()
    q_value = benjamini_hochberg(found["p_value"])
    return found.assign(q_value=q_value, flagged=(found["impact"] < rule.ratio) & (q_value < significance))
