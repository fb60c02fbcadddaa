"""Words that the cards of a pack share."""

import math

from components import formats
from components.language import _, value_label
from components.markdown import plain
from components.overview.deck import DECK, Card, Shape
from components.pack.read import Read
from rules import dimensions
from rules.kpi import Good
from rules.limits import KINDS, Light
from rules.text import N_

NOTHING = "–"
_RISK = {card.code: card for card in DECK}
_MONTHS = "default_rates"


def _time(_shown: object) -> dict[str, str]:
    return {"part": "time"}


CARDS = (
    _RISK["disbursed"],
    _RISK["outstanding"],
    _RISK["late_30"],
    _RISK["lagged_30"],
    Card("late_90", N_("Late 90+"), "current_late_ratio", _MONTHS, Shape.RATIO, Good.LESS, behind=_time),
    Card("lagged_90", N_("Late 90+, lagged"), "lagged_late_ratio", _MONTHS, Shape.RATIO, Good.LESS, behind=_time),
    _RISK["default_rate"],
    Card(
        "first_payment", N_("First-payment default"), "first_payment_default", _MONTHS, Shape.RATIO, Good.LESS,
        behind=_time,
    ),
    _RISK["yield"],
    _RISK["risk_cost"],
    _RISK["reserve_cover"],
)  # fmt: skip

LIGHTS = {
    Light.RED: N_(":red[▲ red]"),
    Light.AMBER: N_(":orange[● amber]"),
    Light.GREEN: N_(":green[✓ green]"),
    Light.UNTOLD: N_(":gray[– not told]"),
}
PLAIN_LIGHTS = {
    Light.RED: N_("▲ red"),
    Light.AMBER: N_("● amber"),
    Light.GREEN: N_("✓ green"),
    Light.UNTOLD: N_("– not told"),
}
_WHO = {"largest_province": dimensions.PROVINCE.code, "largest_channel": dimensions.CHANNEL.code}


def figure(code: str, value: float) -> str:
    """A figure that has a limit, in its unit."""
    if math.isnan(value):
        return NOTHING
    if KINDS[code].ratio:
        return formats.percent(value)
    return _("{number}×").format(number=formats.index(value))


def share(value: float, digits: int = 1) -> str:
    """A share; a dash where there is none."""
    return NOTHING if math.isnan(value) else formats.percent(value, digits)


def interval(low: float, high: float) -> str:
    """An interval; nothing where there is none."""
    return "" if math.isnan(low) else formats.interval(low, high)


def who(code: str, name: str, read: Read) -> str:
    """Whose figure it is."""
    if not isinstance(name, str) or not name:
        return ""
    return plain(value_label(_WHO[code], name, read.view.book) if code in _WHO else name)


def money(fen: float) -> str:
    """An amount; a dash where there is none."""
    return NOTHING if not fen else formats.money(round(fen))


def told(label: str, text: str) -> str:
    """A label and what it says."""
    return _("{label}: {text}").format(label=label, text=text)
