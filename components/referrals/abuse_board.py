"""The part on abuse and limits: suspects by case, the signals, the verdict, and what a lawyer would ask about."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from components import downloads, states
from components.referrals import abuse_case, abuse_cases, abuse_hands, abuse_mark, abuse_signals, lawful
from components.view import View
from rules import abuse_cases as judging
from rules import reward_limits

COLUMNS = (1.13, 1)

Frames = Mapping[str, pd.DataFrame]


def draw(
    shown: View,
    frames: Frames,
    marked: Sequence[tuple[object, ...]],
    write: abuse_mark.Write | None,
    streams: Mapping[str, downloads.Batches],
) -> None:
    """Draw the part.

    frames: of `queries.reward_part.suspicion`; marked: rows of `rules.abuse_cases.MARKED`; write: records a verdict,
    None for who may not; streams: suspects and flagged, all rows for files.
    """
    missing = sorted(shown.book.missing_tables & {"reward"})
    if missing:
        states.empty(missing)
    else:
        _cases(shown, frames, marked, write, streams["suspects"])
    limits = shown.policy.reward_limits
    row = {str(name): int(value) for name, value in frames["counts"].iloc[0].items()}
    flags = reward_limits.flags(row, limits)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        lawful.draw(flags, limits)
    if not missing:
        with right:
            abuse_hands.draw(frames["concentration"])
    lawful.draw_rows(shown, frames["asked_about"], flags, streams["flagged"])


def _cases(
    shown: View,
    frames: Frames,
    marked: Sequence[tuple[object, ...]],
    write: abuse_mark.Write | None,
    suspects: downloads.Batches,
) -> None:
    marks = pd.DataFrame(marked, columns=list(judging.MARKED))
    cases = judging.judged(frames["cases"], frames["marked"], marks)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        abuse_cases.draw(shown, cases, frames["suspects"], suspects)
    with right:
        abuse_signals.draw(shown, frames["rates"])
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        abuse_case.draw(shown, frames["suspects"], marks)
    with right:
        abuse_mark.draw(frames["suspects"], marks, write)
