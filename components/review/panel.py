"""What the panels of a case are drawn with: a card with its question and answer, and a grid of named values."""

import html
import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from components import cards, formats, states
from components.language import _
from rules.case_points import Side


@dataclass(frozen=True)
class Value:
    """A named value; `note` stands small below it, `mark` before it (beside the colour that it stands for)."""

    name: str
    text: str
    note: str = ""
    side: Side | None = None  # which way it speaks; marked so, and not by its colour alone


def card(
    key: str,
    title: str,
    sentence: str,
    body: Callable[[], object] | None = None,
    *,
    of: str = "",
    definition: str | None = None,
    caption: Sequence[str] = (),
) -> None:
    """Draw a panel: its question, its answer in a sentence, what is behind that, and how it was found."""
    drawn = cards.begin(f"case-{key}", title=title, of=of, definition=definition, tabular=False)
    with drawn.frame:
        st.markdown(unbroken(sentence))
        if body is not None:
            body()
        if caption:
            st.caption(unbroken(" · ".join(caption)))


def lacking(key: str, title: str, tables: Sequence[str]) -> None:
    """Draw a panel that the loan database has no table for; the case can be decided all the same."""
    drawn = cards.begin(f"case-{key}", title=title, tabular=False)
    with drawn.frame:
        states.empty(tables)
        st.caption(_("The case can be decided without it."))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Container[int] = ()) -> None:
    """Draw a small table of cells that are Markdown already. numbers: the places of columns that stand to the right."""
    lines = [heads, ["--:" if place in numbers else ":--" for place in range(len(heads))], *rows]
    st.markdown(unbroken("\n".join("| " + " | ".join(line) + " |" for line in lines)))


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence one after another."""
    return _(", ").join(parts)


def cny(fen: int) -> str:
    """An amount in whole CNY."""
    return formats.money_exact(round(fen / 100) * 100)


def grid(values: Sequence[Value]) -> None:
    """Draw named values side by side, as many in a row as there is room for."""
    cells = "".join(
        f"<div><dt>{html.escape(value.name)}</dt><dd>{_mark(value.side)}{html.escape(value.text)}"
        + (f"<small>{html.escape(value.note)}</small>" if value.note else "")
        + "</dd></div>"
        for value in values
    )
    st.html(f"<dl class='facts'>{cells}</dl>")


def unbroken(text: str) -> str:
    """Markdown with no line break between a mark or sign and what it stands for, or within a day in digits."""
    glued = re.sub(r"(?<=[▲▼≈]\]) ", "\u00a0", cards.unbroken(text))
    return re.sub(r"(?<=\d-)(?=\d\d\b)", "\u2060", glued)


def marked(side: Side) -> str:
    """The mark of a side in Markdown."""
    return {Side.FOR: ":green[▲]", Side.AGAINST: ":red[▼]", Side.NEITHER: ":gray[≈]"}[side]


def _mark(side: Side | None) -> str:
    if side is None:
        return ""
    mark = {Side.FOR: "▲", Side.AGAINST: "▼", Side.NEITHER: "≈"}[side]
    return f"<span class='mark {side.value}'>{mark}</span> "
