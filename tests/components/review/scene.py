"""A drawn case on the screen: who looks is set by a test, and the loan database says what a test tells it."""

from dataclasses import dataclass, field
from datetime import timedelta

import streamlit as st
from streamlit.testing.v1 import AppTest

from components import access
from components.review import act_board
from components.review.opened import Opened
from desk import review, review_desk, review_queue, staff
from desk.review_desk import ReviewDesk
from loanbook.evidence import Seen
from rules import policy
from tests.desk import reviewing
from tests.desk.reviewing import BOOK, NOW, OFFICER, Desk, Lending


class Book(Lending):
    """A loan database for review, with rows to look at."""

    def __init__(self):
        super().__init__()
        self.rows = {}

    def seen(self, application_id):
        evidence = self.evidence(application_id)
        application = {"id": application_id, "amount": evidence.amount_fen, "status": "open", "purpose": "car"}
        return Seen(evidence, {"application": [application | self.rows.get(application_id, {})]})

    def change(self, application_id, hash_, **values):
        self.rows.setdefault(application_id, {}).update(values)
        self.changed[application_id] = self.changed.get(application_id, {}) | {"hash": hash_}


@dataclass
class Scene:
    """What the drawn page is about."""

    desk: Desk
    book: Book
    now: object = NOW
    keys: list = field(default_factory=list)

    def later(self, minutes):
        self.now += timedelta(minutes=minutes)

    def new_key(self):
        self.keys.append(f"screen-{len(self.keys)}")
        return self.keys[-1]

    def opened(self, by=None):
        key = self.desk.case
        waiting = review_queue.found(self.desk.engine, BOOK, f"A-{key[1]}", self.now)
        person = access.visitor() if by is None else staff.lookup(self.desk.engine, by)
        case = review.read(self.desk.engine, key)
        return Opened(key, waiting, case, person, self.book.seen(key[1]), self.now, reviewing.RULE)

    def look(self, by=OFFICER, language="en"):
        """The page of somebody in a new browser."""
        at = AppTest.from_function(_script, default_timeout=300)
        at.session_state["_language"], at.session_state["by"] = language, by
        return at.run()


scene: list[Scene] = []


def begin(engine, monkeypatch):
    """Set the scene; the case is that of application 1 of the drawn book."""
    book = Book()
    desk = Desk(reviewing.opened(engine), lending=book)
    made = Scene(desk, book)
    scene[:] = [made]
    monkeypatch.setattr(access, "visitor", lambda: staff.lookup(made.desk.engine, st.session_state["by"]))
    served = ReviewDesk(engine, book, BOOK, tuple(policy.load()), lambda: made.now, made.new_key)
    monkeypatch.setattr(review_desk, "_served", [served])
    return made


def draw():
    """What a script of the app does."""
    act_board.draw(None, scene[0].opened())


def _script():
    from tests.components.review.scene import draw

    draw()


def texts(at):
    """All that is said on the page."""
    kinds = ("markdown", "caption", "error", "success", "warning", "info")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind))


def button(at, key):
    return next((each for each in at.button if each.key == key), None)


def field_of(at, kind, name):
    return next((each for each in at.get(kind) if each.key and each.key.endswith(f"-{name}")), None)


def press(at, key):
    found = button(at, key)
    assert found is not None, (key, [each.key for each in at.button])
    found.click().run()
    assert not at.exception, at.exception
    return at
