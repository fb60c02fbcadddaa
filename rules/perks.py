"""Perks: at which occasions they are granted, and whether members who were granted one do better than like ones."""

import math
from enum import StrEnum

import pandas as pd

from rules.default_rates import verdict
from rules.intervals import rate
from rules.kept import worked_out_once
from rules.matching import UNLIKE, Group, matched_means, standardised_difference
from rules.proportions import benjamini_hochberg
from rules.standardise import standardise
from rules.text import N_


class Occasion(StrEnum):
    """What a perk is granted for."""

    FIRST_REPAID = "first_repaid"  # the first loan was paid off
    FIRST_TIER = "first_tier"  # a tier above the lowest was joined for the first time


NONE, SEVERAL = "none", "several"  # granted nothing; granted perks of several kinds

STRATA = ("tier", "channel", "score_band", "quarter", "loans_before")
COVARIATES = {
    "income_fen": N_("monthly income"),
    "principal_fen": N_("size of the repaid loan"),
    "worst_days_past_due": N_("worst days past due"),
    "age_years": N_("age"),
    "member_days": N_("days since registration"),
    "value_before_fen": N_("contribution before"),
}


@worked_out_once
def compare(cells: pd.DataFrame, *, significance: float, thin_members: int) -> pd.DataFrame:
    """Of the members granted a perk for an occasion, how many borrowed again, beside like members granted nothing.

    cells: `queries.perks.by_stratum`.
    Grain: one row per occasion and kind of perk granted for it, occasions and kinds in their order.
    Columns: occasion, kind; granted, none (members, count); redeemed, again, redeemed_again (of the granted, count);
    granted_rate, none_rate (0-1, among the matched, with the granted's mix), difference, low, high, p_value, q_value,
    verdict; matched_ratio (share of the granted with like members who were granted none); value_difference_fen,
    value_low_fen, value_high_fen, value_p_value (contribution per member in the policy's months after, likewise);
    unlike: the covariates, by code, in which the groups lay more than `matching.UNLIKE` apart before, even matched;
    distance: the largest such distance, and of what (unlike_most, "" where nothing is known); thin.
    Formula: exact matching on STRATA; `standardise` to the granted's mix for rates, `matched_means` for contribution;
    Benjamini-Hochberg over the rows. Everybody granted counts, redeemed or not.
    Excludes: those granted perks of several kinds for one occasion.
    Source: metrics.md, "stands out", trap 11.
    """
    none = cells.loc[cells["kind"] == NONE]
    found = [
        _compared(occasion, kind, rows, none.loc[none["occasion"] == occasion], significance)
        for (occasion, kind), rows in cells.groupby(["occasion", "kind"], sort=True)
        if kind not in {NONE, SEVERAL}
    ]
    compared = pd.DataFrame(found, columns=_COLUMNS)
    q_value = benjamini_hochberg(compared["p_value"].to_numpy(dtype=float))
    return compared.assign(
        q_value=q_value,
        verdict=[verdict(gap, q, significance) for gap, q in zip(compared["difference"], q_value, strict=True)],
        thin=compared[["granted", "none"]].min(axis=1) < thin_members,
    )


_COLUMNS = [
    *("occasion", "kind", "granted", "none", "redeemed", "again", "redeemed_again"),
    *("granted_rate", "none_rate", "difference", "low", "high", "p_value", "matched_ratio"),
    *("value_difference_fen", "value_low_fen", "value_high_fen", "value_p_value"),
    *("unlike", "distance", "unlike_most"),
]


def _compared(
    occasion: object, kind: object, granted: pd.DataFrame, none: pd.DataFrame, significance: float
) -> dict[str, object]:
    keys = list(STRATA)
    sides = [rows.set_index(keys).drop(columns=["occasion", "kind"]) for rows in (granted, none)]
    every = sides[0].index.union(sides[1].index)
    first, second = (side.reindex(every, fill_value=0) for side in sides)
    confidence = 1 - significance
    rates = standardise(
        first["again"], first["members"], second["again"], second["members"], mix=first["members"],
        confidence=confidence,
    )  # fmt: skip
    values = matched_means(*(_values(side) for side in (first, second)), confidence=confidence)
    shared = (first["members"] > 0) & (second["members"] > 0)
    apart = {
        name: standardised_difference(*(_covariate(side, name) for side in (first, second)), matched=True)
        for name in COVARIATES
    }
    told = {name: abs(gap) for name, gap in apart.items() if not math.isnan(gap)}
    most = max(told, key=lambda name: told[name], default="")
    return {
        "occasion": occasion,
        "kind": kind,
        "granted": int(first["members"].sum()),
        "none": int(second["members"].sum()),
        "redeemed": int(first["redeemed"].sum()),
        "again": int(first["again"].sum()),
        "redeemed_again": int(first["redeemed_again"].sum()),
        "granted_rate": rates.first,
        "none_rate": rates.second,
        "difference": rates.difference,
        "low": rates.low,
        "high": rates.high,
        "p_value": rates.p_value,
        "matched_ratio": float(rate(first.loc[shared, "members"].sum(), first["members"].sum())),
        "value_difference_fen": values.difference * 100,
        "value_low_fen": values.low * 100,
        "value_high_fen": values.high * 100,
        "value_p_value": values.p_value,
        "unlike": tuple(name for name, gap in told.items() if gap > UNLIKE),
        "distance": told.get(most, float("nan")),
        "unlike_most": most,
    }


def _values(side: pd.DataFrame) -> Group:
    return Group(side["valued"], side["value_fen"] / 100, side["value_cny_squared"])


def _covariate(side: pd.DataFrame, name: str) -> Group:
    return Group(side[f"known_{name}"], side[f"sum_{name}"], side[f"squared_{name}"])
