"""Who borrows again: by cohort, with and without the prompt to do so, and how much of their lines members use."""

from datetime import date

import numpy as np
import pandas as pd

from rules import calendar
from rules.intervals import rate, wilson
from rules.movement import Movement, movement
from rules.proportions import difference

HORIZONS = (7, 30, 60, 90, 180)  # days after the first disbursement
MONTHS_BEFORE = 12
TREATED, HELD_OUT = "treated", "held_out"


def cohorts(parts: pd.DataFrame, as_of: date, *, significance: float, thin_borrowers: int) -> pd.DataFrame:
    """The share of each month's first-time borrowers who borrowed again within so many days.

    parts: `queries.retention.by_cohort`.
    Grain: one row per month and horizon, months rising. Columns: month (its first day); days; again, observed,
    borrowers (count); rate, low, high (0-1, nan where nobody is observed); mature: every borrower of the month has been
    observed for so long; thin.
    Formula: again / observed, Wilson interval.
    Source: metrics.md, "Repeat at H", trap 1.
    """
    found = []
    for days in HORIZONS:
        again, observed = parts[f"again_{days}"], parts[f"observed_{days}"]
        low, high = wilson(again, observed, 1 - significance)
        ends = [calendar.last_of_month(month.date()) for month in parts["month"]]
        columns = {
            "month": parts["month"],
            "days": days,
            "again": again,
            "observed": observed,
            "borrowers": parts["borrowers"],
            "rate": rate(again, observed),
            "low": low,
            "high": high,
            "mature": [calendar.add_days(end, days) <= as_of for end in ends],
            "thin": observed < thin_borrowers,
        }
        found.append(pd.DataFrame(columns))
    return pd.concat(found, ignore_index=True).sort_values(["month", "days"], ignore_index=True)


def newest(found: pd.DataFrame, days: int, significance: float) -> tuple[date, Movement] | None:
    """The newest mature cohort at a horizon, against the mature cohorts of the twelve months before.

    found: of `cohorts`. None where no cohort is mature. Formula: `rules.movement.movement`; borrowers are the sample.
    """
    mature = found.loc[(found["days"] == days) & found["mature"]]
    if mature.empty:
        return None
    last = mature.iloc[-1]
    month = last["month"].date()
    oldest = pd.Timestamp(calendar.add_months(month, -MONTHS_BEFORE))
    before = mature.loc[(mature["month"] >= oldest) & (mature["month"] < last["month"])]
    moved = movement(int(last["again"]), int(last["observed"]), before["again"], before["observed"], significance)
    return month, moved


def prompt_effect(parts: pd.DataFrame, *, significance: float) -> pd.DataFrame:
    """What the prompt to borrow again changes: members treated against those whom chance held out.

    parts: `queries.retention.prompted`.
    Grain: one row per horizon. Columns: days; treated_again, treated, held_again, held (count); treated_rate,
    held_rate; difference, low, high, p_value; stands_out ("above", "below"; "" where it is no more than noise or an arm
    is empty).
    Formula: `rules.proportions.difference` of members observed for so many days since the planned prompt.
    """
    counted = parts.set_index("arm").reindex([TREATED, HELD_OUT]).fillna(0)
    found = []
    for days in HORIZONS:
        (again, held_again), (treated, held) = counted[f"again_{days}"], counted[f"observed_{days}"]
        gap = difference(again, treated, held_again, held, 1 - significance).iloc[0]
        is_sure = bool(gap["p_value"] <= significance)
        found.append(
            {
                "days": days,
                "treated_again": int(again),
                "treated": int(treated),
                "held_again": int(held_again),
                "held": int(held),
                "treated_rate": float(rate(again, treated)),
                "held_rate": float(rate(held_again, held)),
                **gap,
                "stands_out": ("above" if gap["difference"] > 0 else "below") if is_sure else "",
            }
        )
    return pd.DataFrame(found)


def line_use(parts: pd.DataFrame) -> pd.DataFrame:
    """How much of their credit lines members use at month ends, by the tier they stand on then.

    parts: `queries.retention.lines`.
    Grain: one row per standing and month end for which it is known what is out, both rising. Columns: standing, place;
    month_end; line_fen (of all lines in force), members (with a line), used_fen, borrowers (those who owe); use (0-1,
    may pass 1; nan without a line).
    Formula: lines in force = lines begun less lines ended, summed from the first month on; use = used / line.
    """
    if parts.empty or not (parts["kind"] == "used").any():
        return pd.DataFrame(
            columns=["standing", "place", "month_end", "line_fen", "members", "used_fen", "borrowers", "use"]
        )
    used = parts.loc[parts["kind"] == "used"]
    months = range(int(parts["month"].min()), int(used["month"].max()) + 1)
    every = pd.MultiIndex.from_product([parts["place"].unique(), months], names=["place", "month"])
    names = parts.drop_duplicates("place").set_index("place")["standing"]

    def at(kind: str) -> pd.DataFrame:
        rows = parts.loc[parts["kind"] == kind].set_index(["place", "month"])[["members", "fen"]]
        return rows.reindex(every, fill_value=0)

    in_force = (at("begun") - at("ended")).groupby(level="place").cumsum()
    out = at("used")
    found = pd.DataFrame(
        {
            "line_fen": in_force["fen"],
            "members": in_force["members"],
            "used_fen": out["fen"],
            "borrowers": out["members"],
            "use": rate(out["fen"], in_force["fen"]),
        }
    ).reset_index()
    found = found.loc[found["month"].isin(used["month"])]
    ends = [calendar.last_of_month(date(int(month) // 12, int(month) % 12 + 1, 1)) for month in found["month"]]
    found = found.assign(standing=found["place"].map(names), month_end=pd.to_datetime(np.array(ends, dtype="M8[D]")))
    return found.drop(columns="month").sort_values(["place", "month_end"], ignore_index=True)
