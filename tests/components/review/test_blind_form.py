"""Deciding a drawn case again on the screen: what is not shown until then, what is recorded, giving it back."""

from dataclasses import replace

import pytest

from desk import blind, blind_draw, review_queue, staff
from desk.blind_tables import review_blind
from desk.review_tables import decision_outbox
from rules import policy
from rules.review_case import Outcome, State
from tests.components.review.scene import Opened, Scene, press, texts
from tests.components.review.test_act_board import DEBT, PROVEN, choose, decided, write
from tests.desk import reviewing
from tests.desk.reviewing import BOOK, OFFICER, kinds, rows

SEED = b"s" * 32
KEY = (BOOK, "1")


@pytest.fixture
def drawn(scene, monkeypatch):
    """The case was approved by an officer yesterday and is to be decided again by somebody, whose screen it is."""
    scene.desk.decide(OFFICER, rationale="a word that nobody must see")
    scene.later(24 * 60)
    first = policy.load()[0]
    every = first.model_copy(update={"review": first.review.model_copy(update={"blind_sample_ratio": 1.0})})
    assert blind_draw.look(scene.desk.engine, BOOK, SEED, (every,), scene.book, scene.now) == 1
    (row,) = rows(scene.desk.engine, review_blind)

    def opened(self):
        person, waiting = staff.lookup(self.desk.engine, row.asked_of), review_queue.found(
            self.desk.engine, BOOK, "A-1", self.now
        )  # fmt: skip
        if not blind.is_hidden(self.desk.engine, KEY, row.asked_of):
            return usual(self)
        shown = blind.unseeing(self.desk.engine, KEY, row.asked_of, self.book)
        return Opened(
            KEY, replace(waiting, state=State.WAITING), shown.case, person, shown.seen, shown.at, reviewing.RULE
        )

    usual = Scene.opened
    monkeypatch.setattr(Scene, "opened", opened)
    return scene, row.asked_of


def test_neither_decision_nor_words_nor_history_nor_delivery_are_on_the_screen(drawn):
    scene, who = drawn
    said = texts(scene.look(who))
    assert "Decide this case again, unseeing" in said
    for hidden in (
        "a word that nobody must see",
        OFFICER,
        "approved ¥80,000",
        "History",
        "acknowledged",
        "lending is told",
    ):
        assert hidden not in said
    assert scene.look(who, "zh").exception == []


def test_it_is_decided_recorded_and_only_then_seen(drawn):
    scene, who = drawn
    outbox = rows(scene.desk.engine, decision_outbox)
    at = decided(scene.look(who), "declined", DEBT, rationale="too many loans elsewhere")
    assert "Lending was sent another decision; a senior takes note of it." in texts(at)
    (pair,) = blind.pairs(scene.desk.engine, BOOK)
    assert (pair.second, pair.settled, pair.second_by, pair.differs) == (
        Outcome.DECLINED, Outcome.APPROVED, who, True
    )  # fmt: skip
    assert rows(scene.desk.engine, decision_outbox) == outbox
    assert kinds(scene.desk.engine).count("blind.decided") == 1
    assert "a word that nobody must see" in texts(scene.look(who))


def test_what_is_missing_is_said_and_nothing_recorded(drawn):
    scene, who = drawn
    at = choose(scene.look(who), "approved", PROVEN)
    press(at, "do-declined")
    press(at, "check")
    assert "Give one to 4 reasons" in texts(at)
    assert "blind.decided" not in kinds(scene.desk.engine)


def test_the_same_decision_is_said_to_be_the_same(drawn):
    scene, who = drawn
    at = decided(scene.look(who), "approved", PROVEN)
    assert "Lending was sent the same decision." in texts(at)


def test_it_is_given_back_with_a_word_why(drawn):
    scene, who = drawn
    at = press(scene.look(who), "do-give_back")
    press(at, "pass-on")
    assert "Write in a few words what this is about." in texts(at)
    write(at, "give_back", "I know the applicant")
    press(at, "pass-on")
    assert blind.asked_of(scene.desk.engine, BOOK, who) == ()
    assert kinds(scene.desk.engine)[-1] == "blind.asked"
