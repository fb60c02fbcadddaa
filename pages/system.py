"""System: what was read and what could not be used, refreshes, staff, and what each number means."""

import pandas as pd
import streamlit as st

from components import access, states, view
from components.language import _
from components.system import data, glossary, people, refreshes, refused
from desk import runs, staff, state
from queries.faults import ReadError
from queries.read import read
from queries.running import new_run
from queries.system import rejected, tables
from rules.calendar import BUSINESS_ZONE

PAGE = "system"
SHOWN_ROWS = 1_000


def show() -> None:
    """The page."""
    access.require(PAGE)
    shown = view.current()
    asker = new_run(view.session(), PAGE)
    try:
        found = read(tables(), shown.book.snapshot_id, asker)
        unusable = read(rejected(), shown.book.snapshot_id, asker, limit=SHOWN_ROWS)
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))
        return
    left, right = st.columns(2, gap="small")
    with left:
        data.card(shown.book, found)
    with right:
        refreshes.card(_runs(shown.source))
    if len(unusable):
        refused.card(unusable)
    left, right = st.columns(2, gap="small")
    with left:
        people.card(_people())
    with right:
        glossary.card()


def _runs(source: str) -> pd.DataFrame:
    listed = [
        {
            "started_at": run.started_at.astimezone(BUSINESS_ZONE).replace(tzinfo=None),
            "seconds": round((run.finished_at - run.started_at).total_seconds()) if run.finished_at else None,
            "outcome": run.outcome,
            "rows": run.rows,
            "message": run.message,
        }
        for run in runs.latest(state.served(), source)
    ]
    return pd.DataFrame(listed, columns=["started_at", "seconds", "outcome", "rows", "message"])


def _people() -> pd.DataFrame:
    listed = [
        {"name": person.name, "role": staff.ROLE_NAMES[person.role], "active": active}
        for person, active in staff.listed(state.served())
    ]
    return pd.DataFrame(listed, columns=["name", "role", "active"])


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
