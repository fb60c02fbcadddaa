"""What the link asks of the page on collections; the period is that of the page on compliance."""

from components import linked
from components.compliance.choices import draw_period, period
from components.language import _
from rules.collections import Measure
from rules.text import N_

__all__ = [
    "COST", "LADDER", "draw_measure", "draw_period", "draw_seen_by", "measure", "measure_name", "period", "seen_by",
    "seen_name",
]  # fmt: skip

_MEASURE, _LADDER = "measure", "ladder"
_MEASURES = {
    Measure.ANSWERED: N_("Answered"),
    Measure.PROMISED: N_("Promised"),
    Measure.KEPT: N_("Promise kept"),
    Measure.CURED: N_("Cured"),
}
COST = "cost"
LADDER = {
    "reached": N_("Reached"),
    "answered": N_("Read, answered"),
    "promised": N_("Promised"),
    "kept": N_("Promise kept"),
    "cured": N_("Cured"),
    COST: N_("Cost per ¥10,000"),
}


def seen_by() -> str:
    """What of the ladder is shown by month: one of LADDER; "" for all of it over the whole period."""
    return linked.value(_LADDER, ["", *LADDER], "")


def draw_seen_by() -> None:
    """The select box of it."""
    linked.select(_LADDER, ["", *LADDER], opening="", label=_("Shown"), named=seen_name)


def seen_name(code: str) -> str:
    """What a way of looking at the ladder is called."""
    return _("{name} by month").format(name=_(LADDER[code])) if code else _("All over the period")


def measure() -> Measure:
    """By what agents are looked at."""
    return Measure(linked.value(_MEASURE, [each.value for each in Measure], Measure.CURED.value))


def draw_measure() -> None:
    """The select box of it."""
    codes = [each.value for each in Measure]
    linked.select(
        _MEASURE, codes, opening=Measure.CURED.value, label=_("Result"), named=lambda code: measure_name(Measure(code))
    )


def measure_name(chosen: Measure) -> str:
    """What a result of calls is called."""
    return _(_MEASURES[chosen])
