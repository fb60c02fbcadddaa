"""Which pair of two dimensions stands out? A table of cells; a click filters everything by both values."""

from functools import partial

import pandas as pd
import streamlit as st

from components import cards, formats, tables
from components.charts import pairs as pairs_chart
from components.filters.drill import drill_into
from components.language import _, dimension_name, ngettext, value_label
from components.rates.segments import judged
from components.tables import Column, Kind
from rules.book import Book

HEIGHT = 290
_ROWS, _COLUMNS = 11, 8  # cells that fit


def draw(card: cards.Card, rates: pd.DataFrame, *, codes: tuple[str, str], thin_borrowers: int, book: Book) -> None:
    """Draw the card. rates: `rules.default_rates.segment_rates` of every pair of the two dimensions' values."""
    cells = _with_texts(rates, codes, book)
    rows = _kept(cells, "row_segment", book.values_of(codes[0]), _ROWS)
    columns = _kept(cells, "column_segment", book.values_of(codes[1]), _COLUMNS)
    shown = cells.loc[cells["row_segment"].isin(rows) & cells["column_segment"].isin(columns)].assign(
        row=lambda frame: frame["row_segment"].map(rows.index),
        column=lambda frame: frame["column_segment"].map(columns.index),
    )
    key = f"pairs-{codes[0]}-{codes[1]}"

    def figure() -> None:
        made = pairs_chart.pairs(
            shown,
            rows=[value_label(codes[0], value, book) for value in rows],
            columns=[value_label(codes[1], value, book) for value in columns],
            height=HEIGHT,
        )
        cards.chart(made, key, on_select=partial(_clicked, codes, cards.chart_key(key)), selection_mode="points")

    def table(height: int) -> None:
        listed = cells.sort_values("rate", ascending=False, kind="stable")
        picked = partial(_picked, codes, listed[["row_segment", "column_segment"]].to_numpy().tolist(), f"{key}-rows")
        tables.show(
            listed, _columns(codes), key=f"{key}-rows", height=height, on_select=picked, selection_mode="single-row"
        )

    card.answer(
        sentence(cells, thin_borrowers),
        height=HEIGHT,
        figure=figure,
        table=table,
        caption=_caption(cells, shown),
    )


def sentence(cells: pd.DataFrame, thin_borrowers: int) -> str:
    """The worst pair that stands out and is not thin, or that none does."""
    thin = int(cells["thin"].sum())
    hatched = ngettext(
        "{count} pair with fewer than {borrowers} borrowers is hatched.",
        "{count} pairs with fewer than {borrowers} borrowers are hatched.",
        thin,
    ).format(count=thin, borrowers=thin_borrowers)
    found = cells.loc[(cells["stands_out"] == "above") & ~cells["thin"]]
    if found.empty:
        text = _("No pair is above the rest of the book by more than noise.")
    else:
        worst = found.loc[found["rate"].idxmax()]
        text = _("**{pair}** is worst at **{rate}** ({interval}); the difference is not noise.").format(
            pair=f"{worst['row_label']} × {worst['column_label']}",
            rate=worst["rate_text"],
            interval=formats.interval(worst["low"], worst["high"]),
        )
    return f"{text} {hatched}" if thin else text


def _with_texts(rates: pd.DataFrame, codes: tuple[str, str], book: Book) -> pd.DataFrame:
    cells = rates.loc[rates["borrowers"] > 0]
    cells = cells.assign(
        difference=cells["difference_to_book"],
        book_rate=cells["rate"] - cells["difference_to_book"],
        row_label=[value_label(codes[0], value, book) for value in cells["row_segment"]],
        column_label=[value_label(codes[1], value, book) for value in cells["column_segment"]],
        rate_text=[formats.percent(rate) for rate in cells["rate"]],
        verdict=[judged(status) for status in cells["stands_out"]],
    )
    return cells.assign(
        text=[_text(row) for row in cells.itertuples()], hover=[_hover(row) for row in cells.itertuples()]
    )


def _text(row: tuple) -> str:
    return f"n {formats.count(row.borrowers)}" if row.thin else formats.percent_number(row.rate)


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{row.row_label} × {row.column_label}</b>",
            f"{row.rate_text} ({formats.interval(row.low, row.high)})",
            _("{defaulted} of {borrowers} borrowers").format(
                defaulted=formats.count(row.defaulted), borrowers=formats.count(row.borrowers)
            ),
            _("{points} to the book").format(points=formats.points(row.difference)),
        ]
    )


def _kept(cells: pd.DataFrame, column: str, order: tuple[str, ...], limit: int) -> list[str]:
    """The values with the most borrowers, as many as fit, in the dimension's own order."""
    sizes = cells.groupby(column)["borrowers"].sum().nlargest(limit)
    return [value for value in (*order, *sizes.index.difference(order)) if value in sizes.index]


def _caption(cells: pd.DataFrame, shown: pd.DataFrame) -> str:
    said = [
        _("number = default rate, %"),
        _("colour = distance from the book (green below, red above), strong only where it is not noise"),
    ]
    if len(shown) < len(cells):
        said.insert(0, _("{shown} of {all} drawn, the table has all").format(shown=len(shown), all=len(cells)))
    return " · ".join(said)


def _columns(codes: tuple[str, str]) -> dict[str, Column]:
    return {
        "row_label": Column(dimension_name(codes[0]), pinned=True),
        "column_label": Column(dimension_name(codes[1]), pinned=True),
        "rate": Column(_("Default rate"), Kind.RATIO),
        "low": Column(_("From"), Kind.RATIO),
        "high": Column(_("To"), Kind.RATIO),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "difference": Column(_("Difference to the book"), Kind.POINTS),
        "verdict": Column(_("Stands out")),
        "principal_fen": Column(_("Principal"), Kind.FEN),
    }


def _clicked(codes: tuple[str, str], key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        _drill(codes, points[0]["customdata"][:2])


def _picked(codes: tuple[str, str], pairs: list[list[str]], key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        _drill(codes, pairs[rows[0]])


def _drill(codes: tuple[str, str], values: list[str]) -> None:
    for code, value in zip(codes, values, strict=True):
        drill_into(code, str(value))
