"""What the part on cost asks, all of it under names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select

from queries import acquisition, acquisition_cells, acquisition_weeks, spend, worth
from queries.acquisition import By
from rules.acquisition import asked_of
from rules.acquisition_return import tells_value
from rules.acquisition_weeks import WEEKS
from rules.filters import DateRange, Definition
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Asked:
    """What is asked beside the selection."""

    by: By
    inherit: bool
    farmed: Sequence[str]  # ids of the members marked as farmed
    definition: Definition
    horizon_months: int
    as_of: date
    early_days: int
    value_months: int  # not more than the months of the curve
    curve_months: int
    entered: tuple[date, date] | None  # the first and last day of what was entered at the spend desk


def statements(selection: MemberSelection, asked: Asked) -> dict[str, Rows]:
    """The statements of the part. Read them with `limit=worth.MOST_CELLS`.

    Costs and outcomes are cells, of which `rules.acquisition_cells.apart` forms those that the cards are drawn from.
    """
    chosen = asked_of(selection)
    told: dict[str, Any] = {"definition": asked.definition, "horizon_months": asked.horizon_months}
    whole = MemberSelection(DateRange(), None, ())
    found = {
        "cost_cells": acquisition_cells.costs(chosen),
        "outcome_cells": acquisition_cells.outcomes(chosen, **told),
        "ages": acquisition.ages(chosen, asked.by, inherit=asked.inherit, **told),
        "channel_ages": acquisition.ages(chosen, By.CHANNEL, **told),
        "month_ages": acquisition.ages(chosen.over_all_time(), By.MONTH, **told),
        "first_loans": acquisition.first_loans(asked.definition),
        "whole": acquisition.outcomes(whole, By.TOGETHER, **told),
        "week_costs": acquisition_weeks.costs(chosen, asked.as_of, WEEKS, asked.early_days),
        "week_outcomes": acquisition_weeks.outcomes(chosen, asked.as_of, WEEKS),
        "campaigns": spend.campaigns(),
        "campaign_weeks": spend.campaign_weeks(asked.as_of),
        "uses": spend.creators(chosen),
    }
    ways = {"": False, **({"inherited_": True} if asked.inherit else {})}
    for name, inherit in ways.items():
        if asked.farmed:
            found[f"{name}farmed_cells"] = acquisition_cells.farmed(chosen, asked.farmed, inherit=inherit)
        if inherit:
            found[f"{name}cost_cells"] = acquisition_cells.costs(chosen, inherit=True)
            found[f"{name}outcome_cells"] = acquisition_cells.outcomes(chosen, inherit=True, **told)
    if asked.by is not By.CAMPAIGN:  # for the campaign that only looks cheap
        found["campaign_ages"] = acquisition.ages(chosen, By.CAMPAIGN, **told)
    dimension = _valued_by(chosen, asked)
    found["value_cells"] = worth.by_month(chosen, dimension, months=asked.curve_months)
    found["value_cohorts"] = worth.cohorts(chosen, dimension)
    if asked.entered is not None:
        found["spend_days"] = spend.spend_days(*asked.entered)
    return found


def _valued_by(selection: MemberSelection, asked: Asked) -> str:
    """The members' column by which value is told; by channel where the values can't be those of the cost."""
    if asked.inherit:
        return "inherited_campaign" if tells_value(selection, asked.by, inherit=True) else "channel"
    return "registered_month" if asked.by is By.MONTH else asked.by.value or "channel"
