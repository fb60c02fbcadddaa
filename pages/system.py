"""System: refreshes, what was read and what could not be used, staff, and what each number means."""

import pandas as pd
import streamlit as st

from components import access, states, view
from components.language import _
from components.system import data, findings, glossary, people, refreshes, refused, stages
from desk import operations, staff, staff_desk
from pages.parts import reading, record
from queries import snapshots
from queries.book import facts
from queries.faults import ReadError
from queries.read import read
from queries.running import new_run
from queries.system import broken_invariants, broken_rows, rejected, sentences, tables
from rules.calendar import BUSINESS_ZONE

PAGE = "system"
SHOWN_ROWS = 1_000
LIVE_SECONDS, IDLE_SECONDS = 2, 30  # between two looks at refreshes, while one runs and while none does


def show() -> None:
    """The page."""
    access.require(PAGE)
    if glossary.is_asked_for():
        glossary.card()
    shown = view.current()
    standing = operations.served().standing()
    st.session_state["_refreshes_seen"] = standing.mark
    st.fragment(_refreshes, run_every=LIVE_SECONDS if standing.running else IDLE_SECONDS)()
    asker = new_run(view.session(), PAGE)
    try:
        found = read(tables(), shown.book.snapshot_id, asker)
        unusable = read(rejected(), shown.book.snapshot_id, asker, limit=SHOWN_ROWS)
        broken = read(broken_invariants(), shown.book.snapshot_id, asker)
        which = findings.chosen(broken)
        rows = read(broken_rows(*which), shown.book.snapshot_id, asker, limit=SHOWN_ROWS)
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))
        return
    left, right = st.columns(2, gap="small")
    with left:
        data.card(shown.book, found)
    with right:
        people.card(*_people())
    findings.card(broken, sentences(), rows, reading.rows(PAGE, shown, broken_rows(*which)))
    if len(unusable):
        refused.card(unusable)
    record.draw()
    if not glossary.is_asked_for():
        glossary.card()


def _refreshes() -> None:
    """The copy's age, its refreshes and their stages; looks again by itself, and opens the page anew at each turn."""
    person = access.require(PAGE)
    serving = operations.served()
    standing = serving.standing()
    if standing.mark != st.session_state["_refreshes_seen"]:
        st.rerun()
    try:
        built_at = facts(snapshots.current()).built_at
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))
        return
    may_ask = access.may_do(person.role, "refresh")
    left, right = st.columns(2, gap="small")
    with left:
        asked = refreshes.card(
            serving.clock() - built_at,
            serving.settings.refresh_minutes,
            _listed(standing.runs),
            _running(standing),
            may_ask=may_ask,
        )
    with right:
        stages.card(next((run.stages for run in standing.runs if run.snapshot_id and run.stages), None))
    if asked and may_ask:
        serving.refresh(person.email)
        st.rerun()


def _running(standing: operations.Standing) -> refreshes.Running | None:
    if not standing.running:
        return None
    run = standing.now
    return refreshes.Running(None, None) if run is None else refreshes.Running(run.stage, run.done)


def _listed(recorded: tuple[operations.Run, ...]) -> pd.DataFrame:
    names = {person.email: person.name for person, _active in staff.listed(operations.served().engine)}
    listed = [
        {
            "started_at": run.started_at.astimezone(BUSINESS_ZONE).replace(tzinfo=None),
            "seconds": round((run.finished_at - run.started_at).total_seconds()) if run.finished_at else None,
            "outcome": run.outcome,
            "rows": run.rows,
            "asked_by": None if run.asked_by is None else _(names.get(run.asked_by, run.asked_by)),
            "message": run.message,
        }
        for run in recorded
    ]
    return pd.DataFrame(listed, columns=["started_at", "seconds", "outcome", "rows", "asked_by", "message"])


def _people() -> tuple[pd.DataFrame, people.Shown]:
    """The staff list as far as whoever looks may see it, and what they may do with it."""
    person = access.require(PAGE)
    serving = operations.served()
    details, change = access.may_do(person.role, "see_staff_details"), access.may_do(person.role, "change_staff")
    listed = [
        {"name": each.name, "role": staff.ROLE_NAMES[each.role], "active": active}
        | ({"email": each.email, "authority_fen": each.authority_fen, "member_id": each.member_id} if details else {})
        for each, active in staff.listed(serving.engine)
    ]
    columns = ["name", "role", "active", *(["email", "authority_fen", "member_id"] if details else [])]
    desk = staff_desk.StaffDesk(serving.engine, person.email, serving.clock, _) if change else None
    return pd.DataFrame(listed, columns=columns), people.Shown(details, desk)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
