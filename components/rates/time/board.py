"""The part over time: its cards in two columns, drawn from frames that the page has read."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
import streamlit as st

from components import cards, states
from components.language import _
from components.rates.time import (
    ageing,
    cures,
    first_payments,
    lateness,
    losses,
    matrix,
    one_roll,
    vintages,
)
from components.view import View
from rules import calendar, roll_rates
from rules.book import Evidence
from rules.delinquency import Late

COLUMNS = (1.13, 1)
MONTHS = 36  # month ends that are drawn

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, frames: Frames) -> None:
    """Draw the part.

    frames: vintage_cells, vintage_pairs, transitions, first_payments, cure_cells, cure_pairs, redefault_cells,
    redefault_pairs: what the statements of those names return.
    """
    parts = frames["transitions"]
    months = roll_rates.month_ends(parts)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        vintages.draw(shown, frames["vintage_cells"], frames["vintage_pairs"])
    if not months:
        with right:
            _without_months(shown)
        return
    first = months[-MONTHS:][0]
    with right:
        now, roll = matrix.draw(shown, parts, months)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        one_roll.draw(shown, parts, months[-MONTHS:], now, roll)
    with right:
        losses.draw(shown, parts, months)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        lateness.draw(shown, parts, first)
    with right:
        ageing.draw(shown, parts, first)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        first_payments.draw(shown, frames["first_payments"])
    with right:
        cures.draw(
            shown,
            (frames["cure_cells"], frames["cure_pairs"]),
            (frames["redefault_cells"], frames["redefault_pairs"]),
        )


def oldest(as_of: date) -> date:
    """The first month end that the part needs: those drawn, and those before them that late balances came from."""
    before = MONTHS + 1 + max(late.lag_months for late in Late)
    return calendar.last_of_month(calendar.add_months(as_of, -before))


def _without_months(shown: View) -> None:
    """One card in the place of those that need month ends: which tables they need, or that the filters leave none."""
    card = cards.begin("months", title=_("What happens from month to month?"), tabular=False)
    with card.frame:
        if shown.book.evidence & {Evidence.INSTALMENTS, Evidence.TAPE}:
            states.nothing(_("No loan that passes the filters has two month ends in a row yet."))
        else:
            states.needs_months()
