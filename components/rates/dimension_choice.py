"""Which dimension a card groups by: those that the book records, and one that a link asks for in vain."""

from dataclasses import dataclass

import streamlit as st

from components import linked, states
from components.language import dimension_name
from rules import dimensions
from rules.book import Book

_FIRST = ("tier", "grade", "product", "term", "province")  # what a card opens with, the first that the book has

_STRATA = 12  # values of a dimension that is held equal; with more, most strata would have hardly anybody


def recorded(book: Book) -> list[str]:
    """The dimensions that have at least one value in the book."""
    return [dimension.code for dimension in dimensions.ALL if book.values_of(dimension.code)]


@dataclass(frozen=True)
class Choice:
    """The dimension of a card: what the link asks for among what is offered, known before its select box is drawn."""

    key: str
    code: str  # empty where the book records no dimension
    offered: tuple[str, ...]
    opening: str

    def draw(self, label: str) -> None:
        """The select box."""
        linked.select(self.key, self.offered, opening=self.opening, label=label, named=dimension_name)


def choose(key: str, book: Book, *, other_than: str = "", first: str = "") -> Choice:
    """The choice of a card. It opens with `first`, else with the first usual dimension that has several values."""
    offered = [code for code in recorded(book) if code != other_than]
    several = [code for code in (first, *_FIRST, *offered) if code in offered and len(book.values_of(code)) > 1]
    opening = next(iter([*several, *offered]), "")
    asked = st.query_params.get(key)
    if asked in dimensions.BY_CODE and asked != other_than and asked not in offered:
        offered.append(str(asked))  # a link from another book: the card says what is missing
    return Choice(key, linked.value(key, offered, opening), tuple(offered), opening)


def controls(book: Book, *, other_than: str) -> list[str]:
    """The dimensions that can be held equal: recorded, of several values, and few enough to have somebody in each."""
    return [
        code
        for code in recorded(book)
        if code not in {other_than, dimensions.DISBURSED_MONTH.code} and 1 < len(book.values_of(code)) <= _STRATA
    ]


def missing(code: str, book: Book) -> bool:
    """Whether the book lacks a dimension; the empty state that names its table or column is then drawn."""
    if book.values_of(code):
        return False
    if not code:
        states.nothing()
        return True
    source = dimensions.BY_CODE[code].source
    table = source.split(".")[0]
    if table in book.missing_tables:
        states.empty([table])
    else:
        states.unrecorded(source)
    return True
