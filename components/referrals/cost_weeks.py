"""What do newcomers cost now? Cost per registration and per early first loan of the newest weeks."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _, ngettext
from components.rates.time import words
from components.referrals import cost_words, growth_words
from components.referrals.cost_words import between, money
from components.tables import Column, Kind
from components.view import View
from rules import calendar
from rules.acquisition_weeks import Newest
from rules.default_rates import Verdict
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "cost-weeks"


def draw(shown: View, found: pd.DataFrame, registered: Newest | None, early: Newest | None) -> None:
    """Draw the card. found: `rules.acquisition_weeks.by_week`; registered, early: its newest weeks, judged."""
    metric, days = METRICS["early_cost"], shown.policy.acquisition.early_days
    card = cards.begin(
        _KEY,
        title=_("What do newcomers cost now?"),
        of=ngettext("within {days} day", "within {days} days", days).format(days=days),
        definition=_(metric.definition),
    )
    if registered is None:
        with card.frame:
            states.nothing(_("Nothing was spent on the newest weeks of these channels and campaigns."))
        return
    ends = [calendar.add_days(shown.book.as_of, -7 * int(week)) for week in found["week"]]
    found = found.assign(day=[calendar.add_days(end, -6) for end in ends], thin=False)
    found = found.assign(hover=[_hover(row) for row in found.to_dict("records")])
    card.answer(
        words.sentences(_said(registered, "registered"), _said(early, "early")),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found), _KEY),
        table=lambda height: tables.show(found.iloc[::-1], _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} registrations").format(count=formats.count(int(found["members"].sum()))),
                _("band = Poisson {level}").format(level=formats.percent(1 - shown.policy.display.significance, 0)),
                _("weeks end on the day of the data"),
            ]
        ),
    )


def _said(newest: Newest | None, name: str) -> str:
    if newest is None:
        return ""
    what = _("A registration") if name == "registered" else _("A first loan")
    since = _("in the newest week that can be told")
    text = {
        Verdict.HIGHER: _("{what} cost **{cost}** {since}, **more** than the {before} of the weeks before; not noise."),
        Verdict.LOWER: _("{what} cost **{cost}** {since}, **less** than the {before} of the weeks before; not noise."),
        Verdict.NOISE: _("{what} cost **{cost}** {since}; against the {before} of the weeks before that is noise."),
        Verdict.NOT_COMPARED: _("{what} cost **{cost}** {since}; too few weeks are there to hold it against."),
    }[newest.verdict]
    return text.format(what=what, cost=money(newest.each_fen), since=since, before=money(newest.before_fen))


@base.drawn_once
def _figure(found: pd.DataFrame) -> go.Figure:
    placed = found.assign(x=range(len(found)))
    mature = placed.loc[~placed["maturing"]]
    lines = [_line(mature, "registered", _("per registration"), theme.UNCERTAIN)]
    lines.append(_line(mature, "early", _("per first loan"), theme.ACCENT))
    young = placed.loc[placed["maturing"], "x"]
    return lines_chart.lines(
        lines,
        ticks=growth_words.week_ticks(list(found["day"])),
        height=HEIGHT,
        beside=True,
        maturing=(float(young.min()) - 0.5, _("still maturing")) if len(young) else None,
        axis=cost_words.money_axis,
    )


def _line(rows: pd.DataFrame, name: str, called: str, colour: str) -> Line:
    points = rows.assign(y=rows[f"{name}_fen"], low=rows[f"{name}_low"], high=rows[f"{name}_high"])
    seen = points["y"].dropna()
    return Line(points, called, money(seen.iloc[-1]) if len(seen) else "", colour, dots=True)


def _hover(row: dict) -> str:
    return "<br>".join(
        [
            _("<b>Week from {day}</b>").format(day=formats.day(row["day"])),
            _("{cost} ({interval}) per registration, {count} of them").format(
                cost=money(row["registered_fen"]),
                interval=between(row["registered_low"], row["registered_high"]),
                count=formats.count(int(row["members"])),
            ),
            _("{cost} ({interval}) per first loan, {count} of them").format(
                cost=money(row["early_fen"]),
                interval=between(row["early_low"], row["early_high"]),
                count=formats.count(int(row["early_borrowers"])),
            ),
        ]
    )


def _columns() -> dict[str, Column]:
    return {
        "day": Column(_("Week from"), Kind.DAY, pinned=True),
        "registered_fen": Column(_("Cost per registration"), Kind.FEN),
        "early_fen": Column(_("Cost per first loan"), Kind.FEN),
        "fen": Column(_("Cost in all"), Kind.FEN),
        "members": Column(_("Registered"), Kind.COUNT),
        "early_borrowers": Column(_("First loans"), Kind.COUNT),
        "maturing": Column(_("Still maturing"), Kind.YES),
    }
