"""Is spend within budget? Each campaign's budget used, its weekly pace, and when the rest is used up."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.language import _
from components.referrals.cost_words import money
from components.tables import Column, Kind
from components.view import View
from rules.metrics import METRICS
from rules.spend_pace import PACE_WEEKS, Pace
from rules.text import N_

HEIGHT = 290
_KEY = "budgets"
_FIT = 10
_PACES = {
    Pace.OVER: N_("over budget"),
    Pace.AHEAD: N_("ahead of plan"),
    Pace.ON: N_("on plan"),
    Pace.BEHIND: N_("behind plan"),
    Pace.OPEN: N_("running"),
    Pace.ENDED: N_("ended"),
}
_JUDGED = {Pace.OVER: "above", Pace.AHEAD: "above"}
_COLUMN = 116  # px right of the plot for the texts


def draw(shown: View, found: pd.DataFrame) -> None:
    """Draw the card. found: `rules.spend_pace.pacing`."""
    metric = METRICS["budget_used"]
    card = cards.begin(_KEY, title=_("Is spend within budget?"), definition=_(metric.definition))
    if found.empty:
        with card.frame:
            states.empty(["campaign", "campaign_spend"])
        return
    rows = _ordered(found).assign(pace_text=lambda rows: [_(_PACES[pace]) for pace in rows["pace"]])
    rows = rows.assign(hover=[_hover(row) for row in rows.itertuples()])
    card.answer(
        sentence(rows),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows.iloc[:_FIT].reset_index(drop=True)), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(rows)),
    )


def sentence(rows: pd.DataFrame) -> str:
    """What is over its budget, else what runs at which pace."""
    over = rows.loc[rows["pace"] == Pace.OVER]
    running = rows.loc[~rows["pace"].isin([Pace.ENDED, Pace.OVER])]
    weekly, last = running["weekly_fen"].sum(), running["last_week_fen"].sum()
    if len(over):
        row = over.sort_values("used_ratio", ascending=False).iloc[0]
        said = _("**{name}** has used **{share}** of its budget").format(
            name=row["name"], share=formats.percent(row["used_ratio"], 0)
        )
    else:
        said = _("No campaign is over its budget")
    if running.empty:
        return said + _("; none is running.")
    said += _("; {count} are running at **{weekly}** a week, {last} in the newest").format(
        count=formats.count(len(running)), weekly=money(weekly), last=money(last)
    )
    ends = running.dropna(subset=["runs_out_on"])
    if len(ends):
        row = ends.sort_values("runs_out_on").iloc[0]
        said += _(". At that pace **{name}** runs out first, on {day}").format(
            name=row["name"], day=formats.day(row["runs_out_on"])
        )
    return said + _(".")


def _ordered(found: pd.DataFrame) -> pd.DataFrame:
    """What runs or is over its budget first, then the newest."""
    ended = (found["pace"] == Pace.ENDED).astype(int)
    return found.assign(ended=ended).sort_values(
        ["ended", "starts_on", "used_ratio"], ascending=[True, False, False], kind="stable"
    ).reset_index(drop=True)  # fmt: skip


@base.drawn_once
def _figure(rows: pd.DataFrame) -> go.Figure:
    rows = rows.assign(place=range(len(rows)))
    labels = [str(name) for name in rows["name"]]
    made = base.figure(height=HEIGHT, left=base.label_width(labels), right=_COLUMN, top=22, bottom=30)
    colours = [
        theme.BAD if pace in _JUDGED else theme.UNCERTAIN if pace == Pace.ENDED else theme.ACCENT
        for pace in rows["pace"]
    ]
    made.add_trace(
        go.Bar(
            orientation="h",
            x=rows["used_ratio"],
            y=rows["place"],
            width=0.6,
            marker={"color": colours},
            customdata=rows["hover"],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for row in rows.itertuples(index=False):
        mark = theme.MARKS[_JUDGED[row.pace]] + " " if row.pace in _JUDGED else ""
        made.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=8,
            y=row.place,
            text=f"{mark}<b>{formats.percent(row.used_ratio, 0)}</b> {row.pace_text}",
            font={"size": base.TICK, "color": theme.BAD if row.pace in _JUDGED else theme.TEXT},
            showarrow=False,
        )
    made.add_vline(x=1, line={"color": theme.TEXT, "width": 1, "dash": "dot"})
    base.over(made, _("Budget"), x=1, xref="x", xanchor="center", colour=theme.TEXT)
    made.update_yaxes(range=[base.rows_of(made, len(rows)) - 0.4, -0.6], tickvals=list(rows["place"]), ticktext=labels)
    base.rate_axis(made, max(1.05, float(rows["used_ratio"].max()) * 1.05))
    made.update_xaxes(tickvals=[0, 0.5, 1], ticktext=["0%", "50%", "100%"])  # more don't fit on a phone
    return made


def _hover(row: tuple) -> str:
    said = [
        f"<b>{row.name}</b> {row.pace_text}",
        _("{spent} of {budget} spent").format(spent=money(row.spent_fen), budget=money(row.budget_fen)),
    ]
    if row.weekly_fen:
        said.append(_("{weekly} a week in the newest {weeks}").format(weekly=money(row.weekly_fen), weeks=PACE_WEEKS))
    if row.planned_weekly_fen > 0:
        said.append(_("planned: {weekly} a week").format(weekly=money(row.planned_weekly_fen)))
    return "<br>".join(said)


def _caption(rows: pd.DataFrame) -> list[str]:
    said = [_("whole life of each campaign"), _("pace = mean of the newest {weeks} weeks").format(weeks=PACE_WEEKS)]
    if len(rows) > _FIT:
        said.insert(
            0,
            _("{shown} of {all} drawn, the table has all").format(
                shown=formats.count(_FIT), all=formats.count(len(rows))
            ),
        )
    return said


def _columns() -> dict[str, Column]:
    return {
        "name": Column(_("Campaign"), pinned=True),
        "pace_text": Column(_("Pace")),
        "used_ratio": Column(_("Budget used"), Kind.RATIO),
        "budget_fen": Column(_("Budget"), Kind.FEN),
        "spent_fen": Column(_("Spent"), Kind.FEN),
        "last_week_fen": Column(_("Newest week"), Kind.FEN),
        "weekly_fen": Column(_("A week, newest four"), Kind.FEN),
        "planned_weekly_fen": Column(_("A week, planned"), Kind.FEN),
        "runs_out_on": Column(_("Runs out on"), Kind.DAY),
    }
