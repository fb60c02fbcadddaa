"""Is every rule kept? Each rule of the policy with its source, what was judged by it and what was found."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from components import cards, downloads, export, formats, tables
from components.compliance import choices, words
from components.language import _
from components.tables import Column, Kind
from components.view import View
from rules.compliance import KINDS, Rule, Standing
from rules.filters import DateRange
from rules.metrics import METRICS

HEIGHT = 366
_KEY = "rules-kept"
EVIDENCE = ("rule", "happened_on", "happened_at", "subject_id", "member_id", "loan_id", "observed", "allowed")


def draw(shown: View, rows: Sequence[Standing], period: DateRange, evidence: downloads.Batches) -> None:
    """Draw the card. rows: `rules.compliance.standings`; evidence: all breaches of the period, for a file."""
    metric = METRICS["rule_breaches"]
    card = cards.begin(_KEY, title=_("Is every rule kept?"), definition=_(metric.definition), tabular=False)
    with card.actions:
        stated = partial(facts, rows, shown, period)
        downloads.buttons(
            _KEY, "compliance-evidence", shown, stated, export.cny_columns(EVIDENCE), partial(export.in_cny, evidence)
        )
    with card.controls:
        choices.draw_period()
    card.answer(
        sentence(rows),
        height=HEIGHT,
        figure=lambda: _table(rows, shown),
        caption=" · ".join(
            [
                words.period(period, shown.book.as_of),
                _("limits and sources: the policy file, each from its own day"),
                _("a click on a row shows its breaches"),
                _("a breach is to be judged by a person"),
            ]
        ),
    )


def sentence(rows: Sequence[Standing]) -> str:
    """How many rules are broken, and which the most."""
    broken = [row for row in rows if row.breaches]
    judged = [row for row in rows if row.judged]
    if not judged:
        return _("The book holds nothing that a rule of the policy could be held against in this period.")
    if not broken:
        return _("**All {all} rules** that anything was judged by are kept.").format(all=len(judged))
    first = broken[0]
    return _("**{count}** of {all} rules are broken; most often **{name}**: {breaches} of {judged} judged.").format(
        count=len(broken),
        all=len(judged),
        name=words.name(first.rule),
        breaches=formats.count(first.breaches),
        judged=formats.count(first.judged),
    )


def facts(rows: Sequence[Standing], shown: View, period: DateRange) -> export.Header:
    """The cover of a period's evidence: each rule with its source, its limit and how the book stands to it."""
    metric = METRICS["rule_breaches"]
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Period"), words.period(period, shown.book.as_of)),
        *((f"{words.name(row.rule)} ({row.rule.value})", _fact(row, shown)) for row in rows),
        (_("Standing"), _("A flag to be judged by a person, not a verdict.")),
    ]


def _fact(row: Standing, shown: View) -> str:
    found = _("{breaches} of {judged} judged").format(
        breaches=formats.count(row.breaches), judged=formats.count(row.judged)
    )
    since = _("in force from {day}").format(day=row.limit.from_on.isoformat())
    allowed = words.limit(row.rule, row.limit, shown.policy)
    return "; ".join([found, allowed, since, words.source(row.limit.source), _(KINDS[row.rule].definition)])


def _table(rows: Sequence[Standing], shown: View) -> None:
    listed = pd.DataFrame(
        {
            "state": [words.standing(row) for row in rows],
            "name": [words.name(row.rule) for row in rows],
            "breaches": pd.Series([row.breaches for row in rows], dtype="int64"),
            "judged": pd.Series([row.judged for row in rows], dtype="int64"),
            "ratio": pd.Series([row.ratio for row in rows], dtype="float64"),
            "newest_on": [row.newest_on for row in rows],
            "allowed": [words.limit(row.rule, row.limit, shown.policy) for row in rows],
            "from_on": [row.limit.from_on for row in rows],
            "source": [words.source(row.limit.source) for row in rows],
        }
    )
    rules = [row.rule for row in rows]
    place = rules.index(choices.rule()) if choices.rule() in rules else None
    st.session_state[_KEY] = {"selection": {"rows": [] if place is None else [place]}}
    tables.show(
        listed,
        _columns(),
        key=_KEY,
        height=HEIGHT,
        selection_mode=["single-row", "single-cell"],  # a click anywhere on a row, or on its box
        on_select=partial(_picked, rules),
    )


def _columns() -> dict[str, Column]:
    return {
        "state": Column(_("State"), width=96),
        "name": Column(_("Rule"), pinned=True),
        "breaches": Column(_("Breaches"), Kind.COUNT),
        "judged": Column(_("Put to the rule"), Kind.COUNT),
        "ratio": Column(_("Share"), Kind.RATIO),
        "newest_on": Column(_("Newest"), Kind.DAY),
        "allowed": Column(_("Allowed")),
        "from_on": Column(_("In force from"), Kind.DAY),
        "source": Column(_("Source")),
    }


def _picked(rules: Sequence[Rule]) -> None:
    selected = st.session_state[_KEY]["selection"]
    rows = [row for row, _column in selected["cells"]] or selected["rows"]
    if rows and rows[0] < len(rules):
        choices.choose_rule(rules[rows[0]])
