"""Is it risk or mix? Two groups as observed and with another dimension held equal, and how the difference splits."""

import math
from typing import Any

import pandas as pd

from components import cards, formats, linked, tables
from components.charts import dumbbells as dumbbells_chart
from components.language import _, dimension_name, value_label
from components.tables import Column, Kind
from rules.book import Book
from rules.group_comparison import GroupComparison

HEIGHT = 290
_FIT = 7  # strata that the height holds
_DOT = (6, 16)  # px of the smallest and the largest stratum's dot

Chosen = tuple[str, str, str]  # first group, second group, the dimension held equal


def choose(groups: list[str], controls: list[str], *, opening: Chosen, code: str, book: Book) -> Chosen:
    """The select boxes: the first group, the second, and the dimension that is held equal."""

    def named(value: str) -> str:
        return value_label(code, value, book)

    first = linked.select("first", groups, opening=opening[0], label=_("First group"), named=named)
    others = [group for group in groups if group != first]
    start = opening[1] if opening[1] != first else opening[0]
    second = linked.select(
        "second",
        others,
        opening=start,
        label=_("Second group"),
        named=lambda value: _("against {group}").format(group=named(value)),
    )
    control = linked.select(
        "held",
        controls,
        opening=opening[2],
        label=_("Held equal"),
        named=lambda dimension: _("{dimension} held equal").format(dimension=dimension_name(dimension)),
    )
    return first, second, control


def draw(
    card: cards.Card, compared: GroupComparison, *, chosen: Chosen, code: str, significance: float, book: Book
) -> None:
    """Draw the card of one comparison."""
    names = value_label(code, chosen[0], book), value_label(code, chosen[1], book)
    control = chosen[2]

    def figure() -> None:
        rows = _rows(compared, control, names, significance, book)
        made = dumbbells_chart.dumbbells(rows, names=names, head=_("Difference"), height=HEIGHT)
        cards.chart(made, f"groups-{code}")

    def table(height: int) -> None:
        strata = compared.strata.assign(
            label=[value_label(control, value, book) for value in compared.strata["stratum"]]
        )
        tables.show(strata, _columns(control, names), key="groups-rows", height=height)

    card.answer(
        sentence(compared, names, control, significance), height=HEIGHT, figure=figure, table=table,
        caption=_caption(compared, names),
    )  # fmt: skip


def sentence(compared: GroupComparison, names: tuple[str, str], control: str, significance: float) -> str:
    """What the comparison says, and whether mix passes for risk."""
    equal, crude = compared.equal, compared.split.difference
    words = {
        "first": names[0],
        "second": names[1],
        "crude": formats.points_size(crude),
        "equal": formats.points_size(equal.difference),
        "control": dimension_name(control),
    }
    if math.isnan(crude) or math.isnan(equal.difference):
        return _(
            "**{first}** and **{second}** have no value of {control} in common, so nothing can be held equal."
        ).format(**words)
    if compared.reversed:
        text = (
            _(
                ":material/warning: **Mix passes for risk:** {first} defaults **{crude} more** than {second}, but "
                "**{equal} less** with {control} held equal (Simpson's paradox)."
            )
            if crude > 0
            else _(
                ":material/warning: **Mix passes for risk:** {first} defaults **{crude} less** than {second}, but "
                "**{equal} more** with {control} held equal (Simpson's paradox)."
            )
        )
        return text.format(**words)
    if compared.p_value > significance:
        return _("**{first}** and **{second}** differ by {crude}, which is no more than noise.").format(**words)
    text = (
        _("**{first}** defaults **{crude} more** than {second}; with {control} held equal the gap is {signed}{noise}.")
        if crude > 0
        else _(
            "**{first}** defaults **{crude} less** than {second}; with {control} held equal the gap is {signed}{noise}."
        )
    )
    noise = _(", no more than noise") if equal.p_value > significance else ""
    return text.format(signed=formats.points(equal.difference), noise=noise, **words)


def _rows(
    compared: GroupComparison, control: str, names: tuple[str, str], significance: float, book: Book
) -> pd.DataFrame:
    """Rows of the figure: as observed, held equal, then the strata with the most borrowers in their own order."""
    strata = compared.strata
    sizes = strata["first_borrowers"] + strata["second_borrowers"]
    kept = strata.loc[sizes.nlargest(_FIT).index.sort_values()]
    crude, equal = compared.split.difference, compared.equal
    summary: list[dict[str, Any]] = [
        _row(_("As observed"), compared.first_rate, compared.second_rate, crude, sure=compared.p_value <= significance),
        _row(_("Held equal"), equal.first, equal.second, equal.difference, sure=equal.p_value <= significance),
    ]
    rows = [
        _row(
            value_label(control, row.stratum, book),
            row.first_rate,
            row.second_rate,
            row.difference,
            sure=row.p_value <= significance,
        )
        | {"first_size": _size(row.first_share), "second_size": _size(row.second_share), "summary": False}
        for row in kept.itertuples()
    ]  # fmt: skip
    frame = pd.DataFrame([*(row | {"summary": True} for row in summary), *rows])
    for side, name in zip(("first", "second"), names, strict=True):
        frame[f"{side}_hover"] = [
            f"<b>{name}</b> · {label}: {formats.percent(value)}" if not math.isnan(value) else ""
            for label, value in zip(frame["label"], frame[f"{side}_rate"], strict=True)
        ]
    return frame


def _row(label: str, first: float, second: float, gap: float, *, sure: bool) -> dict[str, Any]:
    return {
        "label": label,
        "first_rate": first,
        "second_rate": second,
        "first_size": 13,
        "second_size": 13,
        "stands_out": ("above" if gap > 0 else "below") if sure else "",
        "difference_text": "–" if math.isnan(gap) else formats.points_signed(gap),
    }


def _size(share: float) -> float:
    smallest, largest = _DOT
    return smallest + (largest - smallest) * math.sqrt(0 if math.isnan(share) else share)


def _caption(compared: GroupComparison, names: tuple[str, str]) -> str:
    split = compared.split
    said = [
        _("difference {all} = rate {rate} + mix {mix} points (Kitagawa)").format(
            all=formats.points_signed(split.difference, 2),
            rate=formats.points_signed(split.rate_effect, 2),
            mix=formats.points_signed(split.mix_effect, 2),
        ),
        _("dot size = share of the group"),
    ]
    if compared.equal.common_ratio < 1:
        said.append(
            _("{share} of borrowers are in strata that both have").format(
                share=formats.percent(compared.equal.common_ratio)
            )
        )
    return " · ".join(said)


def _columns(control: str, names: tuple[str, str]) -> dict[str, Column]:
    columns = {"label": Column(dimension_name(control), pinned=True)}
    for side, name in zip(("first", "second"), names, strict=True):
        columns |= {
            f"{side}_rate": Column(_("{group}: rate").format(group=name), Kind.RATIO),
            f"{side}_borrowers": Column(_("{group}: borrowers").format(group=name), Kind.COUNT),
            f"{side}_share": Column(_("{group}: share").format(group=name), Kind.RATIO),
        }
    return columns | {
        "difference": Column(_("Difference"), Kind.POINTS),
        "p_value": Column(_("p-value"), Kind.DECIMAL, help=_("Of this stratum alone, not corrected for the others")),
    }
