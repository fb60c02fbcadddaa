"""Members who may owe more than they can bear: how many over time, and on which tiers."""

from datetime import date

import pandas as pd

from rules import calendar
from rules.intervals import rate, wilson
from rules.movement import Movement, movement
from rules.proportions import benjamini_hochberg, difference

MONTHS_BEFORE = 12
_COUNTS = ("members", "outstanding_fen", "judged", "over", "raised", "watched", "watched_fen")


def over_time(parts: pd.DataFrame, *, significance: float) -> pd.DataFrame:
    """Watched members at each month end, of all who owe.

    parts: `queries.exposure.by_month`.
    Grain: one row per month end, rising. Columns: month_end; members, outstanding_fen, judged, over, raised, watched,
    watched_fen (sums over tiers); watched_rate, low, high: watched / members; over_rate: over / judged; raised_rate:
    raised / members (0-1, nan without anybody).
    Source: metrics.md, "Membership".
    """
    summed = parts.groupby("month_end", as_index=False)[list(_COUNTS)].sum()
    low, high = wilson(summed["watched"], summed["members"], 1 - significance)
    return summed.assign(
        watched_rate=rate(summed["watched"], summed["members"]),
        low=low,
        high=high,
        over_rate=rate(summed["over"], summed["judged"]),
        raised_rate=rate(summed["raised"], summed["members"]),
    )


def change(found: pd.DataFrame, month_end: date, significance: float) -> Movement:
    """The share watched at a month end against the twelve month ends before together.

    found: of `over_time`. Formula: `rules.movement.movement`; the same members are watched at many month ends in a row,
    which the spread of the months among themselves allows for only in part.
    """
    oldest = calendar.last_of_month(calendar.add_months(month_end, -MONTHS_BEFORE))
    before = found.loc[(found["month_end"] >= pd.Timestamp(oldest)) & (found["month_end"] < pd.Timestamp(month_end))]
    now = found.loc[found["month_end"] == pd.Timestamp(month_end), ["watched", "members"]].sum()
    return movement(int(now["watched"]), int(now["members"]), before["watched"], before["members"], significance)


def by_tier(parts: pd.DataFrame, month_end: date, *, significance: float, thin_members: int) -> pd.DataFrame:
    """Watched members of each tier at a month end, and whether the tier stands out from all others.

    parts: `queries.exposure.by_month`.
    Grain: one row per standing with members who owe, in its order. Columns: standing, place and the counts of
    `over_time`; watched_rate, low, high, over_rate, raised_rate; p_value, q_value against all others together;
    stands_out ("above", "below", ""); thin.
    Source: metrics.md, "stands out".
    """
    rows = parts.loc[parts["month_end"] == pd.Timestamp(month_end)].sort_values("place").reset_index(drop=True)
    low, high = wilson(rows["watched"], rows["members"], 1 - significance)
    watched, members = rows["watched"], rows["members"]
    tested = difference(watched, members, watched.sum() - watched, members.sum() - members, 1 - significance)
    q_value = benjamini_hochberg(tested["p_value"])
    side = (tested["difference"] > 0).map({True: "above", False: "below"})
    return rows.assign(
        watched_rate=rate(rows["watched"], rows["members"]),
        low=low,
        high=high,
        over_rate=rate(rows["over"], rows["judged"]),
        raised_rate=rate(rows["raised"], rows["members"]),
        p_value=tested["p_value"].to_numpy(),
        q_value=q_value,
        stands_out=side.where(q_value <= significance, ""),
        thin=rows["members"] < thin_members,
    )
