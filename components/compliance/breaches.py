"""When was it broken, and by what? One rule over the months, and its breaches one by one."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from components import cards, downloads, export, formats, states, tables, theme
from components.charts import base
from components.charts.stacked import stacked
from components.compliance import choices, words
from components.language import _
from components.rates.time.words import month_ticks
from components.tables import Column, Kind
from components.view import View
from rules.compliance import KINDS, Rule
from rules.filters import DateRange

HEIGHT = 250
_KEY, _LISTED = "breaches-by-month", "breaches-listed"
_BREACHES = "breaches"
COLUMNS = ("happened_on", "happened_at", "subject_id", "member_id", "loan_id", "observed", "allowed")


def draw_months(shown: View, rule: Rule, months: pd.DataFrame) -> None:
    """Draw the card over time. months: `queries.compliance.by_month`."""
    kind = KINDS[rule]
    card = cards.begin(
        _KEY,
        title=_("When was it broken?"),
        of=words.name(rule),
        definition=_(kind.definition),
        tabular=not months.empty,
    )
    with card.controls:
        choices.draw_rule()
    if months.empty:
        with card.frame:
            missing = sorted(shown.book.missing_tables & set(kind.tables))
            if missing:
                states.empty(missing)
            else:
                states.nothing()
        return
    card.answer(
        sentence(months),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(months), f"{_KEY}-{rule}"),
        table=lambda height: tables.show(_shares(months), _month_columns(), key=f"{_KEY}-rows", height=height),
        caption=_("n = {count} judged").format(count=formats.count(int(months["judged"].sum()))),
    )


def draw_rows(
    shown: View, rule: Rule, rows: pd.DataFrame, found: int, period: DateRange, stream: downloads.Batches
) -> None:
    """Draw the card with the breaches. rows: the first of `queries.compliance.behind`; found: how many there are."""
    kind = KINDS[rule]
    card = cards.begin(
        _LISTED, title=_("Which are they?"), of=words.name(rule), definition=_(kind.definition), tabular=False
    )
    with card.actions:
        stated = partial(facts, rule, shown, period)
        columns = export.cny_columns(COLUMNS)
        downloads.buttons(_LISTED, f"breaches-{rule}", shown, stated, columns, partial(export.in_cny, stream))
    if rows.empty:
        with card.frame:
            states.nothing(_("There are none of these in the period."))
        return
    caption = [_("keys of the loan database; nobody is named here")]
    if len(rows) < found:
        caption.append(_("first {count} in the table, the files hold all").format(count=formats.count(len(rows))))
    card.answer(
        _("**{count}** found, the newest on {day}.").format(
            count=formats.count(found), day=formats.day(rows["happened_on"].iloc[0])
        ),
        filed=True,
        height=HEIGHT,
        figure=lambda: tables.show(_told(rows, rule), _row_columns(rule, rows), key=f"{_LISTED}-{rule}", height=HEIGHT),
        caption=" · ".join(caption),
    )


def sentence(months: pd.DataFrame) -> str:
    """How much of what was judged is broken, and in which month the most was."""
    found, judged = int(months["breaches"].sum()), int(months["judged"].sum())
    if not found:
        return _("Nothing of {judged} judged is broken.").format(judged=formats.count(judged))
    worst = months.loc[months["breaches"].idxmax()]
    return _("**{found}** of {judged} ({share}); most in {month}: {most}.").format(
        found=formats.count(found),
        judged=formats.count(judged),
        share=formats.percent(found / judged, 2),
        month=formats.month(worst["month"]),
        most=formats.count(int(worst["breaches"])),
    )


def facts(rule: Rule, shown: View, period: DateRange) -> export.Header:
    """What a file of breaches states of its rows."""
    kind = KINDS[rule]
    return [
        (_("Rule"), _(kind.name)),
        (_("Definition"), _(kind.definition)),
        (_("Period"), words.period(period, shown.book.as_of)),
        (_("Standing"), _("A flag to be judged by a person, not a verdict.")),
    ]


def _shares(months: pd.DataFrame) -> pd.DataFrame:
    return months.assign(ratio=months["breaches"] / months["judged"])


@base.drawn_once
def _figure(months: pd.DataFrame) -> go.Figure:
    rows = pd.DataFrame(
        {
            "part": _BREACHES,
            "x": range(len(months)),
            "share": months["breaches"],
            "hover": [
                _("<b>{month}</b><br>{breaches} of {judged} judged").format(
                    month=formats.month(row.month),
                    breaches=formats.count(row.breaches),
                    judged=formats.count(row.judged),
                )
                for row in months.itertuples()
            ],
        }
    )
    names = {_BREACHES: (_("found"), theme.BAD)}
    return stacked(rows, names=names, ticks=month_ticks(list(months["month"])), height=HEIGHT, counted=True)


def _month_columns() -> dict[str, Column]:
    return {
        "month": Column(_("Month"), Kind.DAY, pinned=True),
        "breaches": Column(_("Breaches"), Kind.COUNT),
        "judged": Column(_("Put to the rule"), Kind.COUNT),
        "ratio": Column(_("Share"), Kind.RATIO),
    }


def _told(rows: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    return rows.assign(told=[words.observed(rule, value) for value in rows["observed"].astype(float)])


def _row_columns(rule: Rule, rows: pd.DataFrame) -> dict[str, Column]:
    """What there is of a rule: columns without any value are left out."""
    columns = {
        "subject_id": Column(words.subject(rule), pinned=True),
        "happened_on": Column(_("Date"), Kind.DAY),
        "told": Column(_("Found")),
        "member_id": Column(_("Member")),
        "loan_id": Column(_("Loan")),
    }
    empty = {"told"} if rows["observed"].isna().all() else set()
    same = {
        name for name in ("member_id", "loan_id") if (rows[name] == rows["subject_id"]).all() or rows[name].isna().all()
    }
    return {name: column for name, column in columns.items() if name not in empty | same}
