"""Is cheap also good? Every measure of every group side by side, coloured where it differs by more than noise."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base, tiles
from components.language import _, dimension_name
from components.referrals import quality_words
from components.tables import Column
from components.view import View
from rules import quality
from rules.metrics import METRICS
from rules.quality import MEASURES

HEIGHT = 290
_FIT = 11  # rows that the height holds
_KEY = "quality-overview"
_ALPHA = 0.35


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.quality.by_group`."""
    by, metric = quality_words.group(shown.book), METRICS["group_value"]
    card = cards.begin(_KEY, title=_("What does each do well?"), of=dimension_name(by), definition=_(metric.definition))
    cells = _cells(parts, by, shown)
    if cells.empty:
        with card.frame:
            states.empty(sorted(shown.book.missing_tables & {"application", "loan"}) or ["loan"])
        return
    card.answer(
        sentence(cells),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(cells), f"{_KEY}-{by}"),
        table=lambda height: tables.show(_wide(cells), _columns(by), key=f"{_KEY}-rows", height=height),
        caption=_("red = worse than all others, green = better, by more than noise · hatched = few"),
    )


def sentence(cells: pd.DataFrame) -> str:
    """The group that is worse in the most ways, and in which."""
    worse = cells.loc[(cells["verdict"] == "worse") & ~cells["thin"]]
    if worse.empty:
        return _("No group is worse than the others in any way by more than noise.")
    counted = worse.groupby("label", sort=False)["measure"].agg(list)
    label = max(counted.index, key=lambda name: len(counted[name]))
    return _("**{group}** is worse than the others in: {measures}.").format(
        group=label, measures=_(", ").join(str(name).lower() for name in counted[label])
    )


def _cells(parts: pd.DataFrame, by: str, shown: View) -> pd.DataFrame:
    """A row per group and measure that can be told."""
    display, found = shown.policy.display, []
    largest = parts.sort_values("members", ascending=False)["segment"].head(_FIT)
    order = [value for value in parts["segment"] if value in set(largest)]
    for column, measure in enumerate(MEASURES):
        rows = quality.measured(parts, measure, significance=display.significance, thin=display.thin_borrowers)
        rows = rows.loc[rows["segment"].isin(order)]
        bad = "below" if measure.good else "above"
        found.append(
            rows.assign(
                measure=_(measure.name),
                column=column,
                row=[order.index(value) for value in rows["segment"]],
                label=[quality_words.named(by, value, shown.book) for value in rows["segment"]],
                text=[quality_words.written(measure, rate) for rate in rows["rate"]],
                verdict=["" if not out else "worse" if out == bad else "better" for out in rows["stands_out"]],
                hover=[
                    f"<b>{quality_words.named(by, row.segment, shown.book)}</b> "
                    f"{quality_words.written(measure, row.rate)} "
                    f"({quality_words.interval(measure, row.low, row.high)}), n = {formats.count(row.n)}"
                    for row in rows.itertuples()
                ],
            )
        )
    return pd.concat(found, ignore_index=True)


@base.drawn_once
def _figure(cells: pd.DataFrame) -> go.Figure:
    labels = cells.drop_duplicates("row").sort_values("row")
    rows = list(labels["label"])
    cells = cells.assign(row=cells["row"].map({row: place for place, row in enumerate(labels["row"])}))
    columns = [_(measure.name) for measure in MEASURES]
    made = base.figure(height=HEIGHT, left=base.label_width(rows), right=6, top=tiles.head(columns), bottom=6)
    fills = {"worse": theme.faded(theme.BAD, _ALPHA), "better": theme.faded(theme.GOOD, _ALPHA)}
    firm = cells.loc[~cells["thin"]]
    made.layout.shapes = [
        tiles.tile(cell.row, cell.column, fills.get(cell.verdict, theme.faded(theme.UNCERTAIN, 0.1)))
        for cell in firm.itertuples(index=False)
    ]
    for cell in cells.loc[cells["thin"]].itertuples(index=False):
        made.add_trace(tiles.hatched(cell.row, cell.column))
    marks = {"worse": "▼ ", "better": "▲ "}
    texts = [marks.get(v, "") + text for v, text in zip(cells["verdict"], cells["text"], strict=True)]
    marked = cells.assign(text=texts)
    for group, colour in ((marked[~marked["thin"]], theme.TEXT), (marked[marked["thin"]], theme.MUTED)):
        made.add_trace(tiles.texts(group, colour, given=["segment"]))
    tiles.axes(made, rows=rows, columns=columns)
    return made


def _wide(cells: pd.DataFrame) -> pd.DataFrame:
    """A row per group, a text per measure."""
    order = cells.drop_duplicates("label").sort_values("row")["label"]
    table = cells.pivot(index="label", columns="column", values="text").reindex(order)
    table.columns = [f"measure_{column}" for column in table.columns]
    return table.reindex(columns=[f"measure_{place}" for place in range(len(MEASURES))]).reset_index()


def _columns(by: str) -> dict[str, Column]:
    return {
        "label": Column(dimension_name(by), pinned=True),
        **{f"measure_{place}": Column(_(measure.name)) for place, measure in enumerate(MEASURES)},
    }
