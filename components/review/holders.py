"""Who holds what of the queue, live."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from components import tables
from components.language import _
from components.review import queue_words
from components.tables import Column, Kind
from desk.review_holders import Holder

_HEIGHT = 250  # px


def draw(holders: Sequence[Holder], names: Mapping[str, str]) -> None:
    """Draw the table: one row per member of staff who has cases."""
    with st.container(border=True, key="card-holders", gap="small"):
        title, nobody = _("Who has what?"), _("Nobody holds a case just now, and none is given to anybody.")
        st.markdown(f"## {title}", anchors=False)
        if not holders:
            st.markdown(f":gray[{nobody}]")
            st.caption(_hint())
            return
        rows = pd.DataFrame(
            {
                "who": [queue_words.person(each.email, names) for each in holders],
                **{name: [getattr(each, name) for each in holders] for name in ("held", "given", "away", "overdue")},
            }
        )
        tables.show(rows, _columns(), key="holders-rows", height=_HEIGHT)
        st.caption(_hint())


def _columns() -> dict[str, Column]:
    return {
        "who": Column(_("Who"), pinned=True),
        "held": Column(_("Holds"), Kind.COUNT, _("In their hands now; ends by itself where it is not kept alive")),
        "given": Column(_("Given"), Kind.COUNT, _("Waits for them and nobody else")),
        "away": Column(_("Away"), Kind.COUNT, _("Parked, or information is awaited")),
        "overdue": Column(_("Past deadline"), Kind.COUNT),
    }


def _hint() -> str:
    return _(
        "A click on a row of the list opens its case. “Next case” hands out what somebody holds, then what was given "
        "to them, then what is due first of what they can settle."
    )
