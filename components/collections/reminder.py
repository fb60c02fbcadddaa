"""Does a reminder help? Borrowers reminded of a due date beside those who were not, by chance or by likeness."""

import math

import pandas as pd

from components import cards, formats, states, tables
from components.collections import effects
from components.language import _
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import reminders
from rules.metrics import METRICS
from rules.reminders import COVARIATES, HELD_OUT, TREATED, Design

HEIGHT = 180
_KEY = "reminder-effect"


def draw(shown: View, cells: pd.DataFrame) -> None:
    """Draw the card. cells: `queries.collections.reminded`."""
    metric, significance = METRICS["reminder_effect"], shown.policy.display.significance
    planned = bool((cells["design"] == Design.PLANNED).any())
    both = set(cells["arm"]) >= ({TREATED, HELD_OUT} if planned else {TREATED})
    card = cards.begin(_KEY, title=_("Does a reminder help?"), definition=_(metric.definition), tabular=both)
    if not both:
        with card.frame:
            missing = sorted(shown.book.missing_tables & {"contact", "instalment", "loan"})
            if missing:
                states.empty(missing)
            else:
                states.nothing(_("Nobody, or everybody, was reminded, so there is nobody to hold the others against."))
        return
    found = reminders.effect(cells, significance=significance)
    apart = reminders.balance(cells)
    found = found.assign(
        label=[_late(days) for days in found["days"]],
        treated_of=[_counted(row.treated_late, row.treated) for row in found.itertuples()],
        held_of=[_counted(row.held_late, row.held) for row in found.itertuples()],
    )
    names = (_("reminded"), _("held out") if planned else _("like, not reminded yet"))
    card.answer(
        sentences(sentence(found), warning(apart, planned=planned)),
        height=HEIGHT,
        figure=lambda: cards.chart(effects.figure(found, names, HEIGHT), _KEY),
        table=lambda height: tables.show(found, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(cells, found, apart, shown, planned=planned)),
    )


def sentence(found: pd.DataFrame) -> str:
    """What a reminder changes in who is late at all, if anything."""
    row = found.iloc[0]
    if math.isnan(row["difference"]):
        return _(
            "Nobody who was reminded can be held against a like borrower who was not, and whose due date has come."
        )
    text = {
        "below": _(
            "**Yes**: **{treated}** of those reminded were late, **{points} fewer** than the {held} of those who were "
            "not ({low} to {high}); the difference is not noise."
        ),
        "above": _(
            "**It does harm**: **{treated}** of those reminded were late, **{points} more** than the {held} of those "
            "who were not ({low} to {high}); the difference is not noise."
        ),
        "": _(
            "**No effect shows**: **{treated}** of those reminded and {held} of those who were not were late; the "
            "difference ({low} to {high} points) is no more than noise."
        ),
    }[row["stands_out"]]
    return text.format(
        treated=formats.percent(row["treated_rate"]),
        held=formats.percent(row["held_rate"]),
        points=formats.points_size(row["difference"]),
        low=formats.points_signed(row["low"]),
        high=formats.points_signed(row["high"]),
    )


def warning(apart: pd.DataFrame, *, planned: bool) -> str:
    """That the groups were not alike before; empty where they were."""
    unlike = apart.loc[apart["unlike"], "covariate"]
    if unlike.empty:
        return ""
    what = _(", ").join(_(COVARIATES[name]) for name in unlike)
    if planned:
        return _(
            ":orange[:material/warning: The two groups differed before in {what}: look whether chance really chose.]"
        ).format(what=what)
    return _(
        ":orange[:material/warning: The two groups differed before in {what}, so the effect may be theirs rather than "
        "the reminder's.]"
    ).format(what=what)


def _late(days: int) -> str:
    return _("late at all") if days == 0 else _("> {days} days late").format(days=days)


def _counted(late: int, members: int) -> str:
    return _("{count} of {all} borrowers").format(count=formats.count(late), all=formats.count(members))


def _caption(cells: pd.DataFrame, found: pd.DataFrame, apart: pd.DataFrame, shown: View, *, planned: bool) -> list[str]:
    level = formats.percent(1 - shown.policy.display.significance, 0)
    said = [_("n = {count} borrowers, each once").format(count=formats.count(int(cells["members"].sum())))]
    if planned:
        said.append(_("by the arm that chance gave, whatever reached them, at their first planned reminder"))
        said.append(_("difference in points, Newcombe {level}").format(level=level))
    else:
        said.append(_("like = same tier, channel, score band and quarter, unpaid and not reminded yet on the same day"))
        said.append(
            _("{share} of those reminded have a counterpart").format(
                share=formats.percent(float(found["matched_ratio"].iloc[0]), 0)
            )
        )
    if len(apart) and not apart["unlike"].any():
        said.append(_("alike before in {what}").format(what=_(", ").join(_(COVARIATES[c]) for c in apart["covariate"])))
    return said


def _columns() -> dict[str, Column]:
    metric = METRICS["reminder_effect"]
    return {
        "label": Column(_("How late"), pinned=True),
        "treated_rate": Column(_("Reminded"), Kind.RATIO),
        "held_rate": Column(_("Not reminded"), Kind.RATIO),
        "difference": Column(_(metric.name), Kind.POINTS, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.POINTS),
        "high": Column(_("Upper end"), Kind.POINTS),
        "p_value": Column(_("p-value"), Kind.DECIMAL),
        "treated": Column(_("Borrowers reminded"), Kind.COUNT),
        "treated_late": Column(_("of them late"), Kind.COUNT),
        "held": Column(_("Borrowers not reminded"), Kind.COUNT),
        "held_late": Column(_("of those late"), Kind.COUNT),
    }
