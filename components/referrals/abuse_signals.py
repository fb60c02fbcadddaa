"""How telling is each signal? Its points, and how common it is among suspects and among all others."""

import pandas as pd

from components import cards, formats, states, tables
from components.charts.bars import bars
from components.language import _, ngettext
from components.referrals import abuse_words
from components.tables import Column, Kind
from components.view import View
from rules import abuse
from rules.intervals import rate
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "abuse-signals"


def draw(shown: View, rates: pd.DataFrame) -> None:
    """Draw the card. rates: `queries.abuse.rates`."""
    metric = METRICS["abuse_points"]
    card = cards.begin(_KEY, title=_("How telling is each signal?"), definition=_(metric.definition))
    if rates.empty:
        with card.frame:
            states.empty(["device_sighting", "reward"])
        return
    found = rates.assign(
        label=[abuse_words.signal(code) for code in rates["signal"]],
        meaning=[_(abuse.DEFINITIONS[code]) for code in rates["signal"]],
        base=rate(rates["others"], rates["of_others"]),
        hit=rate(rates["suspected"], rates["of_suspected"]),
        value=rates["points"],
    )
    found = found.assign(text=[_text(row) for row in found.itertuples()]).sort_values(
        ["points", "base"], ascending=[False, True], kind="stable"
    )
    needed = abuse.needed(shown.policy.abuse)
    card.answer(
        sentence(found, needed),
        height=HEIGHT,
        figure=lambda: cards.chart(bars(found, height=HEIGHT), _KEY),
        table=lambda height: tables.show(found, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("points · base rate: how many of those not suspected have it"),
                _("listed from {points}").format(points=abuse_words.points(needed)),
                _("the whole book, whatever the filters"),
            ]
        ),
    )


def sentence(found: pd.DataFrame, needed: int) -> str:
    """Which signal weighs most, how rare it is, and that none convicts alone."""
    first = found.iloc[0]
    most = int((found["points"] == first["points"]).sum())
    return ngettext(
        "**{signal}** weighs most: **{count}** of {all} members not suspected have it. No signal alone lists anybody; "
        "it takes {needed}.",
        "**{most} signals** weigh most, {points} each: **{signal}** is had by **{count}** of {all} members not "
        "suspected. No signal alone lists anybody; it takes {needed}.",
        most,
    ).format(
        most=most,
        points=abuse_words.points(int(first["points"])),
        signal=first["label"],
        count=formats.count(int(first["others"])),
        all=formats.count(int(first["of_others"])),
        needed=abuse_words.points(needed),
    )


def _text(row: tuple) -> str:
    return f"{row.points} · {formats.percent(row.base, 2)}"


def _columns() -> dict[str, Column]:
    metric = METRICS["abuse_points"]
    return {
        "label": Column(_("Signal"), pinned=True),
        "points": Column(_(metric.name), Kind.COUNT, help=_(metric.definition)),
        "suspected": Column(_("Suspects with it"), Kind.COUNT),
        "hit": Column(_("Of the suspects"), Kind.RATIO),
        "others": Column(_("Others with it"), Kind.COUNT),
        "base": Column(_("Base rate"), Kind.RATIO, help=_("Share of the members not suspected who have it")),
        "meaning": Column(_("What it is")),
    }
