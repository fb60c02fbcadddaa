"""Who looks farmed? Suspects by case, the most suspicious first; a click on a row opens the case."""

from functools import partial

import pandas as pd
import streamlit as st

from components import cards, downloads, export, formats, states, tables
from components.filters.words import members_in_words
from components.language import _, ngettext
from components.referrals import abuse_words, reward_choices, reward_words
from components.tables import Column, Kind
from components.view import View
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "abuse-cases"


def draw(shown: View, cases: pd.DataFrame, suspects: pd.DataFrame, stream: downloads.Batches) -> None:
    """Draw the card.

    cases: `rules.abuse_cases.judged`; suspects: some rows of `queries.abuse.suspects`; stream: all of them, for files.
    """
    metric = METRICS["abuse_points"]
    card = cards.begin(_KEY, title=_("Who looks farmed?"), definition=_(metric.definition), tabular=False)
    if cases.empty:
        with card.frame:
            states.nothing(_("No member who passes the filters has enough points to be listed."))
        return
    with card.actions:
        columns = export.cny_columns(suspects.columns)
        downloads.buttons(_KEY, "suspects", shown, partial(facts, shown), columns, partial(export.in_cny, stream))
    card.answer(
        sentence(cases),
        filed=True,
        height=tables.tall(len(cases), HEIGHT),
        figure=lambda: tables.show(
            _listed(cases),
            _columns(),
            key=f"{_KEY}-rows",
            height=HEIGHT,
            on_select=partial(_picked, cases["case_no"].tolist()),
            selection_mode="single-row",
        ),
        caption=" · ".join(
            [
                _("a row opens its case"),
                _("linked by devices or by referring each other = one case"),
                reward_words.all_times(),
            ]
        ),
    )


def sentence(cases: pd.DataFrame) -> str:
    """How many are suspected, and what the leading case is."""
    first = cases.iloc[0]
    said = {
        "suspects": abuse_words.members(int(cases["members"].sum())),
        "cases": ngettext("{count} case", "{count} cases", len(cases)).format(count=formats.count(len(cases))),
        "members": abuse_words.members(int(first["members"])),
        "points": abuse_words.points(first["points_each"]),
        "reward": formats.money(int(first["reward_fen"])),
    }
    if len(cases) == 1:
        return _(
            "**{suspects}** in one case look as if made to earn rewards: {points} each, **{reward}** received. "
            "A person judges."
        ).format(**said)
    return _(
        "**{suspects}** in {cases} look as if made to earn rewards. The first: **{members}**, {points} each, "
        "**{reward}** received. A person judges."
    ).format(**said)


def facts(shown: View) -> export.Header:
    """What a file of suspects states of its rows."""
    metric = METRICS["abuse_points"]
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Filters"), members_in_words(shown.members, shown.filters, shown.book)),
    ]


def _listed(cases: pd.DataFrame) -> pd.DataFrame:
    return cases.assign(
        evidence=[_(", ").join(abuse_words.signal(signal) for signal in signals) for signals in cases["signals"]],
        judged=[_judged(row) for row in cases.itertuples()],
        points=cases["points_each"].round().astype("int64"),
    )


def _judged(row: tuple) -> str:
    """Farmed 24, Cleared 1; empty where nobody has judged."""
    counts = {abuse_words.FARMED: row.farmed, abuse_words.CLEARED: row.cleared}
    return _(", ").join(
        f"{abuse_words.verdict(code)} {formats.count(count)}" for code, count in counts.items() if count
    )


def _columns() -> dict[str, Column]:
    metric = METRICS["abuse_points"]
    return {
        "case_no": Column(_("Case"), Kind.COUNT, pinned=True),
        "members": Column(_("Members"), Kind.COUNT),
        "points": Column(_("Points each"), Kind.COUNT, help=_(metric.definition)),
        "reward_fen": Column(_("Received"), Kind.FEN),
        "reversed_fen": Column(_("Reversed"), Kind.FEN),
        "judged": Column(_("Judged")),
        "evidence": Column(_("Signals")),
        "first_registered_on": Column(_("First registered"), Kind.DAY),
        "last_registered_on": Column(_("Last registered"), Kind.DAY),
    }


def _picked(numbers: list[int]) -> None:
    rows = st.session_state[f"{_KEY}-rows"]["selection"]["rows"]
    if rows:
        reward_choices.open_case(numbers[rows[0]])
