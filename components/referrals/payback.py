"""When does a borrower pay back? Cumulative contribution of the cohorts against what their acquisition cost."""

import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts import values as values_chart
from components.charts.values import Curve
from components.language import _, ngettext
from components.referrals.cost_words import money
from components.tables import Column, Kind
from components.view import View
from rules.acquisition_return import Payback
from rules.metrics import METRICS

HEIGHT = 320
_KEY = "payback"


def draw(shown: View, found: Payback | None) -> None:
    """Draw the card. found: `rules.acquisition_return.payback` of the selection."""
    metric = METRICS["payback"]
    card = cards.begin(
        _KEY, title=_("When does a borrower pay back?"), of=_("per first loan"), definition=_(metric.definition)
    )
    if found is None:
        with card.frame:
            states.immature(_("No cohort of this period has borrowed and come to a month end yet."))
        return
    points = found.curve.assign(
        x=found.curve["month"],
        y=found.curve["each_fen"],
        hover=[
            _("Month {month}: {value} of {cost}").format(
                month=row.month, value=money(row.each_fen), cost=money(found.cost_fen)
            )
            for row in found.curve.itertuples()
        ],
    )
    card.answer(
        sentence(found),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found, points), _KEY),
        table=lambda height: tables.show(found.curve, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(shown)),
    )


def sentence(found: Payback) -> str:
    """The month in which the cost is earned back, or how far the curve comes."""
    cost, end = money(found.cost_fen), found.curve.iloc[-1]
    if found.month is None:
        return _(
            "A borrower who cost **{cost}** has brought {value} by month {month}: "
            "the curve **does not reach** the cost."
        ).format(cost=cost, value=money(end["each_fen"]), month=int(end["month"]))
    if found.month == 0:
        return _("A borrower who cost **{cost}** pays back **within the month of registration**.").format(cost=cost)
    said = (
        ngettext(
            "A borrower who cost **{cost}** is expected to pay back **{months} month** after registration; so far the "
            "cohorts have not come to it.",
            "A borrower who cost **{cost}** is expected to pay back **{months} months** after registration; so far the "
            "cohorts have not come to it.",
            found.month,
        )
        if found.projected
        else ngettext(
            "A borrower who cost **{cost}** has paid back **{months} month** after registration.",
            "A borrower who cost **{cost}** has paid back **{months} months** after registration.",
            found.month,
        )
    )
    return said.format(cost=cost, months=found.month)


@base.drawn_once
def _figure(found: Payback, points: object) -> go.Figure:
    last = found.curve.iloc[-1]
    made = values_chart.values(
        [Curve(points, "", money(last["each_fen"]), theme.ACCENT)],
        title=_("months since registration"),
        words=_("projected"),
        height=HEIGHT,
    )
    made.add_hline(y=found.cost_fen, line={"color": theme.BAD, "width": 1.5, "dash": "dash"})
    made.add_annotation(
        x=1,
        xref="paper",
        xanchor="right",
        y=found.cost_fen,
        yanchor="bottom",
        text=_("Cost {cost}").format(cost=money(found.cost_fen)),
        font={"color": theme.BAD},
        showarrow=False,
    )
    low, high = made.layout.yaxis.range
    made.update_yaxes(range=[low, max(high, found.cost_fen * 1.12)])
    if found.month is not None:
        made.add_vline(x=found.month, line={"color": theme.GOOD, "width": 1.5})
        early = found.month <= last["month"] / 2
        reached = _("month {month}").format(month=formats.count(found.month))
        made.add_annotation(
            x=found.month,
            xanchor="left" if early else "right",
            xshift=4 if early else -4,
            y=1,
            yref="paper",
            yanchor="top",
            text=f"<b>{reached}</b>",
            font={"color": theme.GOOD},
            showarrow=False,
        )
    return made


def _caption(shown: View) -> list[str]:
    return [
        _("contribution without rewards, which are in the cost"),
        ngettext(
            "followed: cohorts of {months} month and more, where there are any",
            "followed: cohorts of {months} months and more, where there are any",
            shown.policy.lifetime.observed_months,
        ).format(months=shown.policy.lifetime.observed_months),
    ]


def _columns() -> dict[str, Column]:
    return {
        "month": Column(_("Month"), Kind.COUNT, pinned=True),
        "each_fen": Column(_("Contribution so far, per borrower"), Kind.FEN),
        "projected": Column(_("Projected"), Kind.YES),
    }
