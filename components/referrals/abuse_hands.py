"""In how few hands do the rewards lie? The part of those beneficiaries who received most."""

import pandas as pd

from components import cards, formats, states, tables
from components.charts.bars import bars
from components.language import _
from components.referrals import reward_words
from components.tables import Column, Kind
from rules.intervals import rate
from rules.metrics import METRICS

HEIGHT = 260
_KEY = "abuse-hands"
_TOPS = (1, 10, 100, 1_000)


def draw(parts: pd.DataFrame) -> None:
    """Draw the card. parts: `queries.abuse.concentration`."""
    metric = METRICS["reward_concentration"]
    card = cards.begin(_KEY, title=_("In how few hands do rewards lie?"), definition=_(metric.definition))
    found = parts.iloc[0]
    people, fen = int(found["beneficiaries"]), int(found["fen"])
    if not people:
        with card.frame:
            states.nothing(_("Nobody has been rewarded for referring a member who passes the filters."))
        return
    tops = [top for top in _TOPS if top <= people]
    held = [int(found[f"top_{top}_fen"]) for top in tops]
    rows = pd.DataFrame({"label": [_label(top) for top in tops], "people": tops, "fen": held})
    rows = rows.assign(share=rate(rows["fen"], fen), value=rows["fen"])
    rows = rows.assign(text=[f"{formats.percent(row.share)} · {formats.money(row.fen)}" for row in rows.itertuples()])
    card.answer(
        _("The hundredth part of the **{people}** beneficiaries with the most holds **{share}** of the {fen}.").format(
            people=formats.count(people),
            share=formats.percent(int(found["top_percent_fen"]) / fen if fen else 0.0),
            fen=formats.money(fen),
        ),
        height=HEIGHT,
        figure=lambda: cards.chart(bars(rows, height=HEIGHT), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join([_("for referring, less what was reversed"), reward_words.all_times()]),
    )


def _label(top: int) -> str:
    return _("Top {count}").format(count=formats.count(top))


def _columns() -> dict[str, Column]:
    metric = METRICS["reward_concentration"]
    return {
        "people": Column(_("Beneficiaries"), Kind.COUNT, pinned=True),
        "fen": Column(_("Received"), Kind.FEN),
        "share": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
    }
