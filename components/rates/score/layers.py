"""How many pass? Applications through rules, score model and manual review, as far as each layer let them."""

import math
from functools import partial

import pandas as pd

from components import cards, downloads, export, formats, states, tables
from components.charts.funnel import funnel
from components.filters.words import in_words, period
from components.language import _, dimension_name, value_label
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import layers
from rules.dimensions import DECIDED_BY, SHARED
from rules.metrics import METRICS

HEIGHT = 250
_KEY = "layers"
_FILE = (
    *("application_id", "applied_on", *(dimension.code for dimension in SHARED), "amount_fen"),
    *("outcome", "decided_by", "below_cut_off"),
)


def draw(shown: View, flows: pd.DataFrame, untold: list[str], stream: downloads.Batches) -> None:
    """Draw the card.

    flows: `queries.layers.flows`; untold: chosen dimensions that applications don't have; stream:
    `queries.layers.applications`, for files.
    """
    metric = METRICS["layer_approval"]
    found = layers.passed(flows, significance=shown.policy.display.significance)
    is_told = bool(found["entered"].iloc[0])
    card = cards.begin(_KEY, title=_("How many pass each layer?"), definition=_(metric.definition), tabular=is_told)
    if not is_told:
        with card.frame:
            _nothing(shown, flows)
        return
    with card.actions:
        rows = partial(export.in_cny, stream)
        downloads.buttons(_KEY, "applications", shown, partial(facts, shown), export.cny_columns(_FILE), rows)
    waiting, unknown = layers.left_out(flows)
    card.answer(
        sentence(found),
        height=HEIGHT,
        figure=lambda: cards.chart(
            funnel(_rows(found), heads={"rate": _("Passed"), "change": _("Stopped")}, height=HEIGHT), _KEY
        ),
        table=lambda height: tables.show(_listed(found), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(shown, found, waiting, unknown, untold)),
    )


def facts(shown: View) -> export.Header:
    """What a file states of its rows: the metric and the filters."""
    metric = METRICS["layer_approval"]
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Filters"), in_words(shown.selection, shown.filters, shown.book)),
    ]


def sentence(found: pd.DataFrame) -> str:
    """How many get through all layers, and which layer stops most."""
    entered, granted = int(found["entered"].iloc[0]), float(found["reached"].iloc[-1])
    most = found.loc[found["stopped"].idxmax()]
    told = _("**{share}** of {count} decided applications pass every layer they come to.").format(
        share=formats.percent(granted), count=formats.count(entered)
    )
    if not most["stopped"]:
        return sentences(told, _("No layer stops any."))
    return sentences(
        told,
        _("**{layer}** stops most: {stopped}, {rate} of those who reach it.").format(
            layer=value_label(DECIDED_BY.code, most["layer"]),
            stopped=formats.count(int(most["stopped"])),
            rate=formats.percent(1 - most["rate"]),
        ),
    )


def _rows(found: pd.DataFrame) -> pd.DataFrame:
    entered = int(found["entered"].iloc[0])
    first = {
        "step": "all", "label": _("Applications"), "share": 1.0, "count_text": formats.count(entered), "rate_text": "",
        "change_text": "", "hover": "",
    }  # fmt: skip
    rows = [
        {
            "step": row.layer,
            "label": value_label(DECIDED_BY.code, row.layer),
            "share": row.reached,
            "count_text": formats.count(round(row.reached * entered)),
            "rate_text": _rate(row.rate),
            "change_text": formats.count(row.stopped),
            "hover": _hover(row),
        }
        for row in found.itertuples()
    ]
    return pd.DataFrame([first, *rows]).assign(other_share=float("nan"), verdict="")


def _hover(row: tuple) -> str:
    return "<br>".join(
        [
            f"<b>{value_label(DECIDED_BY.code, row.layer)}</b>",
            _("{passed} of {entered} pass").format(
                passed=formats.count(row.passed), entered=formats.count(row.entered)
            ),
            f"{_rate(row.rate)} ({formats.interval(row.low, row.high)})" if row.entered else "",
            _("{amount} asked for was stopped").format(amount=formats.money(row.amount_fen)),
        ]
    )


def _rate(rate: float) -> str:
    return "–" if math.isnan(rate) else formats.percent(rate)


def _caption(shown: View, found: pd.DataFrame, waiting: int, unknown: int, untold: list[str]) -> list[str]:
    said = [
        _("n = {count} applications of {months}").format(
            count=formats.count(int(found["entered"].iloc[0])), months=period(shown.selection.disbursed, shown.book)
        ),
        _("bar = still in, of all that came in"),
    ]
    if waiting:
        said.append(_("{count} open or withdrawn left out").format(count=formats.count(waiting)))
    if unknown:
        said.append(_("{count} decided by an unrecorded layer left out").format(count=formats.count(unknown)))
    if untold:
        said.append(
            _("applications have no {dimensions}: not filtered by it").format(
                dimensions=_(", ").join(dimension_name(code) for code in untold)
            )
        )
    return said


def _nothing(shown: View, flows: pd.DataFrame) -> None:
    if "application" in shown.book.missing_tables:
        states.empty(["application"])
    elif layers.left_out(flows)[1]:
        states.unrecorded("application.decided_by")
    else:
        states.nothing(_("No application that passes the filters was decided."))


def _listed(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(label=[value_label(DECIDED_BY.code, layer) for layer in found["layer"]])


def _columns() -> dict[str, Column]:
    metric = METRICS["layer_approval"]
    return {
        "label": Column(_("Layer"), pinned=True),
        "entered": Column(_("Entered"), Kind.COUNT),
        "passed": Column(_("Passed"), Kind.COUNT),
        "rate": Column(_(metric.name), Kind.RATIO, help=_(metric.definition)),
        "low": Column(_("From"), Kind.RATIO),
        "high": Column(_("To"), Kind.RATIO),
        "stopped": Column(_("Stopped"), Kind.COUNT),
        "amount_fen": Column(_("Asked for by the stopped"), Kind.FEN),
        "granted": Column(_("Granted here"), Kind.COUNT),
        "reached": Column(_("Still in"), Kind.RATIO, help=_("Of all that came in, still in after this layer")),
    }
