"""What is a member worth? Contribution summed over the months since registration, observed and projected apart."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts.values import Curve, values
from components.language import _, ngettext, value_label
from components.membership import worth_choices
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import calendar, lifetime_value
from rules.dimensions import CHANNEL, FIRST_TIER, UNKNOWN
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "lifetime"


def draw(shown: View, cells: pd.DataFrame, cohorts: pd.DataFrame) -> None:
    """Draw the card. cells, cohorts: `queries.worth.by_month` and `cohorts` by what the link asks for."""
    metric, rule, book = METRICS["lifetime_value"], shown.policy.lifetime, shown.book
    by = worth_choices.by(book)
    card = cards.begin(
        _KEY,
        title=_("What is a member worth?"),
        definition=_(metric.definition),
    )
    with card.controls:
        worth_choices.draw_by(book)
    found = lifetime_value.curves(
        cells,
        cohorts,
        registered=shown.members.registered,
        newest_month=calendar.newest_month_end(book.as_of),
        observed_months=rule.observed_months,
        months=rule.months,
        discount_rate=rule.discount_rate,
    )
    found = _kept(found, shown)
    if found.empty:
        with card.frame:
            states.immature(_("No month of registration that passes the filters has been seen for a whole month yet."))
        return
    order = _order(found, by, shown)
    named = {value: value_label(by, value, book) if by else _("All members") for value in order}
    card.answer(
        sentence(found, named, rule.months),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found, order, named, by), f"{_KEY}-{by}"),
        table=lambda height: tables.show(_listed(found, order, named), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(found, shown)),
    )


def sentence(found: pd.DataFrame, named: dict[str, str], months: int) -> str:
    """What a member of the dearest and of the cheapest group is worth in the end, and how much of it is projected."""
    ends = found.groupby("value", sort=False).last().sort_values("value_fen", ascending=False)
    best, worst = ends.iloc[0], ends.iloc[-1]
    observed = _observed_end(found, ends.index[0])
    month = int(best["month"])
    told = ngettext(
        "A member of **{name}** is worth **{value}** by month {months} after registration, {seen} of it observed by "
        "month {reach}.",
        "A member of **{name}** is worth **{value}** by month {months} after registration, {seen} of it observed by "
        "month {reach}.",
        month,
    ).format(
        name=named[ends.index[0]],
        value=formats.money(round(best["value_fen"])),
        months=month,
        seen=formats.money(round(observed["value_fen"])),
        reach=int(observed["month"]),
    )
    if len(ends) == 1:
        return told
    other = _("One of {name} is worth {value} by month {months}.").format(
        name=named[ends.index[-1]], value=formats.money(round(worst["value_fen"])), months=int(worst["month"])
    )
    return sentences(told, other)


def _observed_end(found: pd.DataFrame, value: str) -> pd.Series:
    return found.loc[(found["value"] == value) & ~found["projected"]].iloc[-1]


def _kept(found: pd.DataFrame, shown: View) -> pd.DataFrame:
    """Without what is unknown, and without groups of few members; a curve ends where few are left."""
    enough = found["members"] >= shown.policy.display.thin_borrowers
    firsts = found.loc[(found["month"] == 0) & enough, "value"]
    return found.loc[(found["value"] != UNKNOWN) & found["value"].isin(firsts) & enough].reset_index(drop=True)


def _order(found: pd.DataFrame, by: str, shown: View) -> list[str]:
    there = set(found["value"])
    return [value for value in (shown.book.member_values_of(by) if by else ("",)) if value in there]


@base.drawn_once
def _figure(found: pd.DataFrame, order: list[str], named: dict[str, str], by: str) -> go.Figure:
    rows = found.assign(hover=[_hover(row, named) for row in found.itertuples()])
    drawn = [
        Curve(
            rows.loc[rows["value"] == value].rename(columns={"month": "x", "value_fen": "y"}),
            named[value],
            formats.money(round(rows.loc[rows["value"] == value, "value_fen"].iloc[-1])),
            _colour(by, value, place, len(order)),
        )
        for place, value in enumerate(order)
    ]
    return values(drawn, title=_("months since registration"), words=_("projected"), height=HEIGHT)


def _colour(by: str, value: str, place: int, count: int) -> str:
    if by == FIRST_TIER.code and value in theme.TIERS:
        return theme.TIERS[value]
    if by == CHANNEL.code and value in theme.CHANNELS:
        return theme.CHANNELS[value]
    if count == 1:
        return theme.ACCENT
    return theme.SEQUENTIAL[4 + round(5 * (count - 1 - place) / (count - 1))]


def _hover(row: tuple, named: dict[str, str]) -> str:
    lines = [
        _("<b>{name}</b> {value} by month {month}").format(
            name=named[row.value], value=formats.money(round(row.value_fen)), month=row.month
        ),
        _("this month {value}").format(value=formats.money(round(row.increment_fen))),
        _("{members} members").format(members=formats.count(row.members)),
    ]
    return "<br>".join([*lines, *([_("projected from older cohorts")] if row.projected else [])])


def _caption(found: pd.DataFrame, shown: View) -> list[str]:
    rule = shown.policy.lifetime
    firsts = found.loc[found["month"] == 0]
    return [
        _("n = {count} members").format(count=formats.count(int(firsts["members"].sum()))),
        _("line = one fixed set of cohorts, dots = the months of older cohorts"),
        _("discounted at {rate} a year").format(rate=formats.percent(rule.discount_rate, 0)),
        _("nothing is taken off for acquiring them but rewards"),
    ]


def _listed(found: pd.DataFrame, order: list[str], named: dict[str, str]) -> pd.DataFrame:
    ranked = found.assign(place=found["value"].map({value: place for place, value in enumerate(order)}))
    kept = ranked.sort_values(["place", "month"]).reset_index(drop=True)
    return kept.assign(label=[named[value] for value in kept["value"]])


def _columns() -> dict[str, Column]:
    metric = METRICS["lifetime_value"]
    return {
        "label": Column(_("Members"), pinned=True),
        "month": Column(_("Month"), Kind.COUNT),
        "value_fen": Column(_(metric.name), Kind.FEN, help=_(metric.definition)),
        "cumulative_fen": Column(_("Not discounted"), Kind.FEN),
        "increment_fen": Column(_("In the month"), Kind.FEN),
        "projected": Column(_("Projected"), Kind.YES),
        "members": Column(_("Members counted"), Kind.COUNT),
        "cohorts": Column(_("Cohorts"), Kind.COUNT),
    }
