"""The card: a question as title, one sentence as answer, the figure or its table at the same height, a caption."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import formats, linked, printed, tables, view
from components.language import _
from components.markdown import without_marks

_CHART_OPTIONS = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "showAxisDragHandles": False}
_DIGITS_OF = re.compile(r"(?<=\d)(?=[万亿])")
_TABLES = "tables"  # in the link: the cards that show their tables


@dataclass(frozen=True)
class Card:
    """A card whose head is drawn: choices go into `controls`, buttons into `actions`; then `answer` draws the rest."""

    key: str
    frame: DeltaGenerator
    actions: DeltaGenerator  # beside the title
    controls: DeltaGenerator  # a line of its own below it
    tabular: bool  # its table is shown rather than its figure
    title: str
    definition: str

    def answer(
        self,
        sentence: str,
        *,
        height: int | None,
        figure: Callable[[], object],
        table: Callable[[int], object] | None = None,
        caption: str = "",
        filed: bool = False,
    ) -> None:
        """Draw the sentence, then the figure or the table (which is given the height), then the caption.

        Without a height the figure, which is then words or a form, takes what it takes. What is drawn of tables is
        offered as Excel beside the title; filed: a file that the card offers holds these very rows.
        """
        facts = partial(self._facts, sentence)
        with self.frame, tables.offering(None if filed else tables.Offer(self.actions, facts)):
            st.markdown(unbroken(sentence))
            with st.container(height=height or "content", border=False, key=f"body-{self.key}"):
                if self.tabular and table is not None and height is not None:
                    table(height)
                else:
                    figure()
            if caption:
                st.caption(caption)

    def _facts(self, sentence: str, words: str) -> list[tuple[str, str]]:
        """What a file of the card's table states of it. words: the filters."""
        said = [
            (_("Table"), self.title),
            (_("Definition"), self.definition),
            (_("Answer"), without_marks(sentence)),
            (_("Filters"), words),
        ]
        return [(label, text) for label, text in said if text]


def begin(key: str, *, title: str, of: str = "", definition: str | None = None, tabular: bool = True) -> Card:
    """Draw the head of a card: the question, places for buttons and choices, and the quiet button for its table.

    `of` says in the title what is counted, such as what a default is; `definition` is what the number means, shown on
    hover; `tabular` says that `answer` will be given a table.
    Cards that stand side by side are equally high.
    """
    frame = st.container(border=True, key=f"card-{key}", gap="small", height="stretch")
    shows_table = tabular and key in _tables()
    with frame:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"head-{key}"):
            st.markdown(f"## {title} :gray[{of}]", help=definition, width="stretch", anchors=False)
            with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
                actions = st.container(horizontal=True, vertical_alignment="center", gap="small", width="content")
                if tabular:
                    st.button(
                        _("Chart") if shows_table else _("Table"),
                        icon=":material/bar_chart:" if shows_table else ":material/table_rows:",
                        key=f"{key}-switch",
                        type="tertiary",
                        on_click=_switch,
                        args=(key,),
                    )
        controls = st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"controls-{key}")
        if definition is not None:
            printed.definition(key, definition)
    return Card(key, frame, actions, controls, shows_table, title, definition or "")


def chart(figure: go.Figure, key: str, **options: Any) -> Any:
    """Draw a figure in the colours of the theme; further options are those of `st.plotly_chart`.

    The theme is part of the key, for a live switch of theme leaves the colours of a drawn chart as they were.
    """
    return st.plotly_chart(figure, theme="streamlit", key=chart_key(key), config=_CHART_OPTIONS, **options)


def chart_key(key: str) -> str:
    """The key under which `chart` keeps what was selected in a figure."""
    return f"{key}-{view.current().theme}"


def unbroken(sentence: str) -> str:
    """The sentence with no line break between the sign of an amount and its unit, or between digits and 万 or 亿."""
    return _DIGITS_OF.sub("\u2060", sentence.replace(f"{formats.MINUS}¥", f"{formats.MINUS}\u2060¥"))


def _switch(key: str) -> None:
    shown = _tables()
    linked.choose(_TABLES, "~".join(sorted(shown - {key} if key in shown else shown | {key})), "")


def _tables() -> set[str]:
    """The cards whose tables the link asks for."""
    return {key for key in linked.text(_TABLES).split("~") if key}
