"""The card: a question as title, one sentence as answer, the figure or its table at the same height, a caption."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from components import view
from components.language import _

_CHART_OPTIONS = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "showAxisDragHandles": False}
_TABLE = "-table"


def card(
    key: str,
    *,
    title: str,
    sentence: str,
    height: int,
    figure: Callable[[], object],
    table: Callable[[int], object] | None = None,
    caption: str = "",
    definition: str | None = None,
) -> None:
    """Draw a card. `figure` is as high as `height`, `table` is given it; a quiet button switches between the two.

    `definition` is what the number means, shown with the title.
    """
    with st.container(border=True, key=f"card-{key}", gap="small"):
        tabular = table is not None and bool(st.session_state.get(f"{key}{_TABLE}", False))
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"head-{key}"):
            st.markdown(f"#### {title}", help=definition, width="stretch", anchors=False)
            if table is not None:
                st.button(
                    _("Chart") if tabular else _("Table"),
                    icon=":material/bar_chart:" if tabular else ":material/table_rows:",
                    key=f"{key}-switch",
                    type="tertiary",
                    on_click=_switch,
                    args=(key,),
                )
        st.markdown(sentence)
        if tabular and table is not None:
            table(height)
        else:
            figure()
        if caption:
            st.caption(caption)


def chart(figure: go.Figure, key: str, **options: Any) -> Any:
    """Draw a figure in the colours of the theme; further options are those of `st.plotly_chart`.

    The theme is part of the key, for a live switch of theme leaves the colours of a drawn chart as they were.
    """
    return st.plotly_chart(
        figure,
        theme="streamlit",
        key=f"{key}-{view.current().theme}",
        config=_CHART_OPTIONS,
        **options,
    )


def chart_key(key: str) -> str:
    """The key under which `chart` keeps what was selected in a figure."""
    return f"{key}-{view.current().theme}"


def _switch(key: str) -> None:
    st.session_state[f"{key}{_TABLE}"] = not st.session_state.get(f"{key}{_TABLE}", False)
