"""Review queue: which applications wait for a person, the open case, and how well is decided."""

from collections.abc import Collection, Mapping
from functools import partial

import streamlit as st

from components import access, linked, parts, states, view
from components.language import _
from components.review import (
    act_board,
    blind_asked,
    case_board,
    details_board,
    hand_over,
    holders,
    part,
    queue_board,
    queue_choices,
)
from components.review.desk import review_desk
from components.review.queue_board import Queue
from components.review.queue_words import Said
from components.review.seen import Seen
from desk import blind, review_holders, review_queue, review_unreachable, rights, staff
from desk.review_unreachable import Unreachable
from pages.parts import open_case, quality_of_review
from queries import review_marks
from queries.faults import ReadError
from queries.running import new_run
from rules.referral_line import Line
from rules.refusal import Refused

PAGE = "review_queue"
LIVE_SECONDS = 5  # between two looks at who holds what


def show() -> None:
    """The page: one part of it, of which alone is read."""
    access.require(PAGE)
    shown = view.current()
    parts.switch(part.PARTS)
    if parts.chosen(part.PARTS) == part.QUALITY:
        quality_of_review.draw(shown)
        return
    number = linked.text(queue_choices.OPEN)
    with st.container(key="review-board"):
        left, right = st.columns([0.57, 0.43], gap="small")
        with left, st.container(key="review-list"):
            _second_looks()
            st.fragment(_queue, run_every=LIVE_SECONDS)()
        with right, st.container(key="review-case" if number else "review-beside"):
            if number:
                st.button(
                    _("Back to the list"), key="case-close", icon=":material/close:", type="tertiary",
                    on_click=linked.choose, args=(queue_choices.OPEN, "", ""),
                )  # fmt: skip
                seen = _case(shown, number)
            else:
                st.fragment(_holders, run_every=LIVE_SECONDS)()
                hand_over.draw(access.require(PAGE))
        if number and seen is not None:
            with left, st.container(key="review-details"):
                details_board.draw(seen, open_case.similar(seen))


def _queue() -> None:
    """The list; looks again by itself, and draws nothing else anew."""
    queue_board.lead()
    desk, shown = review_desk(), view.current()
    now = desk.now()
    try:
        with review_unreachable.telling():
            person = access.require(PAGE)
            chosen = queue_choices.wanted(person.email)
            tally = review_queue.tally(desk.engine, desk.source, now, chosen.of, person.email)
            page = queue_choices.page(tally.of(chosen.show, chosen.product, chosen.cause))
            rows, first = queue_choices.PAGE_ROWS, page * queue_choices.PAGE_ROWS
            cases = review_queue.listed(desk.engine, desk.source, chosen, now, rows, first)
            names = {each.email: each.name for each, _active in staff.listed(desk.engine)}
    except Unreachable as lost:
        states.error(_(lost.sentence))
        return
    said = Said(person.email, names, desk.rule.review.hours, now)
    good = partial(_good_lines, shown)
    lines = good({each.referred_by_id for each in cases if each.referred_by_id})
    queue_board.draw(shown, Queue(person, chosen, tally, page, cases, lines, good, said))


def _good_lines(shown: view.View, referrers: Collection[str]) -> Mapping[str, Line]:
    """Whose referees repay better, of some referrers; nobody where the copy can't say it."""
    try:
        asker = new_run(view.session(), f"{PAGE} lines")
        return review_marks.good_lines(referrers, shown.book.snapshot_id, shown.policy, asker)
    except ReadError:
        return {}


def _second_looks() -> None:
    """What whoever looks is asked to decide again, and for those responsible what was decided otherwise."""
    desk = review_desk()
    try:
        with review_unreachable.telling():
            person = access.require(PAGE)
            noting = rights.may(person.role, "note_second_decisions")
            asked = blind.asked_of(desk.engine, desk.source, person.email)
            differing = blind.differing(desk.engine, desk.source) if noting else ()
    except Unreachable:  # the list below says so
        return
    blind_asked.draw(asked, len(differing))


def _holders() -> None:
    """Who holds what; looks again by itself."""
    desk = review_desk()
    try:
        with review_unreachable.telling():
            access.require(PAGE)
            found = review_holders.holders(desk.engine, desk.source, desk.now())
            names = {each.email: each.name for each, _active in staff.listed(desk.engine)}
    except Unreachable as lost:
        states.error(_(lost.sentence))
        return
    holders.draw(found, names)


def _case(shown: view.View, number: str) -> Seen | None:
    """The case at a glance and what is done with it; None where a state says why it can't be shown."""
    try:
        with review_unreachable.telling():
            opened = open_case.opened(number)
    except Refused as refused:
        states.error(_(refused.sentence).format(**refused.values))
        return None
    except Unreachable as lost:
        states.error(_(review_unreachable.CASE if lost.sentence == review_unreachable.LOANS else lost.sentence))
        return None
    if opened is None:
        states.error(
            _("No application with the number {number} is under review. Look at the number again; it stands here once "
              "rules refer it to a person.").format(number=number)
        )  # fmt: skip
        return None
    seen = open_case.seen(shown, opened)
    if seen is not None:
        case_board.draw(seen)
    act_board.draw(shown, opened)
    return seen


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
