"""The role matrix: every page, fragment, act, file and field against every role, people signed out and people refused.

What is called is what the server runs, so that a page that shows too much or a button too many changes nothing.
"""

import ast
import importlib
import inspect
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, update

from components import access, view
from components.access import Denied
from components.review import acting
from desk import (
    audit,
    background,
    blind,
    marks,
    operations,
    refresh,
    reveals,
    rights,
    spend,
    staff,
    staff_changes,
    state,
)
from desk.attention import AttentionDesk
from desk.marks import Judged, Verdict
from desk.packs import PackDesk
from desk.staff import Role, Staff
from pages import collections, system
from pages.parts import quality_of_review, reading, record
from rules import calendar, pack, settings
from rules.filters import DateRange
from rules.member_filters import MemberSelection
from rules.pack import Section
from rules.refusal import Refused
from rules.reveals import FIELDS, PURPOSES
from rules.review_actions import Assign, Claim
from rules.review_case import Person
from rules.spend import Entry, Stage
from tests.desk import reviewing, states
from tests.desk.reviewing import BOOK, NOW

ROOT = Path(__file__).parent.parent
ROLES = list(Role)
NOBODY = [None, *Denied]  # signed out, and signed in without being let in
TARGET = Staff("target@x", "Target", Role.MARKETING)
# Those that show nothing of anybody: whether a database is there, whether the session still is, which keys there are.
OPEN_FRAGMENTS = {
    ("components/frame.py", "until_there"), ("components/frame.py", "_look_for_it"), ("components/frame.py", "_watch"),
}  # fmt: skip


CHECKS = ("access.require(", "check()", "acting.granted()")


class Forbidden(Exception):  # noqa: N818
    """The page of refusal was drawn."""


class Beyond(Exception):  # noqa: N818
    """The check was passed."""


def person(role):
    authority = 10**9 if role in rights.ACTS["work_on_cases"] else None
    return Staff(f"{role.value}@matrix", role.value, role, authority)


@pytest.fixture
def looking(monkeypatch):
    """Lets somebody look; the refusal raises, and so does the first thing that a page does after its check."""

    def refused():
        raise Forbidden

    def beyond():
        raise Beyond

    monkeypatch.setattr(access.states, "forbidden", refused)
    monkeypatch.setattr(view, "current", beyond)
    return lambda who: monkeypatch.setattr(access, "_asking", lambda: lambda: who)


def demo_view():
    """What a page needs of a view before it reads."""
    book = SimpleNamespace(as_of=date(2026, 11, 20), snapshot_id="s")
    return SimpleNamespace(book=book, members=MemberSelection(DateRange(), None, ()))


def seen(show):
    with pytest.raises((Forbidden, Beyond)) as raised:
        show()
    return raised.type is Beyond


@pytest.mark.parametrize("page", list(access.ROLES))
def test_every_page_is_shown_to_its_roles_alone(looking, page):
    show = importlib.import_module(f"pages.{page}").show
    found = set()
    for role in ROLES:
        looking(person(role))
        if seen(show):
            found.add(role)
    assert found == access.ROLES[page]
    for nobody in NOBODY:
        looking(nobody)
        assert not seen(show)


@pytest.mark.parametrize("page", list(access.ROLES))
def test_every_file_is_handed_to_the_roles_of_its_page_alone_and_as_they_are_when_it_is_asked_for(
    looking, page, monkeypatch
):
    monkeypatch.setattr(reading, "stream", lambda *_: iter(["rows"]))
    looking(person(next(iter(access.ROLES[page]))))
    now = {}
    monkeypatch.setattr(access, "_asking", lambda: lambda: now["who"])
    now["who"] = person(next(iter(access.ROLES[page])))
    check = access.guard(page)
    for who in [*map(person, ROLES), *NOBODY]:
        now["who"] = who
        if isinstance(who, Staff) and who.role in access.ROLES[page]:
            assert list(reading.checked("statement", "snapshot", check)) == ["rows"]
        else:
            with pytest.raises(PermissionError):
                reading.checked("statement", "snapshot", check)


