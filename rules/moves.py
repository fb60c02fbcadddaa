"""What members did in the days before an upgrade or a lapse, beside like members who did not move."""

from enum import StrEnum

import pandas as pd

from rules.intervals import rate
from rules.proportions import benjamini_hochberg
from rules.standardise import standardise

ACTIVITIES = ("applications", "loans", "on_time_repayments", "perks", "contacts", "referrals")


class Kind(StrEnum):
    """Which way a member moved."""

    UPGRADE = "upgrade"
    LAPSE = "lapse"


def compare(parts: pd.DataFrame, kind: Kind, *, significance: float) -> pd.DataFrame:
    """Of the members who moved, the share that did something in the days before, beside like members who did not move.

    parts: `queries.migration.before_moves`.
    Grain: one row per activity, in the order of ACTIVITIES. Columns: activity; movers, stayers (count); movers_did,
    stayers_did; movers_rate, stayers_rate: with the movers' mix of tiers and quarters spent there; difference, low,
    high, p_value, q_value; stands_out ("above", "below", "" for noise); movers_times, stayers_times: how often each did
    it on average, as observed; shared: share of both in strata where both have somebody.
    Formula: `rules.standardise.standardise` to the movers' mix; Benjamini-Hochberg over the activities.
    Source: metrics.md, "stands out", trap 11.
    """
    rows = parts.loc[parts["kind"] == kind.value]
    strata = ["standing", "stay_quarters"]
    counted = rows.set_index(strata).drop(columns=["kind", "moved"])
    moved = rows["moved"].to_numpy(bool)
    every = counted.index.unique()
    movers, stayers = (counted.loc[side].reindex(every, fill_value=0) for side in (moved, ~moved))
    found = []
    for activity in ACTIVITIES:
        equal = standardise(
            movers[f"{activity}_members"],
            movers["members"],
            stayers[f"{activity}_members"],
            stayers["members"],
            mix=movers["members"],
            confidence=1 - significance,
        )
        found.append(
            {
                "activity": activity,
                "movers": int(movers["members"].sum()),
                "stayers": int(stayers["members"].sum()),
                "movers_did": int(movers[f"{activity}_members"].sum()),
                "stayers_did": int(stayers[f"{activity}_members"].sum()),
                "movers_rate": equal.first,
                "stayers_rate": equal.second,
                "difference": equal.difference,
                "low": equal.low,
                "high": equal.high,
                "p_value": equal.p_value,
                "movers_times": float(rate(movers[activity].sum(), movers["members"].sum())),
                "stayers_times": float(rate(stayers[activity].sum(), stayers["members"].sum())),
                "shared": equal.common_ratio,
            }
        )
    compared = pd.DataFrame(found)
    q_value = benjamini_hochberg(compared["p_value"])
    side = (compared["difference"] > 0).map({True: "above", False: "below"})
    return compared.assign(q_value=q_value, stands_out=side.where(q_value <= significance, ""))
