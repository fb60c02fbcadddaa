"""What a reminder of a due date changes: borrowers reminded beside like ones who were not, and how alike they are."""

from enum import StrEnum

import pandas as pd

from rules import matching
from rules.intervals import rate
from rules.matching import Group
from rules.proportions import difference
from rules.risk_sets import day_by_day, risk_sets
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
_GAP = ("difference", "low", "high", "p_value")


class Design(StrEnum):
    """How it came about that some were not reminded."""

    PLANNED = "planned"  # chance held some of them out
    MATCHED = "matched"  # they were not; like ones are looked for


def effect(cells: pd.DataFrame, *, significance: float) -> pd.DataFrame:
    """How many were late though reminded, beside those not reminded.

    cells: `queries.collections.reminded`: design, arm, STRATA, members; observed_<days>, late_<days>.
    Grain: one row per LATE_DAYS. Columns: days; treated_late, treated, held_late, held (count, of those observed for so
    long; where chance did not decide, held are those who waited on a day on which like ones were reminded, each once);
    treated_rate, held_rate; difference (treated less held out), low, high, p_value; matched_ratio (of the treated with
    like borrowers; 1 where chance decided); stands_out ("above", "below"; "" where it is no more than noise or an arm
    is empty).
    Formula: `proportions.difference` where chance held some out, by intention to treat; else `risk_sets.day_by_day`
    over STRATA: who is reminded on a day beside like borrowers who had not paid either when that day began, and had not
    been reminded by its end. So who pays before a reminder would have come is nobody's success. Never the raw
    difference of who was reminded and who was not.
    """
    planned = bool((cells["design"] == Design.PLANNED).any())
    found = []
    for days in LATE_DAYS:
        late, of = (_by_day(cells, f"{part}_{days}") for part in ("late", "observed"))
        gap = (_by_chance if planned else _matched)(late, of, 1 - significance)
        sure = gap["p_value"] <= significance
        side = ("above" if gap["difference"] > 0 else "below") if sure else ""
        counted = {"days": days, "treated_late": int(late["treated"].sum()), "treated": int(of["treated"].sum())}
        found.append({**counted, **gap, "stands_out": side})
    return pd.DataFrame(found)


def balance(cells: pd.DataFrame) -> pd.DataFrame:
    """How far the two groups lie apart in what was known of them before.

    Grain, columns: `matching.balance`.
    Formula: standardised difference; where chance did not decide, of like borrowers on the same days, with the
    reminded's mix.
    """
    matched = not (cells["design"] == Design.PLANNED).any()
    groups = {}
    for name in COVARIATES:
        parts = [_by_day(cells, f"{part}_{name}") for part in ("known", "sum", "squared")]
        sides = [risk_sets(part) if matched else part for part in parts]
        groups[name] = Group(*(side["treated"] for side in sides)), Group(*(side["held"] for side in sides))
    return matching.balance(groups, matched=matched)


def _by_chance(late: pd.DataFrame, of: pd.DataFrame, confidence: float) -> dict[str, float]:
    (k, held_k), (n, held_n) = late.sum()[["treated", "held"]], of.sum()[["treated", "held"]]
    gap = difference(k, n, held_k, held_n, confidence).iloc[0]
    return {
        "held_late": int(held_k),
        "held": int(held_n),
        "treated_rate": float(rate(k, n)),
        "held_rate": float(rate(held_k, held_n)),
        **{name: float(gap[name]) for name in _GAP},
        "matched_ratio": 1.0,
    }


def _matched(late: pd.DataFrame, of: pd.DataFrame, confidence: float) -> dict[str, float]:
    found = day_by_day(late, of, confidence=confidence)
    return {
        "held_late": found.late,
        "held": found.held,
        "treated_rate": found.equal.first,
        "held_rate": found.equal.second,
        **{name: float(getattr(found.equal, name)) for name in _GAP},
        "matched_ratio": found.equal.common_ratio,
    }


def _by_day(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """A part of both arms by stratum and day: treated, held."""
    keys = [*STRATA, "days_before"]
    summed = cells.groupby([*keys, "arm"])[column].sum().unstack("arm", fill_value=0)
    arms = summed.reindex(columns=[TREATED, HELD_OUT], fill_value=0)
    return arms.rename(columns={TREATED: "treated", HELD_OUT: "held"})
