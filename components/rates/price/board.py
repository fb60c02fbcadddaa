"""The part on price against risk: what is charged and what it costs, and a trial of another price."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from components import cards, downloads, states
from components.language import _, value_label
from components.rates import dimension_choice
from components.rates.dimension_choice import Choice
from components.rates.price import choices, margins, trial
from components.view import View
from rules import acquisition, loss_given_default
from rules import margins as rules
from rules.acquisition import Step
from rules.dimensions import SCORE_BAND, UNKNOWN

COLUMNS = (1.13, 1)


def draw(shown: View, frames: Mapping[str, pd.DataFrame], by: Choice, stream: downloads.Batches) -> None:
    """Draw the part.

    frames: prices, whole_prices (`queries.margins.by_segment`), lost (`queries.case.lost`), channel_costs,
    channel_outcomes (`queries.acquisition`); stream: `queries.margins.loans_behind`, for files.
    """
    if "prices" not in frames or frames["prices"].empty or frames["whole_prices"].empty:
        card = cards.begin("price", title=_("Does the price pay for the risk?"), tabular=False)
        with card.frame:
            if not dimension_choice.missing(by.code, shown.book):
                states.nothing(
                    _("No loan that passes the filters has a price and has been observed for the horizon: a price "
                      "needs `instalment` or `loan.annual_rate`.")
                )  # fmt: skip
        return
    parts = frames["prices"]
    lost = loss_given_default.of_loans(frames["whole_prices"], frames["lost"], shown.selection.definition)
    each = per_first_loan(frames, shown.policy.display.significance)
    bands = [band for band in shown.book.values_of(SCORE_BAND.code) if band != UNKNOWN]
    change = choices.change(bands)
    judge = {"significance": shown.policy.display.significance, "thin": shown.policy.display.thin_borrowers}
    found = _labelled(shown, by.code, rules.margins(parts, lost, each, **judge))
    tried = _labelled(shown, by.code, rules.margins(parts, lost, each, change=change, **judge))
    whole = rules.margins(frames["whole_prices"], lost, each, **judge).iloc[0]
    then = rules.margins(frames["whole_prices"], lost, each, change=change, **judge).iloc[0]
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        margins.draw(shown, found, whole, by, lost, stream)
    with right:
        trial.draw(shown, tried.assign(now_ratio=found["margin_ratio"]), whole, then, change, bands, by.code)


def per_first_loan(frames: Mapping[str, pd.DataFrame], significance: float) -> dict[str, float]:
    """What acquiring a borrower costs, by channel, as Referrals tells it; nothing where the book does not tell."""
    if "channel_costs" not in frames or frames["channel_outcomes"].empty:
        return {}
    found = acquisition.per_head(
        frames["channel_costs"], frames["channel_outcomes"], Step.FIRST_LOAN, significance=significance
    )
    known = found.loc[found["heads"] > 0]
    return dict(zip(known["value"], known["each_fen"].astype(float), strict=True))


def _labelled(shown: View, code: str, found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(label=[value_label(code, value, shown.book) for value in found["segment"]])
