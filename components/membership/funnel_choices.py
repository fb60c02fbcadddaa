"""What the link asks of the funnel: the windows, and how far it is followed."""

from components import linked
from components.language import _
from rules import funnel_steps
from rules.book import Book
from rules.funnel_steps import CODES, Windows
from rules.policy import Policy

_WINDOWS, _UNTIL = "windows", "until"
_ENDS = list(CODES[1:])


def windows(rule: Policy) -> Windows:
    """The windows: the policy's, with those that the link changes."""
    return funnel_steps.changed(funnel_steps.usual(rule.funnel), linked.text(_WINDOWS))


def until() -> str:
    """The code of the step to which the funnel is followed."""
    return linked.value(_UNTIL, _ENDS, _ENDS[-1])


def steps(book: Book) -> tuple[str, ...]:
    """The codes of the steps that are shown: those that the book records, as far as the funnel is followed."""
    shown = CODES[: CODES.index(until()) + 1]
    return tuple(code for code in shown if code in book.member_steps)


def mature_days(rule: Policy) -> int:
    """Days after registration at which what the funnel shows of a member is settled."""
    return windows(rule).days_until(until())


def draw_until() -> None:
    """The select box of the step to which the funnel is followed."""
    linked.select(
        _UNTIL, _ENDS, opening=_ENDS[-1], label=_("Followed to"),
        named=lambda code: _("to {step}").format(step=_(funnel_steps.BY_CODE[code].name)),
    )  # fmt: skip
