"""Where does the book default? Rate by segment and what stands out; a click filters everything else by the segment."""

import pandas as pd

from components import cards, formats, linked
from components.charts import months as months_chart
from components.charts import segments as segments_chart
from components.language import _, dimension_name, ngettext, value_label
from components.rates import rate_rows
from components.tables import Column, Kind
from rules import dimensions
from rules.book import Book
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
        rate_rows.chart(made, key, (code,))

    def table(height: int) -> None:
        listed = _in_order(rows, order)
        rate_rows.table(listed, _columns(code), key=f"{key}-rows", height=height, codes=(code,), segments=["segment"])

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


def _with_texts(rates: pd.DataFrame, code: str, book: Book) -> pd.DataFrame:
    rows = rate_rows.with_texts(rates)
    rows = rows.assign(label=[value_label(code, value, book) for value in rows["segment"]])
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


def _hover(row: tuple) -> str:
    return rate_rows.hover(
        row.label,
        row,
        _("{rate} by principal").format(rate=formats.percent(row.principal_rate)),
        _("{share} of all defaults").format(share=formats.percent(row.share_of_defaults)),
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
    return {
        **rate_rows.columns({"label": dimension_name(code)}),
        "principal_rate": rate_rows.metric("default_rate_by_principal", Kind.RATIO),
        "share_of_defaults": rate_rows.metric("share_of_defaults", Kind.RATIO),
        "q_value": Column(_("q-value"), Kind.DECIMAL, help=_("Benjamini-Hochberg over all values of the dimension")),
    }
