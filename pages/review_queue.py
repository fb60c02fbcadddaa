"""Review queue: which applications wait for a person, the open case, and how well is decided."""

import pandas as pd
import streamlit as st

from components import access, linked, parts, states, view
from components.language import _
from components.review import act_board, case_board, part, quality_board, queue_board
from components.review.desk import review_desk
from components.review.opened import Opened
from desk import review, review_queue
from desk.review_queue import Wanted
from rules.refusal import Refused

PAGE = "review_queue"
MOST_ROWS = 50


def show() -> None:
    """The page: one part of it, of which alone is read."""
    access.require(PAGE)
    shown = view.current()
    parts.switch(part.PARTS)
    if parts.chosen(part.PARTS) == part.QUALITY:
        quality_board.draw(shown)
        return
    number = linked.text(queue_board.OPEN)
    if not number:
        _queue(shown)
        return
    left, right = st.columns([0.56, 0.44], gap="small")
    with left:
        _queue(shown)
    with right:
        _case(shown, number)


def _queue(shown: view.View) -> None:
    desk = review_desk()
    waiting = review_queue.listed(desk.engine, desk.source, Wanted(), desk.now(), MOST_ROWS)
    queue_board.draw(shown, waiting)


def _case(shown: view.View, number: str) -> None:
    try:
        opened = _opened(number)
    except Refused as refused:
        states.error(_(refused.sentence).format(**refused.values))
        return
    if opened is None:
        states.error(_("No application with the number {number} is under review.").format(number=number))
        return
    case_board.draw(shown, opened, _frames(shown, opened))
    act_board.draw(shown, opened)


def _opened(number: str) -> Opened | None:
    """The case of an application with all that is seen of it now; None where there is none."""
    desk, person = review_desk(), access.require(PAGE)
    now = desk.now()
    waiting = review_queue.found(desk.engine, desk.source, number, now)
    if waiting is None:
        return None
    case, seen = review.read(desk.engine, waiting.case), desk.book.seen(waiting.case[1])
    return Opened(waiting.case, waiting, case, person, seen, now, desk.rule)


def _frames(shown: view.View, opened: Opened) -> dict[str, pd.DataFrame]:
    """What the snapshot says beside the case."""
    return {}


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
