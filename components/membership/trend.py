"""How many of each month borrow? One conversion by registration month, hatched where a month is still maturing."""

from datetime import date
from typing import Any

import pandas as pd

from components import cards, formats, states, tables
from components.charts import cohorts as cohorts_chart
from components.language import _
from components.membership import funnel_choices
from components.membership.funnel_choices import Chosen
from components.membership.funnel_words import between
from components.tables import Column, Kind
from components.view import View
from rules import funnel
from rules.metrics import METRICS

HEIGHT = 290
_MONTHS = 24  # the newest, that are drawn


def draw(shown: View, chosen: Chosen, months: pd.DataFrame) -> None:
    """Draw the card. months: `queries.funnel.reached` by registration month."""
    metric, significance = METRICS["cohort_conversion"], shown.policy.display.significance
    card = cards.begin("cohorts", title=_title(chosen), definition=_(metric.definition), of=between(*chosen.conversion))
    with card.controls:
        funnel_choices.draw_conversion(chosen.recorded)
    found = funnel.cohorts(
        months, chosen.recorded, chosen.conversion, windows=chosen.windows, as_of=shown.book.as_of,
        significance=significance,
    )  # fmt: skip
    if found.empty:
        with card.frame:
            states.nothing(_("Nobody came to the first of these steps."))
        return
    rows = _with_texts(found)
    drawn = rows.tail(_MONTHS)

    def figure() -> None:
        labelled = drawn.assign(label=_labels(list(drawn["month"])))
        made = cohorts_chart.cohorts(
            labelled, maturing=_("still maturing"), title=_("registration month"), height=HEIGHT
        )
        cards.chart(made, f"cohorts-{chosen.conversion[0]}-{chosen.conversion[1]}")

    def table(height: int) -> None:
        tables.show(rows.iloc[::-1], _columns(), key="cohorts-rows", height=height)

    card.answer(
        sentence(rows, significance),
        height=HEIGHT,
        figure=figure,
        table=table,
        caption=_caption(rows, drawn, chosen, significance),
    )


def sentence(rows: pd.DataFrame, significance: float) -> str:
    """The newest six mature months against the six before, and which months can't be judged yet."""
    change, mature = funnel.trend_change(rows, significance), rows.loc[~rows["immature"]]
    if mature.empty:
        return _("No month has had its time yet; what is drawn can only rise.")
    newest = mature.iloc[-1]
    if pd.isna(change["difference"]):
        said = _("The newest month that has had its time, {month}, is at **{rate}** ({interval}).").format(
            month=formats.month(newest["month"]),
            rate=formats.percent(newest["rate"]),
            interval=formats.interval(newest["low"], newest["high"]),
        )
    else:
        texts = {
            "above": _("The newest half year that has had its time rose from {before} to **{rate}**; not noise."),
            "below": _("The newest half year that has had its time fell from {before} to **{rate}**; not noise."),
            "": _("The newest half year that has had its time is at **{rate}**, against {before} before: no more than "
                  "noise."),
        }  # fmt: skip
        said = texts[change["verdict"]].format(
            before=formats.percent(change["other_rate"]), rate=formats.percent(change["rate"])
        )
    young = rows.loc[rows["immature"], "month"]
    if len(young):
        said += _(" {months} can't be judged yet.").format(months=formats.months(young.iloc[0], young.iloc[-1]))
    return said


def _title(chosen: Chosen) -> str:
    if chosen.conversion[1] == "disbursed":
        return _("How many of each month borrow?")
    return _("How many of each month come so far?")


def _with_texts(found: pd.DataFrame) -> pd.DataFrame:
    rows = found.assign(
        rate_text=[formats.percent_number(rate) for rate in found["rate"]],
        month_text=[formats.month(month) for month in found["month"]],
        state=[_("still maturing") if immature else _("mature") for immature in found["immature"]],
    )
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


def _hover(row: Any) -> str:
    lines = [
        f"<b>{row.month_text}</b> {formats.percent(row.rate)} ({formats.interval(row.low, row.high)})",
        _("{converted} of {entered} members").format(
            converted=formats.count(row.converted), entered=formats.count(row.entered)
        ),
    ]
    return "<br>".join([*lines, *([_("still maturing: it can only rise")] if row.immature else [])])


def _labels(months: list[date]) -> list[str]:
    """Every month by its number where there are few, else each quarter's first; the year under its first."""
    every = 1 if len(months) <= 14 else 3
    labels, year = [], None
    for month in months:
        if (month.month - 1) % every:
            labels.append("")
            continue
        labels.append(f"{month.month}<br>{month.year}" if month.year != year else str(month.month))
        year = month.year
    return labels


def _caption(rows: pd.DataFrame, drawn: pd.DataFrame, chosen: Chosen, significance: float) -> str:
    steps = chosen.recorded[: chosen.recorded.index(chosen.conversion[1]) + 1]
    days = formats.duration(chosen.windows.days_through(steps) * 86400)
    said = [
        _("hatched = younger than its windows, {days}").format(days=days),
        _("whisker = Wilson {level}").format(level=formats.percent(1 - significance, 0)),
        f"n = {formats.count(int(drawn['entered'].sum()))}",
    ]
    if len(drawn) < len(rows):
        said.append(_("newest {count} months, the table has all").format(count=len(drawn)))
    return " · ".join(said)


def _columns() -> dict[str, Column]:
    metric = METRICS["cohort_conversion"]
    return {
        "month_text": Column(_("Registered"), pinned=True),
        "rate": Column(_("Conversion"), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("From"), Kind.RATIO, help=_("Lower end of the Wilson interval")),
        "high": Column(_("To"), Kind.RATIO, help=_("Upper end of the Wilson interval")),
        "entered": Column(_("Came to the first"), Kind.COUNT),
        "converted": Column(_("Came to the second"), Kind.COUNT),
        "state": Column(_("State")),
    }
