"""What does the score say? Its points and reasons, and how those in its band have repaid."""

from components import formats
from components.filters.words import default_in_words
from components.language import _, value_label
from components.markdown import plain
from components.review import act_words, panel, point_words
from components.review.panel import Value
from components.review.seen import Seen
from rules.case_facts import Scored
from rules.case_points import Side
from rules.case_standing import Bands
from rules.dimensions import SCORE_BAND
from rules.metrics import METRICS

_VERDICTS = {"above": Side.AGAINST, "below": Side.FOR, "": Side.NEITHER}
_METRIC = METRICS["default_rate"]


def draw(seen: Seen) -> None:
    """Draw the panel; what it lacks where there is no score."""
    title, lacking = _("What does the score say?"), seen.lacks("score")
    score = seen.facts.score
    if lacking:
        panel.lacking("score", title, lacking)
        return
    if score is None:
        panel.card("score", title, _("No model has scored this application; it can be decided without."))
        return
    panel.card(
        "score", title, _sentence(score, seen), lambda: _body(score, seen),
        definition=_(_METRIC.definition), caption=_caption(score, seen),
    )  # fmt: skip


def _sentence(score: Scored, seen: Seen) -> str:
    points, found = point_words.points_told(score.points), seen.bands
    if found is None or found.share is None:
        told = _("**{points} points**; nobody in their band has been followed for long enough to say how it repays.")
        return told.format(points=points)
    verdict = {
        "above": _("more than in the rest of the book"),
        "below": _("fewer than in the rest of the book"),
        "": _("no more than noise away from the rest of the book"),
    }[found.verdict]
    return _("**{points} points**, band {band}: **{share}** default, {mark} {verdict}.").format(
        points=points, band=value_label(SCORE_BAND.code, found.own), share=point_words.share_told(found.share),
        mark=panel.marked(_VERDICTS[found.verdict]), verdict=verdict,
    )  # fmt: skip


def _body(score: Scored, seen: Seen) -> None:
    panel.grid(
        [
            Value(
                act_words.feature(reason.feature).replace("\\", ""), _signed(reason.contribution), reason.value,
                Side.FOR if reason.contribution > 0 else Side.AGAINST if reason.contribution < 0 else Side.NEITHER,
            )
            for reason in score.reasons
        ]
    )  # fmt: skip
    if seen.bands is not None:
        _bands(seen.bands)


def _bands(found: Bands) -> None:
    rows = []
    for row in found.rates.loc[found.rates["borrowers"] > 0].itertuples():
        cells = [
            plain(value_label(SCORE_BAND.code, row.segment)), formats.percent(row.rate),
            formats.interval(row.low, row.high), formats.count(row.borrowers),
        ]  # fmt: skip
        rows.append([f"**{cell}**" for cell in cells] if row.segment == found.own else cells)
        if row.segment == found.own:
            rows[-1][0] += " ◀"
    panel.table([_("Band"), _("Default"), _("Interval"), "n"], rows, numbers=(1, 2, 3))


def _caption(score: Scored, seen: Seen) -> list[str]:
    rates = seen.rates
    said = [
        _("model {model}, {at}").format(model=plain(score.model), at=formats.moment(score.at)),
        _("contributions in points, with the value seen"),
        _("default: {default}").format(default=default_in_words(rates.definition, rates.horizon)),
    ]
    if score.default_probability is not None:
        said.insert(1, _("the model itself says {rate}").format(rate=formats.percent(score.default_probability)))
    return said


def _signed(contribution: float) -> str:
    text = formats.index(abs(contribution), 0 if float(contribution).is_integer() else 1)
    return text if not contribution else f"{'+' if contribution > 0 else formats.MINUS}{text}"
