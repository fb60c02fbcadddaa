"""What a reminder of a due date changes: borrowers reminded beside like ones who were not, and how alike they are."""

import math
from enum import StrEnum

import pandas as pd

from rules.intervals import rate
from rules.matching import UNLIKE, Group, standardised_difference
from rules.proportions import difference
from rules.standardise import standardise
from rules.text import N_

TREATED, HELD_OUT = "treated", "held_out"
LATE_DAYS = (0, 7, 30)  # late: past due for more than so many days
STRATA = ("tier", "channel", "score_band", "quarter")
COVARIATES = {
    "score": N_("score"),
    "income_cny": N_("monthly income"),
    "principal_cny": N_("size of the loan"),
    "term_months": N_("term"),
}


class Design(StrEnum):
    """How it came about that some were not reminded."""

    PLANNED = "planned"  # chance held some of them out
    MATCHED = "matched"  # they were not; like ones are looked for


def effect(cells: pd.DataFrame, *, significance: float) -> pd.DataFrame:
    """How many were late though reminded, beside those not reminded.

    cells: `queries.collections.reminded`: design, arm, STRATA, members; observed_<days>, late_<days>.
    Grain: one row per LATE_DAYS. Columns: days; treated_late, treated, held_late, held (count, of those observed for so
    long); treated_rate, held_rate; difference (treated less held out), low, high, p_value; matched_ratio (of the
    treated with like borrowers; 1 where chance decided); stands_out ("above", "below"; "" where it is no more than
    noise or an arm is empty).
    Formula: `proportions.difference` where chance held some out, by intention to treat; else `standardise` to the
    reminded's mix over STRATA. Never the raw difference of who was reminded and who was not.
    """
    planned = bool((cells["design"] == Design.PLANNED).any())
    found = []
    for days in LATE_DAYS:
        (late, held_late), (of, held) = (
            [_by_stratum(cells, arm, f"{part}_{days}") for arm in (TREATED, HELD_OUT)] for part in ("late", "observed")
        )
        counted = {
            "days": days,
            "treated_late": int(late.sum()),
            "treated": int(of.sum()),
            "held_late": int(held_late.sum()),
            "held": int(held.sum()),
        }
        held_equal = _by_chance if planned else _matched
        gap = held_equal(late, of, held_late, held, 1 - significance)
        sure = gap["p_value"] <= significance
        found.append({**counted, **gap, "stands_out": ("above" if gap["difference"] > 0 else "below") if sure else ""})
    return pd.DataFrame(found)


def balance(cells: pd.DataFrame) -> pd.DataFrame:
    """How far the two groups lie apart in what was known of them before.

    Grain: one row per covariate that is known of both. Columns: covariate (code), distance (standard deviations, with
    its sign), unlike (beyond `matching.UNLIKE`).
    Formula: standardised difference; of like borrowers with the reminded's mix where chance did not decide.
    """
    matched = not (cells["design"] == Design.PLANNED).any()
    apart = {
        name: standardised_difference(*(_covariate(cells, arm, name) for arm in (TREATED, HELD_OUT)), matched=matched)
        for name in COVARIATES
    }
    rows = [(name, gap, abs(gap) > UNLIKE) for name, gap in apart.items() if not math.isnan(gap)]
    return pd.DataFrame(rows, columns=["covariate", "distance", "unlike"])


def _by_chance(
    late: "pd.Series[int]", of: "pd.Series[int]", held_late: "pd.Series[int]", held: "pd.Series[int]", confidence: float
) -> dict[str, float]:
    gap = difference(late.sum(), of.sum(), held_late.sum(), held.sum(), confidence).iloc[0]
    return {
        "treated_rate": float(rate(late.sum(), of.sum())),
        "held_rate": float(rate(held_late.sum(), held.sum())),
        **{name: float(gap[name]) for name in ("difference", "low", "high", "p_value")},
        "matched_ratio": 1.0,
    }


def _matched(
    late: "pd.Series[int]", of: "pd.Series[int]", held_late: "pd.Series[int]", held: "pd.Series[int]", confidence: float
) -> dict[str, float]:
    equal = standardise(late, of, held_late, held, mix=of, confidence=confidence)
    return {
        "treated_rate": equal.first,
        "held_rate": equal.second,
        **{name: float(getattr(equal, name)) for name in ("difference", "low", "high", "p_value")},
        "matched_ratio": float(rate(of[held > 0].sum(), of.sum())),
    }


def _by_stratum(cells: pd.DataFrame, arm: str, column: str) -> "pd.Series[int]":
    """A part of one arm over the strata of both."""
    every = pd.MultiIndex.from_frame(cells[list(STRATA)].drop_duplicates())
    summed = cells.loc[cells["arm"] == arm].groupby(list(STRATA))[column].sum()
    return summed.reindex(every, fill_value=0)


def _covariate(cells: pd.DataFrame, arm: str, name: str) -> Group:
    return Group(*(_by_stratum(cells, arm, f"{part}_{name}") for part in ("known", "sum", "squared")))
