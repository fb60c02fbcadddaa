"""Spend as costs beside the book's own, and how fast campaigns use their budgets up."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
import pandas as pd

from rules.dimensions import CAMPAIGN, CHANNEL, UNKNOWN
from rules.intervals import rate
from rules.member_filters import MemberSelection
from rules.spend import Entry

CREATORS_CHANNEL = "opinion_leader"  # of spend that names a creator and no campaign
PACE_WEEKS = 4  # newest whole weeks by which the pace is told
_TOLERANCE = 0.1  # of the plan, within which spend is on it


class Pace(StrEnum):
    """How a campaign's spend stands against its budget."""

    OVER = "over"  # more is spent than the budget
    AHEAD = "ahead"  # faster than the budget lasts
    ON = "on"
    BEHIND = "behind"
    OPEN = "open"  # no end is set, so there is no plan to hold it against
    ENDED = "ended"


def as_bookings(
    entries: Sequence[Entry], *, selection: MemberSelection, channels: Mapping[str, str], as_of: date
) -> pd.DataFrame:
    """Entries as rows of `queries.acquisition.bookings`, without the ids that spend has none of.

    channels: of each campaign. as_of: what is later counts once it is reached.
    Columns: day; channel; campaign; part; fen. Excludes: what the selection's period, channels and campaigns exclude.
    """
    first, last = selection.registered.first, selection.registered.last
    rows = []
    for entry in entries:
        campaign = entry.campaign or UNKNOWN
        channel = channels.get(entry.campaign, UNKNOWN) if entry.campaign else CREATORS_CHANNEL
        of = {CHANNEL.code: channel, CAMPAIGN.code: campaign}
        within = entry.day <= as_of and (first is None or entry.day >= first) and (last is None or entry.day <= last)
        if within and all(of[code] in values for code, values in selection.choices if code in of):
            rows.append((entry.day, channel, campaign, entry.kind, entry.amount_fen))
    return pd.DataFrame(rows, columns=["day", CHANNEL.code, CAMPAIGN.code, "part", "fen"])


def as_costs(
    entries: Sequence[Entry], *, by: str, selection: MemberSelection, channels: Mapping[str, str], as_of: date
) -> pd.DataFrame:
    """Entries as rows of costs, for adding to those of `queries.acquisition.costs`.

    by: channel, campaign, month or "". Columns: value; part; bookings; fen; day. Excludes: as `as_bookings`.
    """
    rows = as_bookings(entries, selection=selection, channels=channels, as_of=as_of)
    months = [f"{day:%Y-%m}" for day in rows["day"]]
    value = {"month": months, "": ""}[by] if by in {"month", ""} else rows[by]
    return rows.assign(value=value, bookings=1)[["value", "part", "bookings", "fen", "day"]]


def by_week(entries: Sequence[Entry], as_of: date) -> pd.DataFrame:
    """Entries as rows of `queries.spend.campaign_weeks`: campaign, week, fen."""
    rows = [
        (entry.campaign, (as_of - entry.day).days // 7, entry.amount_fen)
        for entry in entries
        if entry.campaign and entry.day <= as_of
    ]
    return pd.DataFrame(rows, columns=["campaign", "week", "fen"])


def pacing(campaigns: pd.DataFrame, weeks: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Each campaign's budget against what is spent, and when the rest is used up at the newest pace.

    campaigns: campaign, name, channel, starts_on, ends_on (null while open), budget_fen. weeks: campaign, week (0: the
    seven days up to as_of), fen, the book's and what was entered.
    Grain: one row per campaign that has begun. Columns added: spent_fen; used_ratio; last_week_fen; weekly_fen (mean of
    the newest four weeks); planned_weekly_fen (the budget over all its weeks, nan without an end); left_fen (not below
    0); runs_out_on (None where nothing is spent or left); pace.
    Formula: a running campaign with an end is on its plan within a tenth of budget x time passed.
    """
    starts = [_day(day) for day in campaigns["starts_on"]]
    told = campaigns.loc[[day is not None and day <= as_of for day in starts]].reset_index(drop=True)
    spent = weeks.groupby("campaign")["fen"].sum()
    newest = weeks.loc[weeks["week"] < PACE_WEEKS].groupby("campaign")["fen"].sum()
    last = weeks.loc[weeks["week"] == 0].groupby("campaign")["fen"].sum()
    found = told.assign(
        spent_fen=told["campaign"].map(spent).fillna(0).astype("int64"),
        weekly_fen=told["campaign"].map(newest).fillna(0) / PACE_WEEKS,
        last_week_fen=told["campaign"].map(last).fillna(0).astype("int64"),
    )
    found = found.assign(
        used_ratio=rate(found["spent_fen"], found["budget_fen"].astype("float64")),
        left_fen=(found["budget_fen"].astype("float64") - found["spent_fen"]).clip(lower=0),
    )
    rows = [_paced(row, as_of) for row in found.itertuples()]
    return found.join(pd.DataFrame(rows, columns=["planned_weekly_fen", "runs_out_on", "pace"], index=found.index))


def _paced(row: "object", as_of: date) -> tuple[float, date | None, Pace]:
    start, end = _day(row.starts_on), _day(row.ends_on)  # type: ignore[attr-defined]
    budget, spent, weekly, left = (
        float(getattr(row, name)) for name in ("budget_fen", "spent_fen", "weekly_fen", "left_fen")
    )
    days = 0 if end is None or start is None else (end - start).days + 1
    planned = budget / days * 7 if days else float("nan")
    running = end is None or end >= as_of
    runs_out = (
        as_of + timedelta(days=min(36_500, int(left / weekly * 7))) if running and weekly > 0 and left > 0 else None
    )
    if spent > budget:
        return planned, None, Pace.OVER
    if not running:
        return planned, None, Pace.ENDED
    if end is None or start is None or not budget > 0:
        return planned, runs_out, Pace.OPEN
    due = budget * ((as_of - start).days + 1) / days
    gap = spent / due - 1
    pace = Pace.ON if abs(gap) <= _TOLERANCE else Pace.AHEAD if gap > 0 else Pace.BEHIND
    return planned, runs_out, pace


def _day(value: object) -> date | None:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value if isinstance(value, date) else None
