"""How does the network grow? Members by week and referral level, or all who have come so far."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, linked, states, tables
from components.charts import base
from components.charts import stacked as stacked_chart
from components.language import _, ngettext
from components.referrals import growth_words
from components.tables import Column, Kind
from components.view import View
from rules.default_rates import Verdict
from rules.growth import ROOT
from rules.metrics import METRICS
from rules.movement import Movement, movement
from rules.text import N_

HEIGHT = 290
_KEY = "growth-weeks"
_DRAWN = 52  # weeks
_BEFORE = 12  # whole weeks that the newest is held against
EACH, SO_FAR = "each", "so_far"
_COUNTED = {EACH: N_("Each week"), SO_FAR: N_("All so far")}


def draw(shown: View, weeks: pd.DataFrame) -> None:
    """Draw the card. weeks: `rules.growth.by_week`."""
    metric = METRICS["members_by_level"]
    card = cards.begin(_KEY, title=_("How does the network grow?"), definition=_(metric.definition))
    if weeks.empty:
        with card.frame:
            states.nothing(_("No member passes the filters."))
        return
    with card.controls:
        counted = linked.select(
            "growth", list(_COUNTED), opening=EACH, label=_("Count"), named=lambda code: _(_COUNTED[code])
        )
    levels = growth_words.levels(shown.book)
    newest = sorted(weeks["week"].unique())[-_DRAWN:]
    drawn = weeks.loc[weeks["week"].isin(newest)]
    card.answer(
        sentence(weeks, shown.policy.display.significance),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(drawn, newest, levels, counted), f"{_KEY}-{counted}"),
        table=lambda height: tables.show(_wide(weeks, levels), _columns(levels), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(weeks, newest)),
    )


def sentence(weeks: pd.DataFrame, significance: float) -> str:
    """The newest whole week: how many came, what share was referred, and whether that share has moved."""
    whole = weeks.loc[~weeks["running"]]
    if whole.empty:
        return _("No week has ended yet.")
    members = whole.groupby("week")["members"].sum()
    referred = members - whole.loc[whole["level"] == ROOT].groupby("week")["members"].sum()
    moved = movement(
        int(referred.iloc[-1]),
        int(members.iloc[-1]),
        referred.iloc[-_BEFORE - 1 : -1],
        members.iloc[-_BEFORE - 1 : -1],
        significance,
    )
    return _moved(moved).format(
        members=formats.count(int(members.iloc[-1])),
        week=formats.day(members.index[-1]),
        share=formats.percent(moved.rate),
        mean=formats.percent(moved.before_rate),
        weeks=_weeks_before(moved.months),
        all=formats.count(int(members.sum())),
    )


def _moved(moved: Movement) -> str:
    return {
        Verdict.HIGHER: _(
            "In the week from {week}, **{members}** members registered, **{share}** of them referred: more than the "
            "{mean} of {weeks}, and not noise."
        ),
        Verdict.LOWER: _(
            "In the week from {week}, **{members}** members registered, **{share}** of them referred: fewer than the "
            "{mean} of {weeks}, and not noise."
        ),
        Verdict.NOISE: _(
            "In the week from {week}, **{members}** members registered, **{share}** of them referred; against the "
            "{mean} of {weeks} the difference is no more than noise."
        ),
        Verdict.NOT_COMPARED: _("In the week from {week}, **{members}** members registered; {all} have come so far."),
    }[moved.verdict]


def _weeks_before(count: int) -> str:
    return ngettext("the week before", "the {count} weeks before", count).format(count=count)


@base.drawn_once
def _figure(drawn: pd.DataFrame, newest: list[date], levels: tuple[str, ...], counted: str) -> go.Figure:
    place = {week: at for at, week in enumerate(newest)}
    column = "so_far" if counted == SO_FAR else "members"
    parts = drawn.assign(
        part=drawn["level"],
        x=drawn["week"].map(place),
        share=drawn[column],
        hover=[
            "<br>".join(
                [
                    f"<b>{growth_words.level_name(row.level)}</b>",
                    _("week from {day}").format(day=formats.day(row.week)),
                    _("{count} members, {all} so far").format(
                        count=formats.count(row.members), all=formats.count(row.so_far)
                    ),
                ]
            )
            for row in drawn.itertuples()
        ],
    )
    names = {level: (growth_words.level_name(level), growth_words.level_colour(level, levels)) for level in levels}
    ticks = growth_words.week_ticks(newest)
    return stacked_chart.stacked(parts, names=names, ticks=ticks, height=HEIGHT, counted=True)


def _wide(weeks: pd.DataFrame, levels: tuple[str, ...]) -> pd.DataFrame:
    """A row per week, the newest first."""
    table = weeks.pivot(index="week", columns="level", values="members")[list(levels)]
    so_far = weeks.groupby("week")["so_far"].sum()
    return table.assign(all=table.sum(axis=1), so_far=so_far).iloc[::-1].reset_index()


def _columns(levels: tuple[str, ...]) -> dict[str, Column]:
    return {
        "week": Column(_("Week from"), Kind.DAY, pinned=True),
        "all": Column(_("Members"), Kind.COUNT),
        **{level: Column(growth_words.level_name(level), Kind.COUNT) for level in levels},
        "so_far": Column(_("All so far"), Kind.COUNT),
    }


def _caption(weeks: pd.DataFrame, newest: list[date]) -> list[str]:
    said = [
        _("n = {count} members").format(count=formats.count(int(weeks["members"].sum()))),
        ngettext("newest {count} week drawn", "newest {count} weeks drawn", len(newest)).format(count=len(newest)),
        _("every registration, whatever the period"),
    ]
    if weeks["running"].any():
        said.append(_("hatched = the week is not over"))
    return said
