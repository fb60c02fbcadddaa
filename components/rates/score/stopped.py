"""What would the stopped have cost? Each reason, and how loans went that its applicants were granted later."""

import pandas as pd

from components import cards, formats, language, states, tables
from components.charts.segments import segments
from components.language import _, ngettext, value_label
from components.markdown import plain
from components.rates.time.words import sentences
from components.review import act_words
from components.tables import Column, Kind
from components.view import View
from rules import layers
from rules.default_rates import Headline
from rules.dimensions import DECIDED_BY, UNKNOWN
from rules.metrics import METRICS
from rules.review_case import Ground
from rules.review_policy import ReviewPolicy

HEIGHT = 250
_FIT = 9
_KEY = "stopped"


def draw(shown: View, stops: pd.DataFrame, loss_ratio: float, answer: Headline) -> None:
    """Draw the card. stops: `queries.layers.stops`; loss_ratio: lost of a defaulted loan; answer: of the book."""
    metric, display = METRICS["avoided_loss"], shown.policy.display
    card = cards.begin(
        _KEY,
        title=_("What would the stopped have cost?"),
        definition=_(metric.definition),
        tabular=not stops.empty,
    )
    if stops.empty:
        with card.frame:
            if "application" in shown.book.missing_tables:
                states.empty(["application"])
            else:
                states.nothing(_("No application that passes the filters was stopped by a layer."))
        return
    found = layers.avoided(stops, loss_ratio, significance=display.significance, thin=display.thin_borrowers)
    found = found.assign(label=[reason(row.layer, row.reason, shown.policy.review) for row in found.itertuples()])
    card.answer(
        sentence(found, answer),
        height=HEIGHT,
        figure=lambda: _figure(found, answer),
        table=lambda height: tables.show(_listed(found), _columns(), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(_caption(found, loss_ratio, shown)),
    )


def reason(layer: str, code: str, rule: ReviewPolicy) -> str:
    """What a reason is called, as a figure shows it."""
    if code == UNKNOWN:
        return _("{layer}: no reason recorded").format(layer=value_label(DECIDED_BY.code, layer))
    words = rule.words_for(Ground.POLICY, code)
    if words is not None and language.current() == "zh":
        return words.name_zh
    name = act_words.check(code).replace("\\", "").replace("_", " ")
    return name[:1].upper() + name[1:]


def sentence(found: pd.DataFrame, answer: Headline) -> str:
    """Which reason stops most, and how its applicants' later loans went, with what that leaves open."""
    top = found.loc[found["applications"].idxmax()]
    told = ngettext(
        "**{reason}** stops most: {count} application over {amount}.",
        "**{reason}** stops most: {count} applications over {amount}.",
        int(top["applications"]),
    ).format(
        reason=plain(top["label"]),
        count=formats.count(int(top["applications"])),
        amount=formats.money(int(top["amount_fen"])),
    )
    if not top["later_observed"]:
        return sentences(told, _("None of its applicants has a later loan that is old enough to say how it went."))
    rates = {
        "rate": formats.percent(top["rate"]),
        "interval": formats.interval(top["low"], top["high"]),
        "loans": formats.count(int(top["later_observed"])),
        "book": formats.percent(answer.rate),
    }
    went = _(
        "Of {loans} loans that its applicants were granted later, **{rate}** ({interval}) defaulted, against {book} of "
        "the book."
    ).format(**rates)
    if pd.isna(top["cost_fen"]):
        return sentences(told, went)
    cost = _("At that rate the stopped would have lost **{cost}** ({low} to {high}), at least.").format(
        cost=formats.money(round(top["cost_fen"])),
        low=formats.money(round(top["cost_low_fen"])),
        high=formats.money(round(top["cost_high_fen"])),
    )
    return sentences(told, went, cost)


def _figure(found: pd.DataFrame, answer: Headline) -> None:
    kept = found.nlargest(_FIT, "applications")
    rows = kept.assign(
        segment=kept["layer"] + ":" + kept["reason"],
        stands_out="",
        rate_text=["–" if pd.isna(rate) else formats.percent(rate) for rate in kept["rate"]],
        count_text=[formats.count(count) for count in kept["applications"]],
        hover=[_hover(row) for row in kept.itertuples()],
    )
    heads = {
        "book": _("Book {rate}").format(rate=formats.percent(answer.rate)),
        "rate": _("Later"),
        "count": _("Stopped"),
    }
    cards.chart(segments(rows, book_rate=answer.rate, heads=heads, height=HEIGHT, marked=False), _KEY)


def _hover(row: tuple) -> str:
    said = [
        f"<b>{row.label}</b>",
        _("{count} stopped, {alone} by this alone").format(
            count=formats.count(row.applications), alone=formats.count(row.alone)
        ),
        _("{defaulted} of {loans} later loans defaulted").format(
            defaulted=formats.count(row.later_defaulted), loans=formats.count(row.later_observed)
        ),
    ]
    if not pd.isna(row.cost_fen):
        said.append(
            _("{cost} at least, of {amount} asked for").format(
                cost=formats.money(round(row.cost_fen)), amount=formats.money(row.amount_fen)
            )
        )
    return "<br>".join(said)


def _caption(found: pd.DataFrame, loss_ratio: float, shown: View) -> list[str]:
    said = [
        _("n = {count} later loans observed for the horizon").format(
            count=formats.count(int(found["later_observed"].sum()))
        ),
        _("selection: only who came again and passed is seen, so it is a floor"),
        _("whisker = Wilson {level}").format(level=formats.percent(1 - shown.policy.display.significance, 0)),
    ]
    if pd.isna(loss_ratio):
        said.append(_("what is lost of a defaulted loan is not told"))
    else:
        said.append(_("{share} of a defaulted loan is lost in the end").format(share=formats.percent(loss_ratio)))
    if found["thin"].any():
        said.append(_("pale = few later loans"))
    return said


def _listed(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(layer=[value_label(DECIDED_BY.code, layer) for layer in found["layer"]])


def _columns() -> dict[str, Column]:
    metric = METRICS["avoided_loss"]
    return {
        "label": Column(_("Reason"), pinned=True),
        "layer": Column(_("Layer")),
        "applications": Column(_("Stopped"), Kind.COUNT),
        "alone": Column(_("By this alone"), Kind.COUNT),
        "amount_fen": Column(_("Asked for"), Kind.FEN),
        "later": Column(_("Later loans"), Kind.COUNT),
        "later_observed": Column(_("Observed long enough"), Kind.COUNT),
        "later_defaulted": Column(_("Defaulted"), Kind.COUNT),
        "rate": Column(_("Default rate of later loans"), Kind.RATIO),
        "low": Column(_("From"), Kind.RATIO),
        "high": Column(_("To"), Kind.RATIO),
        "cost_fen": Column(_(metric.name), Kind.FEN, help=_(metric.definition)),
        "cost_low_fen": Column(_("Lower end"), Kind.FEN),
        "cost_high_fen": Column(_("Upper end"), Kind.FEN),
    }
