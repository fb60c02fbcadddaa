"""What do you judge? A verdict on the case that is open, with its reason, and what was judged before."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from components import cards, states, tables
from components.language import _
from components.referrals import abuse_words
from components.tables import Column, Kind

_KEY = "abuse-mark"
_SAID = f"{_KEY}-said"
_LISTED = 130  # px for what was judged before

# Records a verdict on some members with its reason; a sentence where it can't be, None where it was.
Write = Callable[[Sequence[str], str, str], str | None]


def draw(members: pd.DataFrame, marks: pd.DataFrame, write: Write | None) -> None:
    """Draw the card.

    members: `queries.abuse.of_case`; marks: with the columns of `rules.abuse_cases.MARKED`; write: None for who may
    not mark.
    """
    card = cards.begin(
        _KEY,
        title=_("What do you judge?"),
        definition=_("A farmed member's rewards stand in the farmed part of the cost per acquisition from now on."),
        tabular=False,
    )
    if members.empty:
        with card.frame:
            states.nothing(_("There is no case to judge."))
        return
    of_case = marks.loc[marks["member_id"].isin(members["member_id"])]
    card.answer(
        sentence(len(members), of_case),
        height=None,
        figure=lambda: _body(members["member_id"].tolist(), of_case, write),
        caption=_("recorded with your name and audited · the newest verdict on a member holds"),
    )


def sentence(members: int, of_case: pd.DataFrame) -> str:
    """How many of the case were judged, and how."""
    said = {"all": abuse_words.members(members)}
    for code in abuse_words.VERDICTS:
        said[code] = str(int((of_case["verdict"] == code).sum()))
    if of_case.empty:
        return _("Nobody has judged these **{all}** yet.").format(**said)
    return _("Of these {all}, **{farmed}** are marked as farmed and **{cleared}** as cleared.").format(**said)


def _body(member_ids: list[str], of_case: pd.DataFrame, write: Write | None) -> None:
    if write is None:
        st.caption(_("Marketing and managers judge; you see what they have recorded."))
    else:
        _form(member_ids, write)
    if not of_case.empty:
        tables.show(of_case.assign(verdict=[abuse_words.verdict(code) for code in of_case["verdict"]]), _columns(),
                    key=f"{_KEY}-rows", height=_LISTED)  # fmt: skip


def _form(member_ids: list[str], write: Write) -> None:
    verdict, reason = f"{_KEY}-verdict", f"{_KEY}-reason"
    st.radio(
        _("Verdict"),
        list(abuse_words.VERDICTS),
        format_func=abuse_words.verdict,
        horizontal=True,
        key=verdict,
        label_visibility="collapsed",
    )
    st.text_area(
        _("Reason"), key=reason, height=68, max_chars=500, placeholder=_("Why, in a sentence"),
        label_visibility="collapsed",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Record for all {members}").format(members=abuse_words.members(len(member_ids))),
            key=f"{_KEY}-record",
            type="primary",
            on_click=partial(_record, member_ids, write, verdict, reason),
        )
        if said := st.session_state.pop(_SAID, None):
            st.markdown(f":red[:material/error: {_(said)}]")


def _record(member_ids: list[str], write: Write, verdict: str, reason: str) -> None:
    said = write(member_ids, st.session_state[verdict], st.session_state[reason])
    st.session_state[_SAID] = said
    if said is None:
        st.session_state[reason] = ""


def _columns() -> dict[str, Column]:
    return {
        "member_id": Column(_("Member"), pinned=True),
        "verdict": Column(_("Verdict")),
        "reason": Column(_("Reason")),
        "staff": Column(_("By")),
        "at": Column(_("Judged at"), Kind.INSTANT),
    }
