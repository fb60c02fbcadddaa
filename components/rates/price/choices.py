"""What the link asks of the cards on price: which price or cut-off is tried."""

from collections.abc import Sequence

from components import formats, linked
from components.language import _
from rules.margins import Change
from rules.text import N_

_SPREAD, _CUT_OFF = "spread", "cut_off"
_POINTS = ("-3", "-2", "-1", "-0.5", "0", "0.5", "1", "2", "3", "5")
_NO_POINTS, _NO_CUT_OFF = "0", ""
_UNCHANGED = N_("Price unchanged")
_ALL_SCORES = N_("No cut-off")


def change(bands: Sequence[str]) -> Change:
    """What is tried. bands: score bands that occur, the lowest first."""
    points = float(linked.value(_SPREAD, _POINTS, _NO_POINTS)) / 100
    cut_off = linked.value(_CUT_OFF, _offered(bands), _NO_CUT_OFF)
    refused = frozenset(bands[: list(bands).index(cut_off)]) if cut_off else frozenset()
    return Change(points, refused)


def draw(bands: Sequence[str]) -> None:
    """The select boxes."""
    linked.select(_SPREAD, _POINTS, opening=_NO_POINTS, label=_("Spread"), named=_spread)
    if len(bands) > 1:
        linked.select(
            _CUT_OFF, _offered(bands), opening=_NO_CUT_OFF, label=_("Cut-off"),
            named=lambda band: _("score {lowest} and up").format(lowest=_lowest(band)) if band else _(_ALL_SCORES),
        )  # fmt: skip


def _lowest(band: str) -> str:
    """The score at which a band begins."""
    return band.partition("-")[0].removesuffix("+")


def _offered(bands: Sequence[str]) -> list[str]:
    return [_NO_CUT_OFF, *bands[1:]]


def _spread(points: str) -> str:
    number = float(points)
    return _("{points} points").format(points=formats.points_signed(number / 100)) if number else _(_UNCHANGED)
