"""Do newer loans go bad faster, is the book getting later, where do late loans go?"""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from components import formats, theme
from components.charts import base
from components.charts import lines as lines_chart
from components.charts.lines import Line
from components.filters.words import definition_in_words
from components.language import _
from components.pack import words
from components.pack.blocks import HEIGHT, Block, Grid
from components.pack.read import Read
from components.rates.time import matrix, vintages
from components.rates.time.words import cohort, days, month_ticks, state
from components.tables import Column, Kind
from rules import vintages as rules
from rules.ageing import BUCKETS, STATES
from rules.delinquency import Late
from rules.metrics import METRICS
from rules.pack import Section

_AGES = (3, 6, 9, 12, 18)  # months on book
_LATE = (Late.DPD30, Late.DPD90)


def blocks(read: Read) -> list[Block]:
    """The cards."""
    return [_vintages(read), _lateness(read), _rolls(read)]


def _vintages(read: Read) -> Block:
    found, metric = read.table("curves"), METRICS["vintage_curve"]
    compared = rules.comparison(found)
    loans = int(found.groupby("cohort")["loans"].first().sum())
    return Block(
        key="pack-vintages",
        section=Section.VINTAGES,
        title=_("Do newer loans go bad faster?"),
        of=definition_in_words(read.definition),
        sentence=vintages.sentence(compared),
        definition=_(metric.definition),
        caption=" · ".join(
            [
                _("n = {count} loans").format(count=formats.count(loans)),
                _("cumulative incidence, payoff competing"),
                _("band = {level}, by borrower").format(level=formats.percent(1 - read.significance, 0)),
            ]
        ),
        figure=None if compared is None else lambda: vintages.curves(found, compared),
        grid=_ages(found),
        rows=vintages.listed(found),
        columns=vintages.columns(),
    )


def _ages(found: pd.DataFrame) -> Grid:
    """Each cohort at some ages, the newest first."""
    drawn = found.loc[found["drawn"]]
    by_age = drawn.set_index(["cohort", "month"])["incidence"].astype("float64").to_dict()
    loans = found.groupby("cohort")["loans"].first()
    return Grid(
        heads=[_("Disbursed"), _("Loans"), *(_("month {month}").format(month=age) for age in _AGES)],
        rows=[
            [cohort(code), formats.count(int(loans[code])),
             *(words.share(by_age.get((code, age), float("nan")), 2) for age in _AGES)]
            for code in sorted(loans.index, reverse=True)
        ],
        numbers=frozenset(range(1, len(_AGES) + 2)),
    )  # fmt: skip


def _lateness(read: Read) -> Block:
    rows = read.table("lateness")
    now, then = METRICS["current_late_ratio"], METRICS["lagged_late_ratio"]
    return Block(
        key="pack-lateness",
        section=Section.VINTAGES,
        title=_("Is the book getting later?"),
        sentence=_late_sentence(rows, read),
        definition=f"{_(now.definition)} {_(then.definition)}",
        caption=" · ".join([_("lagged = of the book that late loans came from"), _("balances have no interval")]),
        figure=None if rows.empty else lambda: _late_figure(rows),
        grid=_late_grid(rows),
        rows=rows,
        columns=_late_columns(),
    )


def _late_sentence(rows: pd.DataFrame, read: Read) -> str:
    if rows.empty or rows["month_end"].iloc[-1] != pd.Timestamp(read.end):
        return _("Nothing is out, so nothing can be late.")
    newest = rows.iloc[-1]
    return _(
        "At the end of {month} **{late_30}** of the balance is 30+ days late and **{late_90}** 90+; of the book that "
        "late loans came from, {lagged_30} and {lagged_90}."
    ).format(
        month=formats.month(read.end),
        late_30=words.share(newest["current_30"]),
        late_90=words.share(newest["current_90"]),
        lagged_30=words.share(newest["lagged_30"]),
        lagged_90=words.share(newest["lagged_90"]),
    )


