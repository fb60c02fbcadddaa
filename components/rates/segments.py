"""Where does the book default? Rate by segment and what stands out; a click filters everything else by the segment."""

from functools import partial

import pandas as pd
import streamlit as st

from components import cards, formats, linked, tables
from components.charts import months as months_chart
from components.charts import segments as segments_chart
from components.filters.drill import drill_into
from components.language import _, dimension_name, ngettext, value_label
from components.tables import Column, Kind
from rules import dimensions
from rules.book import Book
from rules.metrics import METRICS
from rules.text import N_

HEIGHT = 290
_FIT = 11  # rows that the height holds
_SORTS = {"rate": N_("Highest rate first"), "borrowers": N_("Most borrowers first"), "own": N_("In its own order")}


def choose_order() -> str:
    """The select box for the order of the rows."""
    return linked.select("sort", list(_SORTS), opening="rate", label=_("Order"), named=lambda code: _(_SORTS[code]))


def draw(
    card: cards.Card, rates: pd.DataFrame, *, code: str, order: str, chosen: str, significance: float, book: Book
) -> None:
    """Draw the card. rates: `rules.default_rates.segment_rates` of every value of the dimension, in its own order."""
    rows = _with_texts(rates, code, book)
    book_rate = float(rows["rate"].iloc[0] - rows["difference_to_book"].iloc[0])
    by_month = code == dimensions.DISBURSED_MONTH.code
    shown = rows if by_month else _in_order(_fitting(rows), order)
    heads = {
        "book": _("Book {rate}").format(rate=formats.percent(book_rate)),
        "rate": _("Rate"),
        "count": _("Borrowers"),
    }
    key = f"segments-{code}-{chosen}"

    def figure() -> None:
        draws = months_chart.months if by_month else segments_chart.segments
        made = draws(shown, book_rate=book_rate, heads=heads, height=HEIGHT, chosen=chosen)
        cards.chart(made, key, on_select=partial(_clicked, code, cards.chart_key(key)), selection_mode="points")

    def table(height: int) -> None:
        listed = _in_order(rows, order)
        picked = partial(_picked, code, list(listed["segment"]), f"{key}-rows")
        tables.show(
            listed, _columns(code), key=f"{key}-rows", height=height, on_select=picked, selection_mode="single-row"
        )

    card.answer(
        sentence(rows, code),
        height=HEIGHT,
        figure=figure,
        table=table,
        caption=_caption(rows, shown, significance),
    )


def sentence(rows: pd.DataFrame, code: str) -> str:
    """The segment furthest above the book that stands out, else the furthest below, else that none does."""
    found = rows.loc[rows["stands_out"] != ""].sort_values("difference_to_book", ascending=False)
    if found.empty:
        return _("No value of {dimension} differs from the rest of the book by more than noise.").format(
            dimension=f"**{dimension_name(code)}**"
        )
    row = found.iloc[0] if found.iloc[0]["stands_out"] == "above" else found.iloc[-1]
    text = (
        _(
            "**{segment}** defaults at **{rate}** ({interval}), **{points} above the book**; "
            "the difference is not noise."
        )
        if row["stands_out"] == "above"
        else _(
            "**{segment}** defaults at **{rate}** ({interval}), **{points} below the book**; "
            "the difference is not noise."
        )
    )
    return text.format(
        segment=row["label"],
        rate=row["rate_text"],
        interval=formats.interval(row["low"], row["high"]),
        points=formats.points_size(row["difference_to_book"]),
    )


def judged(stands_out: str) -> str:
    """What the test says of a segment, in a word."""
    return {"above": _("▲ above"), "below": _("▼ below"), "": _("≈ noise")}[stands_out]


def _with_texts(rates: pd.DataFrame, code: str, book: Book) -> pd.DataFrame:
    rows = rates.loc[rates["borrowers"] > 0].assign(
        label=lambda frame: [value_label(code, value, book) for value in frame["segment"]],
        rate_text=lambda frame: [formats.percent(rate) for rate in frame["rate"]],
        count_text=lambda frame: [formats.count(count) for count in frame["borrowers"]],
        verdict=lambda frame: [judged(status) for status in frame["stands_out"]],
    )
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


def _hover(row: object) -> str:
    return "<br>".join(
        [
            f"<b>{row.label}</b> {row.rate_text} ({formats.interval(row.low, row.high)})",
            _("{defaulted} of {borrowers} borrowers").format(
                defaulted=formats.count(row.defaulted), borrowers=row.count_text
            ),
            _("{points} to the book").format(points=formats.points(row.difference_to_book)),
            _("{rate} by principal").format(rate=formats.percent(row.principal_rate)),
            _("{share} of all defaults").format(share=formats.percent(row.share_of_defaults)),
        ]
    )


def _fitting(rows: pd.DataFrame) -> pd.DataFrame:
    """As many rows as the height holds: those that stand out before others, then those with the most borrowers."""
    ranked = rows.assign(silent=rows["stands_out"] == "").sort_values(
        ["silent", "borrowers"], ascending=[True, False], kind="stable"
    )
    return rows.loc[rows.index.isin(ranked.index[:_FIT])]


def _in_order(rows: pd.DataFrame, order: str) -> pd.DataFrame:
    return rows if order == "own" else rows.sort_values(order, ascending=False, kind="stable")


def _caption(rows: pd.DataFrame, shown: pd.DataFrame, significance: float) -> str:
    said = [
        ngettext("{count} segment", "{count} segments", len(rows)).format(count=len(rows))
        + _(", Benjamini-Hochberg at {level}").format(level=formats.percent(significance, 0)),
        _("whisker = Wilson {level}").format(level=formats.percent(1 - significance, 0)),
    ]
    if len(shown) < len(rows):
        said.insert(0, _("{shown} of {all} drawn, the table has all").format(shown=len(shown), all=len(rows)))
    if rows["thin"].any():
        said.append(_("pale = few borrowers"))
    return " · ".join(said)


def _columns(code: str) -> dict[str, Column]:
    def column(metric: str, kind: Kind) -> Column:
        return Column(_(METRICS[metric].name), kind, help=_(METRICS[metric].definition))

    return {
        "label": Column(dimension_name(code), pinned=True),
        "rate": column("default_rate", Kind.RATIO),
        "low": Column(_("From"), Kind.RATIO, help=_("Lower end of the Wilson interval")),
        "high": Column(_("To"), Kind.RATIO, help=_("Upper end of the Wilson interval")),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "difference_to_book": column("difference_to_book", Kind.POINTS),
        "verdict": Column(_("Stands out")),
        "principal_fen": Column(_("Principal"), Kind.FEN),
        "principal_rate": column("default_rate_by_principal", Kind.RATIO),
        "share_of_defaults": column("share_of_defaults", Kind.RATIO),
        "q_value": Column(_("q-value"), Kind.DECIMAL, help=_("Benjamini-Hochberg over all values of the dimension")),
    }


def _clicked(code: str, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        drill_into(code, str(points[0]["customdata"][0]))


def _picked(code: str, segments: list[str], key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        drill_into(code, segments[rows[0]])
