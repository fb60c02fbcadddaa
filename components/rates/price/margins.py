"""Does the price pay for the risk? What each segment charges a year, what it costs, and what is left."""

import math
from functools import partial

import pandas as pd
import plotly.graph_objects as go

from components import cards, downloads, export, formats, tables, theme
from components.charts import base
from components.charts.contributions import contributions
from components.filters.words import default_in_words, in_words
from components.language import _, dimension_name
from components.rates.dimension_choice import Choice
from components.rates.price import words
from components.rates.rate_rows import metric as column_of
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules.metrics import METRICS
from rules.worth import Verdict

HEIGHT = 340
_KEY = "price"
_FIT = 10
_SMALL = ("perk", "contact", "acquisition")  # drawn as one: each has its own column in the table
_FILE = (
    *("loan_no", "loan_id", "disbursed_on", "tier", "channel", "product", "province", "score_band", "principal_fen"),
    *("rate", "lent_year_fen", "charge_fen", "prime_fen", "funding_fen", "perk_fen", "contact_fen", "received_fen"),
    *("lost_fen", "defaulted"),
)


def draw(
    shown: View, found: pd.DataFrame, whole: pd.Series, by: Choice, lost: float, stream: downloads.Batches
) -> None:
    """Draw the card.

    found: `rules.margins.margins` with a label; whole: of all segments together; lost: of a defaulted loan; stream:
    `queries.margins.loans_behind`, for files.
    """
    metric = METRICS["price_margin"]
    card = cards.begin(
        _KEY, title=_("Does the price pay for the risk?"), of=_("a year, of the money lent"),
        definition=_(metric.definition),
    )  # fmt: skip
    with card.controls:
        by.draw(_("Segments"))
    with card.actions:
        rows = partial(export.in_cny, stream)
        downloads.buttons(_KEY, "price-of-loans", shown, partial(facts, shown), export.cny_columns(_FILE), rows)
    card.answer(
        sentence(found, whole, by.code),
        height=HEIGHT,
        figure=lambda: cards.chart(_figure(found), f"{_KEY}-{by.code}"),
        table=lambda height: tables.show(found, columns(by.code), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(shown, found, whole, lost)),
    )


def sentence(found: pd.DataFrame, whole: pd.Series, code: str) -> str:
    """What is left of the price of all, and which segments are priced below their loss."""
    told = _all_in(whole)
    below = list(found.loc[found["below_loss"], "label"])
    losing = [label for label in found.loc[found["verdict"] == Verdict.LOSES, "label"] if label not in below]
    unsure = int((found["verdict"] == Verdict.UNSURE).sum())
    return sentences(
        told,
        _("**Priced below their loss**: {segments}.").format(segments=_(", ").join(below)) if below else "",
        _("**Left with less than nothing**: {segments}.").format(segments=_(", ").join(losing)) if losing else "",
        ""
        if below or losing
        else _("No value of {dimension} is priced below its loss.").format(dimension=f"**{dimension_name(code)}**"),
        _("Whether anything is left can't be told from noise for {count}.").format(count=unsure) if unsure else "",
    )


def _all_in(whole: pd.Series) -> str:
    said = {
        "rate": formats.percent(whole["charge_ratio"]),
        "loss": formats.percent(whole["loss_ratio"]),
        "margin": formats.percent(whole["margin_ratio"]),
        "interval": formats.interval(whole["margin_low_ratio"], whole["margin_high_ratio"]),
    }
    if math.isnan(whole["margin_ratio"]):
        return _(
            "Loans charge **{rate}** a year, all in; what is lost of a defaulted loan the book does not tell."
        ).format(**said)
    if math.isnan(whole["prime_ratio"]):
        return _(
            "Loans charge **{rate}** a year, all in; after expected losses of {loss} and other costs **{margin}** "
            "({interval}) is left."
        ).format(**said)
    return _(
        "Loans charge **{rate}** a year, all in: prime {prime} and a spread of {spread}; after expected losses of "
        "{loss} and other costs **{margin}** ({interval}) is left."
    ).format(prime=formats.percent(whole["prime_ratio"]), spread=formats.points_size(whole["spread_ratio"]), **said)


