"""The part on score and layers: its cards in two columns, drawn from frames that the page has read."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from components import downloads
from components.rates.score import calibration, challenger, choices, drift, layers, overrides, power, stopped
from components.view import View
from rules.default_rates import Headline

COLUMNS = (1.13, 1)


def draw(
    shown: View,
    frames: Mapping[str, pd.DataFrame],
    models: Sequence[str],
    answer: Headline,
    loss_ratio: float,
    untold: list[str],
    stream: downloads.Batches,
) -> None:
    """Draw the part.

    frames: flows, stops and, where there is a model, outcomes, months, scores and (with a second one) pairs. models:
    the one that decides first; loss_ratio: of a defaulted loan; untold: chosen dimensions that applications lack;
    stream: `queries.layers.applications`, for files.
    """
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        layers.draw(shown, frames["flows"], untold, stream)
    with right:
        stopped.draw(shown, frames["stops"], loss_ratio, answer)
    model = choices.model(models) if models else ""
    outcomes = frames.get("outcomes", _NO_OUTCOMES)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        power.draw(shown, outcomes, models)
    with right:
        calibration.draw(shown, outcomes, model)
    months, scores = (_of(frames.get(name, _NO_SCORES), model) for name in ("months", "scores"))
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        drift.draw_months(shown, months, scores, model)
    with right:
        drift.draw_bands(shown, scores, model)
    left, right = st.columns(COLUMNS, gap="small")
    with left:
        overrides.draw(shown, frames["flows"])
    with right:
        challenger.draw(shown, frames.get("pairs"), models)


def _of(rows: pd.DataFrame, model: str) -> pd.DataFrame:
    return rows.loc[rows["model"] == model]


_NO_SCORES = pd.DataFrame(columns=["model", "month", "recent", "band", "scored"])
_NO_OUTCOMES = pd.DataFrame(
    columns=["score", "borrowers", "defaulted", "told", "told_defaulted", "expected_millionths"], dtype="float64"
)
