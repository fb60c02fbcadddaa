"""Where a refresh spends its time, and what its stages are called."""

from collections.abc import Mapping

import pandas as pd

from components import cards, formats, tables
from components.charts.bars import bars
from components.language import _
from components.system import HEIGHT
from components.tables import Column, Kind
from rules.text import N_

_OF_TABLES = {"Measuring": N_("Measuring {table}"), "Reading": N_("Reading {table}")}
_ALL_TABLES = {"Measuring": N_("Measuring tables"), "Reading": N_("Reading tables")}
_NAMES = {
    "Checking rows": N_("Checking rows"),
    "Ordering loans": N_("Ordering loans"),
    "Finding referral levels": N_("Finding referral levels"),
    "Describing loans": N_("Describing loans"),
    "Settling instalments": N_("Settling instalments"),
    "Deriving month ends": N_("Deriving month ends"),
    "Deriving loan states": N_("Deriving loan states"),
    "Following cures": N_("Following cures"),
    "Deriving loan facts": N_("Deriving loan facts"),
    "Following members": N_("Following members"),
    "Looking at rewards": N_("Looking at rewards"),
    "Valuing members": N_("Valuing members"),
    "Laying out trees": N_("Laying out trees"),
    "Adding up what members cost": N_("Adding up what members cost"),
    "Holding the book against the rules": N_("Holding the book against the rules"),
    "Following applications and prices": N_("Following applications and prices"),
    "Writing": N_("Writing"),
}


def name(stage: str) -> str:
    """What a stage is called."""
    verb, _space, table = stage.partition(" ")
    if verb in _OF_TABLES:
        return _(_OF_TABLES[verb]).format(table=table)
    return _(_NAMES.get(stage, stage))


def card(seconds: Mapping[str, float] | None) -> None:
    """The newest refresh that has built a snapshot. seconds: by stage, in their order; None where there is none."""
    shown = cards.begin("stages", title=_("Where does a refresh spend its time?"), tabular=seconds is not None)
    if seconds is None:
        shown.answer(_("No refresh has recorded its stages yet."), height=HEIGHT, figure=lambda: None)
        return
    rows = _grouped(seconds)
    total, longest = float(rows["seconds"].sum()), rows.loc[rows["seconds"].idxmax()]
    drawn = rows.assign(
        label=rows["stage"],
        value=rows["seconds"],
        text=[
            f"{formats.seconds(spent)} · {formats.percent(share, 0)}"
            for spent, share in zip(rows["seconds"], rows["share"], strict=True)
        ],
    )
    columns = {
        "stage": Column(_("Stage"), pinned=True),
        "seconds": Column(_("Seconds"), Kind.TENTHS),
        "share": Column(_("Share"), Kind.RATIO),
    }
    shown.answer(
        _("The newest copy took {seconds}; its longest stage was “{stage}” ({share}).").format(
            seconds=f"**{formats.seconds(total)}**", share=formats.percent(longest["share"], 0), stage=longest["stage"]
        ),
        height=HEIGHT,
        figure=lambda: cards.chart(bars(drawn, height=HEIGHT - 20), key="stages-chart"),
        table=lambda height: tables.show(rows, columns, key="stages", height=height),
        caption=_("in the order of the work; the tables of the loan database are taken together"),
    )


def _grouped(seconds: Mapping[str, float]) -> pd.DataFrame:
    """One row per stage; those of single tables are added up. Columns: stage (its name), seconds, share (0-1)."""
    spent: dict[str, float] = {}
    for stage, each in seconds.items():
        verb = stage.partition(" ")[0]
        named = _(_ALL_TABLES[verb]) if verb in _ALL_TABLES else name(stage)
        spent[named] = spent.get(named, 0.0) + each
    total = sum(spent.values()) or 1.0
    return pd.DataFrame([{"stage": stage, "seconds": each, "share": each / total} for stage, each in spent.items()])
