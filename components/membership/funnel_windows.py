"""The windows of the funnel's steps: shown and changed in a popover, kept in the link."""

import streamlit as st

from components import formats
from components.language import _
from components.membership import funnel_choices
from components.membership.funnel_choices import Chosen
from components.membership.funnel_words import step_name
from rules import funnel_steps
from rules.funnel_steps import HOUR, LONGEST_WINDOW_HOURS, Windows
from rules.policy import Policy

_WIDTH = 360  # px


def draw(rule: Policy, chosen: Chosen) -> None:
    """The popover: a number of hours for each step that the book records."""
    usual = funnel_steps.usual(rule.funnel)
    changed = chosen.windows != usual
    label = _("Windows, changed") if changed else _("Windows")
    with (
        st.popover(label, icon=":material/timer:", type="tertiary", width="content", key="windows"),
        st.container(width=_WIDTH),
    ):
        st.caption(
            _(
                "Hours that may pass between a step and the one before, the last one included. "
                "Together they are {days}: a registration month counts once that has passed for all of it."
            ).format(days=formats.duration(chosen.windows.days_through(chosen.steps) * 24 * HOUR))
        )
        steps = chosen.recorded[1:]
        for first in range(0, len(steps), 2):  # a row at a time, so that a telephone keeps their order
            for place, code in zip(st.columns(2, gap="small"), steps[first : first + 2], strict=False):
                with place:
                    _window(code, chosen.windows, rule)
        st.button(
            _("Back to the usual windows"),
            icon=":material/restart_alt:",
            key="windows-reset",
            disabled=not changed,
            on_click=funnel_choices.take_windows,
            args=(usual, rule),
            width="stretch",
        )


def _window(code: str, windows: Windows, rule: Policy) -> None:
    key, seconds = f"window-{code}", windows.seconds_of(code)
    st.session_state[key] = seconds // HOUR
    st.number_input(
        _("{step}, hours").format(step=step_name(code)),
        min_value=1,
        max_value=LONGEST_WINDOW_HOURS,
        step=24,
        key=key,
        on_change=_take,
        args=(code, key, windows, rule),
        help=_("= {days}").format(days=formats.duration(seconds)),
    )


def _take(code: str, key: str, windows: Windows, rule: Policy) -> None:
    funnel_choices.take_windows(funnel_steps.with_seconds(windows, {code: st.session_state[key] * HOUR}), rule)
