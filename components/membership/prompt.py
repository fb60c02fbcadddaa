"""Does the prompt to borrow again work? Members treated beside those whom chance held out."""

import math

import pandas as pd

from components import cards, formats, states, tables
from components.charts.dumbbells import dumbbells
from components.language import _
from components.membership import move_choices
from components.tables import Column, Kind
from components.view import View
from rules import retention
from rules.metrics import METRICS

HEIGHT = 330
_KEY = "prompt"
_OPENING = 90  # days
_DOT = 13


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.retention.prompted`."""
    metric, significance = METRICS["prompt_effect"], shown.policy.display.significance
    card = cards.begin(_KEY, title=_("Does the prompt to borrow again work?"), definition=_(metric.definition))
    if "contact" in shown.book.missing_tables:
        with card.frame:
            states.empty(["contact"])
        return
    if set(parts["arm"]) < {retention.TREATED, retention.HELD_OUT}:
        with card.frame:
            states.nothing(
                _("No member who passes the filters was held out by chance, so nothing tells what the prompt changes.")
            )
        return
    found = retention.prompt_effect(parts, significance=significance)
    found = found.assign(label=[_("{days} days").format(days=days) for days in found["days"]])
    names = _("prompted"), _("held out")
    card.answer(
        sentence(found, move_choices.again(_OPENING)),
        height=HEIGHT,
        figure=lambda: cards.chart(dumbbells(_rows(found, names), names=names, head=_("Effect"), height=HEIGHT), _KEY),
        table=lambda height: tables.show(found, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} members, each at their first planned prompt").format(
                    count=formats.count(int(parts["members"].sum()))
                ),
                _("by the arm that chance gave, whether it was read or not"),
                _("difference in points, Newcombe {level}").format(level=formats.percent(1 - significance, 0)),
            ]
        ),
    )


def sentence(found: pd.DataFrame, days: int) -> str:
    """What the prompt changes within so many days, if anything."""
    row = found.loc[found["days"] == days].iloc[0]
    said = {
        "days": days,
        "treated": formats.percent(row["treated_rate"]),
        "held": formats.percent(row["held_rate"]),
        "gap": formats.points_signed(row["difference"]),
        "points": formats.points_size(row["difference"]),
        "low": formats.points_signed(row["low"]),
        "high": formats.points_signed(row["high"]),
    }
    if math.isnan(row["difference"]):
        return _("Nobody has been observed for {days} days since the prompt in both arms yet.").format(**said)
    text = {
        "above": _(
            "**Yes**: **{treated}** of those prompted borrowed again within {days} days, **{points} more** than the "
            "{held} of those held out ({low} to {high}); the difference is not noise."
        ),
        "below": _(
            "**It does harm**: **{treated}** of those prompted borrowed again within {days} days, **{points} less** "
            "than the {held} of those held out ({low} to {high}); the difference is not noise."
        ),
        "": _(
            "**No effect shows**: **{treated}** of those prompted borrowed again within {days} days and {held} of "
            "those held out; {gap} points ({low} to {high}) is no more than noise."
        ),
    }[row["stands_out"]]
    return text.format(**said)


def _rows(found: pd.DataFrame, names: tuple[str, str]) -> pd.DataFrame:
    known = found.dropna(subset=["difference"])
    rows = known.rename(columns={"treated_rate": "first_rate", "held_rate": "second_rate"})
    return rows.assign(
        first_size=_DOT,
        second_size=_DOT,
        summary=False,
        difference_text=[
            f"{gap} ({low}…{high})"
            for gap, low, high in zip(
                *(map(formats.points_signed, rows[name]) for name in ("difference", "low", "high")), strict=True
            )
        ],
        first_hover=[_hover(names[0], row.first_rate, row.treated_again, row.treated) for row in rows.itertuples()],
        second_hover=[_hover(names[1], row.second_rate, row.held_again, row.held) for row in rows.itertuples()],
    )


def _hover(name: str, rate: float, again: int, members: int) -> str:
    counted = _("{count} of {all} members").format(count=formats.count(again), all=formats.count(members))
    return f"<b>{name}</b> {formats.percent(rate)}<br>{counted}"


def _columns() -> dict[str, Column]:
    metric = METRICS["prompt_effect"]
    return {
        "label": Column(_("Borrowed again within"), pinned=True),
        "treated_rate": Column(_("Prompted"), Kind.RATIO),
        "held_rate": Column(_("Held out"), Kind.RATIO),
        "difference": Column(_(metric.name), Kind.POINTS, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.POINTS),
        "high": Column(_("Upper end"), Kind.POINTS),
        "p_value": Column(_("p-value"), Kind.DECIMAL),
        "treated": Column(_("Members prompted"), Kind.COUNT),
        "treated_again": Column(_("of them again"), Kind.COUNT),
        "held": Column(_("Members held out"), Kind.COUNT),
        "held_again": Column(_("of those again"), Kind.COUNT),
    }
