"""How the tree is coloured: by default against the book, by value per member, or by abuse; alike in both drawings."""

import math
from bisect import bisect_right

import pandas as pd

from components import theme
from components.language import _
from rules.text import N_

DEFAULT, VALUE, ABUSE = "default", "value", "abuse"
NAMES = {VALUE: N_("Colour: value"), DEFAULT: N_("Colour: default"), ABUSE: N_("Colour: abuse")}
_STEPS = (1, 2, 3, 4, 5, 6, 8)  # of the sequential colours
_BOUNDS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)  # times the book's value per member, at which the next step begins
_LIGHT = 5  # text is written on so many steps; the background's colour on those after them
_NEUTRAL, _PALE, _SOME = 0.28, 0.12, 0.35


def coloured(rows: pd.DataFrame, whole: pd.Series, by: str) -> pd.DataFrame:
    """The rows with colour and ink. rows: `rules.trees.judged`; whole: what all trees come to."""
    paint = {DEFAULT: _by_default, VALUE: _by_value, ABUSE: _by_abuse}[by]
    members = float(whole["members"])
    each = float(whole["value_fen"]) / members if members and pd.notna(whole["value_fen"]) else math.nan
    pairs = [paint(row, each) for row in rows.itertuples(index=False)]
    return rows.assign(colour=[colour for colour, _ink in pairs], ink=[ink for _colour, ink in pairs])


def legend(by: str, rows: pd.DataFrame) -> str:
    """What the colours say."""
    if by == VALUE and rows["value_each_fen"].isna().all():
        return _("this book does not tell what members are worth")
    return {
        DEFAULT: _("red ▲ defaults above the book, green ▼ below, grey = noise, pale = nobody to tell by"),
        VALUE: _("the stronger the blue, the more a member is worth; red = costs more than it brings"),
        ABUSE: _("red = suspected of abuse, pale red = somebody below is"),
    }[by]


def _by_default(row: tuple, _each: float) -> tuple[str, str]:
    if row.stands_out:
        return theme.JUDGED[row.stands_out], theme.BACKGROUND
    return theme.faded(theme.UNCERTAIN, _NEUTRAL if row.mature else _PALE), theme.TEXT


def _by_value(row: tuple, each: float) -> tuple[str, str]:
    if math.isnan(row.value_each_fen) or not each > 0:
        return theme.faded(theme.UNCERTAIN, _PALE), theme.TEXT
    if row.value_each_fen < 0:
        return theme.faded(theme.BAD, _SOME), theme.TEXT
    step = bisect_right(_BOUNDS, row.value_each_fen / each)
    return theme.SEQUENTIAL[_STEPS[step]], theme.TEXT if _STEPS[step] <= _LIGHT else theme.BACKGROUND


def _by_abuse(row: tuple, _each: float) -> tuple[str, str]:
    if pd.notna(row.own_suspected) and row.own_suspected:
        return theme.BAD, theme.BACKGROUND
    if pd.notna(row.suspected) and row.suspected:
        return theme.faded(theme.BAD, _SOME), theme.TEXT
    return theme.faded(theme.UNCERTAIN, _NEUTRAL), theme.TEXT
