"""How late the book is at each month end, against the book now and against the book that the late loans came from."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pandas as pd

from rules import calendar
from rules.ageing import BUCKETS, WRITTEN_OFF
from rules.intervals import rate


class Late(StrEnum):
    """Past due by more than so many days."""

    DPD30 = "30"
    DPD60 = "60"
    DPD90 = "90"

    @property
    def buckets(self) -> tuple[str, ...]:
        """The ageing buckets that are that late."""
        return BUCKETS[int(self) // 30 + 1 :]

    @property
    def lag_months(self) -> int:
        """How many month ends before, loans that are just this late were not late at all."""
        return int(self) // 30 + 1


@dataclass(frozen=True)
class Standing:
    """The newest month end's ratios, and the same a year before; nan where a month end is missing."""

    month_end: date
    current_ratio: float
    lagged_ratio: float
    growth_hides: float  # lagged less current, as a ratio: what growth takes off; negative where the book shrinks
    year_before_current_ratio: float
    year_before_lagged_ratio: float


def ratios(parts: pd.DataFrame, late: Late) -> pd.DataFrame:
    """The late balance at each month end against the balance then, and against the balance it came from.

    parts: `queries.months.transitions`. Grain: one row per month end in the parts, rising.
    Columns: month_end; late_fen, outstanding_fen; lagged_outstanding_fen (nan where that month end is missing);
    late_loans, loans (count, without those that have left); written_off_fen: what was written off in that month and
    has left both ratios; current_ratio = late / outstanding, lagged_ratio = late / lagged outstanding (nan over 0).
    Formula: late is past due by more than T days; loans just that late at a month end were not late T / 30 + 1 month
    ends before (30: 2, 60: 3, 90: 4), so their balance is held against the book of then: growth since does not dilute.
    Source: metrics.md, "current 30+ ratio", "lagged 30+ ratio", traps 4 and 5.
    """
    here = parts.loc[parts["bucket"].isin(BUCKETS)]
    are_late = here.loc[here["bucket"].isin(late.buckets)]
    gone = parts.loc[parts["bucket"] == WRITTEN_OFF]
    found = pd.DataFrame(index=pd.Index(sorted(parts["month_end"].unique()), name="month_end"))
    for name, rows, column in (
        ("late_fen", are_late, "outstanding_fen"),
        ("outstanding_fen", here, "outstanding_fen"),
        ("late_loans", are_late, "loans"),
        ("loans", here, "loans"),
        ("written_off_fen", gone, "previous_outstanding_fen"),
    ):
        found[name] = rows.groupby("month_end")[column].sum().reindex(found.index, fill_value=0)
    before = pd.Index([_month_ends_before(month_end, late.lag_months) for month_end in found.index])
    lagged = found["outstanding_fen"].reindex(before).to_numpy(float)
    return found.assign(
        lagged_outstanding_fen=lagged,
        current_ratio=rate(found["late_fen"], found["outstanding_fen"]),
        lagged_ratio=rate(found["late_fen"], lagged),
    ).reset_index()


def shares(parts: pd.DataFrame) -> pd.DataFrame:
    """The balance at each month end by ageing bucket.

    Grain: one row per month end in the parts and bucket, M0 to M3+, those without loans too.
    Columns: month_end, bucket; loans, outstanding_fen; share of that month end's balance (nan without any).
    """
    here = parts.loc[parts["bucket"].isin(BUCKETS)]
    every = pd.MultiIndex.from_product([sorted(here["month_end"].unique()), BUCKETS], names=["month_end", "bucket"])
    found = here.groupby(["month_end", "bucket"])[["loans", "outstanding_fen"]].sum().reindex(every, fill_value=0)
    whole = found.groupby("month_end")["outstanding_fen"].transform("sum")
    return found.assign(share=rate(found["outstanding_fen"], whole)).reset_index()


def standing(found: pd.DataFrame) -> Standing | None:
    """What the newest month end says, beside the year before; None without a month end. found: `ratios`."""
    if found.empty:
        return None
    by_month = found.set_index("month_end")[["current_ratio", "lagged_ratio"]].astype(float)
    newest = found["month_end"].iloc[-1]
    now = by_month.loc[newest]
    then = by_month.reindex([_month_ends_before(newest, 12)]).iloc[0]
    return Standing(
        month_end=newest.date(),
        current_ratio=float(now["current_ratio"]),
        lagged_ratio=float(now["lagged_ratio"]),
        growth_hides=float(now["lagged_ratio"] - now["current_ratio"]),
        year_before_current_ratio=float(then["current_ratio"]),
        year_before_lagged_ratio=float(then["lagged_ratio"]),
    )


def _month_ends_before(month_end: pd.Timestamp, months: int) -> pd.Timestamp:
    return pd.Timestamp(calendar.last_of_month(calendar.add_months(month_end.date(), -months)))