@base.drawn_once
def _figure(found: pd.DataFrame) -> go.Figure:
    kept = found.loc[found["borrowers"] > 0]
    kept = kept.loc[kept.index.isin(kept.nlargest(_FIT, "lent_year_fen").index)]
    each = {name: kept[f"{name}_ratio"].fillna(0) * words.HUNDRED_FEN for name in ("charge", "prime", *words.COSTS)}
    has_prime = bool(kept["prime_ratio"].notna().any())
    rows = pd.DataFrame(
        {
            "label": kept["label"],
            "prime": each["prime"],
            "spread": each["charge"] - each["prime"],
            "loss": each["loss"],
            "funding": each["funding"],
            "other": sum(each[name] for name in _SMALL),
            "remains": kept["margin_ratio"] * words.HUNDRED_FEN,
            "low": kept["margin_low_ratio"] * words.HUNDRED_FEN,
            "high": kept["margin_high_ratio"] * words.HUNDRED_FEN,
            "remains_text": [f"{words.MARKS[row.verdict]}{_percent(row.margin_ratio)}" for row in kept.itertuples()],
            "colour": [_ink(verdict) for verdict in kept["verdict"]],
            "hover": [_hover(row) for _place, row in kept.iterrows()],
        }
    )
    income = {"spread": (_("spread") if has_prime else _("charges"), theme.ACCENT)}
    if has_prime:
        income = {"prime": (_("prime rate"), theme.faded(theme.ACCENT, 0.45)), **income}
    costs = {
        "loss": (_("expected loss"), theme.BAD),
        "funding": (_("funding"), theme.faded(theme.UNCERTAIN, 0.6)),
        "other": (_("perks, contacts, acquisition"), theme.faded(theme.BAD, 0.45)),
    }
    return contributions(rows, income=income, costs=costs, height=HEIGHT)


def _percent(ratio: float) -> str:
    return "–" if math.isnan(ratio) else formats.percent(ratio)


def _ink(verdict: Verdict) -> str:
    return {Verdict.EARNS: theme.GOOD, Verdict.LOSES: theme.BAD}.get(verdict, theme.MUTED)


def _hover(row: pd.Series) -> str:
    lines = [
        f"<b>{row['label']}</b> {_percent(row['margin_ratio'])}",
        _("all-in {rate}").format(rate=_percent(row["charge_ratio"])),
        *(f"{formats.MINUS} {_(name)} {_percent(row[f'{part}_ratio'])}" for part, name in words.COSTS.items()),
        _("{defaulted} of {borrowers} borrowers").format(
            defaulted=formats.count(row["defaulted"]), borrowers=formats.count(row["borrowers"])
        ),
    ]
    return "<br>".join(lines)


def facts(shown: View) -> export.Header:
    """What a file states of its rows: the metric and the filters."""
    metric = METRICS["price_margin"]
    return [
        (_("Metric"), f"{_(metric.name)}: {default_in_words(shown.selection.definition, shown.selection.horizon)}"),
        (_("Definition"), _(metric.definition)),
        (_("Filters"), in_words(shown.selection, shown.filters, shown.book)),
    ]


def _caption(shown: View, found: pd.DataFrame, whole: pd.Series, lost: float) -> list[str]:
    level = formats.percent(1 - shown.policy.display.significance, 0)
    said = [
        _("n = {count} borrowers, by their earliest loan").format(count=formats.count(int(whole["borrowers"]))),
        _("¥ a year of ¥100 lent"),
        _("○ = what is left, whisker {level}, of the loss alone").format(level=level),
        _("charges, funding and losses within the horizon; default: {default}").format(
            default=default_in_words(shown.selection.definition, shown.selection.horizon)
        ),
    ]
    if not math.isnan(lost):
        said.append(_("{share} of a defaulted loan is lost in the end").format(share=formats.percent(lost)))
    lacking = sorted(shown.book.missing_tables & {"funder", "perk", "contact", "campaign_spend", "prime_rate"})
    if lacking:
        said.append(_("not in this book, so not counted: {tables}").format(tables=", ".join(lacking)))
    if (found["verdict"] == Verdict.THIN).any():
        said.append(_("no mark = few borrowers"))
    return said


def columns(code: str) -> dict[str, Column]:
    """The table's columns."""
    metric, spread = METRICS["price_margin"], METRICS["risk_spread"]
    kept = METRICS["kept_of_principal"]
    return {
        "label": Column(dimension_name(code), pinned=True),
        "charge_ratio": column_of("all_in_rate", Kind.RATIO),
        "prime_ratio": Column(_("Prime rate"), Kind.RATIO),
        "spread_ratio": Column(_(spread.name), Kind.RATIO, help=_(spread.definition)),
        "loss_ratio": Column(_("Expected loss"), Kind.RATIO),
        "funding_ratio": Column(_("Funding"), Kind.RATIO),
        "perk_ratio": Column(_("Perks"), Kind.RATIO),
        "contact_ratio": Column(_("Contacts"), Kind.RATIO),
        "acquisition_ratio": Column(_("Acquisition"), Kind.RATIO),
        "margin_ratio": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "margin_low_ratio": Column(_("From"), Kind.RATIO),
        "margin_high_ratio": Column(_("To"), Kind.RATIO),
        "break_even_ratio": Column(
            _("All-in rate to break even"), Kind.RATIO, help=_("At which nothing is left and nothing is missing")
        ),
        "default_rate": column_of("default_rate", Kind.RATIO),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "principal_fen": Column(_("Principal"), Kind.FEN),
        "margin_fen": Column(_("Left within the horizon"), Kind.FEN),
        "ended": Column(_("Ended loans"), Kind.COUNT),
        "lost_ratio": Column(
            _("Principal lost"), Kind.RATIO, help=_("Of the loans that have ended: principal that was not repaid")
        ),
        "kept_ratio": Column(_(kept.name), Kind.RATIO, help=_(kept.definition)),
    }
