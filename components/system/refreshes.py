"""How old the copy is, what builds the next one, and how far it is."""

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd
import streamlit as st

from components import cards, formats, tables
from components.language import _, ngettext
from components.system import HEIGHT, stages
from components.tables import Column, Kind

_PROGRESS = 56  # px


@dataclass(frozen=True)
class Running:
    """The refresh that runs: its stage and how much is done (0-1), None until it has begun its first."""

    stage: str | None
    done: float | None


def card(age: timedelta, minutes: int, runs: pd.DataFrame, running: Running | None, *, may_ask: bool) -> bool:
    """Whether somebody who may has asked for a refresh now.

    age: of the copy; minutes: the age at which the next one is built.
    runs: started_at, seconds, outcome (succeeded, failed, stopped, rolled_back or null), rows, asked_by, message.
    """
    shown = cards.begin("refreshes", title=_("When was the copy built?"), tabular=False)
    asked = False
    if may_ask:
        with shown.actions:
            asked = st.button(
                _("Refresh now"), key="refresh-now", icon=":material/refresh:", disabled=running is not None
            )
    shown.answer(
        _said(age, minutes, runs, running),
        height=HEIGHT,
        figure=lambda: _body(runs, running),
        caption=_("times are Asia/Shanghai · nobody asked: the schedule or the command line"),
    )
    return asked


def _said(age: timedelta, minutes: int, runs: pd.DataFrame, running: Running | None) -> str:
    failed = int(runs["outcome"].isin(["failed", "stopped"]).sum())
    return " ".join(
        [
            _("The copy is **{age}**.").format(age=formats.age(age)),
            _("A refresh runs; these figures stay until it is done.")
            if running is not None
            else ngettext(
                "It is built anew every minute.", "It is built anew when it is {minutes} minutes old.", minutes
            ).format(minutes=formats.count(minutes)),
            ngettext(
                "{count} of the last {all} refreshes failed.", "{count} of the last {all} refreshes failed.", failed
            ).format(count=failed, all=len(runs)),
        ]
    )


def _body(runs: pd.DataFrame, running: Running | None) -> None:
    height = HEIGHT
    if running is not None:
        height -= _PROGRESS
        done = running.done or 0.0
        stage = _("Starting") if running.stage is None else stages.name(running.stage)
        st.progress(min(1.0, done), f"{stage} · {formats.percent(done, 0)}")
    named = {
        "succeeded": _("succeeded"),
        "failed": _("failed"),
        "stopped": _("stopped"),
        "rolled_back": _("rolled back"),
    }
    listed = runs.assign(outcome=[named.get(outcome, _("running")) for outcome in runs["outcome"]])
    columns = {
        "started_at": Column(_("Started"), Kind.INSTANT, pinned=True),
        "outcome": Column(_("Outcome")),
        "seconds": Column(_("Seconds"), Kind.COUNT),
        "rows": Column(_("Rows"), Kind.COUNT),
        "asked_by": Column(_("Asked by")),
        "message": Column(_("What happened")),
    }
    tables.show(listed, columns, key="refreshes", height=height)
