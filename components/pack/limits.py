"""Are the limits kept? Each figure that has one, red, amber or green."""

import pandas as pd

from components import formats, language
from components.language import _
from components.pack import words
from components.pack.blocks import Block, Grid
from components.pack.read import Read
from components.rates.time.words import sentences
from components.tables import Column, Kind
from rules.kpi import Good
from rules.limits import KINDS, Light
from rules.metrics import METRICS
from rules.pack import Section


def blocks(read: Read) -> list[Block]:
    """The one card."""
    rows = read.table("limits")
    metric = METRICS["limit_light"]
    return [
        Block(
            key="pack-limits",
            section=Section.LIMITS,
            title=_("Are the limits kept?"),
            sentence=sentence(rows),
            definition=_(metric.definition),
            caption=" · ".join(
                [
                    _("amber and red: past the threshold, not on it"),
                    _("interval = {level}, of rates").format(level=formats.percent(1 - read.significance, 0)),
                    _("thresholds: the policy file"),
                ]
            ),
            grid=_grid(rows, read),
            rows=_listed(rows, read),
            columns=_columns(),
            wide=True,
        )
    ]


def sentence(rows: pd.DataFrame) -> str:
    """How many limits are passed, and the first of them."""
    if rows.empty:
        return _("The policy sets no limits.")
    counted = {light: int((rows["light"] == light.value).sum()) for light in Light}
    said = _("Of {all} limits **{red} red**, **{amber} amber**, {green} green, {untold} not told.").format(
        all=len(rows), red=counted[Light.RED], amber=counted[Light.AMBER], green=counted[Light.GREEN],
        untold=counted[Light.UNTOLD],
    )  # fmt: skip
    first, code = rows.iloc[0], rows["code"].iloc[0]
    if first["light"] not in {Light.RED.value, Light.AMBER.value}:
        return said
    edge = float(first["red" if first["light"] == Light.RED.value else "amber"])
    above = _("First: **{name}** at {value}, above {edge}.")
    below = _("First: **{name}** at {value}, below {edge}.")
    text = below if KINDS[code].good is Good.MORE else above
    told = text.format(
        name=_(KINDS[code].name), value=words.figure(code, first["value"]),
        edge=words.figure(code, edge),
    )  # fmt: skip
    return sentences(said, told)


def _grid(rows: pd.DataFrame, read: Read) -> Grid:
    return Grid(
        heads=[_("State"), _("Figure"), _("Stands at"), _("Interval, %"), _("Amber"), _("Red"), _("Set by")],
        rows=[
            [
                _(words.LIGHTS[Light(row.light)]),
                _name(row, read),
                f"**{words.figure(row.code, row.value)}**",
                words.interval(row.low, row.high),
                _edge(row.code, row.amber),
                _edge(row.code, row.red),
                _source(row),
            ]
            for row in rows.itertuples()
        ],
        numbers=frozenset({2, 3, 4, 5}),
    )


def _name(row: tuple, read: Read) -> str:
    name, who = _(KINDS[row.code].name), words.who(row.code, row.who, read)
    return words.told(name, who) if who else name


def _edge(code: str, value: float) -> str:
    """A threshold with the side on which it is passed."""
    return f"{'<' if KINDS[code].good is Good.MORE else '>'} {words.figure(code, value)}"


def _source(row: tuple) -> str:
    return row.source_zh if language.current() == "zh" else row.source_en


def _listed(rows: pd.DataFrame, read: Read) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "state": [_(words.PLAIN_LIGHTS[Light(each)]) for each in rows["light"]],
            "name": [_name(row, read).replace("\\", "") for row in rows.itertuples()],
            **{column: rows[column] for column in ("value", "low", "high", "amber", "red")},
            "source": [_source(row) for row in rows.itertuples()],
            "dated": pd.to_datetime(rows["dated"]),
        }
    )


def _columns() -> dict[str, Column]:
    return {
        "state": Column(_("State"), width=80),
        "name": Column(_("Figure"), pinned=True),
        "value": Column(_("Stands at"), Kind.DECIMAL),
        "low": Column(_("From"), Kind.DECIMAL),
        "high": Column(_("To"), Kind.DECIMAL),
        "amber": Column(_("Amber"), Kind.DECIMAL),
        "red": Column(_("Red"), Kind.DECIMAL),
        "source": Column(_("Set by")),
        "dated": Column(_("Dated"), Kind.DAY),
    }