@base.drawn_once
def _late_figure(rows: pd.DataFrame) -> go.Figure:
    drawn = []
    ends = days(rows["month_end"])
    for late, colour in zip(_LATE, (theme.UNCERTAIN, theme.BAD), strict=True):
        for column, dashed in ((f"current_{late.value}", False), (f"lagged_{late.value}", True)):
            hover = [
                f"<b>{formats.month(end)}</b><br>{words.share(value)}"
                for end, value in zip(ends, rows[column], strict=True)
            ]
            points = rows.assign(
                x=range(len(rows)), y=rows[column], low=float("nan"), high=float("nan"), thin=False, hover=hover
            )
            name = _("{days}+ lagged") if dashed else _("{days}+")
            known = points["y"].dropna()
            value = formats.percent(known.iloc[-1]) if len(known) else ""
            drawn.append(Line(points, name.format(days=late.value), value, colour, dashed=dashed))
    return lines_chart.lines(drawn, ticks=month_ticks(ends), height=HEIGHT, beside=True)


def _late_grid(rows: pd.DataFrame) -> Grid:
    columns = [f"{kind}_{late.value}" for late in Late for kind in ("current", "lagged")]
    return Grid(
        heads=[_("Month end"), _("Outstanding"), *_late_heads()],
        rows=[
            [formats.month(row["month_end"]), words.money(row["outstanding_fen"]),
             *(words.share(row[name]) for name in columns)]
            for row in rows.iloc[::-1].to_dict("records")
        ],
        numbers=frozenset(range(1, len(columns) + 2)),
    )  # fmt: skip


def _late_heads() -> list[str]:
    kinds = (_("{days}+"), _("{days}+ lagged"))
    return [kind.format(days=late.value) for late in Late for kind in kinds]


def _late_columns() -> dict[str, Column]:
    names = [f"{kind}_{late.value}" for late in Late for kind in ("current", "lagged")]
    return {
        "month_end": Column(_("Month end"), Kind.DAY, pinned=True),
        "outstanding_fen": Column(_("Outstanding"), Kind.FEN),
        **{name: Column(head, Kind.RATIO) for name, head in zip(names, _late_heads(), strict=True)},
    }


def _rolls(read: Read) -> Block:
    found, metric = read.table("rolls"), METRICS["roll_rate"]
    return Block(
        key="pack-rolls",
        section=Section.VINTAGES,
        title=_("Where do late loans go next month?"),
        of=f"{formats.month(read.earlier)} → {formats.month(read.end)}",
        sentence=matrix.sentence(found),
        definition=_(metric.definition),
        caption=" · ".join(
            [
                _("share of loans, in brackets the share of balance, which is no probability"),
                _("under {count} loans: in brackets alone").format(count=read.thin),
            ]
        ),
        grid=_cells(found, STATES),
        rows=found.assign(
            label=[state(each) for each in found["from_bucket"]], to=[state(each) for each in found["to_bucket"]]
        ).loc[found["of_loans"] > 0],
        columns={
            "label": Column(_("From"), pinned=True),
            "to": Column(_("To"), pinned=True),
            "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
            "low": Column(_("Interval from"), Kind.RATIO),
            "high": Column(_("Interval to"), Kind.RATIO),
            "loans": Column(_("Loans"), Kind.COUNT),
            "of_loans": Column(_("Of loans"), Kind.COUNT),
            "balance_share": Column(_("Share of balance"), Kind.RATIO),
        },
        wide=True,
    )


def _cells(found: pd.DataFrame, states: Sequence[str]) -> Grid:
    by_cell = found.set_index(["from_bucket", "to_bucket"])
    rows = []
    for bucket in BUCKETS:
        loans = int(by_cell.loc[(bucket, states[0]), "of_loans"])
        cells = [_cell(by_cell.loc[(bucket, to)]) for to in states]
        rows.append([state(bucket), formats.count(loans), *cells])
    return Grid(
        heads=[_("Days late before"), _("Loans"), *(state(each) for each in states)],
        rows=rows,
        numbers=frozenset(range(1, len(states) + 2)),
    )


def _cell(cell: "pd.Series[float]") -> str:
    if not cell["loans"]:
        return words.NOTHING
    balance = f"({words.share(cell['balance_share'])})"
    return balance if cell["thin"] else f"{words.share(cell['rate'])} {balance}"
