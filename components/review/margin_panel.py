"""What is it worth to us? Expected loss and margin at this price."""

from components import formats
from components.filters.words import default_in_words
from components.language import _
from components.review import panel, point_words
from components.review.panel import Value
from components.review.seen import Seen
from rules.case_margin import Margin
from rules.case_points import Side
from rules.metrics import METRICS

_METRIC = METRICS["expected_margin"]


def draw(seen: Seen) -> None:
    """Draw the panel."""
    title, found = _("What is it worth to the lender?"), seen.margin
    if found is None:
        panel.card(
            "margin", title,
            _("The expected margin can't be told: it takes a price, a score band with a record, funders' costs and "
              "month ends."),
        )  # fmt: skip
        return
    panel.card(
        "margin", title, _sentence(found), lambda: panel.grid(_values(found)),
        definition=_(_METRIC.definition), caption=_caption(found, seen),
    )  # fmt: skip


def _sentence(found: Margin) -> str:
    side = Side.AGAINST if found.margin_fen < 0 else Side.FOR if found.low_fen > 0 else Side.NEITHER
    return _("{mark} **{margin}** are expected to be left over the loan's life ({low} to {high}).").format(
        mark=panel.marked(side), margin=panel.cny(found.margin_fen),
        low=panel.cny(found.low_fen), high=panel.cny(found.high_fen),
    )  # fmt: skip


def _values(found: Margin) -> list[Value]:
    return [
        Value(_("Interest"), panel.cny(found.interest_fen)),
        Value(_("Loan fees"), panel.cny(found.fee_fen)),
        Value(_("Funding"), panel.cny(-found.funding_fen),
              _("{rate} a year").format(rate=formats.percent(found.funding_ratio, 2))),
        Value(_("Expected loss"), panel.cny(-found.loss_fen),
              _("{low} to {high}").format(
                  low=panel.cny(found.loss_low_fen), high=panel.cny(found.loss_high_fen))),
    ]  # fmt: skip


def _caption(found: Margin, seen: Seen) -> list[str]:
    rates = seen.rates
    return [
        _("default: {share} of the score's band, {default}").format(
            share=point_words.share_told(found.default), default=default_in_words(rates.definition, rates.horizon)
        ),
        _("loss: {rate} of what is owed then, as the book's loans have rolled").format(
            rate=formats.percent(found.loss_ratio, 0)
        ),
        _("all of the amount is taken to be owed at a default; perks and contacts are left out"),
    ]
