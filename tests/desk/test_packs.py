"""Commentary and frozen months: versions, rights, what is frozen stays, and what was changed underneath is noticed."""

import json
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import insert, select, update

from desk import pack_cases, packs, staff, state
from desk.pack_tables import pack_comment, pack_frozen
from desk.packs import PackDamagedError, PackDesk, PackError
from desk.review_tables import review_case, review_decision
from desk.staff import DEMO, Role
from desk.state import audit_event
from rules import pack
from rules.kpi import Kpi
from rules.pack import Pack, Section
from tests.demo_snapshot import NOW
from tests.desk import states

END = date(2026, 10, 31)


@pytest.fixture
def engine(tmp_path):
    opened = states.opened(f"sqlite:///{tmp_path / 'state.sqlite'}", tmp_path)
    staff.add_demo(opened)
    yield opened
    opened.dispose()


def desk(engine, role=Role.MANAGER, now=NOW, source="demo", end=END):
    return PackDesk(engine, source, end, "snapshot", DEMO[role].email, now)


def text(value=0.1, end=END):
    return pack.to_text(Pack(end, {"book": "Demo"}, (Kpi("late_30", value),), {"none": pd.DataFrame()}))


def events(engine, kind):
    with state.reading(engine) as connection:
        rows = connection.execute(select(audit_event).where(audit_event.c.kind == kind)).all()
    return [(row.staff_email, row.subject, json.loads(row.payload)) for row in rows]


def test_the_newest_comment_holds_and_every_version_is_on_record(engine):
    desk(engine).comment(Section.LIMITS, "  Late 30+ is red.  \n\nHenan. ", 0)
    later = desk(engine, Role.SENIOR_RISK_OFFICER, NOW + timedelta(hours=1))
    later.comment(Section.LIMITS, "Late 30+ is red: Henan.", 1)
    later.comment(Section.FIGURES, "All well.", 0)
    held = desk(engine).comments()
    assert list(held) == [Section.LIMITS, Section.FIGURES]
    limits = held[Section.LIMITS]
    assert (limits.text, limits.version, limits.by) == ("Late 30+ is red: Henan.", 2, "Senior risk officer")
    assert limits.at == NOW + timedelta(hours=1)
    told = events(engine, "pack.commented")
    assert [(by, subject, payload["version"]) for by, subject, payload in told] == [
        (DEMO[Role.MANAGER].email, "pack 2026-10", 1),
        (DEMO[Role.SENIOR_RISK_OFFICER].email, "pack 2026-10", 2),
        (DEMO[Role.SENIOR_RISK_OFFICER].email, "pack 2026-10", 1),
    ]
    assert told[0][2]["text"] == "Late 30+ is red.\n\nHenan."
    with state.reading(engine) as connection:
        assert len(connection.execute(select(pack_comment)).all()) == 3


def test_books_and_months_are_apart(engine):
    desk(engine).comment(Section.LIMITS, "Red.", 0)
    desk(engine).freeze(text(), {Section.LIMITS: 1})
    for other in (desk(engine, source="other"), desk(engine, end=date(2026, 9, 30))):
        assert other.comments() == {}
        assert other.frozen() is None
    assert packs.frozen_months(engine, "demo") == {END}
    assert packs.frozen_months(engine, "other") == frozenset()


@pytest.mark.parametrize(
    ("said", "after", "sentence"),
    [("Green.", 0, "meanwhile"), ("Red.", 1, "nothing new"), ("x" * 4001, 1, "4,000")],
)
def test_what_was_not_seen_or_says_nothing_new_is_not_kept(engine, said, after, sentence):
    desk(engine).comment(Section.LIMITS, "Red.", 0)
    with pytest.raises(PackError, match=sentence):
        desk(engine).comment(Section.LIMITS, said, after)
    assert desk(engine).comments()[Section.LIMITS].text == "Red."
    assert len(events(engine, "pack.commented")) == 1


def test_a_comment_is_taken_back_by_an_empty_one(engine):
    with pytest.raises(PackError, match="nothing new"):
        desk(engine).comment(Section.LIMITS, "  ", 0)
    desk(engine).comment(Section.LIMITS, "Red.", 0)
    desk(engine).comment(Section.LIMITS, " \n ", 1)
    assert desk(engine).comments()[Section.LIMITS].text == ""


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.RISK_OFFICER, Role.MARKETING, Role.ADMINISTRATOR])
def test_who_may_neither_write_nor_freeze(engine, role):
    with pytest.raises(PermissionError):
        desk(engine, role).comment(Section.LIMITS, "Red.", 0)
    with pytest.raises(PermissionError):
        desk(engine, role).freeze(text(), {})
    assert events(engine, "pack.commented") == events(engine, "pack.frozen") == []
    assert desk(engine).frozen() is None


def test_a_right_taken_away_counts_at_once(engine):
    with engine.begin() as connection:
        connection.execute(
            update(state.staff).where(state.staff.c.email == DEMO[Role.MANAGER].email).values(active=False)
        )
    with pytest.raises(PermissionError):
        desk(engine).freeze(text(), {})


