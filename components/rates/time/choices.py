"""What the link asks of the cards over time: cohorts and their drawing, the rolls that are shown, how late is late."""

from collections.abc import Sequence
from datetime import date

from components import formats, linked
from components.language import _
from components.rates.time import words
from rules.ageing import BUCKETS, STATES
from rules.delinquency import Late
from rules.text import N_
from rules.vintages import Cohort

CURVES, HEATMAP = "curves", "heatmap"
TOGETHER = "12"  # the newest twelve month ends together
FROM, TO = "roll_from", "roll_to"

Roll = tuple[str, str]  # bucket before, state after

_COHORTS = {Cohort.QUARTER: N_("By quarter"), Cohort.MONTH: N_("By month"), Cohort.YEAR: N_("By year")}
_SHAPES = {CURVES: N_("Curves"), HEATMAP: N_("Heatmap")}
_LISTED = 24  # month ends that are offered


def cohort() -> Cohort:
    """How loans are put together: known before it is drawn, for the statements depend on it."""
    return Cohort(linked.value("cohort", [str(kind) for kind in _COHORTS], Cohort.QUARTER.value))


def draw_cohort() -> None:
    """The select box of the cohorts."""
    linked.select(
        "cohort", [str(kind) for kind in _COHORTS], opening=Cohort.QUARTER.value, label=_("Cohorts"),
        named=lambda kind: _(_COHORTS[Cohort(kind)]),
    )  # fmt: skip


def draw_shape() -> str:
    """The select box for curves or a heatmap of them."""
    return linked.select(
        "vintages", list(_SHAPES), opening=CURVES, label=_("Drawn as"), named=lambda shape: _(_SHAPES[shape])
    )


def draw_rolled(months: Sequence[date], opening: str) -> str:
    """The select box of the month ends."""
    return linked.select("rolled", _offered(months), opening=opening, label=_("Month"), named=_named_month)


def month_code(month_end: date) -> str:
    """A month end as the link names it."""
    return f"{month_end:%Y-%m}"


def roll(opening: Roll) -> Roll:
    """The bucket before and the state after that are shown over time."""
    return linked.value(FROM, list(BUCKETS), opening[0]), linked.value(TO, list(STATES), opening[1])


def draw_roll(opening: Roll) -> Roll:
    """The select boxes of the bucket before and the state after."""
    before = linked.select(FROM, list(BUCKETS), opening=opening[0], label=_("From"), named=words.state)
    after = linked.select(
        TO, list(STATES), opening=opening[1], label=_("To"),
        named=lambda state: _("to {state}").format(state=words.state(state)),
    )  # fmt: skip
    return before, after


def take_roll(roll: Roll, opening: Roll) -> None:
    """Show one roll over time. For use in callbacks."""
    for key, chosen, usual in zip((FROM, TO), roll, opening, strict=True):
        linked.choose(key, chosen, usual)


def draw_late() -> Late:
    """The select box for how late is late."""
    chosen = linked.select(
        "late", [str(late) for late in Late], opening=Late.DPD30.value, label=_("Late by"),
        named=lambda days: _("{days}+ days").format(days=days),
    )  # fmt: skip
    return Late(chosen)


def draw_defaulted_in(years: Sequence[str], opening: str) -> str:
    """The select box of the year in which loans went over 90 days past due."""
    return linked.select(
        "defaulted_in", list(years), opening=opening, label=_("Over 90 days past due in"),
        named=lambda year: _("90+ days in {year}").format(year=year),
    )  # fmt: skip


def _offered(months: Sequence[date]) -> list[str]:
    return [*(month_code(month_end) for month_end in reversed(months[-_LISTED:])), TOGETHER]


def _named_month(code: str) -> str:
    return _("Newest 12 months") if code == TOGETHER else formats.month(date.fromisoformat(f"{code}-01"))
