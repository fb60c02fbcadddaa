"""Do newer loans go bad faster? What share of each cohort has defaulted by each month on book."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line, Ticks
from components.filters.words import definition_in_words
from components.language import _
from components.rates.time import choices, vintage_heatmap, words
from components.tables import Column, Kind
from components.view import View
from rules import vintages
from rules.default_rates import Verdict
from rules.metrics import METRICS
from rules.vintages import CohortComparison

HEIGHT = 290
_OLDER = 12  # cohorts drawn as context
_TICKS = 9
_SECOND = theme.SEQUENTIAL[5]  # the cohort before the newest, a step paler


def draw(shown: View, cells: pd.DataFrame, pairs: pd.DataFrame) -> None:
    """Draw the card. cells, pairs: `queries.vintages` of the cohorts that `choices.cohort` names."""
    display, metric = shown.policy.display, METRICS["vintage_curve"]
    card = cards.begin(
        "vintages",
        of=definition_in_words(shown.selection.definition),
        title=_("Do newer loans go bad faster?"),
        definition=_(metric.definition),
    )
    with card.controls:
        choices.draw_cohort()
        shape = choices.draw_shape()
    if cells.empty:
        with card.frame:
            states.nothing(_("No loan that passes the filters has come to a month end yet."))
        return
    found = vintages.curves(cells, pairs, thin_loans=display.thin_borrowers, confidence=1 - display.significance)
    compared = vintages.comparison(found)

    def figure() -> None:
        if compared is None:
            states.immature(sentence(compared))
        elif shape == choices.HEATMAP:
            made = vintage_heatmap.heatmap(
                found, as_of=shown.book.as_of, thin_loans=display.thin_borrowers, height=HEIGHT
            )
            cards.chart(made, "vintage-heatmap")
        else:
            cards.chart(curves(found, compared), "vintage-curves")

    card.answer(
        sentence(compared),
        height=HEIGHT,
        figure=figure,
        table=lambda height: tables.show(listed(found), columns(), key="vintages-rows", height=height),
        caption=" · ".join(_caption(found, compared, shown, heatmap=shape == choices.HEATMAP)),
    )


def sentence(compared: CohortComparison | None) -> str:
    """The newest cohort that says something against the one a year before; a difference only where it is no noise."""
    if compared is None:
        return _("No cohort has enough loans at one age to draw its curve: widen the filters or take longer cohorts.")
    said = {
        "cohort": words.cohort(compared.cohort),
        "rate": formats.percent(compared.incidence),
        "interval": formats.interval(compared.low, compared.high),
        "month": compared.month,
    }
    if compared.other is None:
        return _(
            "**{cohort}** stands at **{rate}** ({interval}) at month {month} on book; no earlier cohort is there to "
            "hold it against."
        ).format(**said)
    said |= {
        "other": words.cohort(compared.other),
        "other_rate": formats.percent(compared.other_incidence),
        "points": formats.points_size(compared.difference),
    }
    return {
        Verdict.HIGHER: _(
            "**{cohort}** stands at **{rate}** ({interval}) at month {month} on book, **{points} above** {other} at "
            "the same age; the difference is not noise."
        ),
        Verdict.LOWER: _(
            "**{cohort}** stands at **{rate}** ({interval}) at month {month} on book, **{points} below** {other} at "
            "the same age; the difference is not noise."
        ),
    }.get(
        compared.verdict,
        _(
            "**{cohort}** stands at **{rate}** ({interval}) at month {month} on book; against the {other_rate} of "
            "{other} at the same age the difference is no more than noise."
        ),
    ).format(**said)


@base.drawn_once
def curves(found: pd.DataFrame, compared: CohortComparison) -> go.Figure:
    """The curves, the newest with their bands."""
    drawn = found.loc[found["drawn"] & (found["cohort"] <= compared.cohort)]
    cohorts = list(drawn["cohort"].unique())
    newest = cohorts[-2:]
    older = cohorts[-2 - _OLDER : -2]
    if compared.other is not None and compared.other not in [*older, *newest]:
        older = [compared.other, *older]
    colours = {cohort: theme.faded(theme.UNCERTAIN, 0.75) for cohort in older}
    if compared.other in older:
        colours[compared.other] = theme.TEXT
    colours |= {cohort: theme.ACCENT if cohort == newest[-1] else _SECOND for cohort in newest}
    made, apart = [], _apart(drawn.loc[drawn["cohort"].isin(list(colours))])
    for cohort, colour in colours.items():
        points = (
            drawn.loc[drawn["cohort"] == cohort]
            .assign(thin=False, hover=words.at_ages)
            .rename(columns={"month": "x", "incidence": "y"})
        )
        strong = cohort in newest
        value = formats.percent(points["y"].iloc[-1]) if strong else ""
        ink = {theme.ACCENT: theme.ACCENT, theme.TEXT: theme.TEXT, _SECOND: theme.TEXT}.get(colour, theme.MUTED)
        name = words.cohort(cohort) if strong or cohort == compared.other or cohort in apart else ""
        made.append(Line(points, name, value, colour, strong=strong, ink=ink))
    last = int(max(line.points["x"].max() for line in made))
    every = next(step for step in (1, 3, 6, 12, 24, last + 1) if last // step <= _TICKS)
    places = list(range(0, last + 1, every))
    ticks = Ticks(places, [str(place) for place in places], _("months on book"), max(1, last))
    return lines_chart.lines(made, ticks=ticks, height=HEIGHT, beside=False)


def _apart(drawn: pd.DataFrame) -> set[str]:
    """The cohorts that end above or below all others at that age: the older ones that are worth a name."""
    ends = drawn.groupby("cohort", sort=False).tail(1)
    at_age = drawn.groupby("month")["incidence"].agg(["min", "max"])
    low, high = (ends["month"].map(at_age[side]) for side in ("min", "max"))
    return set(ends.loc[(ends["incidence"] >= high) | (ends["incidence"] <= low), "cohort"])


def _caption(found: pd.DataFrame, compared: CohortComparison | None, shown: View, *, heatmap: bool) -> list[str]:
    display = shown.policy.display
    loans = int(found.groupby("cohort")["loans"].first().sum())
    said = [_("n = {count} loans").format(count=formats.count(loans)), _("cumulative incidence, payoff competing")]
    if heatmap:
        said.append(_("columns = months on book, number = cumulative default, %"))
    else:
        said.append(_("band = {level}, by borrower").format(level=formats.percent(1 - display.significance, 0)))
        said.append(_("grey = older, named on hover"))
        said.append(_("drawn while all of it is that old and {count} loans are at risk").format(
            count=display.thin_borrowers
        ))  # fmt: skip
        drawn = found.loc[found["drawn"]]
        young = 0 if compared is None else int(drawn.loc[drawn["cohort"] > compared.cohort, "cohort"].nunique())
        if young:
            said.append(_("younger cohorts without a default: {count}, in the table").format(count=young))
    return [*said, *words.evidence(shown.book)]


def listed(found: pd.DataFrame) -> pd.DataFrame:
    """The drawn rows, newest cohort first."""
    drawn = found.loc[found["drawn"]]
    return drawn.assign(label=[words.cohort(cohort) for cohort in drawn["cohort"]]).sort_values(
        ["cohort", "month"], ascending=[False, True], kind="stable"
    )


def columns() -> dict[str, Column]:
    """The columns of its table."""
    metric = METRICS["vintage_curve"]
    return {
        "label": Column(_("Disbursed"), pinned=True),
        "month": Column(_("Months on book"), Kind.COUNT),
        "incidence": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("From"), Kind.RATIO),
        "high": Column(_("To"), Kind.RATIO),
        "at_risk": Column(_("Loans at risk"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "paid_off": Column(_("Paid off"), Kind.COUNT),
        "censored": Column(_("Last seen open"), Kind.COUNT),
    }
