"""How often is the cut-off overridden? Approved below it, declined above it."""

import math

import pandas as pd

from components import cards, formats, states, tables
from components.charts.segments import segments
from components.language import _
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import layers
from rules.layers import Overridden
from rules.metrics import METRICS
from rules.review_case import Override
from rules.text import N_

HEIGHT = 150
_KEY = "overrides"
_NAMES = {
    Override.LOW_SIDE: N_("Approved below"),
    Override.HIGH_SIDE: N_("Declined above"),
}


def draw(shown: View, flows: pd.DataFrame) -> None:
    """Draw the card. flows: `queries.layers.flows`."""
    metric, significance = METRICS["cut_off_override"], shown.policy.display.significance
    found = {side: layers.overridden(flows, side, significance=significance) for side in _NAMES}
    is_told = any(each.of for each in found.values())
    card = cards.begin(
        _KEY, title=_("How often is the cut-off overridden?"), definition=_(metric.definition), tabular=is_told
    )
    if not is_told:
        with card.frame:
            missing = sorted(shown.book.missing_tables & {"application", "application_check"})
            if missing:
                states.empty(missing)
            else:
                states.nothing(_("The model judged no decided application that passes the filters."))
        return
    rows = pd.DataFrame(
        [
            {
                "segment": side.value, "label": _(_NAMES[side]), "rate": each.rate, "low": each.low, "high": each.high,
                "overridden": each.overridden, "of": each.of, "thin": each.of < shown.policy.display.thin_borrowers,
            }
            for side, each in found.items()
        ]
    )  # fmt: skip
    card.answer(
        sentence(found[Override.LOW_SIDE], found[Override.HIGH_SIDE]),
        height=HEIGHT,
        figure=lambda: _figure(rows.loc[rows["of"] > 0]),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} decided applications that the model judged").format(
                    count=formats.count(int(rows["of"].sum()))
                ),
                _("below = the model's own check failed"),
                _("whisker = Wilson {level}").format(level=formats.percent(1 - significance, 0)),
            ]
        ),
    )


def sentence(low: Overridden, high: Overridden) -> str:
    """Both sides."""
    return sentences(
        ""
        if math.isnan(low.rate)
        else _("**{rate}** ({interval}) of applicants below the cut-off were approved all the same.").format(
            rate=formats.percent(low.rate), interval=formats.interval(low.low, low.high)
        ),
        ""
        if math.isnan(high.rate)
        else _("**{rate}** ({interval}) of those above it were declined.").format(
            rate=formats.percent(high.rate), interval=formats.interval(high.low, high.high)
        ),
    )


def _figure(rows: pd.DataFrame) -> None:
    drawn = rows.assign(
        stands_out="",
        rate_text=[formats.percent(rate) for rate in rows["rate"]],
        count_text=[formats.count(count) for count in rows["of"]],
        hover=[
            _("{overridden} of {count}").format(overridden=formats.count(row.overridden), count=formats.count(row.of))
            for row in rows.itertuples()
        ],
    )
    heads = {"book": "", "rate": _("Overridden"), "count": _("Of")}
    cards.chart(segments(drawn, book_rate=0.0, heads=heads, height=HEIGHT, marked=False), _KEY)


def _columns() -> dict[str, Column]:
    metric = METRICS["cut_off_override"]
    return {
        "label": Column(_("Side"), pinned=True),
        "overridden": Column(_("Overridden"), Kind.COUNT),
        "of": Column(_("Of"), Kind.COUNT),
        "rate": Column(_("Share"), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("From"), Kind.RATIO),
        "high": Column(_("To"), Kind.RATIO),
    }
