"""Do invitations lead anywhere? From sent to a first loan, by campaign."""

import pandas as pd
import plotly.graph_objects as go

from components import cards, formats, linked, states, tables, theme
from components.charts import base
from components.charts import segments as segments_chart
from components.language import _, ngettext, value_label
from components.rates.time import words
from components.tables import Column, Kind
from components.view import View
from rules import dimensions, funnel
from rules.dimensions import UNKNOWN
from rules.growth import INVITATION_STEPS
from rules.metrics import METRICS
from rules.text import N_

HEIGHT = 290
_FIT = 11  # rows that the height holds
_KEY = "growth-invitations"
_OPENING = "registered"
_STEPS = {
    "opened": N_("Opened"),
    "registered": N_("Registered"),
    "verified": N_("Verified"),
    "first_loan": N_("First loan"),
}


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.growth.invitations`."""
    metric, days = METRICS["invitation_conversion"], shown.policy.growth.invitation_days
    card = cards.begin(
        _KEY,
        title=_("Do invitations lead anywhere?"),
        of=ngettext("within {days} day", "within {days} days", days).format(days=days),
        definition=_(metric.definition),
    )
    told = parts.loc[~parts["waiting"].astype(bool)]
    if told.empty:
        with card.frame:
            _none(shown, parts, days)
        return
    with card.controls:
        step = linked.select(
            "invited_to", list(_STEPS), opening=_OPENING, label=_("Step"), named=lambda code: _(_STEPS[code])
        )
    display = shown.policy.display
    together = funnel.conversions(told, INVITATION_STEPS, display.significance, display.thin_borrowers)
    found = funnel.segments(
        told, "campaign", INVITATION_STEPS, ("sent", step), display.significance, display.thin_borrowers
    )
    rows = _with_texts(found, shown)
    card.answer(
        sentence(together, rows, step),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(rows, together, step), f"{_KEY}-{step}"),
        table=lambda height: tables.show(_all_steps(told, rows), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(parts, rows, shown)),
    )


def sentence(together: pd.DataFrame, rows: pd.DataFrame, step: str) -> str:
    """How far invitations led, and which campaign stands out."""
    by_step = together.set_index("step")
    said = _(
        "Of **{sent}** invitations **{opened}** were opened, **{registered}** led to a registration and "
        "**{first_loan}** to a first loan."
    ).format(
        sent=formats.count(int(by_step.loc["sent", "members"])),
        **{code: formats.percent(by_step.loc[code, "from_start"]) for code in ("opened", "registered", "first_loan")},
    )
    if len(rows) < 2:
        return said
    apart = rows.loc[(rows["stands_out"] != "") & ~rows["thin"]].sort_values("rate")
    if apart.empty:
        return words.sentences(said, _("No campaign differs from the others by more than noise."))
    best = apart.iloc[-1] if apart.iloc[-1]["stands_out"] == "above" else apart.iloc[0]
    judged = (
        _("{campaign} does better than the others, at {rate} ({interval}) {step}; that is not noise.")
        if best["stands_out"] == "above"
        else _("{campaign} does worse than the others, at {rate} ({interval}) {step}; that is not noise.")
    )
    return words.sentences(
        said,
        judged.format(
            campaign=f"**{best['label']}**",
            rate=best["rate_text"],
            interval=formats.interval(best["low"], best["high"]),
            step=_(_STEPS[step]).lower(),
        ),
    )


def _none(shown: View, parts: pd.DataFrame, days: int) -> None:
    if "invitation" in shown.book.missing_tables:
        states.empty(["invitation"])
    elif len(parts):
        states.immature(_("No invitation of the period was sent {days} days ago or earlier.").format(days=days))
    else:
        states.nothing(_("No invitation was sent in the period."))


def _with_texts(found: pd.DataFrame, shown: View) -> pd.DataFrame:
    rows = found.assign(
        label=[_campaign(code, shown) for code in found["segment"]],
        rate_text=[formats.percent(rate) for rate in found["rate"]],
        count_text=[formats.count(count) for count in found["entered"]],
    )
    return rows.assign(
        hover=[
            "<br>".join(
                [
                    f"<b>{row.label}</b> {row.rate_text} ({formats.interval(row.low, row.high)})",
                    _("{converted} of {entered} invitations").format(
                        converted=formats.count(row.converted), entered=row.count_text
                    ),
                ]
            )
            for row in rows.itertuples()
        ]
    )


def _campaign(code: str, shown: View) -> str:
    return _("No campaign") if code == UNKNOWN else value_label(dimensions.CAMPAIGN.code, code, shown.book)


@base.drawn_once
def _figure(rows: pd.DataFrame, together: pd.DataFrame, step: str) -> go.Figure:
    whole = float(together.set_index("step").loc[step, "from_start"])
    told = rows.assign(silent=(rows["stands_out"] == "") | rows["thin"])
    kept = told.sort_values(["silent", "entered"], ascending=[True, False]).head(_FIT)
    kept = kept.sort_values("rate", ascending=False)
    heads = {
        "book": _("All {rate}").format(rate=formats.percent(whole)),
        "rate": _("Share"),
        "count": _("Sent"),
    }
    return segments_chart.segments(kept, book_rate=whole, heads=heads, height=HEIGHT, judged=theme.WELCOME)


def _all_steps(told: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """A row per campaign with how many reached each step."""
    counted = {
        campaign: funnel.counts(part, len(INVITATION_STEPS)) for campaign, part in told.groupby("campaign", sort=False)
    }
    steps = pd.DataFrame.from_dict(counted, orient="index", columns=list(INVITATION_STEPS)).rename_axis("segment")
    return rows.merge(steps.reset_index(), on="segment").sort_values("sent", ascending=False)


def _caption(parts: pd.DataFrame, rows: pd.DataFrame, shown: View) -> list[str]:
    said = [
        _("sent in the period"),
        _("whisker = Wilson {level}").format(level=formats.percent(1 - shown.policy.display.significance, 0)),
    ]
    waiting = int(parts.loc[parts["waiting"].astype(bool), "members"].sum())
    if waiting:
        said.append(_("{count} sent too lately to tell").format(count=formats.count(waiting)))
    if len(rows) > _FIT:
        said.append(_("{shown} of {all} drawn, the table has all").format(shown=_FIT, all=len(rows)))
    if rows["thin"].any():
        said.append(_("pale = few invitations"))
    return said


def _columns() -> dict[str, Column]:
    return {
        "label": Column(_("Campaign"), pinned=True),
        "sent": Column(_("Sent"), Kind.COUNT),
        **{code: Column(_(name), Kind.COUNT) for code, name in _STEPS.items()},
        "rate": Column(_("Share"), Kind.RATIO),
        "low": Column(_("Lower end"), Kind.RATIO),
        "high": Column(_("Upper end"), Kind.RATIO),
    }
