"""What the link asks of the page on collections; the period is that of the page on compliance."""

from components import linked
from components.compliance.choices import draw_period, period
from components.language import _
from rules.collections import Measure
from rules.text import N_

__all__ = ["draw_measure", "draw_period", "measure", "measure_name", "period"]

_MEASURE = "measure"
_MEASURES = {
    Measure.ANSWERED: N_("Answered"),
    Measure.PROMISED: N_("Promised"),
    Measure.KEPT: N_("Promise kept"),
    Measure.CURED: N_("Cured"),
}


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
