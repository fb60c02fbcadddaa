"""The part on the reserve: its cover over time, what is set aside, whose loss it is, the loss by bucket."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import cards, downloads, states
from components.language import _
from components.overview.looked import looked_at
from components.rates.reserve import cover, funders, set_aside
from components.rates.time import losses
from components.view import View
from rules import reserve, roll_rates
from rules.book import Evidence
from rules.roll_rates import MONTHS_BEFORE

COLUMNS = (1.13, 1)
MONTHS = 24  # month ends that are drawn


def draw(shown: View, frames: Mapping[str, pd.DataFrame], stream: downloads.Batches) -> None:
    """Draw the part.

    frames: transitions, lent, reserve, movements and balances, all of the whole book; stream: the movements, for files.
    """
    parts, held = frames["transitions"], frames["reserve"]
    last = looked_at(shown).last  # the month end that the overview's card tells, too
    ends = [day for day in roll_rates.month_ends(parts) if day <= last]
    if "reserve_movement" in shown.book.missing_tables or not ends:
        _without(shown)
        return
    found = reserve.covers(parts, held, ends, ends[-MONTHS:])
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        cover.draw(shown, found, stream)
    with right:
        set_aside.draw(
            shown,
            reserve.by_month(
                frames["movements"], frames["lent"], shown.policy.reserve.set_aside_reasons, ends[-MONTHS:]
            ),
        )
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        funders.draw(
            shown,
            reserve.by_funder(frames["balances"], parts, ends[-MONTHS_BEFORE:]),
            float(found["held_fen"].iloc[-1]),
        )
    with right:
        losses.draw(shown, parts, ends)


def _without(shown: View) -> None:
    """One card in the place of all: what the part needs."""
    card = cards.begin("cover", title=_("Does the reserve hold what will be lost?"), tabular=False)
    with card.frame:
        if "reserve_movement" in shown.book.missing_tables:
            states.empty(["reserve_movement"])
        elif shown.book.evidence & {Evidence.INSTALMENTS, Evidence.TAPE}:
            states.nothing(_("No loan has two month ends in a row yet."))
        else:
            states.needs_months()
