"""Costs and outcomes of any cohorts, formed from the cells by month and way of coming that were read once."""

from collections.abc import Mapping

import pandas as pd

from rules.acquisition import Part
from rules.filters import DateRange
from rules.member_filters import MemberSelection

MONTH, TOGETHER = "month", ""  # by what else than channel and campaign costs are told apart
_CODES = ("month", "channel", "campaign")
_WINDOW = {"window_bookings": "bookings", "window_fen": "fen"}


def with_farmed(cells: pd.DataFrame, farmed: pd.DataFrame) -> pd.DataFrame:
    """The cells of costs with the rewards of members marked as farmed moved to a part of their own.

    cells, farmed: `queries.acquisition_cells.costs` and `farmed` of the same selection.
    Formula: what is farmed is taken from its own part, so that the parts add up to the same. At the age at which first
    loans are counted nothing is told apart.
    """
    counts = ["bookings", "fen"]
    taken = farmed.assign(**{name: -farmed[name] for name in counts})
    every = pd.concat([cells, taken, farmed.assign(part=str(Part.FARMED))], ignore_index=True)
    return every.fillna(dict.fromkeys(_WINDOW, 0)).astype(dict.fromkeys(_WINDOW, "int64"))


def costs(cells: pd.DataFrame, by: str, registered: DateRange, *, window: bool = False) -> pd.DataFrame:
    """What was booked for the cohorts of whole months, by part.

    by: channel, campaign, month or "". window: at the age at which first loans are counted.
    Grain: one row per value and part that occurs. Columns: value; part; bookings; fen.
    Excludes: with a period, rewards for nobody that the book knows. Source: metrics.md, "cost per acquisition".
    """
    if window:
        cells = cells.drop(columns=["bookings", "fen"]).rename(columns=_WINDOW)
    kept = _within(cells, registered)
    found = kept.assign(value=_value(kept, by)).groupby(["value", "part"], sort=True)[["bookings", "fen"]].sum()
    return found.loc[found["bookings"] > 0].reset_index()


def outcomes(cells: pd.DataFrame, by: str, registered: DateRange) -> pd.DataFrame:
    """Whom the cohorts of whole months are, and how far they have come: as `queries.acquisition.outcomes`.

    cells: `queries.acquisition_cells.outcomes`.
    """
    kept = _within(cells, registered)
    sums = [name for name in cells.columns if name not in _CODES]
    return kept.assign(value=_value(kept, by)).groupby("value", sort=True)[sums].sum().reset_index()


def apart(
    frames: Mapping[str, pd.DataFrame], selection: MemberSelection, observed: MemberSelection, by: str
) -> dict[str, pd.DataFrame]:
    """The costs and outcomes of the part on cost under their names, from the cells among its frames.

    selection: the cohorts that are asked about; observed: those that are old enough for returns; by: what costs are
    told apart by, from the cells of inherited ways where those were read.
    """
    booked, came = frames["cost_cells"], frames["outcome_cells"]
    told = with_farmed(booked, frames["farmed_cells"]) if "farmed_cells" in frames else booked
    of_by = frames.get("inherited_cost_cells", booked)
    of_by = with_farmed(of_by, frames["inherited_farmed_cells"]) if "inherited_farmed_cells" in frames else of_by
    if "inherited_cost_cells" not in frames:
        of_by = told
    period, ever = selection.registered, DateRange()
    found = {
        "costs": costs(of_by, by, period),
        "outcomes": outcomes(frames.get("inherited_outcome_cells", came), by, period),
        "now_costs": costs(booked, TOGETHER, period, window=True),
        "month_costs": costs(booked, MONTH, ever),
        "month_outcomes": outcomes(came, MONTH, ever),
        "return_costs": costs(booked, "campaign", observed.registered),
        "return_outcomes": outcomes(came, "campaign", observed.registered),
    }
    for each in ("channel", "campaign"):
        found |= {f"{each}_costs": costs(told, each, period), f"{each}_outcomes": outcomes(came, each, period)}
    if selection.compared is not None:
        found["before_costs"] = costs(booked, TOGETHER, selection.compared, window=True)
        found["before_outcomes"] = outcomes(came, TOGETHER, selection.compared)
    return {**frames, **found}


def _within(cells: pd.DataFrame, registered: DateRange) -> pd.DataFrame:
    first, last = registered.first, registered.last
    if first is not None:
        cells = cells.loc[cells["month"] >= f"{first:%Y-%m}"]
    if last is not None:
        cells = cells.loc[(cells["month"] <= f"{last:%Y-%m}") & (cells["month"] != "")]
    return cells


def _value(cells: pd.DataFrame, by: str) -> "pd.Series[str] | str":
    return cells[by] if by else ""
