"""How much of their credit lines do members use? Outstanding over lines in force, by tier and month end."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.language import _
from components.membership import move_words
from components.rates.time.words import month_ticks, sentences
from components.tables import Column, Kind
from components.view import View
from rules import retention
from rules.book import Book
from rules.metrics import METRICS
from rules.migration import LAPSED, NONE

HEIGHT = 290
_KEY = "line-use"


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.retention.lines`."""
    metric, book = METRICS["line_use"], shown.book
    card = cards.begin(_KEY, title=_("How much of their lines do members use?"), definition=_(metric.definition))
    missing = sorted(book.missing_tables & {"credit_line"})
    found = retention.line_use(parts)
    with card.frame:
        if missing:
            states.empty(missing)
            return
        if found.empty:
            states.nothing(_("No member who passes the filters owes anything under a line at a month end."))
            return
    firm = found.loc[found["members"] >= shown.policy.display.thin_borrowers]

    def figure() -> None:
        if firm.empty:
            states.immature(_("Too few members of any tier have a line for a curve; the table has what there is."))
        else:
            cards.chart(_figure(firm, book), _KEY)

    card.answer(
        sentence(found, firm, book),
        height=HEIGHT,
        figure=figure,
        table=lambda height: tables.show(_listed(found, book), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} members with a line").format(count=formats.count(_newest(found)["members"].sum())),
                _("tier at each month end; members without a line, or with one of 0, are left out"),
            ]
        ),
    )


def sentence(found: pd.DataFrame, firm: pd.DataFrame, book: Book) -> str:
    """How much of all lines is used, the tier that uses most and least of its own, and how that was a year before."""
    now = _newest(found)
    month = now["month_end"].iloc[0]
    total = now["used_fen"].sum() / max(1, now["line_fen"].sum())
    told = _("Members use **{use}** of the {line} of lines in force at the end of {month}.").format(
        use=formats.percent(total), line=formats.money(int(now["line_fen"].sum())), month=formats.month(month.date())
    )
    tiers = firm.loc[(firm["month_end"] == month) & ~firm["standing"].isin([NONE, LAPSED])]
    if len(tiers) < 2:
        return told
    most = tiers.loc[tiers["use"] == tiers["use"].max()].iloc[0]
    least = tiers.loc[tiers["use"] == tiers["use"].min()].iloc[0]
    other = _("{most} uses most of its own ({most_use}), {least} least ({least_use}).").format(
        most=move_words.state(most["standing"], book),
        most_use=formats.percent(most["use"]),
        least=move_words.state(least["standing"], book),
        least_use=formats.percent(least["use"]),
    )
    return sentences(told, other)


def _newest(found: pd.DataFrame) -> pd.DataFrame:
    return found.loc[found["month_end"] == found["month_end"].max()]


def _figure(firm: pd.DataFrame, book: Book) -> go.Figure:
    days = sorted(day.date() for day in firm["month_end"].unique())
    drawn = []
    for standing in firm["standing"].unique():
        rows = firm.loc[firm["standing"] == standing]
        points = rows.assign(
            x=[days.index(day.date()) for day in rows["month_end"]], y=rows["use"], low=float("nan"),
            high=float("nan"), thin=False, hover=[_hover(row, book) for row in rows.itertuples()],
        )  # fmt: skip
        drawn.append(
            Line(points, move_words.state(standing, book), formats.percent(points["y"].iloc[-1], 0),
                 move_words.colour(standing))
        )  # fmt: skip
    return lines_chart.lines(drawn, ticks=month_ticks(days), height=HEIGHT, beside=True)


def _hover(row: tuple, book: Book) -> str:
    return "<br>".join(
        [
            f"<b>{move_words.state(row.standing, book)}</b> {formats.month(row.month_end.date())}",
            _("{use} of {line}").format(use=formats.percent(row.use), line=formats.money(row.line_fen)),
            _("{borrowers} of {members} members owe").format(
                borrowers=formats.count(row.borrowers), members=formats.count(row.members)
            ),
        ]
    )


def _listed(found: pd.DataFrame, book: Book) -> pd.DataFrame:
    rows = found.sort_values(["month_end", "place"], ascending=[False, True])
    return rows.assign(label=[move_words.state(standing, book) for standing in rows["standing"]])


def _columns() -> dict[str, Column]:
    metric = METRICS["line_use"]
    return {
        "month_end": Column(_("Month end"), Kind.DAY, pinned=True),
        "label": Column(_("Tier"), pinned=True),
        "use": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "used_fen": Column(_("Outstanding"), Kind.FEN),
        "line_fen": Column(_("Lines"), Kind.FEN),
        "members": Column(_("With a line"), Kind.COUNT),
        "borrowers": Column(_("of them owe"), Kind.COUNT),
    }
