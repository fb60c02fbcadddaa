"""Are all groups approved alike? Approval rates, each against the highest: flags for a person to judge."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, states, tables, theme
from components.charts import base
from components.charts.segments import segments
from components.compliance import choices
from components.language import _, value_label
from components.tables import Column, Kind
from components.view import View
from rules import adverse_impact
from rules.adverse_impact import Attribute
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "adverse-impact"
_FIT = 11  # rows that the height holds


def draw(shown: View, attribute: Attribute, counts: pd.DataFrame) -> None:
    """Draw the card. counts: `queries.compliance.approvals`."""
    metric, rule = METRICS["adverse_impact"], shown.policy.compliance.adverse_impact
    card = cards.begin(
        _KEY, title=_("Are all groups approved alike?"), definition=_(metric.definition), tabular=not counts.empty
    )
    with card.controls:
        choices.draw_attribute()
    if counts.empty:
        with card.frame:
            if "application" in shown.book.missing_tables:
                states.empty(["application"])
            else:
                states.nothing()
        return
    rows = _with_texts(
        adverse_impact.judged(counts, rule, shown.policy.display.significance),
        attribute,
        shown,
    )
    drawn = _drawn(rows)
    card.answer(
        sentence(rows, attribute),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(drawn, rows), f"{_KEY}-{attribute}"),
        table=lambda height: tables.show(rows, _columns(attribute), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(rows, drawn, shown)),
    )


def sentence(rows: pd.DataFrame, attribute: Attribute) -> str:
    """Which groups are flagged; that a flag is not a verdict."""
    compared = rows.loc[rows["impact"].notna()]
    if len(compared) < 2:
        return _("Fewer than two groups have enough decided applications to be compared.")
    best = rows.loc[rows["is_reference"]].iloc[0]
    flagged = rows.loc[rows["flagged"]].sort_values("impact")
    said = {"best": best["label"], "rate": formats.percent(best["rate"]), "by": choices.attribute_name(attribute)}
    if flagged.empty:
        return _("No group by {by} is flagged; the highest rate is that of **{best}** with {rate}.").format(**said)
    names = ", ".join(f"**{row.label}** ({formats.index(row.impact)})" for row in flagged.itertuples())
    return _("Flagged against **{best}** with {rate}: {names}. A flag is not a verdict.").format(names=names, **said)


def _with_texts(rows: pd.DataFrame, attribute: Attribute, shown: View) -> pd.DataFrame:
    labels = [value_label(attribute.value, value, shown.book) for value in rows["value"]]
    return rows.assign(
        label=labels,
        segment=rows["value"],
        thin=rows["impact"].isna(),
        stands_out=["below" if flagged else "" for flagged in rows["flagged"]],
        rate_text=[formats.percent(each) for each in rows["rate"]],
        count_text=[formats.count(each) for each in rows["decided"]],
        hover=[_hover(label, row) for label, row in zip(labels, rows.itertuples(), strict=True)],
    )


def _hover(label: str, row: tuple) -> str:
    said = [
        f"<b>{label}</b>",
        f"{formats.percent(row.rate)} ({formats.interval(row.low, row.high)})",
        _("{approved} of {decided} decided applications").format(
            approved=formats.count(row.approved), decided=formats.count(row.decided)
        ),
    ]
    if row.impact == row.impact:
        said.append(_("{ratio} of the highest rate").format(ratio=formats.index(row.impact)))
    return "<br>".join(said)


def _drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """As many groups as the height holds: flagged ones and the reference before others, then the lowest rates."""
    ranked = rows.assign(rest=~(rows["flagged"] | rows["is_reference"])).sort_values(["rest", "impact", "value"])
    kept = rows.loc[rows.index.isin(ranked.index[:_FIT])]
    return kept.sort_values("rate", ascending=False, kind="stable")


@base.drawn_once
def _figure(drawn: pd.DataFrame, rows: pd.DataFrame) -> go.Figure:
    whole = float(rows["approved"].sum() / rows["decided"].sum())
    heads = {
        "book": _("Together {rate}").format(rate=formats.percent(whole)),
        "rate": _("Approved"),
        "count": _("Decided"),
    }
    return segments(
        drawn, book_rate=whole, heads=heads, height=HEIGHT, judged={"below": theme.BAD, "": theme.UNCERTAIN}
    )


def _caption(rows: pd.DataFrame, drawn: pd.DataFrame, shown: View) -> list[str]:
    rule = shown.policy.compliance.adverse_impact
    said = [
        _("n = {count} decided applications").format(count=formats.count(int(rows["decided"].sum()))),
        _("flagged below {ratio} of the highest rate, if no noise").format(ratio=formats.index(rule.ratio)),
        _("pale = fewer than {count} or not recorded").format(count=rule.decided),
    ]
    if len(drawn) < len(rows):
        said.insert(0, _("{shown} of {all} drawn, the table has all").format(shown=len(drawn), all=len(rows)))
    return said


def _columns(attribute: Attribute) -> dict[str, Column]:
    metric = METRICS["adverse_impact"]
    return {
        "label": Column(choices.attribute_name(attribute), pinned=True),
        "rate": Column(_("Approved"), Kind.RATIO),
        "low": Column(_("from"), Kind.RATIO),
        "high": Column(_("to"), Kind.RATIO),
        "impact": Column(_(metric.name), Kind.DECIMAL, help=_(metric.definition)),
        "q_value": Column(_("q-value"), Kind.DECIMAL),
        "flagged": Column(_("Flagged"), Kind.YES),
        "decided": Column(_("Decided"), Kind.COUNT),
        "approved": Column(_("Approved applications"), Kind.COUNT),
    }
