"""Which members are watched? Exactly those that the count counts, on the screen and as files."""

from datetime import date
from functools import partial

import pandas as pd

from components import cards, downloads, export, formats, states, tables
from components.language import _, dimension_name, value_label
from components.membership import move_choices, move_words
from components.membership.exposure import policy_in_words
from components.tables import Column, Kind
from components.view import View
from rules.dimensions import AGE_BAND, CHANNEL, PROVINCE
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "watch-list"
_CODES = (CHANNEL.code, PROVINCE.code, AGE_BAND.code)


def draw(shown: View, members: pd.DataFrame, parts: pd.DataFrame, stream: downloads.Batches) -> None:
    """Draw the card.

    members: the first rows of `queries.exposure.watched`; parts: `queries.exposure.by_month`; stream: all rows, for
    files.
    """
    metric, book = METRICS["over_extended"], shown.book
    card = cards.begin(_KEY, title=_("Which members are watched?"), definition=_(metric.definition), tabular=False)
    month_end = move_choices.watched_on(book)
    if members.empty:
        with card.frame:
            states.nothing(_("Nobody who passes the filters is watched at the end of that month."))
        return
    with card.actions:
        downloads.buttons(
            _KEY,
            "watched-members",
            shown,
            partial(facts, shown, month_end),
            export.cny_columns(members.columns),
            partial(export.in_cny, stream),
        )
    counted = parts.loc[parts["month_end"] == pd.Timestamp(month_end)]
    card.answer(
        _(
            "These **{watched}** members are those counted at the end of {month}: **{over}** owe more than the "
            "policy's monthly incomes, **{raised}** fell behind soon after a raise; together they owe **{owed}**."
        ).format(
            watched=formats.count(int(counted["watched"].sum())),
            month=formats.month(month_end),
            over=formats.count(int(counted["over"].sum())),
            raised=formats.count(int(counted["raised"].sum())),
            owed=formats.money(int(counted["watched_fen"].sum())),
        ),
        filed=True,
        height=tables.tall(len(members), HEIGHT),
        figure=lambda: tables.show(_labelled(members, shown), _columns(), key=f"{_KEY}-rows", height=HEIGHT),
        caption=" · ".join(_caption(members, int(counted["watched"].sum()))),
    )


def facts(shown: View, month_end: date) -> export.Header:
    """What a file states of its rows."""
    metric = METRICS["over_extended"]
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Policy"), "; ".join(policy_in_words(shown.policy.exposure))),
        (_("Month end"), month_end.isoformat()),
    ]


def _labelled(members: pd.DataFrame, shown: View) -> pd.DataFrame:
    return members.assign(
        label=[move_words.state(standing, shown.book) for standing in members["standing"]],
        **{code: [value_label(code, value, shown.book) for value in members[code]] for code in _CODES},
    )


def _columns() -> dict[str, Column]:
    return {
        "member_id": Column(_("Member"), pinned=True),
        "monthly_incomes": Column(_("Monthly incomes owed"), Kind.TENTHS),
        "over": Column(_("Over their incomes"), Kind.YES),
        "raised": Column(_("After a raise"), Kind.YES),
        "raised_days": Column(_("Days from raise to late"), Kind.COUNT),
        "outstanding_fen": Column(_(METRICS["outstanding"].name), Kind.FEN),
        "label": Column(_("Tier")),
        **{code: Column(dimension_name(code)) for code in _CODES},
    }


def _caption(members: pd.DataFrame, counted: int) -> list[str]:
    said = [_("those who owe most of their incomes first")]
    if len(members) < counted:
        said.append(_("first {count} shown, the files hold all").format(count=formats.count(len(members))))
    return said
