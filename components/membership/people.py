"""The members behind a bar of the funnel: exactly those that it counts, on the screen and as files."""

from functools import partial

import pandas as pd

from components import cards, downloads, export, formats, tables
from components.filters.words import members_in_words
from components.language import _, dimension_name, value_label
from components.membership import funnel_choices
from components.membership.funnel_choices import Chosen
from components.membership.funnel_words import step_name, window
from components.tables import Column, Kind
from components.view import View
from rules import dimensions, funnel
from rules.metrics import METRICS

HEIGHT = 290
_TEXTS = tuple(dimension.code for dimension in dimensions.MEMBER if dimension is not dimensions.GENDER)


def draw(shown: View, chosen: Chosen, frames: dict[str, pd.DataFrame], stream: downloads.Batches) -> None:
    """Draw the card. frames: reached, members, of `queries.funnel`; stream: all of the members, for files."""
    members, counts = frames["members"], funnel.counts(frames["reached"], len(chosen.steps))
    place = chosen.steps.index(chosen.step)
    further = int(counts[place + 1]) if place + 1 < len(counts) else 0
    counted = int(counts[place]) - (further if chosen.stopped else 0)
    card = cards.begin("members", title=_("Who is behind it?"), of=step_name(chosen.step), tabular=False)
    with card.actions:
        facts = partial(_facts, shown, chosen)
        downloads.buttons("members", "membership-members", shown, facts, list(members.columns), stream)
    with card.controls:
        funnel_choices.draw_listed(chosen.steps)
    text = (
        _("These **{count}** members came as far as **{step}** and no further.")
        if chosen.stopped
        else _("These **{count}** members are the bar **{step}** above, one each.")
    )
    card.answer(
        text.format(count=formats.count(counted), step=step_name(chosen.step)),
        filed=True,
        height=tables.tall(len(members), HEIGHT),
        figure=lambda: tables.show(_labelled(members, shown), _columns(shown), key="members-rows", height=HEIGHT),
        caption=_caption(len(members), counted),
    )


def _labelled(members: pd.DataFrame, shown: View) -> pd.DataFrame:
    book = shown.book
    texts = {
        code: members[code].map({value: value_label(code, value, book) for value in members[code].unique()})
        for code in _TEXTS
    }
    return members.assign(**texts, reached=[step_name(code) for code in members["reached"]])


def _columns(shown: View) -> dict[str, Column]:
    return {
        "member_id": Column(_("Member"), pinned=True),
        "registered_on": Column(_("Registered on"), Kind.DAY),
        "reached": Column(_("Last step")),
        **{code: Column(dimension_name(code)) for code in _TEXTS if shown.book.member_values_of(code)},
    }


def _caption(listed: int, counted: int) -> str:
    said = [_("in order of registration"), _("ids and attributes alone, nothing that names a person")]
    if listed < counted:
        said.append(_("first {count} members shown, the files hold all").format(count=formats.count(listed)))
    return " · ".join(said)


def _facts(shown: View, chosen: Chosen) -> export.Header:
    """What the rows are, for the head of a file."""
    metric = METRICS["step_conversion"]
    went = _("came no further") if chosen.stopped else _("reached it")
    return [
        (_("Rows"), f"{step_name(chosen.step)}: {went}"),
        (_("Filters"), members_in_words(shown.members, shown.filters, shown.book)),
        (_("Windows"), ", ".join(f"{step_name(code)} {window(chosen.windows, code)}" for code in chosen.steps[1:])),
        (_("Definition"), _(metric.definition)),
        (_("Source"), metric.source),
    ]
