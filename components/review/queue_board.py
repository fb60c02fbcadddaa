"""The queue: how much stands how, search, the next case, and the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from components import formats, linked
from components.language import _
from components.review import next_case, queue_choices, queue_empty, queue_rows, queue_steps, queue_words, search
from components.review.queue_words import Said
from components.view import View
from desk.review_next import GoodLines
from desk.review_queue import Show, Sort, Tally, Waiting, Wanted
from desk.staff import Staff
from rules.referral_line import Line

_LEAD = "_queue-lead"  # to a case: the page is drawn anew for it


@dataclass(frozen=True)
class Queue:
    """The queue at one moment, as far as it is shown."""

    person: Staff  # who looks
    chosen: Wanted
    tally: Tally
    page: int
    cases: Sequence[Waiting]
    lines: Mapping[str, Line]  # good referral lines, by the referrer
    good: GoodLines  # tells them, of any referrers
    said: Said

    @property
    def total(self) -> int:
        """How many cases stand so, on all pages."""
        return self.tally.of(self.chosen.show, self.chosen.product, self.chosen.cause)


def lead() -> None:
    """Draw the whole page anew where somebody has chosen a case. Stands at the head of the list's fragment."""
    if st.session_state.pop(_LEAD, False):
        st.rerun()


def go(number: str) -> None:
    """Open a case, none where empty. For use in callbacks."""
    linked.choose(queue_choices.OPEN, number, "")
    st.session_state[_LEAD] = True


def draw(shown: View, queue: Queue) -> None:
    """Draw the list; a click on a row opens its case."""
    with st.container(border=True, key="card-queue", gap="small", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head-queue"):
            title = queue_choices.name(queue.chosen.show)
            st.markdown(f"## {title} :gray[{formats.count(queue.total)}]", width="stretch", anchors=False)
            search.draw(go)
            next_case.draw(queue.person, go, queue.good)
        queue_choices.draw_states(queue.chosen, queue.tally)
        queue_choices.draw_filters(shown, queue.chosen, queue.tally)
        if not queue.cases:
            queue_empty.draw(queue.chosen, queue.tally)
            return
        queue_rows.draw(
            queue.cases, queue.chosen.show, queue.said, queue.lines, opened=linked.text(queue_choices.OPEN), choose=go
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="queue-foot"):
            st.caption(_caption(queue), width="stretch")
            queue_steps.draw([each.external_number for each in queue.cases], linked.text(queue_choices.OPEN), go)
            queue_choices.draw_pages(queue.page, queue.total)


def _caption(queue: Queue) -> str:
    show = queue.chosen.show
    said = []
    if queue.total > queue_choices.PAGE_ROWS:
        first = queue.page * queue_choices.PAGE_ROWS
        said.append(
            _("{first}–{last} of {total}").format(
                first=formats.count(first + 1),
                last=formats.count(first + len(queue.cases)),
                total=formats.count(queue.total),
            )
        )
    if queue.chosen.sort is Sort.DUE and show is not Show.DECIDED:
        said.append(_("by deadline"))
    if show not in {Show.SENT, Show.DECIDED, Show.WITHDRAWN, Show.CLOSED}:
        said.append(_("due counts working hours"))
    marks = [queue_words.due(each, show, queue.said.hours, queue.said.now)[:1] for each in queue.cases]
    if queue_words.LATE in marks:
        said.append(_("{mark} past the deadline").format(mark=queue_words.LATE))
    if queue_words.STANDS in marks:
        said.append(_("{mark} the clock stands while information is awaited").format(mark=queue_words.STANDS))
    if any(each.referred_by_id in queue.lines for each in queue.cases):
        told = _("{mark} referred by a member whose referees repay better than others; nobody is refused for a line")
        said.append(told.format(mark=queue_words.GOOD))
    return " · ".join(said)
