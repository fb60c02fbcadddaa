"""What moved a rate? Its change between two periods, split by segment into mix and rate, exactly."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from components import cards, elsewhere, formats, states, tables, theme
from components.charts.tiles import in_two_lines
from components.charts.waterfall import waterfall
from components.filters.words import period
from components.language import _, dimension_name, value_label
from components.overview import moved_choices
from components.overview.moved_choices import APPROVAL, BEST, LATE, RATES, Asked
from components.rates.time.words import sentences
from components.tables import Column, Kind
from components.view import View
from rules import decomposition
from rules.decomposition import OTHER, Change
from rules.default_rates import Verdict, verdict
from rules.filters import DateRange
from rules.metrics import METRICS
from rules.proportions import difference

HEIGHT = 330
_KEY = "moved"
_STEPS = 6  # that stand alone


@dataclass(frozen=True)
class Split:
    """A change, split by one dimension."""

    code: str
    rows: pd.DataFrame  # `rules.decomposition.split`
    change: Change


def draw(
    shown: View, chosen: Asked, seen: frozenset[str], before: pd.DataFrame | None, after: pd.DataFrame | None
) -> None:
    """Draw the card. before, after: `queries.moved` of the rate in both periods."""
    _page, metric, name = RATES[chosen.rate]
    card = cards.begin(
        _KEY, title=_("What moved it?"), of=_(name),
        definition=sentences(*(_(METRICS[code].definition) for code in (metric, "rate_effect", "mix_effect"))),
    )  # fmt: skip
    with card.controls:
        moved_choices.draw(shown, chosen, seen)
    found = split(chosen, before, after)
    if found is None:
        with card.frame:
            _nothing(chosen)
        return
    card.answer(
        sentence(shown, chosen, found),
        height=HEIGHT,
        figure=lambda: cards.chart(figure(shown, chosen, found), f"{_KEY}-{chosen.rate}-{found.code}"),
        table=lambda height: tables.show(listed(shown, found), columns(found.code), key=f"{_KEY}-rows", height=height),
        caption=" · ".join(caption(chosen, found)),
    )
    with card.frame:
        elsewhere.link(
            shown, RATES[chosen.rate][0], _("Look at it by {dimension}").format(dimension=dimension_name(found.code)),
            {"by": found.code}, icon=":material/arrow_forward:",
        )  # fmt: skip


def split(chosen: Asked, before: pd.DataFrame | None, after: pd.DataFrame | None) -> Split | None:
    """The change split by what is asked for, or by what tells most; None where a period says nothing."""
    splits = _splits(chosen, before, after)
    code = chosen.split if chosen.split != BEST else decomposition.tells_most(splits) or next(iter(splits), "")
    rows = splits.get(code)
    if rows is None or math.isnan(decomposition.change(rows).difference):
        return None
    return Split(code, rows, decomposition.change(rows))


def figure(shown: View, chosen: Asked, found: Split) -> go.Figure:
    """The waterfall."""
    names = _period(shown, chosen, chosen.before), _period(shown, chosen, chosen.after)
    up_down = theme.UNCERTAIN, theme.faded(theme.UNCERTAIN, 0.6)
    return waterfall(
        _rows(shown, found),
        ends=(found.change.before, found.change.after),
        names=names,
        height=HEIGHT,
        colours=up_down if chosen.rate == APPROVAL else (theme.BAD, theme.GOOD),
    )


def sentence(shown: View, chosen: Asked, split_by: Split) -> str:
    """By how much the rate moved, what of it was rate and mix, whose most, and whether it is noise."""
    return sentences(told(shown, split_by), _noise(shown, chosen, split_by.rows))


def told(shown: View, split_by: Split) -> str:
    """By how much the rate moved, what of it was rate and mix, and whose most."""
    code, found, change = split_by.code, split_by.rows, split_by.change
    up = change.difference > 0
    text = (
        _("Up **{points}**: **{rate} rate** ({segment} {most}) and **{mix} mix** ({mixed} {mixed_most}).")
        if up
        else _("Down **{points}**: **{rate} rate** ({segment} {most}) and **{mix} mix** ({mixed} {mixed_most}).")
    )
    largest = {kind: found.loc[found[f"{kind}_effect"].abs().idxmax()] for kind in ("rate", "mix")}
    return text.format(
        points=formats.points_size(change.difference, 2),
        rate=formats.points_signed(change.rate_effect, 2),
        mix=formats.points_signed(change.mix_effect, 2),
        segment=value_label(code, largest["rate"]["segment"], shown.book),
        most=formats.points_signed(largest["rate"]["rate_effect"], 2),
        mixed=value_label(code, largest["mix"]["segment"], shown.book),
        mixed_most=formats.points_signed(largest["mix"]["mix_effect"], 2),
    )


def _noise(shown: View, chosen: Asked, found: pd.DataFrame) -> str:
    if chosen.rate in {LATE, APPROVAL}:  # balances have no test; a step of the funnel is judged among all steps there
        return ""
    counts = [found[name].sum() for name in ("after_k", "after_n", "before_k", "before_n")]
    gap = difference(*counts).iloc[0]
    judged = verdict(float(gap["difference"]), float(gap["p_value"]), shown.policy.display.significance)
    if judged is Verdict.NOISE:
        return _("The change as a whole is no more than noise.")
    return _("The change is not noise.")


def _splits(chosen: Asked, before: pd.DataFrame | None, after: pd.DataFrame | None) -> Mapping[str, pd.DataFrame]:
    """The change split by each dimension that is asked about."""
    if before is None or after is None:
        return {}
    codes = chosen.codes if chosen.split == BEST else (chosen.split,)
    return {
        code: decomposition.split(*(rows.loc[rows["dimension"] == code] for rows in (before, after))) for code in codes
    }


def _rows(shown: View, found: Split) -> pd.DataFrame:
    code, steps = found.code, decomposition.steps(found.rows, _STEPS)
    kinds = {"mix": _("By mix"), "rate": _("By rate"), "": ""}
    names = [
        _("Others") if segment == OTHER and not kind else value_label(code, segment, shown.book)
        for segment, kind in zip(steps["segment"], steps["kind"], strict=True)
    ]
    return steps.assign(
        label=["<br>".join(map(_short, in_two_lines(name).split("<br>"))) for name in names],
        hatched=steps["kind"] == "mix",
        text=[formats.points_signed(effect, 2) for effect in steps["effect"]],
        hover=[
            f"<b>{f'{kinds[kind]} {name}'.strip()}</b> {formats.points(effect, 2)}"
            for kind, name, effect in zip(steps["kind"], names, steps["effect"], strict=True)
        ],
    )


def _short(label: str) -> str:
    return label if len(label) <= 11 else f"{label[:10]}…"


def _period(shown: View, chosen: Asked, months: DateRange | None) -> str:
    if months is None:
        return ""
    if chosen.rate == LATE and months.last is not None:
        return formats.month(months.last)
    return period(months, shown.book).replace("–", "–<br>")


def _nothing(chosen: Asked) -> None:
    if chosen.before is None or chosen.after is None:
        states.nothing(_("There are no two periods to compare: choose what to compare with, or other periods."))
    elif not chosen.codes:
        states.incomparable()
    else:
        states.nothing(_("One of the two periods has nobody of whom the rate can be told."))


def caption(chosen: Asked, found: Split) -> list[str]:
    """n, the dimension, how it is drawn."""
    code, counted = found.code, (found.rows["before_n"].sum(), found.rows["after_n"].sum())
    written = formats.money if chosen.rate == LATE else formats.count
    said = [
        _("n = {before} and {after}").format(before=written(int(counted[0])), after=written(int(counted[1]))),
        _("by {dimension}, which tells most").format(dimension=dimension_name(code))
        if chosen.split == BEST
        else _("by {dimension}").format(dimension=dimension_name(code)),
        _("hatched = mix, solid = rate · Kitagawa, points, sums exactly"),
    ]
    return [*said, _("balances have no interval")] if chosen.rate == LATE else said


def listed(shown: View, found: Split) -> pd.DataFrame:
    """The rows of its table, what moved most first."""
    rows = found.rows
    return rows.assign(
        label=[value_label(found.code, segment, shown.book) for segment in rows["segment"]],
        effect=rows["mix_effect"] + rows["rate_effect"],
    ).sort_values("effect", key=lambda effects: effects.abs(), ascending=False)


def columns(code: str) -> dict[str, Column]:
    """The columns of its table."""
    own, mix = METRICS["rate_effect"], METRICS["mix_effect"]
    return {
        "label": Column(dimension_name(code), pinned=True),
        "effect": Column(_("Moved"), Kind.POINTS),
        "rate_effect": Column(_("By rate"), Kind.POINTS, help=_(own.definition)),
        "mix_effect": Column(_("By mix"), Kind.POINTS, help=_(mix.definition)),
        "before_rate": Column(_("Rate before"), Kind.RATIO),
        "after_rate": Column(_("Rate after"), Kind.RATIO),
        "before_share": Column(_("Share before"), Kind.RATIO),
        "after_share": Column(_("Share after"), Kind.RATIO),
    }
