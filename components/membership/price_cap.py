"""Does the membership fee lift loans over the price cap? Loans over it by tier, and the loans themselves."""

from collections.abc import Iterator
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa

from components import cards, downloads, export, formats, states, tables, theme
from components.charts.paired_bars import paired_bars
from components.language import _, dimension_name, ngettext, value_label
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import dimensions, loan_prices
from rules.metrics import METRICS

HEIGHT = 250
_KEY = "price-cap"
_DIMENSIONS = (dimensions.TIER, dimensions.CHANNEL, dimensions.PRODUCT, dimensions.PROVINCE)
_FILE = (
    *("loan_no", "loan_id", "disbursed_on", *(dimension.code for dimension in _DIMENSIONS)),
    *("principal_fen", "upfront_fee_fen", "membership_fee_fen", "over_cap", "over_prime"),
    *("rate", "rate_with_fee", "effective_with_fee"),
)


def draw(shown: View, by_tier: pd.DataFrame, loans: pd.DataFrame, stream: downloads.Batches) -> None:
    """Draw the card.

    by_tier: `queries.prices.by_tier`; loans: the first rows of `queries.prices.over_cap`; stream: all of them.
    """
    metric, rule = METRICS["over_price_cap"], shown.policy.price
    card = cards.begin(
        _KEY,
        title=_("Which loans cost too much?"),
        of=_("over {cap}").format(cap=formats.percent(rule.cap_ratio, 0)),
        definition=_(metric.definition),
    )
    if by_tier.empty:
        with card.frame:
            if "instalment" in shown.book.missing_tables:
                states.empty(["instalment"])
            else:
                states.nothing()
        return
    with card.actions:
        columns = export.cny_columns(_FILE)
        rows = partial(_rated_batches, stream)
        downloads.buttons(
            _KEY, "loans-over-the-cap", shown, partial(facts, shown), columns, partial(export.in_cny, rows)
        )
    card.answer(
        sentence(by_tier, shown),
        filed=True,
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(by_tier, shown), _KEY),
        table=lambda height: _table(loans, shown, height),
        caption=" · ".join(_caption(by_tier, loans, shown)),
    )


def sentence(by_tier: pd.DataFrame, shown: View) -> str:
    """How many loans are over the cap by themselves and how many with the fee; the multiple of the prime rate apart."""
    rule = shown.policy.price
    total = by_tier[["loans", "with_fee", "over_cap", "lifted", "told_prime", "over_prime", "lifted_prime"]].sum()
    cap = formats.percent(rule.cap_ratio, 0)
    over = int(total["over_cap"])
    told = ngettext(
        "**{count} loan** of {loans} costs more than {cap} a year by its own interest and fees.",
        "**{count} loans** of {loans} cost more than {cap} a year by their own interest and fees.",
        over,
    ).format(count=formats.count(over), loans=formats.count(int(total["loans"])), cap=cap)
    lifted = int(total["lifted"])
    fee = (
        ngettext(
            "The membership fee that it required lifts **{count} more** over it, of {with_fee} that required one.",
            "The membership fee that they required lifts **{count} more** over it, of {with_fee} that required one.",
            lifted,
        )
        if lifted
        else _("No membership fee lifts another loan over it.")
    ).format(count=formats.count(lifted), with_fee=formats.count(int(total["with_fee"])))
    prime = (
        _("Over {multiple} times the prime rate: {over}, and {lifted} more with the fee.").format(
            multiple=formats.index(rule.prime_multiple, 0),
            over=formats.count(int(total["over_prime"])),
            lifted=formats.count(int(total["lifted_prime"])),
        )
        if total["told_prime"]
        else _("The book holds no prime rates to hold loans against.")
    )
    return sentences(told, fee, prime)


def _figure(by_tier: pd.DataFrame, shown: View) -> go.Figure:
    rows = pd.DataFrame(
        {
            "label": [value_label(dimensions.TIER.code, tier, shown.book) for tier in by_tier["tier"]],
            "colour": [theme.TIERS.get(tier, theme.UNCERTAIN) for tier in by_tier["tier"]],
            "first": by_tier["over_cap"],
            "second": by_tier["lifted"],
            "first_text": [formats.count(count) for count in by_tier["over_cap"]],
            "second_text": [formats.count(count) for count in by_tier["lifted"]],
            "hover": [_hover(row) for row in by_tier.itertuples()],
        }
    )
    names = (_("by own fees"), _("only with membership fee"))
    return paired_bars(rows, names=names, height=HEIGHT)


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            _("{over} of {loans} loans by their own fees").format(
                over=formats.count(row.over_cap), loans=formats.count(row.loans)
            ),
            _("{lifted} of {with_fee} that required a membership fee").format(
                lifted=formats.count(row.lifted), with_fee=formats.count(row.with_fee)
            ),
        ]
    )


def _caption(by_tier: pd.DataFrame, loans: pd.DataFrame, shown: View) -> list[str]:
    listed = int(by_tier[["over_cap", "lifted"]].to_numpy().sum())
    said = [
        _("n = {count} loans").format(count=formats.count(int(by_tier["loans"].sum()))),
        _("all-in rate: monthly internal rate of return × 12"),
        _("counted: interest, upfront and monthly fees; a membership fee paid within {days} days before, whole").format(
            days=shown.policy.price.membership_fee_days
        ),
    ]
    if len(loans) < listed:
        said.append(_("first {count} in the table, the files hold all").format(count=formats.count(len(loans))))
    return said


def _table(loans: pd.DataFrame, shown: View, height: int) -> None:
    rated = loan_prices.rated(loans)
    named = {
        dimension.code: [value_label(dimension.code, value, shown.book) for value in rated[dimension.code]]
        for dimension in _DIMENSIONS
    }
    tables.show(rated.assign(**named), _columns(shown), key=f"{_KEY}-rows", height=height)


def _columns(shown: View) -> dict[str, Column]:
    metric = METRICS["all_in_rate"]
    recorded = [dimension.code for dimension in _DIMENSIONS if shown.book.values_of(dimension.code)]
    return {
        "loan_id": Column(_("Loan"), pinned=True),
        "rate": Column(_("Without the fee"), Kind.RATIO, help=_(metric.definition)),
        "rate_with_fee": Column(_("With the fee"), Kind.RATIO),
        "effective_with_fee": Column(_("With it, compounded"), Kind.RATIO),
        "membership_fee_fen": Column(_("Membership fee"), Kind.FEN),
        "upfront_fee_fen": Column(_("Upfront fee"), Kind.FEN),
        "principal_fen": Column(_(METRICS["principal"].name), Kind.FEN),
        "disbursed_on": Column(_("Disbursed on"), Kind.DAY),
        **{code: Column(dimension_name(code)) for code in recorded},
        "over_prime": Column(_("Over the prime multiple"), Kind.YES),
    }


def _rated_batches(stream: downloads.Batches) -> Iterator[pa.RecordBatch]:
    """All loans with their rates, in the order of the file's columns."""
    for batch in stream():
        rated = loan_prices.rated(batch.to_pandas())
        yield pa.RecordBatch.from_pandas(rated[list(_FILE)], preserve_index=False)


def facts(shown: View) -> export.Header:
    """What a file states of its rows: the metric and the caps."""
    metric, rule = METRICS["over_price_cap"], shown.policy.price
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Cap"), formats.percent(rule.cap_ratio, 0)),
    ]
