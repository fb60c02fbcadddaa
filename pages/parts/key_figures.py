"""The key figures of the overview: each from the very statements and rules of the page behind it."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from components import view
from components.membership import funnel_choices
from components.membership.funnel_choices import Chosen
from components.overview import deck, figures, kpi_words
from components.overview.kpi_cards import Told
from components.overview.looked import looked_at
from components.rates.time import board
from components.referrals import cost_figures
from desk import marks, operations, review_desk, review_queue, spend
from desk.review_queue import Show
from pages.parts import overall
from pages.parts.reading import Frames
from queries import (
    acquisition,
    controls,
    default_rates,
    funnel,
    months,
    overview,
    retention,
)
from queries import spend as spend_queries
from queries.acquisition import By
from queries.read import Statement
from rules import acquisition_return, calendar, kpi, like_for_like, overview_risk
from rules.acquisition import asked_of, horizon_months
from rules.filters import DateRange, newest_mature_month
from rules.kpi import Kpi
from rules.member_filters import MemberSelection, resolve_members
from rules.spend import Kept


def asked(shown: view.View, seen: frozenset[str]) -> dict[str, Statement]:
    """What the cards are made of that somebody sees, by the pages they see. What the book can't answer is not asked."""
    first, known = like_for_like.oldest(looked_at(shown)), _known(shown, seen)
    statements = {
        "lent": overview.lent(shown.selection, first),
        "goals": overview.goals(calendar.add_months(shown.book.as_of, -kpi.MONTHS)),
    }
    if "default_rates" in seen and "default_rate" in known:
        statements |= _of_loans(shown)
    if "membership" in seen and "new_members" in known:
        statements |= _of_members(shown)
    if "referrals" in seen and "borrower_cost" in known:
        statements |= _of_cost(shown)
    return statements


def told(shown: view.View, frames: Frames, seen: frozenset[str]) -> Told:
    """What the cards say: the figures with those of the review queue, which is told by what stands in it now."""
    entered = spend.in_force(operations.served().engine, shown.source) if "channel_costs" in frames else ()
    known = shown.book.snapshot_id, shown.filters, shown.policy, tuple(sorted(shown.book.missing_tables))
    found = dict(_formed(repr((known, sorted(seen), sorted(_farmed(shown)), entered)), shown, frames, entered))
    notes = {"lent_yesterday": kpi_words.complete(found["lent_yesterday"])}
    if "totals" in frames:
        out = float(frames["totals"].iloc[0]["outstanding_fen"])
        notes["arrears"] = kpi_words.arrears(found["arrears"].value, out)
    if "quotas" in frames:
        notes["quota_left"] = kpi_words.tightest(overview_risk.tightest(frames["quotas"]))
    if "review_queue" in seen:
        desk = review_desk.served()
        tally = review_queue.tally(desk.engine, desk.source, desk.now(), None, shown.staff_email)
        counted = {"cases_waiting": tally.of(Show.WAITING), "cases_late": tally.of(Show.OVERDUE)}
        found |= {code: Kpi(code, float(cases)) for code, cases in counted.items()}
    return Told(found, notes)


@st.cache_data(show_spinner=False, max_entries=256)
def _formed(
    told_by: str,  # all that the figures depend on: the others are not looked at to know them again
    _shown: view.View,
    _frames: Frames,
    _entered: Sequence[Kept],
) -> dict[str, Kpi]:
    """The figures that the frames tell, by the codes of their cards; kept, for a rerun changes none of them."""
    cost = cost_figures.told(_for_cost(_shown), _frames, _entered)[0] if "channel_costs" in _frames else None
    return figures.figures(_shown, _frames, _funnel(_shown), cost)


def _known(shown: view.View, seen: frozenset[str]) -> set[str]:
    """The codes of the cards that somebody sees and the book tells."""
    return {card.code for card in deck.DECK if card.page in seen and not deck.missing(card, shown)}