def test_what_is_frozen_says_what_it_said_whatever_happens_later(engine):
    desk(engine).comment(Section.LIMITS, "Red.", 0)
    digest = desk(engine).freeze(text(), {Section.LIMITS: 1})
    later = desk(engine, Role.SENIOR_RISK_OFFICER, NOW + timedelta(days=40))
    with pytest.raises(PackError, match="frozen"):
        later.comment(Section.LIMITS, "Green after all.", 1)
    with pytest.raises(PackError, match="frozen"):
        later.freeze(text(0.2), {Section.LIMITS: 1})
    with engine.begin() as connection:  # a name that changes later is not the name that was written then
        connection.execute(update(state.staff).values(name="Somebody else"))
    found = later.frozen()
    assert (found.figures, found.digest, found.at) == (text(), digest, NOW)
    [comment] = found.comments
    assert (comment.section, comment.text, comment.by, comment.version) == (Section.LIMITS, "Red.", "Manager", 1)
    [(by, subject, payload)] = events(engine, "pack.frozen")
    assert (by, subject, payload["digest"]) == (DEMO[Role.MANAGER].email, "pack 2026-10", digest)


def test_a_month_is_frozen_with_the_commentary_that_was_seen(engine):
    desk(engine).comment(Section.LIMITS, "Red.", 0)
    with pytest.raises(PackError, match="changed meanwhile"):
        desk(engine).freeze(text(), {})
    desk(engine).freeze(text(), {Section.LIMITS: 1})


@pytest.mark.parametrize("end", [date(2026, 10, 30), date(2026, 9, 30)])
def test_figures_of_another_day_are_a_bug(engine, end):
    with pytest.raises(ValueError, match="not the month end"):
        desk(engine, end=end).freeze(text(), {})


@pytest.mark.parametrize(
    "values",
    [
        {"figures": text(0.05)},
        {"comments": "[]"},
        {"figures": text(0.05), "digest": pack.digest(text(0.05), "[]")},
        {"digest": "0" * 64},
    ],
)
def test_what_was_changed_in_the_state_database_is_noticed(engine, values):
    desk(engine).comment(Section.LIMITS, "Red.", 0)
    desk(engine).freeze(text(), {Section.LIMITS: 1})
    if "digest" in values and "figures" in values:
        values = {**values, "comments": "[]"}  # the forger has recomputed the digest: the chain holds another
    with engine.begin() as connection:
        connection.execute(update(pack_frozen).values(values))
    with pytest.raises(PackDamagedError, match="2026-10 is not what was frozen"):
        desk(engine).frozen()


def test_late_cases_are_those_decided_late_in_the_month_and_those_past_their_deadline_at_its_end(engine):
    since, until = datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)
    day = timedelta(days=1)
    drawn = {  # number: due, decided, state
        "in time": (since + day, since + day, "decided"),
        "late": (since + day, since + 2 * day, "decided"),
        "before the month": (since - 2 * day, since - day, "decided"),
        "on its first instant": (since - day, since, "decided"),
        "after the month, due in it": (until - day, until, "decided"),
        "after the month, due after it": (until, until + day, "decided"),
        "waits": (until - day, None, "waiting"),
        "waits, due later": (until, None, "waiting"),
        "withdrawn": (since + day, None, "withdrawn"),
        "asked": (since + day, None, "asked"),
    }
    with engine.begin() as connection:
        for number, (due, decided, how) in drawn.items():
            connection.execute(insert(review_case), _case(number, due, how))
            if decided is not None:
                connection.execute(insert(review_decision), _decision(number, due, decided))
    found = pack_cases.late(engine, "demo", since, until)
    listed = dict(zip(found["number"], found["decided_at"].notna(), strict=True))
    assert listed == {"on its first instant": True, "late": True, "after the month, due in it": False, "waits": False}
    assert found["due_at"].is_monotonic_increasing
    assert pack_cases.late(engine, "other", since, until).empty


def _case(number, due, how):
    return {
        "source": "demo", "application_id": number, "external_number": number, "opened_for": "amount",
        "product": "cash", "amount_fen": 1, "member_id": "1", "opened_at": due, "due_at": due, "state": how,
        "version": 1, "tokens": 0, "round": 1, "corrected": "[]", "applied_at": due, "signals": "[]", "decisions": 0,
        "left_seconds": 5 if how == "asked" else None,
    }  # fmt: skip


def _decision(number, due, decided):
    columns = {column.name for column in review_decision.columns}
    given = {
        "source": "demo", "application_id": number, "round": 1, "stage": 1, "staff_email": "a@b", "role": "manager",
        "authority_fen": 1, "outcome": "approved", "amount_fen": 1, "reasons": "[]", "rationale": "", "final": True,
        "due_at": due, "decided_at": decided, "evidence_hash": "0" * 64, "evidence": "{}", "policy_from": END,
        "snapshot_id": "s", "token": 1, "version": 1,
    }  # fmt: skip
    return {name: value for name, value in given.items() if name in columns}
