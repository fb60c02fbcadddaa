"""Words that the cards on rewards and abuse share: what rules, sides, forms and signals are called."""

from typing import Any

import pandas as pd

from components import formats
from components.language import _, ngettext, value_label
from rules.book import Book
from rules.dimensions import CAMPAIGN, UNKNOWN
from rules.text import N_

_TRIGGERS = {
    "registered": N_("Registration"),
    "first_loan": N_("First loan"),
    "on_time_repayment": N_("Repaid on time"),
    "second_loan": N_("Second loan"),
    "referral_count": N_("Borrowers brought"),
}
_FORMS = {"cash": N_("Cash"), "points": N_("Points"), "coupon": N_("Coupon"), "limit": N_("Limit")}
_SIDES = {"referrer": N_("Referrer"), "invitee": N_("Invitee"), "team": N_("Team")}
_KINDS = {
    "one_off": N_("One-off"),
    "dynamic": N_("Dynamic"),
    "stepped": N_("Stepped"),
    "levelled": N_("Levelled"),
    "team": N_("Team"),
}


def rule(row: Any) -> str:
    """What a rule is called: First loan, level 2; 10 borrowers brought; Every 8 of a team; Registration, invitee.

    `row` has kind, trigger, level, threshold and perhaps side; a rule that the book does not hold has none of them.
    """
    trigger = row.trigger
    if trigger is None or pd.isna(trigger):
        return _("Rule not in the book")
    threshold, level = getattr(row, "threshold", None), row.level
    if threshold is not None and not pd.isna(threshold):
        count = int(threshold)
        said = (
            ngettext("Every {count} borrower of a team", "Every {count} borrowers of a team", count)
            if row.kind == "team"
            else ngettext("{count} borrower brought", "{count} borrowers brought", count)
        )
        return said.format(count=formats.count(count))
    name = _text(_TRIGGERS, trigger)
    if level is None or pd.isna(level):
        return _("{event}, invitee").format(event=name)
    return _("{event}, level {level}").format(event=name, level=int(level))


def trigger(code: str) -> str:
    """What an event is called that rewards are given for."""
    return _text(_TRIGGERS, code)


def form(code: str) -> str:
    """What a form of reward is called."""
    return _text(_FORMS, code)


def side(code: str) -> str:
    """What a side is called."""
    return _text(_SIDES, code)


def kind(code: str) -> str:
    """What a kind of rule is called."""
    return _text(_KINDS, code)


def campaign(code: str, book: Book) -> str:
    """What a campaign is called; members whom none brought have their own name."""
    return _("No campaign") if code == UNKNOWN else value_label(CAMPAIGN.code, code, book)


def age(row: Any) -> str:
    """What a band of ages is called: 0–1 days, 91 days and more."""
    if pd.isna(row.until_days):
        return _("{days} days and more").format(days=row.from_days)
    if row.until_days == row.from_days:
        return ngettext("{days} day", "{days} days", int(row.from_days)).format(days=row.from_days)
    return _("{first}–{last} days").format(first=row.from_days, last=row.until_days)


def all_times() -> str:
    """That a card does not heed the period of the filters."""
    return _("whatever the period of the filters")


def _text(texts: dict[str, str], code: str) -> str:
    return _(texts[code]) if code in texts else str(code)
