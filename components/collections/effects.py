"""How an effect is drawn: the share with a message beside the share without, and how far they are apart."""

import pandas as pd
import plotly.graph_objects as go

from components import formats
from components.charts import base
from components.charts.dumbbells import dumbbells
from components.language import _

_DOT = 13


@base.drawn_once
def figure(found: pd.DataFrame, names: tuple[str, str], height: int) -> go.Figure:
    """A dumbbell for each effect that is known.

    found: a row each with `label`, the shares `treated_rate` and `held_rate`, `difference` with `low` and `high` as
    shares, and in words of how many these are: `treated_of`, `held_of`. names: what the two are called.
    """
    known = found.dropna(subset=["difference"])
    rows = known.rename(columns={"treated_rate": "first_rate", "held_rate": "second_rate"}).assign(
        first_size=_DOT,
        second_size=_DOT,
        summary=False,
        difference_text=[
            f"{formats.points_signed(row.difference)} ({formats.points_signed(row.low)}…"
            f"{formats.points_signed(row.high)})"
            for row in known.itertuples()
        ],
        first_hover=[_hover(names[0], row.treated_rate, row.treated_of) for row in known.itertuples()],
        second_hover=[_hover(names[1], row.held_rate, row.held_of) for row in known.itertuples()],
    )
    return dumbbells(rows, names=names, head=_("Effect, points"), height=height)


def _hover(name: str, rate: float, counted: str) -> str:
    return f"<b>{name}</b> {formats.percent(rate)}<br>{counted}"
