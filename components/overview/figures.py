"""The key figures, formed from the frames that the page has read: those whose frames are there."""

from collections.abc import Mapping

import pandas as pd

from components.membership.funnel_choices import Chosen
from components.overview.looked import looked
from components.referrals import cost_figures
from components.referrals.cost_figures import Told
from components.view import View
from rules import acquisition_return, default_rates, funnel, overview_flows, overview_members, overview_risk
from rules.acquisition import Step
from rules.kpi import Good, Kpi
from rules.overview_flows import Looked

Frames = Mapping[str, pd.DataFrame]


def figures(shown: View, frames: Frames, chosen: Chosen, cost: Told | None) -> dict[str, Kpi]:
    """The key figures by their codes.

    frames: what `pages.parts.key_figures.asked` names; chosen: the members of the funnel; cost: what the cost of
    borrowers is told from, where it is asked.
    """
    by = looked(shown, frames["goals"])
    found = [overview_flows.yesterday("lent_yesterday", frames["lent"], "fen", by)]
    if "overall" in frames:
        found += _of_loans(frames, by)
    if "registered" in frames:
        found += _of_members(shown, frames, chosen, by)
    if cost is not None:
        found += _of_cost(cost, by)
    return {each.code: each for each in found}


def _of_loans(frames: Frames, by: Looked) -> list[Kpi]:
    compared = frames["compared"].iloc[0] if "compared" in frames else None
    answer = default_rates.headline(frames["overall"].iloc[0], compared, by.significance, by.thin)
    lent = overview_flows.flow(
        "disbursed", frames["lent"], "fen", by, good=Good.MORE, metric="principal", unit=100
    )  # as the lender's targets name it
    return [
        lent,
        overview_risk.arrears(frames["totals"].iloc[0]),
        overview_risk.quota_left(frames["quotas"]),
        overview_risk.default_rate(answer, frames["vintages"], by),
        *overview_risk.late(frames["transitions"], by),
        *overview_risk.earned(frames["income"], frames["upfront"], by),
        overview_risk.reserve_cover(frames["whole_transitions"], frames["reserve"], by),
    ]


def _of_members(shown: View, frames: Frames, chosen: Chosen, by: Looked) -> list[Kpi]:
    flow = {"good": Good.MORE, "unit": 1.0}
    found = [
        overview_flows.flow("new_members", frames["registered"], "members", by, metric="new_members", **flow),
        overview_flows.flow("applications", frames["applied"], "applications", by, metric="applications", **flow),
        overview_members.paid_share(frames["standings"], shown.book.member_values_of("current_tier"), by),
        overview_members.repeat(frames["cohorts"], by),
    ]
    if "reached" in frames:
        conversion = ("applied", "approved")
        cohorts = funnel.cohorts(
            frames["reached_months"], chosen.recorded, conversion, windows=chosen.windows, as_of=by.as_of,
            significance=by.significance,
        )  # fmt: skip
        before = frames.get("reached_before")
        found.append(overview_members.approval(frames["reached"], before, cohorts, chosen.steps, by))
    return found


def _of_cost(told: Told, by: Looked) -> list[Kpi]:
    """As the part on cost of Referrals forms them."""
    frames, significance = told.frames, by.significance
    of_all = cost_figures.together(told, Step.FIRST_LOAN).set_index("value").loc["all"]
    everybody = told.selection.over_all_time()
    months = told.costs("month_costs", "month", everybody), frames["month_outcomes"]
    valued = acquisition_return.valued(told.selection, by.as_of, told.shown.policy.growth.value_months)
    newest = f"{valued.registered.last:%Y-%m}"
    known = [rows.loc[rows["value"].between("0", newest)] for rows in months]
    returns = acquisition_return.returns(known[0], known[1], significance=significance, thin_borrowers=by.thin)
    return [
        overview_members.borrower_cost(float(of_all["each_fen"]), cost_figures.change(told), months, by),
        overview_members.value_over_cost(cost_figures.returned(told), returns, by),
    ]
