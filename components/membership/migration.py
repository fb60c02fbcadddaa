"""Who moved between tiers? Members by their state on two days: flows, or the matrix of their shares."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, tables
from components.charts import cells as cells_chart
from components.charts.cells import Strip
from components.charts.sankey import Flow, Node, sankey
from components.language import _, ngettext
from components.membership import move_choices, move_words
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import migration
from rules.book import Book
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.migration import ENTERED, Climb, Moves

HEIGHT = 360
_KEY = "migration"


def draw(shown: View, flows: pd.DataFrame, before: pd.DataFrame) -> None:
    """Draw the card.

    flows, before: `queries.migration.flows` of the days chosen, and of as many days before the first of them.
    """
    display, metric, book = shown.policy.display, METRICS["tier_migration"], shown.book
    judge = {"significance": display.significance}
    card = cards.begin(_KEY, title=_("Who moved between tiers?"), definition=_(metric.definition))
    days = move_choices.days(book)
    with card.controls:
        move_choices.draw_days(book)
        shape = move_choices.draw_shape()
    found = _with_texts(migration.matrix(flows, thin_members=display.thin_borrowers, **judge), book)
    counted, climb = migration.moves(flows), migration.climb(flows, before, **judge)

    def figure() -> None:
        made = _matrix(found, book) if shape == move_choices.MATRIX else _flows(flows, found, days, book)
        cards.chart(made, f"{_KEY}-{shape}")

    rise = migration.busiest_rise(found, flows)
    card.answer(
        sentences(sentence(counted, climb, days), _busiest(rise, book)),
        height=HEIGHT,
        figure=figure,
        table=lambda height: tables.show(
            found.loc[found["members"] > 0], _columns(), key=f"{_KEY}-rows", height=height
        ),
        caption=" · ".join(_caption(counted, found, shown, is_matrix=shape == move_choices.MATRIX)),
    )


def sentence(counted: Moves, climb: Climb, days: tuple[date, date]) -> str:
    """How many moved which way, and whether more moved up than in the days before."""
    said = {
        "members": formats.count(counted.before),
        "first": formats.day(days[0]),
        "last": formats.day(days[1]),
        "rose": formats.count(counted.rose),
        "fell": formats.count(counted.fell),
        "lapsed": formats.count(counted.lapsed),
        "dormant": formats.count(counted.fell_dormant),
        "rate": formats.percent(climb.rate),
        "interval": formats.interval(climb.low, climb.high),
        "points": formats.points_size(climb.difference),
        "before": formats.percent(climb.before_rate),
    }
    if not counted.before:
        return _("Nobody was a member on {first}; {entered} are by {last}.").format(
            entered=formats.count(counted.entered), **said
        )
    told = _(
        "Of the {members} members on {first}, **{rose} moved up** by {last} ({rate}; {interval}), **{fell} down**, "
        "**{lapsed} lapsed** and **{dormant} fell dormant**."
    )
    judged = {
        Verdict.HIGHER: _("That is **{points} more up** than in as many days before; the difference is not noise."),
        Verdict.LOWER: _("That is **{points} fewer up** than in as many days before; the difference is not noise."),
        Verdict.NOISE: _("Against {before} up in as many days before, the difference is no more than noise."),
        Verdict.NOT_COMPARED: _("There are no days before to hold it against."),
    }[climb.verdict]
    return sentences(told.format(**said), judged.format(**said))


def _busiest(rise: "pd.Series | None", book: Book) -> str:
    if rise is None:
        return ""
    return _("{before} → {after} is the busiest step up ({rate} of {before}).").format(
        before=move_words.state(rise["from_state"], book),
        after=move_words.state(rise["to_state"], book),
        rate=formats.percent(rise["rate"]),
    )


def _flows(flows: pd.DataFrame, found: pd.DataFrame, days: tuple[date, date], book: Book) -> go.Figure:
    ends = migration.ends(flows)
    entered = int(flows.loc[flows["from_state"] == ENTERED, "members"].sum())
    before = [_node(row.state, row.before, book) for row in ends.itertuples() if row.before]
    after = [_node(row.state, row.after, book) for row in ends.itertuples() if row.after]
    if entered:
        before.insert(0, _node(ENTERED, entered, book))
    moved = [Flow(row.from_state, row.to_state, row.members, row.hover) for row in found.itertuples() if row.members]
    heads = formats.day(days[0]), formats.day(days[1])
    return sankey(before, after, moved, heads=heads, height=HEIGHT)


def _node(state: str, members: int, book: Book) -> Node:
    name = move_words.state(state, book)
    counted = ngettext("{count} member", "{count} members", members).format(count=formats.count(members))
    return Node(
        state, f"{name} {formats.count(members)}", move_words.colour(state), members, f"<b>{name}</b> {counted}"
    )


def _matrix(found: pd.DataFrame, book: Book) -> go.Figure:
    rows, columns = list(dict.fromkeys(found["from_state"])), list(dict.fromkeys(found["to_state"]))
    firm = found.loc[~found["thin"]]
    shown = firm.assign(
        row=firm["from_state"].map(rows.index),
        column=firm["to_state"].map(columns.index),
        value=firm["rate"],
        outlined=firm["from_state"] == firm["to_state"],
        ringed=False,
        text=[
            formats.percent_number(rate) if members else "·"
            for rate, members in zip(firm["rate"], firm["members"], strict=True)
        ],
    )
    thin = found.loc[found["thin"]].groupby("from_state")["of_members"].first()
    return cells_chart.cells(
        shown,
        rows=[move_words.state(state, book) for state in rows],
        columns=[move_words.state(state, book) for state in columns],
        height=HEIGHT,
        bounds=cells_chart.RARE_TO_ALL,
        slanted=True,
        given=("from_state", "to_state"),
        strips=[
            Strip(
                rows.index(state), 0, len(columns), _("n {count}: too few for rates").format(count=formats.count(count))
            )
            for state, count in thin.items()
        ],
    )


def _with_texts(found: pd.DataFrame, book: Book) -> pd.DataFrame:
    return found.assign(
        from_label=[move_words.state(state, book) for state in found["from_state"]],
        to_label=[move_words.state(state, book) for state in found["to_state"]],
        hover=[_hover(row, book) for row in found.itertuples()],
    )


def _hover(row: tuple, book: Book) -> str:
    return "<br>".join(
        [
            f"<b>{move_words.state(row.from_state, book)} → {move_words.state(row.to_state, book)}</b>",
            _("{count} of {all} members").format(count=formats.count(row.members), all=formats.count(row.of_members)),
            f"{formats.percent(row.rate)} ({formats.interval(row.low, row.high)})",
        ]
    )


def _caption(counted: Moves, found: pd.DataFrame, shown: View, *, is_matrix: bool) -> list[str]:
    days = shown.policy.movement.dormant_days
    said = [
        _("n = {count} members").format(count=formats.count(counted.members)),
        _("dormant = no sign of life and no running loan for more than {days} days").format(days=days),
    ]
    if is_matrix:
        said.append(_("row = before, column = after; a row sums to 100 %"))
        if found["thin"].any():
            said.append(_("hatched = few members"))
    else:
        said.append(_("grey = stayed, colour = left that state"))
    return said


def _columns() -> dict[str, Column]:
    metric = METRICS["tier_migration"]
    return {
        "from_label": Column(_("Before"), pinned=True),
        "to_label": Column(_("After"), pinned=True),
        "members": Column(_("Members"), Kind.COUNT),
        "of_members": Column(_("Of members"), Kind.COUNT),
        "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
    }
