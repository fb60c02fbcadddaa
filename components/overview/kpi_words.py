"""How a key figure, its change and its goal are written."""

import math

import pandas as pd

from components import formats
from components.language import _
from components.markdown import plain
from components.overview.deck import Card, Shape
from rules.default_rates import Verdict
from rules.kpi import Change, Goal, Kpi, Outlook, welcome

NOTHING = "–"
_JUDGED = frozenset({Verdict.HIGHER, Verdict.LOWER})


def value(card: Card, number: float) -> str:
    """A figure as its card shows it."""
    if math.isnan(number):
        return NOTHING
    if card.shape is Shape.RATIO:
        return formats.percent(number)
    if card.shape is Shape.INDEX:
        return _("{number}×").format(number=formats.index(number))
    return formats.count(round(number)) if card.shape is Shape.COUNT else formats.money(round(number))


def change(card: Card, moved: Change) -> str | None:
    """A change with its sign, as `st.metric` reads it: a plain minus; None where nothing is compared."""
    if math.isnan(moved.amount):
        return None
    if moved.relative:
        return _signed(formats.percent(abs(moved.amount)), moved.amount)
    if card.shape is Shape.RATIO:
        return _("{points} pt").format(points=_signed(f"{abs(moved.amount) * 100:.1f}", moved.amount))
    return _signed(f"{abs(moved.amount):.2f}", moved.amount)


def judged(moved: Change) -> str:
    """Whether a change is more than noise."""
    if moved.verdict in _JUDGED:
        return _("not noise")
    return _("noise") if moved.verdict is Verdict.NOISE else ""


def colour(card: Card, moved: Change) -> str:
    """The colour of a change: only one that is no noise, and that is wanted or not, has any."""
    wanted = welcome(moved, card.good)
    return "gray" if wanted is None else "green" if wanted else "red"


def arrow(moved: Change) -> str:
    """The arrow of a change: none where it is noise."""
    return {Verdict.HIGHER: "up", Verdict.LOWER: "down"}.get(moved.verdict, "off")


def goal(card: Card, set_out: Goal | None) -> str:
    """The goal, and whether it is or will be reached; empty without one."""
    if set_out is None:
        return ""
    said = {
        "goal": value(card, set_out.value),
        "expected": value(card, set_out.expected) if set_out.expected is not None else "",
    }
    return {
        Outlook.REACHED: _(":green[✓] target {goal} reached"),
        Outlook.MISSED: _(":red[✗] target {goal} missed"),
        Outlook.WILL_REACH: _(":green[✓] {expected} at this pace, target {goal}"),
        Outlook.WILL_MISS: _(":red[✗] {expected} at this pace, target {goal}"),
    }[set_out.outlook].format(**said)


def complete(found: Kpi) -> str:
    """Whether the last closed day looks complete."""
    if found.change.verdict is Verdict.LOWER:
        return _(":orange[▲] closed, but unusually low: is it complete?")
    return _(":green[✓] closed and complete") if not math.isnan(found.value) else ""


def arrears(overdue: float, outstanding: float) -> str:
    """What arrears are of all that is out."""
    if not outstanding > 0 or math.isnan(overdue):
        return ""
    return _("{share} of what is out").format(share=formats.percent(overdue / outstanding))


def tightest(row: "pd.Series[float] | None") -> str:
    """The funder of whose quota most is used."""
    if row is None:
        return ""
    return _("{funder}: {share} used").format(
        funder=plain(str(row["funder"])), share=formats.percent(row["used_ratio"])
    )


def _signed(size: str, amount: float) -> str:
    return size if not size.strip("0.%\u00a0") else f"+{size}" if amount > 0 else f"-{size}"
