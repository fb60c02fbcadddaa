"""Two groups beside each other: as observed, with a third attribute held equal, and within each of its strata."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from rules.dimensions import UNKNOWN
from rules.intervals import rate
from rules.kept import worked_out_once
from rules.proportions import difference
from rules.standardise import Split, Standardised, kitagawa, reversals, standardise

_COMMON = 0.95  # share of borrowers in strata that both groups have, below which little can be held equal


@dataclass(frozen=True)
class GroupComparison:
    """What is known of two groups' rates once their mix over a control dimension is taken into account."""

    first_rate: float
    second_rate: float
    p_value: float  # of the difference as observed
    split: Split
    equal: Standardised
    reversed: bool  # the difference turns round when the control is held equal, and neither is noise
    strata: pd.DataFrame  # see `compare`


@worked_out_once
def compare(strata: pd.DataFrame, *, first: str, second: str, control: str, significance: float) -> GroupComparison:
    """Compare two groups of a dimension with a control dimension held equal.

    strata: one row per group_segment, control, stratum with borrowers, defaulted (`by_group_and_stratum`).
    Grain of the result's strata: one row per stratum that either group has, in the order given.
    Columns: stratum; first_borrowers, first_defaulted, second_borrowers, second_defaulted (count); first_rate,
    second_rate, first_share, second_share (0-1, nan without borrowers); difference, p_value of each stratum alone.
    Formula: `kitagawa`, `standardise` to both groups' mix together, `difference` for the tests.
    Source: metrics.md, trap 11.
    """
    rows = strata.loc[strata["control"] == control]
    sides = [
        rows.loc[rows["group_segment"] == group].set_index("stratum")[["borrowers", "defaulted"]].add_prefix(side)
        for group, side in ((first, "first_"), (second, "second_"))
    ]
    order = list(dict.fromkeys(rows["stratum"]))
    both = sides[0].join(sides[1], how="outer").fillna(0).astype("int64")
    both = both.reindex([stratum for stratum in order if stratum in both.index])
    k1, n1, k2, n2 = (
        both[f"{side}_{part}"].to_numpy(float) for side in ("first", "second") for part in ("defaulted", "borrowers")
    )
    split, equal = kitagawa(k1, n1, k2, n2), standardise(k1, n1, k2, n2, confidence=1 - significance)
    alone = difference(k1, n1, k2, n2)
    crude_p = float(difference(k1.sum(), n1.sum(), k2.sum(), n2.sum())["p_value"].iloc[0])
    return GroupComparison(
        first_rate=float(rate(k1.sum(), n1.sum())),
        second_rate=float(rate(k2.sum(), n2.sum())),
        p_value=crude_p,
        split=split,
        equal=equal,
        reversed=bool(
            split.difference * equal.difference < 0 and crude_p <= significance and equal.p_value <= significance
        ),
        strata=both.assign(
            first_rate=rate(k1, n1),
            second_rate=rate(k2, n2),
            first_share=rate(n1, n1.sum()),
            second_share=rate(n2, n2.sum()),
            difference=alone["difference"].to_numpy(),
            p_value=alone["p_value"].to_numpy(),
        ).reset_index(names="stratum"),
    )


@worked_out_once
def opening(strata: pd.DataFrame, *, significance: float, thin_borrowers: int) -> tuple[str, str, str] | None:
    """The two groups and the control that are worth looking at first; None where no two groups can be compared.

    The surest reversal where there is one; else the groups with the highest and the lowest rate among those that are
    not thin (unknown left out), with the control over which their mix explains most of the difference, preferring one
    whose strata they share.
    """
    turned = reversals(strata, significance)
    if not turned.empty:
        return str(turned["first"].iloc[0]), str(turned["second"].iloc[0]), str(turned["control"].iloc[0])
    if strata.empty:
        return None
    one_control = strata.loc[strata["control"] == strata["control"].iloc[0]]
    totals = one_control.groupby("group_segment")[["borrowers", "defaulted"]].sum()
    totals = totals.loc[totals.index != UNKNOWN]
    trusted = totals.loc[totals["borrowers"] >= thin_borrowers]
    totals = trusted if len(trusted) > 1 else totals
    if len(totals) < 2:
        return None
    rates = totals["defaulted"] / totals["borrowers"]
    first, second = str(rates.idxmax()), str(rates.drop(rates.idxmax()).idxmin())
    two = strata.loc[strata["group_segment"].isin([first, second])]
    return first, second, max(map(str, strata["control"].unique()), key=partial(_explains, two, second))


def _explains(two: pd.DataFrame, second: str, control: str) -> tuple[bool, float]:
    """Whether two groups share the strata of a control, and how much of their difference its mix explains."""
    rows = two.loc[two["control"] == control]
    places, values = pd.factorize(rows["stratum"])
    counts = np.zeros((2, 2, len(values)))  # of each group: cases, borrowers
    group = (rows["group_segment"] == second).to_numpy(dtype=int)
    for part, column in enumerate(("defaulted", "borrowers")):
        np.add.at(counts[:, part], (group, places), rows[column].to_numpy(dtype=float))
    (k1, n1), (k2, n2) = counts
    return standardise(k1, n1, k2, n2).common_ratio >= _COMMON, abs(kitagawa(k1, n1, k2, n2).mix_effect)