def _of_loans(shown: view.View) -> dict[str, Statement]:
    selection, book = shown.selection, shown.book
    every, first = selection.over_all_time(), like_for_like.oldest(looked_at(shown))
    month_ends = {"first": board.oldest(book.as_of)}
    newest = newest_mature_month(book, selection.horizon, shown.policy.default.final_days_after_last_due)
    shown_months = DateRange(calendar.add_months(newest, 1 - kpi.MONTHS), calendar.last_of_month(newest))
    vintages = replace(selection, disbursed=shown_months, compared=None)
    return overall.asked(shown) | {
        "vintages": default_rates.by_segment(vintages, "disbursed_month", book),
        "transitions": months.transitions(every, **month_ends),
        "whole_transitions": months.transitions(controls.WHOLE_BOOK, **month_ends),
        "income": months.income(every, **month_ends),
        "upfront": overview.upfront_fees(selection, first),
        "totals": controls.totals(every, book),
        "quotas": overview.quotas(selection),
        "reserve": overview.reserve(book.as_of),
    }


def _of_members(shown: view.View) -> dict[str, Statement]:
    members, first, chosen = shown.members.over_all_time(), like_for_like.oldest(looked_at(shown)), _funnel(shown)
    statements = {
        "registered": overview.registered(members, first),
        "applied": overview.applied(members, first, shown.book.as_of),
        "standings": overview.standings(members),
        "cohorts": retention.by_cohort(members, shown.book),
    }
    if chosen.is_settled and {"applied", "approved"} <= set(chosen.steps):
        everybody = _funnel_view(shown).members.over_all_time()
        statements["reached"] = funnel.reached(chosen.counted, chosen.windows, chosen.steps)
        statements["reached_months"] = funnel.reached(everybody, chosen.windows, chosen.recorded, by="registered_month")
        if chosen.held is not None:
            statements["reached_before"] = funnel.reached(chosen.held, chosen.windows, chosen.steps)
    return statements


def _of_cost(shown: view.View) -> dict[str, Statement]:
    serving, rule = operations.served(), shown.policy
    chosen = asked_of(_for_cost(shown).members)
    told = {"definition": shown.filters.definition, "horizon_months": horizon_months(shown.filters.horizon)}
    farmed = sorted(_farmed(shown))
    observed = acquisition_return.valued(chosen, shown.book.as_of, rule.growth.value_months)
    statements = {
        "channel_costs": acquisition.costs(chosen, By.CHANNEL, farmed=farmed),
        "channel_outcomes": acquisition.outcomes(chosen, By.CHANNEL, **told),
        "channel_ages": acquisition.ages(chosen, By.CHANNEL, **told),
        "now_costs": acquisition.window_costs(chosen),
        "month_costs": acquisition.costs(chosen.over_all_time(), By.MONTH),
        "month_outcomes": acquisition.outcomes(chosen.over_all_time(), By.MONTH, **told),
        "first_loans": acquisition.first_loans(shown.filters.definition),
        "whole": acquisition.outcomes(MemberSelection(DateRange(), None, ()), By.TOGETHER, **told),
        "campaigns": spend_queries.campaigns(),
        "return_costs": acquisition.costs(observed, By.CAMPAIGN),
        "return_outcomes": acquisition.outcomes(observed, By.CAMPAIGN, **told),
    }
    before = chosen.comparison()
    if before is not None:
        statements["before_costs"] = acquisition.window_costs(before)
        statements["before_outcomes"] = acquisition.outcomes(before, By.TOGETHER, **told)
    days = [each.entry.day for each in spend.in_force(serving.engine, shown.source)]
    if days:
        statements["spend_days"] = spend_queries.spend_days(min(days), max(days))
    return statements


def _farmed(shown: view.View) -> frozenset[str]:
    return marks.farmed_members(operations.served().engine, shown.source)


def _funnel(shown: view.View) -> Chosen:
    return funnel_choices.chosen(_funnel_view(shown))


def _funnel_view(shown: view.View) -> view.View:
    """The same filters as Membership applies them."""
    return _with_members(shown, funnel_choices.mature_days(shown.policy, shown.book))


def _for_cost(shown: view.View) -> view.View:
    """The same filters as the part on cost of Referrals applies them."""
    return _with_members(shown, shown.policy.acquisition.first_loan_days)


def _with_members(shown: view.View, mature_days: int) -> view.View:
    return replace(shown, members=resolve_members(shown.filters, shown.book, mature_days))
