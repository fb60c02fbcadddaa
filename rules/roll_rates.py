"""Roll rates: of the loans in one ageing bucket, what share is in each state a month end later."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from rules import calendar
from rules.ageing import BUCKETS, STATES
from rules.intervals import rate, wilson
from rules.kept import worked_out_once
from rules.movement import Movement, movement

MONTHS_BEFORE = 12


def month_ends(parts: pd.DataFrame) -> list[date]:
    """The month ends of which a roll is known, rising: those at which some loan has a bucket a month end before."""
    rolled = parts.loc[parts["previous_bucket"].isin(BUCKETS), "month_end"]
    return [month_end.date() for month_end in sorted(rolled.unique())]


@worked_out_once
def matrix(parts: pd.DataFrame, months: Sequence[date], *, significance: float, thin_loans: int) -> pd.DataFrame:
    """Where the loans of each bucket are a month end later, over some months together.

    parts: `queries.months.transitions`; months: the month ends that are arrived at.
    Grain: one row per bucket before and state after, in the order of BUCKETS and STATES, those without loans too.
    Columns: from_bucket, to_bucket; loans, of_loans (count; the loans of a bucket sum to of_loans); rate, low, high
    (0-1, nan without loans); balance_fen (principal at the month end before); balance_share: of the bucket's balance
    before, which is no probability; rescheduled (of the loans, those whose due date was moved in the month); thin.
    Formula: loans / of_loans, Wilson interval of each cell; a loan counts once a month, and its months are not
    independent, so over several months the intervals are narrower than they should be.
    Excludes: loans without a bucket at the month end before: their first month, and the month after a gap.
    Source: metrics.md, "roll rate", traps 6 and 7.
    """
    rolled = _rolled(parts)
    rolled = rolled.loc[rolled["month_end"].isin(pd.to_datetime(list(months)))]
    every = pd.MultiIndex.from_product([BUCKETS, STATES], names=["from_bucket", "to_bucket"])
    columns = {"loans": "loans", "previous_outstanding_fen": "balance_fen", "rescheduled": "rescheduled"}
    summed = rolled.groupby(["previous_bucket", "bucket"])[list(columns)].sum().rename(columns=columns)
    cells = summed.reindex(every, fill_value=0)
    of_bucket = cells.groupby(level="from_bucket")[["loans", "balance_fen"]].transform("sum")
    low, high = wilson(cells["loans"], of_bucket["loans"], 1 - significance)
    return cells.assign(
        of_loans=of_bucket["loans"],
        rate=rate(cells["loans"], of_bucket["loans"]),
        low=low,
        high=high,
        balance_share=rate(cells["balance_fen"], of_bucket["balance_fen"]),
        thin=of_bucket["loans"] < thin_loans,
    ).reset_index()


@worked_out_once
def over_time(
    parts: pd.DataFrame, from_bucket: str, to_bucket: str, *, significance: float, thin_loans: int
) -> pd.DataFrame:
    """One cell of the matrix at every month end.

    Grain: one row per month end in the parts, rising, those without loans in the bucket before too.
    Columns: month_end; loans, of_loans; rate, low, high (nan without loans); thin.
    Formula, excludes, source: as `matrix`; within one month loans are counted once.
    """
    rolled = _rolled(parts)
    rolled = rolled.loc[rolled["previous_bucket"] == from_bucket]
    every = pd.Index(sorted(parts["month_end"].unique()), name="month_end")
    counted = [
        rows.groupby("month_end")["loans"].sum().reindex(every, fill_value=0)
        for rows in (rolled.loc[rolled["bucket"] == to_bucket], rolled)
    ]
    loans, of_loans = counted
    low, high = wilson(loans, of_loans, 1 - significance)
    return pd.DataFrame(
        {
            "loans": loans,
            "of_loans": of_loans,
            "rate": rate(loans, of_loans),
            "low": low,
            "high": high,
            "thin": of_loans < thin_loans,
        },
        index=every,
    ).reset_index()


def change(
    parts: pd.DataFrame, from_bucket: str, to_bucket: str, *, significance: float, month_end: date | None = None
) -> Movement | None:
    """One cell at a month end (the newest of which a roll is known) against the twelve calendar months before.

    None where no roll is known at all. Formula: `rules.movement.movement`; loans are the sample.
    """
    known = month_ends(parts)
    if not known:
        return None
    now = month_end or known[-1]
    found = over_time(parts, from_bucket, to_bucket, significance=significance, thin_loans=0).set_index("month_end")
    oldest = calendar.last_of_month(calendar.add_months(now, -MONTHS_BEFORE))
    before = found.loc[(found.index >= pd.Timestamp(oldest)) & (found.index < pd.Timestamp(now))]
    cell = found.loc[found.index == pd.Timestamp(now), ["loans", "of_loans"]].sum()
    return movement(int(cell["loans"]), int(cell["of_loans"]), before["loans"], before["of_loans"], significance)


def _rolled(parts: pd.DataFrame) -> pd.DataFrame:
    return parts.loc[parts["previous_bucket"].isin(BUCKETS)]
