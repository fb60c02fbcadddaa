"""What comes before an upgrade or a lapse? What members did in the days before, beside like members who stayed."""

import pandas as pd

from components import cards, formats, states, tables, theme
from components.charts.dumbbells import dumbbells
from components.language import _
from components.membership import move_choices
from components.tables import Column
from components.tables import Kind as Shown
from components.view import View
from rules import moves
from rules.metrics import METRICS
from rules.moves import Kind
from rules.text import N_

HEIGHT = 250
_KEY = "before-moves"
_DOT = 12
_COMMON = 0.95  # share of both groups in strata that both have, below which it is said
_NAMES = {
    "applications": N_("Applied"),
    "loans": N_("Borrowed"),
    "on_time_repayments": N_("Repaid on time"),
    "perks": N_("Used a perk"),
    "contacts": N_("Contacted"),
    "referrals": N_("Referred"),
}


def draw(shown: View, parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.migration.before_moves`."""
    display, metric = shown.policy.display, METRICS["before_moves"]
    card = cards.begin(_KEY, title=_("What comes before a move?"), definition=_(metric.definition))
    with card.controls:
        kind = move_choices.draw_kind()
    found = moves.compare(parts, kind, significance=display.significance)
    if not found["movers"].iloc[0] or not found["stayers"].iloc[0]:
        with card.frame:
            states.nothing(_("Nobody who passes the filters moved so in the newest twelve months."))
        return
    days = shown.policy.movement.days_before_move
    found = found.assign(label=[_(_NAMES[activity]) for activity in found["activity"]])
    names = (_("moved up"), _("stayed")) if kind is Kind.UPGRADE else (_("lapsed"), _("stayed"))
    card.answer(
        sentence(found, kind, days),
        height=HEIGHT,
        figure=lambda: cards.chart(
            dumbbells(_rows(found, names), names=names, head=_("Difference"), height=HEIGHT, judged=theme.NEUTRAL),
            f"{_KEY}-{kind}",
        ),
        table=lambda height: tables.show(found, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(found, days)),
    )


def sentence(found: pd.DataFrame, kind: Kind, days: int) -> str:
    """What differs most between those who moved and those who stayed, of what is more than noise."""
    sure = found.loc[found["stands_out"] != ""]
    if sure.empty:
        text = {
            Kind.UPGRADE: _("In the {days} days before an upgrade members did as like members do who stay."),
            Kind.LAPSE: _("In the {days} days before a lapse members did as like members do who stay."),
        }[kind]
        return text.format(days=days)
    row = sure.loc[sure["difference"].abs() == sure["difference"].abs().max()].iloc[0]
    text = {
        (Kind.UPGRADE, True): _(
            "Before an upgrade most differs **{what}**: **{rate}** did so in the {days} days before, **{points} more** "
            "than like members who stayed; the difference is not noise."
        ),
        (Kind.UPGRADE, False): _(
            "Before an upgrade most differs **{what}**: **{rate}** did so in the {days} days before, **{points} less** "
            "than like members who stayed; the difference is not noise."
        ),
        (Kind.LAPSE, True): _(
            "Before a lapse most differs **{what}**: **{rate}** did so in the {days} days before, **{points} more** "
            "than like members who stayed; the difference is not noise."
        ),
        (Kind.LAPSE, False): _(
            "Before a lapse most differs **{what}**: **{rate}** did so in the {days} days before, **{points} less** "
            "than like members who stayed; the difference is not noise."
        ),
    }[kind, row["difference"] > 0]
    return text.format(
        what=row["label"],
        rate=formats.percent(row["movers_rate"]),
        days=days,
        points=formats.points_size(row["difference"]),
    )


def _rows(found: pd.DataFrame, names: tuple[str, str]) -> pd.DataFrame:
    rows = found.rename(columns={"movers_rate": "first_rate", "stayers_rate": "second_rate"})
    return rows.assign(
        first_size=_DOT,
        second_size=_DOT,
        summary=False,
        difference_text=[formats.points_signed(gap) for gap in rows["difference"]],
        first_hover=[
            _hover(names[0], row.label, row.first_rate, row.movers_times, row.movers) for row in rows.itertuples()
        ],
        second_hover=[
            _hover(names[1], row.label, row.second_rate, row.stayers_times, row.stayers) for row in rows.itertuples()
        ],
    )


def _hover(name: str, label: str, rate: float, times: float, members: int) -> str:
    return "<br>".join(
        [
            f"<b>{name}</b> · {label}: {formats.percent(rate)}",
            _("{times} times per 100 members, n = {count}").format(
                times=formats.percent_number(times), count=formats.count(members)
            ),
        ]
    )


def _caption(found: pd.DataFrame, days: int) -> list[str]:
    row = found.iloc[0]
    said = [
        _("n = {movers} who moved, {stayers} who stayed").format(
            movers=formats.count(row["movers"]), stayers=formats.count(row["stayers"])
        ),
        _("the {days} days before, newest 12 whole months").format(days=days),
        _("stayed = on the same tier for as long in the same month, mix held equal"),
        _("difference in points, Benjamini-Hochberg"),
    ]
    if row["shared"] < _COMMON:
        said.append(_("only {share} of both have a counterpart").format(share=formats.percent(row["shared"], 0)))
    return said


def _columns() -> dict[str, Column]:
    metric = METRICS["before_moves"]
    return {
        "label": Column(_("In the days before"), pinned=True),
        "movers_rate": Column(_("Of those who moved"), Shown.RATIO, help=_(metric.definition)),
        "stayers_rate": Column(_("Of those who stayed"), Shown.RATIO),
        "difference": Column(_("Difference"), Shown.POINTS),
        "low": Column(_("Lower end"), Shown.POINTS),
        "high": Column(_("Upper end"), Shown.POINTS),
        "q_value": Column(_("q-value"), Shown.DECIMAL, help=_("Benjamini-Hochberg over all that is looked at")),
        "movers_times": Column(_("Times each, moved"), Shown.DECIMAL),
        "stayers_times": Column(_("Times each, stayed"), Shown.DECIMAL),
        "movers": Column(_("Moved"), Shown.COUNT),
        "stayers": Column(_("Stayed"), Shown.COUNT),
    }