def _fragments():
    """Each function that reruns by itself: its file, its name, its first statements."""
    for path in sorted([*ROOT.glob("pages/**/*.py"), *ROOT.glob("components/**/*.py"), ROOT / "app.py"]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        names = {
            name
            for name, node in functions.items()
            if any(
                "st.fragment" in ast.unparse(each) or "st.dialog" in ast.unparse(each) for each in node.decorator_list
            )
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            opens = isinstance(call.func, ast.Call) and ast.unparse(call.func.func) == "st.dialog"
            if call.args and (opens or ast.unparse(call.func) == "st.fragment"):
                names |= {ast.unparse(call.args[0])} & set(functions)
        for name in sorted(names):
            body = functions[name].body
            yield str(path.relative_to(ROOT)), name, body[1:] if ast.get_docstring(functions[name]) else body


FRAGMENTS = list(_fragments())


@pytest.mark.parametrize(("path", "name", "body"), FRAGMENTS, ids=[f"{path}:{name}" for path, name, _ in FRAGMENTS])
def test_every_fragment_begins_with_its_check(path, name, body):
    lines = [ast.unparse(statement) for statement in body]
    place = next((n for n, line in enumerate(lines) if any(check in line for check in CHECKS)), None)
    assert (place is None) is ((path, name) in OPEN_FRAGMENTS)
    assert not any("st." in line for line in lines[: place or 0])  # nothing is drawn before


def test_the_open_fragments_are_there():
    assert "access.require(" in inspect.getsource(acting.granted)
    assert {(path, name) for path, name, _ in FRAGMENTS} >= OPEN_FRAGMENTS
    assert len(FRAGMENTS) >= 10


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """Cases, and a person of every role; one more who was active, and one whom nobody knows."""
    folder = tmp_path_factory.mktemp("matrix")
    opened = states.opened(states.Sqlite().new(folder), folder)
    reviewing.opened(opened, 12)
    rows = [
        {"email": each.email, "name": each.name, "role": each.role.value, "authority_fen": each.authority_fen,
         "active": True}
        for each in (*map(person, ROLES), TARGET)
    ]  # fmt: skip
    rows += [{**row, "email": row["email"].replace("@matrix", "@gone"), "active": False} for row in rows[:-1]]
    with opened.begin() as connection:
        connection.execute(insert(state.staff), rows)
    yield opened
    opened.dispose()


def _refresh(engine, by, number):
    read = settings.read({"LOANBOARD_DATABASE_URL": "sqlite:////nowhere/book.sqlite", "LOANBOARD_DATA_DIR": "/nowhere"})
    operations.Operations(read, engine, lambda: NOW).refresh(by)


def _enter_spend(engine, by, number):
    entry = Entry(date(2026, 11, number + 1), "7", "", "", "", "media", Stage.ESTIMATED, 100, 1)
    spend.enter(engine, "book", [(2, entry)], staff_email=by, at=NOW)


def _mark_abuse(engine, by, number):
    marks.mark(engine, ["17"], Verdict.FARMED, "one device", Judged("book", "s", by, NOW))


def _acknowledge(engine, by, number):
    AttentionDesk(engine, "book", "s", by, NOW).acknowledge("item", 1.0, "we know of it")


def _work_on_cases(engine, by, number):
    desk = reviewing.Desk(engine, number + 1)
    desk.act(by, Claim())


def _give_cases(engine, by, number):
    reviewing.Desk(engine, number + 1).act(
        by, Assign(Person(reviewing.OFFICER, "", None), "please"), NOW + timedelta(1)
    )


def _change_staff(engine, by, number):
    staff_changes.end_sessions(engine, by, TARGET.email, NOW)
    staff_changes.set_active(engine, by, TARGET.email, True, NOW)
    staff_changes.unbind(engine, by, TARGET.email, NOW)
    staff_changes.change(engine, by, TARGET, TARGET, NOW)
    staff_changes.add(engine, by, Staff(f"new{number}@x", "New", Role.AUDITOR), NOW)


def _note(engine, by, number):
    """There is no pair of decisions; whoever may look is told so."""
    try:
        blind.take_note(engine, (BOOK, "1"), by, "looked at both", NOW)
    except Refused as refused:
        if "not decided twice" not in str(refused):
            raise


def _comment_pack(engine, by, number):
    end = calendar.last_of_month(date(2020, number + 1, 1))
    PackDesk(engine, "book", end, "s", by, NOW).comment(Section.LIMITS, "Red.", 0)


def _freeze_pack(engine, by, number):
    """Each a month of its own, for a month is frozen once."""
    end = calendar.last_of_month(date(2020, number + 1, 1))
    PackDesk(engine, "frozen", end, "s", by, NOW).freeze(pack.to_text(pack.Pack(end, {}, (), {})), {})


WRITES = {
    "refresh": _refresh,
    "enter_spend": _enter_spend,
    "mark_abuse": _mark_abuse,
    "acknowledge": _acknowledge,
    "work_on_cases": _work_on_cases,
    "give_cases": _give_cases,
    "change_staff": _change_staff,
    "note_second_decisions": _note,
    "comment_pack": _comment_pack,
    "freeze_pack": _freeze_pack,
}
SEEN = {"see_staff_details", "search_record", "export_record", "see_officers", "see_agents",
        "see_pack"}  # what is read, below; the pack in tests/test_committee_shown.py  # fmt: skip


def test_every_act_is_tried():
    assert set(access.ACTS) == {*WRITES, *SEEN}


def done(act, engine, by, number):
    try:
        WRITES[act](engine, by, number)
    except (Refused, PermissionError):
        return False
    return True


def counted(engine):
    return audit.newest(engine).sequence


@pytest.mark.parametrize("act", list(WRITES))
def test_every_act_is_done_by_its_roles_alone_and_leaves_no_trace_of_others(engine, act, monkeypatch):
    monkeypatch.setattr(background, "refresh_asked", lambda *_: True)
    monkeypatch.setattr(refresh, "source", lambda _settings: refresh.Source("", None, Path("/nowhere")))
    may = {role for number, role in enumerate(ROLES) if done(act, engine, person(role).email, number)}
    assert may == access.ACTS[act]
    before = counted(engine)
    for number, role in enumerate(ROLES):
        assert not done(act, engine, f"{role.value}@gone", number)
        if role not in may:
            assert not done(act, engine, person(role).email, number)
    assert not done(act, engine, "nobody@x", 0)
    assert counted(engine) == before


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_revealed_to_its_roles_alone(engine, field):
    def revealed(by):
        asked = reveals.Asked(
            f"{by} {field}", (BOOK, "12"), by, field, next(iter(PURPOSES)), "to call back about income"
        )
        try:
            reveals.grant(engine, asked, reviewing.Lending(), 5, datetime.now(UTC))
        except Refused:
            return False
        return True

    assert {role for role in ROLES if revealed(person(role).email)} == rights.REVEALS[field]
    assert not any(revealed(f"{role.value}@gone") for role in ROLES)
    assert not revealed("nobody@x")


def test_every_field_of_a_reveal_has_its_roles():
    assert set(FIELDS) == set(rights.REVEALS)


@pytest.fixture
def served(engine, monkeypatch):
    monkeypatch.setattr(operations, "served", lambda: operations.Operations(None, engine, lambda: NOW))
    monkeypatch.setattr(operations.Operations, "record", lambda _self: pytest.skip("not asked"))
    return engine


@pytest.mark.parametrize("role", ROLES)
def test_the_staff_list_shows_a_role_what_it_may_see(served, looking, role):
    looking(person(role))
    frame, shown = system._people()
    assert {"email", "authority_fen", "member_id"} <= set(frame.columns) or role not in access.ACTS["see_staff_details"]
    assert ("email" in frame.columns) is (role in access.ACTS["see_staff_details"])
    assert shown.details is (role in access.ACTS["see_staff_details"])
    assert (shown.change is not None) is (role in access.ACTS["change_staff"])


@pytest.mark.parametrize("role", ROLES)
def test_the_record_is_searched_and_taken_along_by_its_roles_alone(served, looking, role, monkeypatch):
    drawn = []
    monkeypatch.setattr(record, "_verified", lambda: None)
    monkeypatch.setattr(record, "_events", lambda *, may_export: drawn.append(may_export))
    looking(person(role))
    record.draw()
    assert bool(drawn) is (role in access.ACTS["search_record"])
    assert drawn == [role in access.ACTS["export_record"]] * len(drawn)
    check = None
    looking(person(Role.AUDITOR))
    now = {"who": person(Role.AUDITOR)}
    monkeypatch.setattr(access, "_asking", lambda: lambda: now["who"])
    check = access.guard("system", "export_record")
    for who in [person(role), *NOBODY]:
        now["who"] = who
        if isinstance(who, Staff) and role in access.ACTS["export_record"]:
            assert next(record._stream(record.Wanted(), check)).num_rows
        else:
            with pytest.raises(PermissionError):
                record._stream(record.Wanted(), check)


@pytest.mark.parametrize("role", ROLES)
def test_how_each_officer_decides_is_named_to_its_roles_alone(role, engine, monkeypatch):
    monkeypatch.setattr(quality_of_review, "review_desk", lambda: type("Desk", (), {"engine": engine}))
    named = quality_of_review._officers(person(role), sees_all=rights.may(role, "see_officers"))
    others = {each.value for each in ROLES if each in access.ACTS["work_on_cases"]} - {role.value}
    assert bool(others & {name.split("@")[0] for name in named}) is (role in access.ACTS["see_officers"])


@pytest.mark.parametrize("role", ROLES)
def test_collection_agents_are_named_to_their_roles_alone_on_the_page_and_in_its_files(looking, role, monkeypatch):
    """Asked for are keys or numbers, and whoever loses the right before a file is made does not get the keys in it."""
    asked, handed = [], []
    monkeypatch.setattr(reading, "frames", lambda _page, _shown, _asked: {})
    monkeypatch.setattr(collections.collections, "asked", lambda _period, *, named: asked.append(named) or {})
    monkeypatch.setattr(collections.board, "draw", lambda *drawn, **_named: handed.append(drawn[4]["agents"]))
    monkeypatch.setattr(reading, "stream", lambda *_: iter(["rows"]))
    looking(person(role))
    monkeypatch.setattr(view, "current", demo_view)
    if role not in access.ROLES["collections"]:
        with pytest.raises(Forbidden):
            collections.show()
        return
    collections.show()
    assert asked == [role in access.ACTS["see_agents"]]
    assert list(handed[0]()) == ["rows"]
    looking(person(Role.RISK_OFFICER))
    if asked == [True]:
        handed.clear()
        now = {"who": person(role)}
        monkeypatch.setattr(access, "_asking", lambda: lambda: now["who"])
        collections.show()
        now["who"] = person(Role.RISK_OFFICER)
        with pytest.raises(PermissionError):
            handed[0]()


def test_a_person_whose_role_nobody_knows_has_no_rights(engine):
    with engine.begin() as connection:
        row = {"email": "emperor@x", "name": "E", "role": "emperor", "active": True, "issuer": "i", "subject": "s"}
        connection.execute(insert(state.staff).values(row))
    assert staff.lookup(engine, "emperor@x") is None
    assert not any(done(act, engine, "emperor@x", 0) for act in WRITES)
    with engine.begin() as connection:
        connection.execute(update(state.staff).where(state.staff.c.email == "emperor@x").values(role="auditor"))
