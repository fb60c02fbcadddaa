"""The next case, taken with one click: nobody chooses which one it is."""

from collections.abc import Callable

import streamlit as st

from components.language import _
from components.review import act_words, desk, keys
from desk import review_queue, rights
from desk.review_next import GoodLines
from desk.review_unreachable import Unreachable
from desk.staff import Staff
from rules.refusal import Refused

PAGE, _ACT = "review_queue", "work_on_cases"


def draw(person: Staff, choose: Callable[[str], None], good: GoodLines) -> None:
    """The button, for whoever decides cases; `choose` is told the number of the case that they were handed.

    good: tells good referral lines, by the referrer.
    """
    if not rights.may(person.role, _ACT):
        return
    st.button(
        _("Next case"),
        key="review-next",
        type="primary",
        icon=":material/skip_next:",
        shortcut=keys.NEXT.key,
        on_click=_take,
        args=(choose, good),
    )


def _take(choose: Callable[[str], None], good: GoodLines) -> None:
    try:
        person = desk.actor(_ACT)
        number = review_queue.number(desk.review_desk().engine, desk.take_next(person.email, good))
    except Refused as refused:
        st.toast(act_words.refused(refused, {}), icon=":material/inbox:", duration="long")
    except Unreachable as lost:
        st.toast(_(lost.sentence), icon=":material/cloud_off:", duration="long")
    else:
        choose(number)
