"""How is the book classed? Principal outstanding by the five categories."""

import pandas as pd

from components import cards, formats, states, tables
from components.charts.bars import bars
from components.language import _
from components.tables import Column, Kind
from components.view import View
from rules.loan_class import AFTER_DAYS, NAMES, LoanClass
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "five-class"
_BAD = (LoanClass.SUBSTANDARD, LoanClass.DOUBTFUL, LoanClass.LOSS)


def draw(shown: View, found: pd.DataFrame) -> None:
    """Draw the card. found: `queries.compliance.classes`."""
    metric = METRICS["five_class"]
    card = cards.begin(
        _KEY, title=_("How is the book classed?"), definition=_(metric.definition), tabular=not found.empty
    )
    if found.empty:
        with card.frame:
            if "loan" in shown.book.missing_tables:
                states.empty(["loan"])
            else:
                states.nothing()
        return
    rows = classed(found)
    card.answer(
        sentence(rows),
        height=HEIGHT,
        figure=lambda: cards.chart(bars(rows, height=HEIGHT), _KEY),
        table=lambda height: tables.show(rows, _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(
            [
                _("n = {count} loans").format(count=formats.count(int(rows["loans"].sum()))),
                _("by days past due alone, on {day}").format(day=formats.day(shown.book.as_of)),
            ]
        ),
    )


def classed(found: pd.DataFrame) -> pd.DataFrame:
    """All five classes in their order. found: `queries.compliance.classes`."""
    rows = found.set_index("code").reindex([each.value for each in LoanClass], fill_value=0).reset_index()
    share = rows["outstanding_fen"] / rows["outstanding_fen"].sum()
    return rows.assign(
        label=[_label(LoanClass(code)) for code in rows["code"]],
        share=share,
        value=rows["outstanding_fen"],
        text=[
            f"{formats.money(fen)}  {formats.percent(each)}"
            for fen, each in zip(rows["outstanding_fen"].astype(int), share, strict=True)
        ],
    )


def sentence(rows: pd.DataFrame) -> str:
    """How much is in the three bad classes."""
    bad = rows["code"].isin([each.value for each in _BAD])
    return _("**{amount}** or **{share}** of what is outstanding is substandard or worse.").format(
        amount=formats.money(int(rows.loc[bad, "outstanding_fen"].sum())),
        share=formats.percent(float(rows.loc[bad, "share"].sum())),
    )


def _label(code: LoanClass) -> str:
    if code is LoanClass.NORMAL:
        return _(NAMES[code])
    return _("{name}, > {days} days").format(name=_(NAMES[code]), days=AFTER_DAYS[code])


def _columns() -> dict[str, Column]:
    return {
        "label": Column(_("Class"), pinned=True),
        "outstanding_fen": Column(_("Outstanding"), Kind.FEN),
        "share": Column(_("Share"), Kind.RATIO),
        "loans": Column(_("Loans"), Kind.COUNT),
    }
