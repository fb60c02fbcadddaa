"""The part on growth: its cards in two columns, drawn from frames that the page has read."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components.referrals import (
    growth_coefficient,
    growth_cycle,
    growth_forecast,
    growth_invitations,
    growth_shape,
    growth_weeks,
    growth_words,
)
from components.view import View
from rules import growth, virality

COLUMNS = (1.13, 1)
_FORECAST_DAYS = 1095  # after so long members are taken to bring nobody

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, frames: Frames) -> None:
    """Draw the part. frames: what the statements of `queries.growth.asked` return."""
    confidence = 1 - shown.policy.display.significance
    weeks = growth.by_week(frames["weeks"], growth_words.levels(shown.book), shown.book.as_of)
    spread = virality.dispersion(frames["cohorts"])
    brought, judge = (frames["followed"], frames["referrals"]), {"confidence": confidence, "dispersion": spread}
    cycle = virality.cycle(*brought, window_days=shown.policy.growth.cycle_days, **judge)
    now = virality.cycle(*brought, window_days=_FORECAST_DAYS, recent_days=growth.RECENT_DAYS, **judge)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        growth_weeks.draw(shown, weeks)
    with right:
        growth_coefficient.draw(shown, frames["cohorts"])
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        growth_forecast.draw(shown, weeks, growth.forecast(weeks, now, confidence=confidence))
    with right:
        growth_cycle.draw(shown, cycle)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        growth_invitations.draw(shown, frames["invitations"])
    with right:
        growth_shape.draw(shown, frames["trees"])
