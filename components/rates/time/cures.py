"""Do defaulted loans come back? How loans over 90 days past due end, and who of the cured defaults again."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line, Ticks
from components.language import _, ngettext
from components.rates.time import choices, words
from components.tables import Column, Kind
from components.view import View
from rules import cures
from rules.cures import EXITS, Course
from rules.metrics import METRICS
from rules.text import N_

HEIGHT = 250
_KEY = "cures"
_TICKS = 12
_NAMES = {
    "cured": N_("cured"),
    "paid_off": N_("paid off"),
    "written_off": N_("written off"),
    "redefault": N_("defaulted again"),
}
_COLOURS = {"cured": theme.GOOD, "paid_off": theme.ACCENT, "written_off": theme.BAD}

Parts = tuple[pd.DataFrame, pd.DataFrame]  # cells and pairs of `queries.cures` by the year over 90 days past due


def draw(shown: View, cured: Parts, again: Parts) -> None:
    """Draw the card. cured: of loans since they went over 90 days past due; again: of the cured since their cure."""
    display, metric = shown.policy.display, METRICS["cure_rate"]
    judge = {"thin_loans": display.thin_borrowers, "confidence": 1 - display.significance}
    card = cards.begin(_KEY, title=_("Do defaulted loans come back?"), definition=_(metric.definition))
    if cured[0].empty:
        with card.frame:
            states.nothing(_("No loan that passes the filters was ever over 90 days past due."))
        return
    found = cures.curves(*cured, Course.CURE, **judge)
    years = sorted(found["cohort"].unique())
    with card.controls:
        year = choices.draw_defaulted_in(years[::-1], _opening(found, years))
    kept = _with_texts(found.loc[found["cohort"] == year])
    relapsed = cures.curves(*again, Course.REDEFAULT, **judge)
    relapsed = relapsed.loc[relapsed["cohort"] == year]
    cells = cured[0].loc[cured[0]["cohort"] == year]

    def figure() -> None:
        if kept["drawn"].any():
            cards.chart(_figure(kept), f"{_KEY}-{year}")
        else:
            states.immature(sentence(kept, relapsed, year))

    listed = pd.concat([kept, _with_texts(relapsed)], ignore_index=True)
    card.answer(
        sentence(kept, relapsed, year),
        height=HEIGHT,
        figure=figure,
        table=lambda height: tables.show(_listed(listed), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(cells, shown)),
    )


def sentence(kept: pd.DataFrame, relapsed: pd.DataFrame, year: str) -> str:
    """How the loans of a year ended by the last month that can be told, and what became of the cured."""
    drawn = kept.loc[kept["drawn"]]
    if drawn.empty:
        return _("Too few loans went over 90 days past due in {year} to say how they end.").format(year=year)
    last = drawn.groupby("exit").last()
    month = int(last["month"].iloc[0])
    text = ngettext(
        "Of the loans that went over 90 days past due in {year}, **{cured}** ({interval}) were cured within {months} "
        "month, {paid_off} paid off and {written_off} written off.",
        "Of the loans that went over 90 days past due in {year}, **{cured}** ({interval}) were cured within {months} "
        "months, {paid_off} paid off and {written_off} written off.",
        month,
    ).format(
        year=year,
        cured=formats.percent(last.loc["cured", "incidence"]),
        interval=formats.interval(last.loc["cured", "low"], last.loc["cured", "high"]),
        months=month,
        paid_off=formats.percent(last.loc["paid_off", "incidence"]),
        written_off=formats.percent(last.loc["written_off", "incidence"]),
    )
    return words.sentences(text, _relapse(relapsed))


def _relapse(relapsed: pd.DataFrame) -> str:
    if relapsed.empty:
        return _("None of them has been cured for a month end yet, so none could default again.")
    again = relapsed.loc[relapsed["exit"] == "redefault"]
    drawn = again.loc[again["drawn"]]
    if drawn.empty:
        cured = int(again["loans"].iloc[0])
        return ngettext(
            "{count} of the {cured} cured loan has defaulted again: too few for a rate.",
            "{count} of the {cured} cured loans have defaulted again: too few for a rate.",
            cured,
        ).format(count=formats.count(int(again["left"].sum())), cured=formats.count(cured))
    last = drawn.iloc[-1]
    return ngettext(
        "**{rate}** ({interval}) of the cured defaulted again within {months} month.",
        "**{rate}** ({interval}) of the cured defaulted again within {months} months.",
        int(last["month"]),
    ).format(
        rate=formats.percent(last["incidence"]),
        interval=formats.interval(last["low"], last["high"]),
        months=int(last["month"]),
    )


def _opening(found: pd.DataFrame, years: list[str]) -> str:
    """The year that can be followed furthest, the newest of such."""
    drawn = found.loc[found["drawn"]].groupby("cohort")["month"].max()
    return max(years, key=lambda year: (drawn.get(year, -1), year))


@base.drawn_once
def _figure(kept: pd.DataFrame) -> go.Figure:
    drawn = kept.loc[kept["drawn"]].rename(columns={"month": "x", "incidence": "y"}).assign(thin=False)
    lines = []
    for kind in EXITS[Course.CURE]:
        points = drawn.loc[drawn["exit"] == kind]
        lines.append(Line(points, _(_NAMES[kind]), formats.percent(points["y"].iloc[-1]), _COLOURS[kind]))
    last = int(drawn["x"].max())
    every = next(step for step in (1, 2, 3, 6, 12, last + 1) if last // step <= _TICKS)
    places = list(range(0, last + 1, every))
    ticks = Ticks(places, [str(place) for place in places], _("months since over 90 days past due"), max(1, last))
    return lines_chart.lines(lines, ticks=ticks, height=HEIGHT, beside=True)


def _with_texts(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(
        label=[_(_NAMES[kind]) for kind in found["exit"]], hover=[_hover(row) for row in found.itertuples()]
    )


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            ngettext("<b>{exit}</b> within {months} month", "<b>{exit}</b> within {months} months", row.month).format(
                exit=_(_NAMES[row.exit]), months=row.month
            ),
            f"{formats.percent(row.incidence)} ({formats.interval(row.low, row.high)})",
            _("{count} of {all} loans at risk").format(count=formats.count(row.at_risk), all=formats.count(row.loans)),
        ]
    )


def _caption(cells: pd.DataFrame, shown: View) -> list[str]:
    moved = cures.rescheduled(cells)
    said = [
        _("n = {count} loans").format(count=formats.count(int(cells["loans"].sum()))),
        _("cured = nothing past due at a month end and the three after it"),
        _("band = {level}, by borrower").format(level=formats.percent(1 - shown.policy.display.significance, 0)),
    ]
    if moved:
        said.append(_("{count} with a moved due date, which cures nothing").format(count=formats.count(moved)))
    return [*said, *words.evidence(shown.book, months=True)]


def _listed(listed: pd.DataFrame) -> pd.DataFrame:
    return listed.loc[listed["drawn"]]


def _columns() -> dict[str, Column]:
    metric = METRICS["cure_rate"]
    return {
        "label": Column(_("Came to"), pinned=True),
        "month": Column(_("Months"), Kind.COUNT),
        "incidence": Column(_("Share"), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
        "at_risk": Column(_("Loans at risk"), Kind.COUNT),
        "left": Column(_("Loans"), Kind.COUNT),
        "censored": Column(_("Last seen open"), Kind.COUNT),
    }
