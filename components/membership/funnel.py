"""Where do members drop out? Each step with its conversion, held against another period or a segment."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from components import cards, formats, tables
from components.charts import funnel as funnel_chart
from components.filters.words import registered
from components.language import _, value_label
from components.membership import funnel_choices, funnel_windows
from components.membership.funnel_choices import PERIOD, Chosen
from components.membership.funnel_words import between, step_name
from components.tables import Column, Kind
from components.theme import MARKS
from components.view import View
from rules import funnel
from rules.metrics import METRICS

HEIGHT = 290


def draw(shown: View, chosen: Chosen, frames: dict[str, pd.DataFrame]) -> None:
    """Draw the card. frames: reached and, where it is held against something, compared."""
    definition = METRICS["step_conversion"].definition
    card = cards.begin("funnel", title=_("Where do members drop out?"), definition=_(definition))
    with card.actions:
        funnel_windows.draw(shown.policy, chosen)
    with card.controls:
        funnel_choices.draw_until(shown.book)
        funnel_choices.draw_against(chosen.by, shown.book)
    display = shown.policy.display
    names = _names(shown, chosen)
    found = funnel.conversions(frames["reached"], chosen.steps, display.significance, display.thin_borrowers)
    changes = None
    if "compared" in frames:
        held = funnel.conversions(frames["compared"], chosen.steps, display.significance, display.thin_borrowers)
        changes = funnel.changes(found, held, display.significance)
    rows = _rows(found, changes)
    key = f"funnel-{chosen.step}"
    made = partial(
        funnel_chart.funnel,
        rows,
        heads={"rate": _("step rate"), "change": "Δ" if changes is not None else ""},
        height=HEIGHT,
        chosen=chosen.step,
    )

    def figure() -> None:
        clicked = partial(_clicked, cards.chart_key(key), chosen.steps[-1])
        cards.chart(made(), key, on_select=clicked, selection_mode="points")

    def table(height: int) -> None:
        picked = partial(_picked, list(rows["step"]), "funnel-rows", chosen.steps[-1])
        tables.show(
            rows, _columns(changes is not None), key="funnel-rows", height=height, on_select=picked,
            selection_mode="single-row",
        )  # fmt: skip

    card.answer(
        sentence(rows, changes is not None, names[1]),
        height=HEIGHT,
        figure=figure,
        table=table,
        caption=_caption(shown, chosen, rows, names),
    )


def sentence(rows: pd.DataFrame, compared: bool, other: str) -> str:
    """The step that fell most by more than noise, else the one that rose most, else where most are lost."""
    if not rows["members"].iloc[0]:
        return _("Nobody registered in these months.")
    steps = rows.iloc[1:]
    found = steps.loc[steps["verdict"] != ""] if compared else steps.iloc[:0]
    if found.empty:
        lost = steps.assign(lost=steps["before"] - steps["members"]).sort_values("lost").iloc[-1]
        text = _("Most are lost at **{step}**: {count} members, **{share}** of those who came so far.")
        more = _(" No step differs from {other} by more than noise.") if compared else ""
        return text.format(
            step=lost["arrow"], count=formats.count(int(lost["lost"])), share=formats.percent(1 - lost["rate"])
        ) + more.format(other=other)
    fell = found.loc[found["verdict"] == "below"].sort_values("difference")
    row = fell.iloc[0] if len(fell) else found.sort_values("difference").iloc[-1]
    text = (
        _("**{step}** is at **{rate}**, **{points} below** {other}; the difference is not noise.")
        if row["verdict"] == "below"
        else _("**{step}** is at **{rate}**, **{points} above** {other}; the difference is not noise.")
    )
    rest = len(steps) - len(found)
    more = _(" The other steps are within noise.") if rest and len(found) == 1 else ""
    if len(found) > 1:
        more = _(" {count} steps differ in all.").format(count=len(found))
    return (
        text.format(
            step=row["arrow"],
            rate=formats.percent(row["rate"]),
            points=formats.points_size(row["difference"]),
            other=other,
        )
        + more
    )


def _names(shown: View, chosen: Chosen) -> tuple[str, str]:
    """What the funnel that is drawn and the one that it is held against are called; the second may be empty."""
    if chosen.against != PERIOD:
        clicked = dict(shown.filters.drill).get(chosen.by, chosen.against)
        drawn = _("all others") if clicked == chosen.against else value_label(chosen.by, clicked, shown.book)
        return drawn, value_label(chosen.by, chosen.against, shown.book)
    months = registered(chosen.counted.registered, shown.book)
    return months, "" if chosen.held is None else registered(chosen.held.registered, shown.book)


def _rows(found: pd.DataFrame, changes: pd.DataFrame | None) -> pd.DataFrame:
    start = int(found["members"].iloc[0])
    rows = found.assign(
        label=[step_name(code) for code in found["step"]],
        arrow=["", *(between(*pair) for pair in zip(found["step"], found["step"].iloc[1:], strict=False))],
        share=(found["members"] / start if start else found["members"] * 0.0),
        count_text=[formats.count(count) for count in found["members"]],
        rate_text=["" if pd.isna(rate) else formats.percent(rate) for rate in found["rate"]],
        other_share=float("nan"),
        verdict="",
        change_text="",
    )
    if changes is not None:
        shares = changes["other_from_start"]
        other_start = int(changes["other_members"].iloc[0])
        rows = rows.assign(
            **changes.drop(columns=["step", "low", "high"]),
            difference_low=changes["low"],
            difference_high=changes["high"],
            other_share=[1.0 if other_start else float("nan"), *shares.iloc[1:]],
            change_text=["", *(_change(row) for row in changes.iloc[1:].itertuples())],
            judged=["", *(_judged(row) for row in changes.iloc[1:].itertuples())],
        )
    return rows.assign(hover=[_hover(row) for row in rows.itertuples()])


def _change(row: Any) -> str:
    if pd.isna(row.difference):
        return ""
    return f"{MARKS[row.verdict]} {formats.points_signed(row.difference)}" if row.verdict else MARKS[""]


def _judged(row: Any) -> str:
    if pd.isna(row.difference):
        return ""
    return {"above": _("▲ above"), "below": _("▼ below"), "": _("≈ noise")}[row.verdict]


def _hover(row: Any) -> str:
    lines = [f"<b>{row.label}</b> {row.count_text}"]
    if not pd.isna(row.rate):
        lines.append(
            _("{rate} ({interval}) of those who came to the step before").format(
                rate=row.rate_text, interval=formats.interval(row.low, row.high)
            )
        )
        lines.append(_("{rate} of those who registered").format(rate=formats.percent(row.from_start)))
    if not pd.isna(getattr(row, "difference", float("nan"))):
        lines.append(
            _("{points}, where {rate} is held against").format(
                points=formats.points(row.difference), rate=formats.percent(row.other_rate)
            )
        )
    return "<br>".join(lines)


def _caption(shown: View, chosen: Chosen, rows: pd.DataFrame, names: tuple[str, str]) -> str:
    said = [_("Bar = {name}").format(name=names[0])]
    if names[1]:
        said.append(_("tick = {name}").format(name=names[1]))
    said.append(f"n = {formats.count(int(rows['members'].iloc[0]))}")
    if chosen.counted.registered != shown.members.registered:
        said.append(_("later months are still maturing and left out"))
    missing = [step_name(code) for code in funnel_choices.unrecorded(chosen)]
    if missing:
        said.append(_("not recorded in this book: {steps}").format(steps=_(", ").join(missing)))
    if names[1]:
        level = formats.percent(shown.policy.display.significance, 0)
        said.append(_("Δ in points, Benjamini-Hochberg at {level}").format(level=level))
    return " · ".join(said)


def _columns(compared: bool) -> dict[str, Column]:
    rate, start = METRICS["step_conversion"], METRICS["conversion_from_start"]
    other = {
        "other_members": Column(_("Held against"), Kind.COUNT),
        "other_rate": Column(_("Its conversion"), Kind.RATIO),
        "difference": Column(_("Difference"), Kind.POINTS),
        "difference_low": Column(_("From"), Kind.POINTS, help=_("Newcombe interval of the difference")),
        "difference_high": Column(_("To"), Kind.POINTS, help=_("Newcombe interval of the difference")),
        "q_value": Column(_("q-value"), Kind.DECIMAL, help=_("Benjamini-Hochberg over the steps")),
        "judged": Column(_("Judged")),
    }
    return {
        "label": Column(_("Step"), pinned=True),
        "members": Column(_("Members"), Kind.COUNT),
        "rate": Column(_(rate.name), Kind.RATIO, help=_(rate.definition)),
        "low": Column(_("From"), Kind.RATIO, help=_("Lower end of the Wilson interval")),
        "high": Column(_("To"), Kind.RATIO, help=_("Upper end of the Wilson interval")),
        "from_start": Column(_(start.name), Kind.RATIO, help=_(start.definition)),
        **(other if compared else {}),
    }


def _clicked(key: str, opening: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        funnel_choices.take_step(points[0]["customdata"][0], opening)


def _picked(steps: list[str], key: str, opening: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        funnel_choices.take_step(steps[rows[0]], opening)
