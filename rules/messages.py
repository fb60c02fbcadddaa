"""What a message changes in who borrows again: a raised limit, a prompt; beside those held out, else like borrowers."""

import pandas as pd

from rules.intervals import rate
from rules.matching import Group, balance, matched_means
from rules.proportions import difference
from rules.reminders import COVARIATES, HELD_OUT, STRATA, TREATED, Design

PROMPT, RAISED = "reborrow", "limit_raise"
MESSAGES = (PROMPT, RAISED)
AGAIN_DAYS = 7
LIKE = (*STRATA, "moment")  # of those who are held against each other: moment, where they stood in their loan

_GAP = ("difference", "low", "high", "p_value")


def effect(cells: pd.DataFrame, *, significance: float) -> pd.DataFrame:
    """How many borrowed again within AGAIN_DAYS of a message, beside those who did not get it.

    cells: `queries.collections.messaged`: purpose, design, arm, LIKE, members, observed, again.
    Grain: one row per purpose with anybody in the arm treated. Columns: purpose; planned (chance held some out);
    treated_again, treated, held_again, held (count, of those observed for so long); treated_rate, held_rate;
    difference (treated less the others), low, high, p_value; matched_ratio (of the treated with like borrowers; 1 where
    chance decided); stands_out ("above", "below"; "" where it is no more than noise or nobody is held against them).
    Formula: `proportions.difference` where chance held some out, by intention to treat; else
    `matching.matched_means` over LIKE, for nearly all of its strata hold a few borrowers. Never the raw difference.
    """
    rows = []
    for purpose in MESSAGES:
        of = cells.loc[cells["purpose"] == purpose]
        if not (of["arm"] == TREATED).any():
            continue
        planned = bool((of["design"] == Design.PLANNED).any())
        again, observed = (_by_arm(of, part) for part in ("again", "observed"))
        parts = again[TREATED], observed[TREATED], again[HELD_OUT], observed[HELD_OUT]
        k, n, held_k, held_n = (int(part.sum()) for part in parts)
        gap = _by_chance(k, n, held_k, held_n, 1 - significance) if planned else _matched(*parts, 1 - significance)
        sure = gap["p_value"] <= significance
        counted = {"treated_again": k, "treated": n, "held_again": held_k, "held": held_n}
        side = ("above" if gap["difference"] > 0 else "below") if sure else ""
        rows.append({"purpose": purpose, "planned": planned, **counted, **gap, "stands_out": side})
    names = ["treated_rate", "held_rate", *_GAP, "matched_ratio"]
    first = ["purpose", "planned", "treated_again", "treated", "held_again", "held"]
    return pd.DataFrame(rows, columns=[*first, *names, "stands_out"])


def apart(cells: pd.DataFrame, purpose: str) -> pd.DataFrame:
    """How far those who got a message lie from the like borrowers beside them, in what was known before.

    Grain, columns: `matching.balance`. Of messages from which chance held some out nothing is told.
    """
    of = cells.loc[cells["purpose"] == purpose]
    groups = {}
    for name in COVARIATES:
        parts = [_by_arm(of, f"{part}_{name}") for part in ("known", "sum", "squared")]
        groups[name] = Group(*(part[TREATED] for part in parts)), Group(*(part[HELD_OUT] for part in parts))
    return balance(groups, matched=True)


def _by_chance(k: int, n: int, held_k: int, held_n: int, confidence: float) -> dict[str, float]:
    gap = difference(k, n, held_k, held_n, confidence).iloc[0]
    rates = {"treated_rate": float(rate(k, n)), "held_rate": float(rate(held_k, held_n))}
    return {**rates, **{name: float(gap[name]) for name in _GAP}, "matched_ratio": 1.0}


def _matched(
    k: "pd.Series[int]", n: "pd.Series[int]", held_k: "pd.Series[int]", held_n: "pd.Series[int]", confidence: float
) -> dict[str, float]:
    equal = matched_means(Group(n, k, k), Group(held_n, held_k, held_k), confidence=confidence)
    return {
        "treated_rate": equal.first,
        "held_rate": equal.second,
        **{name: float(getattr(equal, name)) for name in _GAP},
        "matched_ratio": equal.matched_ratio,
    }


def _by_arm(of: pd.DataFrame, column: str) -> pd.DataFrame:
    summed = of.groupby([*LIKE, "arm"])[column].sum().unstack("arm", fill_value=0)
    return summed.reindex(columns=[TREATED, HELD_OUT], fill_value=0)
