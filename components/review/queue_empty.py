"""What the list says where there is nothing to list: what that means, and what comes back by itself."""

import streamlit as st

from components import formats
from components.language import _
from components.review import queue_choices
from desk.review_queue import Show, Tally, Wanted

_COMES_BACK = (Show.ASKED, Show.PARKED)


def draw(chosen: Wanted, tally: Tally) -> None:
    """Draw the state of an empty list."""
    icon, title, sentence = _said(chosen, tally)
    with st.container(key="queue-empty", gap="small"):
        st.markdown(f"## {icon} {title}", anchors=False)
        st.markdown(f":gray[{sentence}]")


def _said(chosen: Wanted, tally: Tally) -> tuple[str, str, str]:
    if chosen.of is not None and tally.mine == 0:
        return (
            ":material/person:",
            _("Nothing is yours just now"),
            _("Cases that you take, park or ask about, and those that are given to you, stand here."),
        )
    if chosen.cause or chosen.product or chosen.of is not None or chosen.show is not Show.WAITING:
        return (
            ":material/filter_alt_off:",
            _("No case stands so"),
            _("Choose another state, or fewer filters."),
        )
    away = [
        f"{queue_choices.name(show).lower()} {formats.count(tally.of(show))}" for show in _COMES_BACK if tally.of(show)
    ]
    if away:
        return (
            ":material/hourglass_top:",
            _("Nothing waits for a decision just now"),
            _("Away for now: {cases}. They come back here by themselves.").format(cases=", ".join(away)),
        )
    return (
        ":material/task_alt:",
        _("Nothing waits for a decision"),
        _("Large applications and those that rules or score refer to a person appear here by themselves."),
    )
