"""What have rewards cost, and what became of them? The ledger by rule: paid, still open, reversed."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts.split_bars import Part, split_bars
from components.filters.words import registered
from components.language import _, ngettext
from components.rates.time import words
from components.referrals import reward_words
from components.tables import Column, Kind
from components.view import View
from rules import rewards
from rules.metrics import METRICS
from rules.rewards import Totals

HEIGHT = 290
_KEY = "reward-ledger"


def draw(shown: View, parts: pd.DataFrame, before: pd.DataFrame | None) -> None:
    """Draw the card. parts: `queries.rewards.ledger`; before: the same of the period that is compared to."""
    metric = METRICS["reward_cost"]
    card = cards.begin(
        _KEY, title=_("What have rewards cost, and what became of them?"), definition=_(metric.definition)
    )
    if parts.empty:
        with card.frame:
            states.nothing(_("No reward was accrued for members who pass the filters."))
        return
    found = rewards.by_rule(parts)
    found = found.assign(
        label=[reward_words.rule(row) for row in found.itertuples()],
        text=[formats.money(fen) for fen in found["fen"]],
    )
    found = found.assign(hover=[_hover(row) for row in found.itertuples()])
    card.answer(
        words.sentences(sentence(rewards.totals(parts)), _compared(shown, before)),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found), _KEY),
        table=lambda height: tables.show(_listed(parts), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                ngettext("n = {count} reward", "n = {count} rewards", int(parts["rewards"].sum())).format(
                    count=formats.count(int(parts["rewards"].sum()))
                ),
                _("by the cohort of the referee, every side and level"),
                _("the parts sum to the ledger to the fen"),
            ]
        ),
    )


def sentence(found: Totals) -> str:
    """What was accrued, what became of it, and how much of it went beyond direct referees."""
    said = {
        "fen": formats.money(found.fen),
        "paid": formats.money(found.paid_fen),
        "open": formats.money(found.open_fen),
        "reversed": formats.money(found.reversed_fen),
        "taken_back": formats.money(found.taken_back_fen),
        "beyond": formats.money(found.beyond_fen),
    }
    text = (
        _(
            "**{fen}** was accrued: {paid} paid, **{open} still owed**, {reversed} reversed, {taken_back} of it after "
            "it had been paid."
        )
        if found.taken_back_fen
        else _("**{fen}** was accrued: {paid} paid, **{open} still owed**, {reversed} reversed.")
    )
    beyond = _("{beyond} went to referrers beyond the direct one.") if found.beyond_fen else ""
    return words.sentences(text, beyond).format(**said)


def _compared(shown: View, before: pd.DataFrame | None) -> str:
    """What was accrued for the cohort that is compared to; empty where none is."""
    if before is None or shown.members.compared is None:
        return ""
    return _("For those registered {months} it was {fen}.").format(
        months=registered(shown.members.compared, shown.book), fen=formats.money(int(before["fen"].sum()))
    )


@base.drawn_once
def _figure(found: pd.DataFrame) -> go.Figure:
    parts = [
        Part("paid_fen", _("paid out"), theme.ACCENT),
        Part("open_fen", _("still owed"), theme.UNCERTAIN, hatched=True),
        Part("reversed_fen", _("reversed"), theme.BAD),
    ]
    return split_bars(found, parts=parts, height=HEIGHT)


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{row.label}</b> {row.text}, {formats.percent(row.share)}",
            _("{paid} paid, {open} still owed, {reversed} reversed").format(
                paid=formats.money(row.paid_fen),
                open=formats.money(row.open_fen),
                reversed=formats.money(row.reversed_fen),
            ),
            ngettext("{count} reward", "{count} rewards", row.rewards).format(count=formats.count(row.rewards)),
        ]
    )


def _listed(parts: pd.DataFrame) -> pd.DataFrame:
    return parts.assign(
        label=[reward_words.rule(row) for row in parts.itertuples()],
        kind=[reward_words.kind(code) for code in parts["kind"]],
        side=[reward_words.side(code) for code in parts["side"]],
        form=[reward_words.form(code) for code in parts["form"]],
    ).sort_values("fen", ascending=False, kind="stable")


def _columns() -> dict[str, Column]:
    metric = METRICS["reward_cost"]
    return {
        "label": Column(_("Rule"), pinned=True),
        "kind": Column(_("Kind")),
        "level": Column(_("Level"), Kind.COUNT),
        "side": Column(_("Side")),
        "form": Column(_("Form")),
        "rewards": Column(_("Rewards"), Kind.COUNT),
        "fen": Column(_(metric.name), Kind.FEN, help=_(metric.definition)),
        "paid_fen": Column(_("Paid out"), Kind.FEN),
        "open_fen": Column(_("Still owed"), Kind.FEN),
        "reversed_fen": Column(_("Reversed"), Kind.FEN),
        "taken_back_fen": Column(_("Reversed after payment"), Kind.FEN),
    }
