"""The case through the product's own chain on a demo book: what is shown is what the rows say, and nobody's name.

Applications are opened again that have what a case may have: loans before, a farmed ring, a deep line, no score.
"""

import logging
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components import access, view
from components.review import case_board, details_board, panel, point_words
from desk import operations, reveals, review_desk, review_opening, staff
from desk.operations import Operations
from desk.review import Rule
from desk.review_desk import ReviewDesk
from desk.staff import DEMO, Role
from loanbook.evidence import ReviewBook
from loanbook.live_book import LiveBook
from pages.parts import open_case
from queries import book as books
from queries import read, snapshots
from rules import settings
from rules.filters import Filters, resolve
from rules.member_filters import resolve_members
from tests.demo_snapshot import MONTH_END, NOW, POLICY, demo_snapshot
from tests.desk import states
from tests.desk.reviewing import key as new_key
from tests.desk.reviewing import kinds

PICKED = {
    "borrower": "SELECT max(a.id) FROM application a WHERE status = 'disbursed' AND EXISTS (SELECT 1 FROM loan l "
    "JOIN application b ON b.id = l.application_id WHERE l.member_id = a.member_id AND b.id < a.id "
    "AND l.status = 'paid_off')",
    "late": "SELECT max(l.application_id) FROM loan l WHERE l.status = 'written_off'",
    "ring": "SELECT max(a.id) FROM application a JOIN device_sighting d ON d.member_id = a.member_id "
    "WHERE d.device_hash IN (SELECT device_hash FROM device_sighting GROUP BY 1 HAVING count(DISTINCT member_id) > 3)",
    "referred": "SELECT max(a.id) FROM application a JOIN member m ON m.id = a.member_id JOIN member u ON "
    "u.id = m.referred_by_id WHERE u.referred_by_id IS NOT NULL",
    "unscored": "SELECT max(a.id) FROM application a WHERE NOT EXISTS (SELECT 1 FROM score s "
    "WHERE s.application_id = a.id)",
    "new": "SELECT max(a.id) FROM application a WHERE (SELECT count(*) FROM application b "
    "WHERE b.member_id = a.member_id) = 1",
}
PERSONAL = (
    "SELECT m.full_name, m.phone, m.id_number FROM member m JOIN application a ON a.member_id = m.id WHERE a.id = ?"
)
LATER = NOW + timedelta(days=30)
WORDS = "To call about the income"


class Desk:
    """A review desk on a copy of the demo book, with one case for each kind of application."""

    def __init__(self, folder, engine, snapshot_id, source):
        self.engine, self.snapshot_id, self.now = engine, snapshot_id, LATER
        self.file = folder / "book.sqlite"
        shutil.copy(source, self.file)
        with closing(sqlite3.connect(self.file)) as book, book:
            self.ids = {kind: book.execute(sql).fetchone()[0] for kind, sql in PICKED.items()}
            for key in self.ids.values():
                book.execute("UPDATE application SET status = 'open', amount = 60000 WHERE id = ?", (key,))
        self.live = LiveBook(f"sqlite:///{self.file}", None)
        self.book = ReviewBook(self.live)
        rule = Rule(POLICY.review, POLICY.effective_from)
        chosen = [each for each in self.book.open_applications() if int(each.id) in self.ids.values()]
        self.numbers = {each.id: each.external_number for each in chosen}
        review_opening.open_cases(engine, "demo", chosen, rule, LATER)
        review_desk.use(ReviewDesk(engine, self.book, "demo", (POLICY,), lambda: self.now, new_key))
        template = "https://files.example/a/{number}"
        given = {"LOANBOARD_DATA_DIR": str(folder), "LOANBOARD_DOCUMENTS_URL": template}
        operations.use(Operations(settings.read(given), engine, lambda: self.now))

    def number(self, kind):
        return self.numbers[str(self.ids[kind])]

    def personal(self, kind):
        with closing(sqlite3.connect(self.file)) as book:
            return book.execute(PERSONAL, (self.ids[kind],)).fetchone()

    def view(self, language):
        book = books.facts(self.snapshot_id)
        days = POLICY.default.final_days_after_last_due
        return view.View(
            staff_email=st.session_state["by"], language=language, theme="light", source="demo", book=book,
            filters=Filters(), selection=resolve(Filters(), book, days), policy=POLICY,
            members=resolve_members(Filters(), book, 0),
        )  # fmt: skip

    def look(self, kind, role=Role.RISK_OFFICER, language="en"):
        """The case as somebody sees it in a new browser."""
        at = AppTest.from_function(_script, default_timeout=300)
        at.session_state["_language"], at.session_state["by"] = language, DEMO[role].email
        at.session_state["number"] = self.number(kind)
        at.run()
        assert not at.exception, at.exception
        return at


