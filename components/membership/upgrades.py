"""Do members pay or work their way up? Upgrades between the two days by the tier that they lead to."""

from datetime import date

import pandas as pd

from components import cards, formats, states, tables
from components.charts.paired_bars import paired_bars
from components.language import _
from components.membership import move_choices, move_words
from components.tables import Column, Kind
from components.view import View
from rules import migration
from rules.book import Book
from rules.intervals import wilson
from rules.metrics import METRICS

HEIGHT = 250
_KEY = "upgrades"


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.migration.upgrades` of the days that the link names."""
    metric, significance = METRICS["paid_upgrades"], shown.policy.display.significance
    card = cards.begin(_KEY, title=_("Do members pay or work their way up?"), definition=_(metric.definition))
    days = move_choices.days(shown.book)
    if parts.empty:
        with card.frame:
            states.nothing(_("Nobody moved up between these days. Choose days further apart, or fewer filters."))
        return
    found = migration.upgrade_ways(parts, significance=significance)
    card.answer(
        sentence(found, days, significance),
        height=HEIGHT,
        figure=lambda: cards.chart(
            paired_bars(_rows(found, shown.book), names=(_("paid"), _("by tasks")), height=HEIGHT), _KEY
        ),
        table=lambda height: tables.show(_listed(found, shown.book), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} upgrades").format(count=formats.count(int(found["upgrades"].sum()))),
                _("first joins, of members registered in between too, and returns after a lapse count as they happen"),
            ]
        ),
    )


def sentence(found: pd.DataFrame, days: tuple[date, date], significance: float) -> str:
    """The share of upgrades that was paid for, and what they brought in."""
    upgrades, paid = int(found["upgrades"].sum()), int(found["paid"].sum())
    (low,), (high,) = wilson([paid], [upgrades], 1 - significance)
    return _(
        "**{rate}** ({interval}) of the {upgrades} upgrades after {first} and by {last} were paid for, {fees} in fees; "
        "the others were reached by tasks."
    ).format(
        rate=formats.percent(paid / upgrades),
        interval=formats.interval(low, high),
        upgrades=formats.count(upgrades),
        first=formats.day(days[0]),
        last=formats.day(days[1]),
        fees=formats.money(int(found["fee_fen"].sum())),
    )


def _rows(found: pd.DataFrame, book: Book) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": [move_words.state(tier, book) for tier in found["tier"]],
            "colour": [move_words.colour(tier) for tier in found["tier"]],
            "first": found["paid"],
            "second": found["task"],
            "first_text": [formats.count(count) for count in found["paid"]],
            "second_text": [formats.count(count) for count in found["task"]],
            "hover": [_hover(row, book) for row in found.itertuples()],
        }
    )


def _hover(row: tuple, book: Book) -> str:
    return "<br>".join(
        [
            f"<b>{move_words.state(row.tier, book)}</b>",
            _("{rate} paid ({interval})").format(
                rate=formats.percent(row.paid_rate), interval=formats.interval(row.low, row.high)
            ),
            _("{joined} joined, {rose} rose, {returned} returned").format(
                joined=formats.count(row.joined), rose=formats.count(row.rose), returned=formats.count(row.returned)
            ),
        ]
    )


def _listed(found: pd.DataFrame, book: Book) -> pd.DataFrame:
    return found.assign(label=[move_words.state(tier, book) for tier in found["tier"]])


def _columns() -> dict[str, Column]:
    metric = METRICS["paid_upgrades"]
    return {
        "label": Column(_("Tier reached"), pinned=True),
        "upgrades": Column(_("Upgrades"), Kind.COUNT),
        "paid": Column(_("Paid"), Kind.COUNT),
        "task": Column(_("By tasks"), Kind.COUNT),
        "paid_rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "joined": Column(_("Joined"), Kind.COUNT, help=_("For the first time above the lowest tier")),
        "rose": Column(_("Rose"), Kind.COUNT, help=_("From a lower tier above the lowest")),
        "returned": Column(_("Returned"), Kind.COUNT, help=_("After a lapse")),
        "fee_fen": Column(_("Fees"), Kind.FEN),
    }
