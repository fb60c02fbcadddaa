"""Does the network grow by itself? The viral coefficient of each registration month, all followed for as long."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _, ngettext
from components.rates.time import words
from components.tables import Column, Kind
from components.view import View
from rules import virality
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.virality import Change

HEIGHT = 290
_KEY = "growth-coefficient"
_DRAWN = 24  # months


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.growth.cohorts`."""
    metric, display, days = METRICS["viral_coefficient"], shown.policy.display, shown.policy.growth.exposure_days
    card = cards.begin(
        _KEY,
        title=_("Does the network grow by itself?"),
        of=ngettext("K within {days} day", "K within {days} days", days).format(days=days),
        definition=_(metric.definition),
    )
    if parts.empty:
        with card.frame:
            states.nothing(_("No member passes the filters."))
        return
    found = virality.coefficients(
        parts, window_days=days, confidence=1 - display.significance, thin_members=display.thin_borrowers
    )
    found = found.assign(
        day=[date.fromisoformat(f"{month}-01") for month in found["month"]],
        hover=[_hover(row) for row in found.itertuples()],
    )
    drawn = found.iloc[-_DRAWN:].reset_index(drop=True)
    card.answer(
        sentence(virality.change(found, significance=display.significance), days),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(drawn), _KEY),
        table=lambda height: tables.show(found.iloc[::-1], _columns(found), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(drawn, shown)),
    )


def sentence(change: Change | None, days: int) -> str:
    """K of the newest mature month against the months before; a change only where it is more than noise."""
    if change is None:
        return ngettext(
            "Still maturing: no month's members have all been followed for {days} day.",
            "Still maturing: no month's members have all been followed for {days} days.",
            days,
        ).format(days=days)
    return {
        Verdict.HIGHER: _(
            "Each 100 members who registered in {month} brought **{brought}** ({interval}) more within {days} days, "
            "**more** than the {before} of {months}; the difference is not noise."
        ),
        Verdict.LOWER: _(
            "Each 100 members who registered in {month} brought **{brought}** ({interval}) more within {days} days, "
            "**fewer** than the {before} of {months}; the difference is not noise."
        ),
        Verdict.NOISE: _(
            "Each 100 members who registered in {month} brought **{brought}** ({interval}) more within {days} days; "
            "against the {before} of {months} the difference is no more than noise."
        ),
        Verdict.NOT_COMPARED: _(
            "Each 100 members who registered in {month} brought **{brought}** ({interval}) more within {days} days; "
            "there are no months before to hold it against."
        ),
    }[change.verdict].format(
        month=formats.month(date.fromisoformat(f"{change.cohort}-01")),
        brought=formats.percent_number(change.k),
        interval=formats.interval(change.low, change.high),
        days=days,
        before=formats.percent_number(change.before_k),
        months=words.months_before(change.cohorts),
    )


@base.drawn_once
def _figure(drawn: pd.DataFrame) -> go.Figure:
    placed = drawn.assign(x=range(len(drawn)), y=drawn["k"])
    whole, young = placed.loc[~placed["maturing"]], placed.loc[placed["maturing"]]
    last = formats.index(float(whole["y"].iloc[-1])) if len(whole) else ""
    drawn_lines = [Line(whole, last, "", theme.ACCENT, dots=True)] if len(whole) else []
    if len(young):
        tail = pd.concat([whole.tail(1), young]).assign(low=float("nan"), high=float("nan"))
        drawn_lines.append(Line(tail, "", "", theme.faded(theme.ACCENT, 0.6), strong=False, dots=True, dashed=True))
    return lines_chart.lines(
        drawn_lines,
        ticks=words.month_ticks(list(drawn["day"])),
        height=HEIGHT,
        beside=False,
        maturing=(float(young["x"].min()) - 0.5, _("still maturing")) if len(young) else None,
        axis=base.index_axis,
    )


def _hover(row: tuple) -> str:
    said = [
        f"<b>{formats.month(date.fromisoformat(f'{row.month}-01'))}</b> K {formats.index(row.k)} "
        f"({formats.index(row.low)}–{formats.index(row.high)})",
        _("{referees} referred by {members} members").format(
            referees=formats.count(row.referees), members=formats.count(row.members)
        ),
    ]
    if row.invitations:
        said.append(
            _("{invited} invitations per member × {converted} of them registered").format(
                invited=formats.index(row.invited), converted=formats.percent(row.converted)
            )
        )
    return "<br>".join(said)


def _caption(drawn: pd.DataFrame, shown: View) -> list[str]:
    mature = drawn.loc[~drawn["maturing"]]
    return [
        _("n = {count} members").format(count=formats.count(int(mature["members"].sum()))),
        _("band = {level}, by the members' own spread").format(
            level=formats.percent(1 - shown.policy.display.significance, 0)
        ),
        _("every registration month, whatever the period"),
    ]


def _columns(found: pd.DataFrame) -> dict[str, Column]:
    metric = METRICS["viral_coefficient"]
    invited = {
        "invitations": Column(_("Invitations"), Kind.COUNT),
        "invited": Column(_("Invitations per member"), Kind.DECIMAL),
        "converted": Column(_("Registered per invitation"), Kind.RATIO),
    }
    return {
        "month": Column(_("Registered in"), pinned=True),
        "k": Column(_(metric.name), Kind.DECIMAL, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.DECIMAL),
        "high": Column(_("Upper end"), Kind.DECIMAL),
        "members": Column(_("Members"), Kind.COUNT),
        "referrers": Column(_("Referrers"), Kind.COUNT),
        "referees": Column(_("Referred"), Kind.COUNT),
        **(invited if found["invitations"].any() else {}),
        "maturing": Column(_("Still maturing"), Kind.YES),
    }