served: list[Desk] = []


def draw():
    """What the page does with the case that is open."""
    shown = served[0].view(st.session_state["_language"])
    view.keep(shown)
    opened = open_case.opened(st.session_state["number"])
    seen = open_case.seen(shown, opened)
    case_board.draw(seen)
    details_board.draw(seen, open_case.similar(seen))
    drawn[:] = [seen]


drawn: list = []


def _script():
    from tests.test_case_shown import draw

    draw()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = demo_snapshot(tmp_path_factory, 4_000, MONTH_END)
    snapshots.use(made.path.parent)
    yield made
    read.forget()
    books.facts.cache_clear()


@pytest.fixture(scope="module")
def opened_desk(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    engine = states.opened(f"sqlite:///{folder / 'state.sqlite'}", folder)
    staff.add_demo(engine)
    made = Desk(folder, engine, built.snapshot_id, built.path.parent.parent / "book.sqlite")
    yield made
    made.live.close()
    engine.dispose()


@pytest.fixture
def desk(opened_desk, monkeypatch):
    opened_desk.now = LATER
    served[:] = [opened_desk]
    monkeypatch.setattr(access, "visitor", lambda: staff.lookup(opened_desk.engine, st.session_state["by"]))
    return opened_desk


def blocks(node):
    """Every element of a page, as it goes to the browser."""
    proto = getattr(node, "proto", None)
    if proto is not None:
        yield proto.SerializeToString()
    for child in getattr(node, "children", {}).values():
        yield from blocks(child)


def sent(at):
    return b"\n".join(blocks(at._tree))


def texts(at):
    kinds_ = ("markdown", "caption", "text")
    return "\n".join(str(each.value) for kind in kinds_ for each in at.get(kind)) + "\n".join(
        each.proto.body for each in at.get("html")
    )


@pytest.mark.parametrize("kind", list(PICKED))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_case_is_drawn_with_all_of_its_panels(desk, kind, language):
    at = desk.look(kind, language=language)
    heads = [each.value for each in at.markdown if each.value.startswith("## ")]
    assert desk.number(kind) in heads[0]
    assert len(heads) == 11  # the case, nine panels, similar ones
    found = texts(at)
    said = [panel.unbroken(point_words.sentence(point)) for point in drawn[0].points]
    assert [each for each in said if each not in found and language == "en"] == []


def test_numbers_are_those_of_the_rows(desk):
    at = desk.look("borrower")
    facts, found = drawn[0].facts, texts(at)
    assert "¥60,000" in found
    assert f"**{facts.price.all_in.nominal:.2%}".replace("%", "\u00a0%") in found
    assert f"**{len(facts.repaid.loans)} loan" in found
    assert f"Debt to income {facts.burden.debt_to_income:.2f}" in found
    share = drawn[0].bands.share
    assert f"n = {share.n:,}" in found


def test_each_kind_says_what_makes_it_one(desk):
    assert "No earlier loan here" in texts(desk.look("new"))
    assert "No model has scored this application" in texts(desk.look("unscored"))
    ring = texts(desk.look("ring"))
    assert "Device shared with" in ring
    assert "of the same tree" in ring
    assert "written off" in texts(desk.look("late"))
    assert "steps up to the root" in texts(desk.look("referred"))


@pytest.mark.parametrize("role", [Role.RISK_OFFICER, Role.SENIOR_RISK_OFFICER, Role.MANAGER, Role.AUDITOR])
def test_a_case_hides_its_person_from_everybody(desk, role, caplog):
    caplog.set_level(logging.DEBUG)
    for kind in PICKED:
        at = desk.look(kind, role)
        name, phone, identity = desk.personal(kind)
        page, kept = sent(at), str(at.session_state._state.filtered_state)
        for value in (name, phone, identity):
            assert value.encode() not in page, kind
            assert value not in kept
            assert value not in caplog.text
        assert f"{name[0]}\\*\\*" in texts(at)
    assert (next((each for each in at.button if each.key == "reveal"), None) is None) == (role is Role.AUDITOR)


def test_pages_that_may_not_be_seen_draw_nothing(desk):
    for role in (Role.MARKETING, Role.ADMINISTRATOR):
        at = AppTest.from_function(_script, default_timeout=300)
        at.session_state["_language"], at.session_state["by"] = "en", DEMO[role].email
        at.session_state["number"] = desk.number("borrower")
        at.run()
        assert desk.number("borrower").encode() not in sent(at)


def reveal(desk, at, field="phone", words=WORDS):
    next(each for each in at.button if each.key == "reveal").click().run()
    next(each for each in at.selectbox if each.key == "reveal-field").select(field)
    next(each for each in at.text_input if each.key == "reveal-words").input(words)
    next(each for each in at.button if each.label.startswith("Reveal for")).click().run()
    assert not at.exception, at.exception
    return at


def test_a_reveal_shows_one_value_for_its_minutes_and_leaves_nothing_behind(desk, caplog):
    caplog.set_level(logging.DEBUG)
    name, phone, identity = desk.personal("borrower")
    before = len(kinds(desk.engine))
    at = reveal(desk, desk.look("borrower"))
    assert phone.encode() in sent(at)
    assert not [each for each in (name, identity) if each.encode() in sent(at)]
    assert kinds(desk.engine)[before:] == ["case.revealed"]
    assert phone not in str(at.session_state._state.filtered_state)
    assert phone not in caplog.text
    assert phone.encode() not in sent(desk.look("borrower"))  # another browser of the same person
    desk.now = LATER + timedelta(minutes=POLICY.case.reveal_minutes)
    assert phone.encode() not in sent(at.run())
    assert phone not in str(at.session_state._state.filtered_state)
    assert kinds(desk.engine)[before:] == ["case.revealed"]  # looking again is no further event


def test_a_reveal_without_words_says_what_is_missing(desk):
    at = reveal(desk, desk.look("borrower"), words="no")
    assert "Say what you need it for" in texts(at)
    assert desk.personal("borrower")[1].encode() not in sent(at)


def test_a_right_that_was_taken_away_hides_it_at_the_next_look(desk, monkeypatch):
    at = reveal(desk, desk.look("new"))
    assert desk.personal("new")[1].encode() in sent(at)
    monkeypatch.setattr(reveals.rights, "may_reveal", lambda _role, _field: False)
    at.run()
    assert desk.personal("new")[1].encode() not in sent(at)
    assert next((each for each in at.button if each.key == "reveal"), None) is None


def test_the_snapshot_and_the_cache_of_reads_hold_no_name(desk, built):
    desk.look("borrower")
    values = [value.encode() for value in desk.personal("borrower")]
    content = built.path.read_bytes()
    assert not [value for value in values if value in content]
    kept = [frame.to_csv().encode() for frame, _size in read._kept._values.values()]
    assert kept
    assert not [value for value in values for frame in kept if value in frame]


def test_similar_applications_are_read_when_they_are_asked_for(desk, monkeypatch):
    asked = []
    nearest = open_case.case_similar.nearest
    monkeypatch.setattr(open_case.case_similar, "nearest", lambda like: asked.append(like) or nearest(like))
    at = desk.look("borrower")
    assert asked == []
    next(each for each in at.button if each.key == "similar").click().run()
    assert len(asked) == 1
    assert "Only granted applications have an outcome" in texts(at)
    assert len(at.dataframe) == 1
    assert len(at.dataframe[0].value) == POLICY.case.similar
    next(each for each in at.button if each.key == "similar").click().run()
    assert len(at.dataframe) == 0


def test_documents_are_a_link_into_the_lenders_own_store(desk):
    link = desk.look("borrower").get("link_button")[0].proto
    assert link.url == f"https://files.example/a/{desk.number('borrower')}"


def test_a_book_with_little_in_it_can_be_decided_all_the_same(desk, monkeypatch):
    gone = ("score", "application_check", "device_sighting", "membership", "perk", "credit_line", "prime_rate", "tier",
            "instalment", "repayment", "schedule_change", "loan")  # fmt: skip
    bare = desk.file.with_name("bare.sqlite")
    shutil.copy(desk.file, bare)
    with closing(sqlite3.connect(bare)) as book, book:
        for table in gone:
            book.execute(f"DROP TABLE {table}")
    live = LiveBook(f"sqlite:///{bare}", None)
    poor = ReviewDesk(desk.engine, ReviewBook(live), "demo", (POLICY,), lambda: LATER, new_key)
    monkeypatch.setattr(review_desk, "_served", [poor])
    at = desk.look("borrower")
    found = texts(at)
    for table in ("score", "application_check", "device_sighting", "membership", "loan"):
        assert f"`{table}`" in found
    assert found.count("The case can be decided without it.") == 5
    live.close()
