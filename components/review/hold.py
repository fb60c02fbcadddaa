"""Who holds the open case and until when. While it is open, the hold of whoever has it is kept alive.

The fragment ticks by itself and draws nothing but its own line, so it never takes the focus or what is being typed.
"""

from datetime import datetime, timedelta

import streamlit as st

from components import access
from components.language import _
from components.review import act_words, acting, keys
from components.review.acting import Acting
from components.review.desk import review_desk
from components.review.draft import PAGE
from desk import review, review_unreachable
from desk.review_unreachable import Unreachable
from rules.refusal import Refused
from rules.review_actions import Claim, GiveUp
from rules.review_case import Case
from rules.review_people import OFFICERS

TICK_SECONDS = 20
RENEWED_AFTER = timedelta(seconds=45)  # of a hold; a busy tick that is late by minutes loses nothing


def draw(acting_: Acting) -> None:
    """Draw the line, with the button that takes the case or lets go of it."""
    lease_seconds = 60 * acting_.opened.rule.review.lease_minutes
    st.fragment(_line, run_every=min(TICK_SECONDS, lease_seconds / 4))(acting_)


def _line(at: Acting) -> None:
    try:
        with review_unreachable.telling():
            access.require(PAGE)
            acting.anew()
            now = review_desk().now()
            case = _kept_alive(at, review.read(review_desk().engine, at.opened.key), now)
            at.draft.save()
    except Unreachable as lost:
        st.markdown(f":orange[:material/cloud_off: {_(lost.sentence)}]")
        return
    if at.held:
        _mine(at, case, now)
    else:
        if (case.version, case.held_by(now)) != (at.opened.case.version, at.opened.case.held_by(at.opened.now)):
            st.rerun()
        _free_or_others(at, case, now)


def _kept_alive(at: Acting, case: Case, now: datetime) -> Case:
    """The case with a hold that was lengthened where it is theirs; a hold that has run out is never taken up again."""
    lease, length = case.lease, timedelta(minutes=at.opened.rule.review.lease_minutes)
    mine = at.held and lease is not None and at.opened.case.lease is not None
    if not mine or case.held_by(now) != at.person.email or lease.token != at.opened.case.lease.token:
        return case
    if lease.until - now > length - min(RENEWED_AFTER, length / 4):
        return case
    key = f"{at.opened.key[1]} {lease.token} {now.isoformat()}"
    try:
        return review_desk().perform(key, at.opened.key, at.person.email, Claim()).case
    except Refused:
        return review.read(review_desk().engine, at.opened.key)


def _mine(at: Acting, case: Case, now: datetime) -> None:
    lease, mine = case.lease, at.opened.case.lease
    if lease is None or mine is None or lease.token != mine.token or case.version != at.opened.case.version:
        holder = case.held_by(now)
        sentence = (
            _("This case was changed meanwhile; look at it again. What you wrote is kept.")
            if holder in {None, at.person.email}
            else _("{who} has this case now. What you wrote is kept.").format(who=at.name(holder))
        )
        _lost(at, sentence)
    elif lease.until <= now:
        _lost(at, _("Your hold on this case ran out at {time}. What you wrote is kept.").format(
            time=act_words.clock(lease.until, now)
        ))  # fmt: skip
    else:
        with _row():
            st.markdown(
                ":green[:material/lock:] "
                + _("Yours until {time} · {left}").format(
                    time=act_words.clock(lease.until, now), left=act_words.left(lease.until - now)
                ),
                width="stretch",
                help=_("It stays yours while the case is open in a browser of yours."),
            )
            st.button(
                _("Let go"), key="give-up", type="tertiary", icon=":material/lock_open:", shortcut=keys.GIVE_UP.key,
                on_click=acting.act, args=(at, GiveUp(mine.token)),
            )  # fmt: skip


def _lost(at: Acting, sentence: str) -> None:
    with _row():
        st.markdown(f":red[:material/lock_clock: {sentence}]", width="stretch")
        if st.button(_("Look again"), key="look-again", icon=":material/refresh:", type="primary"):
            acting.unmean()
            st.rerun()


def _free_or_others(at: Acting, case: Case, now: datetime) -> None:
    holder, barred = case.held_by(now), at.barred
    with _row():
        if holder is not None and case.lease is not None and holder != at.person.email:
            st.markdown(
                ":orange[:material/lock:] " + _("{who} holds it until {time} · {left}, then it can be taken").format(
                    who=at.name(holder), time=act_words.clock(case.lease.until, now),
                    left=act_words.left(case.lease.until - now),
                ),
                width="stretch",
            )  # fmt: skip
            return
        if barred is not None and at.person.role in OFFICERS:
            st.markdown(f":gray[:material/block:] {act_words.refused(barred, at.names)}", width="stretch")
            return
        given = at.opened.case.assigned_to == at.person.email
        said = _("It was given to you; nobody holds it.") if given else _("Nobody holds it.")
        st.markdown(f":gray[:material/lock_open:] {said}", width="stretch")
        if barred is not None:
            return
        st.button(
            _("Take the case"), key="claim", type="primary", icon=":material/front_hand:", shortcut=keys.CLAIM.key,
            on_click=acting.act, args=(at, Claim()),
        )  # fmt: skip


def _row() -> "st.delta_generator.DeltaGenerator":
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key="hold")
