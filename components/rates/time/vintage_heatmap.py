"""Vintages as a table of cells: cohorts down, months on book across, so that neighbours at one age can be compared."""

import re
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import formats
from components.charts import base
from components.charts import cells as cells_chart
from components.charts.cells import Strip
from components.language import _
from components.rates.time import words
from rules import calendar

_ROWS, _COLUMNS = 11, 13  # cells that fit


@base.drawn_once
def heatmap(found: pd.DataFrame, *, as_of: date, thin_loans: int, height: int) -> go.Figure:
    """The newest cohorts that fit. found: `rules.vintages.curves`.

    Hatched: ages at which few loans are left at risk, and ages that the whole cohort has not reached yet.
    """
    cohorts = sorted(found["cohort"].unique())[-_ROWS:]
    last = int(found.loc[found["cohort"].isin(cohorts) & found["drawn"], "month"].max())
    every = next(step for step in (1, 2, 3, 6, 12, 24, last + 1) if last // step < _COLUMNS)
    ages = list(range(0, last + 1, every))
    shown = found.loc[found["cohort"].isin(cohorts) & found["month"].isin(ages) & found["drawn"]]
    shown = shown.assign(
        row=shown["cohort"].map(cohorts.index),
        column=shown["month"].map(ages.index),
        value=shown["incidence"],
        text=[formats.percent_number(value) for value in shown["incidence"]],
        outlined=False,
        ringed=False,
        hover=words.at_ages(shown),
    )
    return cells_chart.cells(
        shown,
        rows=[words.cohort(cohort) for cohort in cohorts],
        columns=[str(age) for age in ages],
        height=height,
        bounds=cells_chart.even_bounds(float(shown["incidence"].max())),
        given=("cohort", "month"),
        strips=_strips(shown, cohorts, ages, as_of, thin_loans),
    )


def _strips(shown: pd.DataFrame, cohorts: list[str], ages: list[int], as_of: date, thin_loans: int) -> list[Strip]:
    """What is hatched in each row: few at risk, then still maturing; the words for it where there is most room."""
    thin, young = [], []
    for row, cohort in enumerate(cohorts):
        first = int((shown["cohort"] == cohort).sum())
        reached = sum(age <= _age(cohort, as_of) for age in ages)
        if reached > first:
            thin.append(Strip(row, first, reached - first))
        if len(ages) > max(first, reached):
            young.append(Strip(row, max(first, reached), len(ages) - max(first, reached)))
    return [*_worded(thin, f"n<{thin_loans}", 2), *_worded(young, _("still maturing"), 3)]


def _worded(strips: list[Strip], text: str, room: int) -> list[Strip]:
    widest = max(strips, key=lambda strip: (strip.cells, strip.row), default=None)
    return [
        Strip(strip.row, strip.first, strip.cells, text if strip is widest and strip.cells >= room else "")
        for strip in strips
    ]


def _age(cohort: str, as_of: date) -> int:
    """Months on book that the youngest loan of a cohort has come to: at the last month end that as_of has reached."""
    year, kind, number = re.fullmatch(r"(\d{4})(-|Q|)(\d*)", cohort).groups()
    month = {"-": int(number or 0), "Q": 3 * int(number or 0), "": 12}[kind]
    last_end = as_of if calendar.last_of_month(as_of) == as_of else calendar.add_months(as_of, -1)
    return calendar.months_between(date(int(year), month, 1), last_end)
