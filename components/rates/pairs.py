"""Which pair of two dimensions stands out? A table of cells; a click filters everything by both values."""

import pandas as pd

from components import cards, formats
from components.charts import pairs as pairs_chart
from components.language import _, dimension_name, ngettext, value_label
from components.rates import rate_rows
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
        rate_rows.chart(made, key, codes)

    def table(height: int) -> None:
        listed = cells.sort_values("rate", ascending=False, kind="stable")
        names = {"row_label": dimension_name(codes[0]), "column_label": dimension_name(codes[1])}
        rate_rows.table(
            listed,
            rate_rows.columns(names),
            key=f"{key}-rows",
            height=height,
            codes=codes,
            segments=["row_segment", "column_segment"],
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
    cells = rate_rows.with_texts(rates)
    cells = cells.assign(
        difference=cells["difference_to_book"],
        book_rate=cells["rate"] - cells["difference_to_book"],
        row_label=[value_label(codes[0], value, book) for value in cells["row_segment"]],
        column_label=[value_label(codes[1], value, book) for value in cells["column_segment"]],
    )
    return cells.assign(
        text=[f"n {row.count_text}" if row.thin else formats.percent_number(row.rate) for row in cells.itertuples()],
        hover=[rate_rows.hover(f"{row.row_label} × {row.column_label}", row) for row in cells.itertuples()],
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
