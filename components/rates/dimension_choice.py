"""Which dimension a card groups by: those that the book records, and one that a link asks for in vain."""

import streamlit as st

from components import linked, states
from components.language import _, dimension_name
from rules import dimensions
from rules.book import Book

_FIRST = ("tier", "grade", "product", "term", "province")  # what a card opens with, the first that the book has

_STRATA = 40


def recorded(book: Book) -> list[str]:
    """The dimensions that have at least one value in the book."""
    return [dimension.code for dimension in dimensions.ALL if book.values_of(dimension.code)]


def opening(book: Book, *, other_than: str = "") -> str:
    """The dimension that a card opens with, preferring one with several values; empty where the book has none."""
    offered = [code for code in (*_FIRST, *recorded(book)) if code != other_than and book.values_of(code)]
    several = [code for code in offered if len(book.values_of(code)) > 1]
    return next(iter(several or offered), "")


def choose(key: str, book: Book, *, label: str, other_than: str = "", first: str = "") -> str:
    """The select box of a card. `first` is what it opens with where the book records it."""
    offered = [code for code in recorded(book) if code != other_than]
    asked = st.query_params.get(key)
    if asked in dimensions.BY_CODE and asked != other_than and asked not in offered:
        offered.append(str(asked))  # a link from another book: the card says what is missing
    start = first if first in offered else opening(book, other_than=other_than)
    return linked.select(key, offered, opening=start, label=label, named=dimension_name)


def controls(book: Book, *, other_than: str) -> list[str]:
    """The dimensions that can be held equal: recorded, of several values, and few enough to have somebody in each."""
    return [
        code
        for code in recorded(book)
        if code not in {other_than, dimensions.DISBURSED_MONTH.code} and 1 < len(book.values_of(code)) <= _STRATA
    ]


def missing(code: str, book: Book) -> bool:
    """Whether the book lacks a dimension; the empty state that names its table and column is then drawn."""
    if book.values_of(code):
        return False
    source = dimensions.BY_CODE[code].source
    table = source.split(".")[0]
    if table in book.missing_tables:
        states.empty([table])
    else:
        states.nothing(_("This book records nothing in `{source}`. Group by another dimension.").format(source=source))
    return True
