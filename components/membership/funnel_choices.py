"""What the link asks of the funnel: windows, how far it is followed, conversions, segments, and whose rows show."""

from collections.abc import Sequence
from dataclasses import dataclass

from components import linked
from components.filters import tier_choice
from components.language import _, dimension_name, value_label
from components.membership.funnel_words import step_name
from components.view import View
from rules import funnel_steps
from rules.book import Book
from rules.dimensions import APPLICATION_TIER, CHANNEL, FIRST_TIER, MEMBER, UNKNOWN
from rules.funnel_steps import CODES, REGISTERED, Windows
from rules.member_filters import MemberSelection, resolve_members, settled
from rules.policy import Policy

SHOWN_MEMBERS = 250
PERIOD = "period"  # held against the period of the filters rather than against a segment
REACHED, STOPPED = "reached", "stopped"

_WINDOWS, _UNTIL, _BY, _AGAINST, _STEP, _WENT = "windows", "until", "by", "against", "step", "went"
_FROM, _TO, _TIMED = "from_step", "to_step", "timed"
_ALL = "all"
# A tier is known only from a step on: before it, segments by that tier differ by what they are.
_KNOWN_FROM = {FIRST_TIER.code: "joined", APPLICATION_TIER.code: "applied"}


@dataclass(frozen=True)
class Chosen:
    """The choices of one run, and the members that they mean."""

    windows: Windows
    recorded: tuple[str, ...]  # steps that the book records
    steps: tuple[str, ...]  # of them those that the funnel is followed to
    is_settled: bool  # some cohort is old enough to be counted
    counted: MemberSelection  # the members that are drawn: without cohorts that are too young
    held: MemberSelection | None  # those whom they are held against, none of them drawn
    beside: MemberSelection  # every segment, without a click on `by`
    by: str  # the dimension of the segments; empty where the book records none
    first: str  # the step from which segments are compared
    against: str  # PERIOD, or the segment that the funnel is held against
    conversion: tuple[str, str]  # the steps of the trend
    timed: str  # the step whose times are drawn as a curve; empty for all steps
    step: str  # whose members are listed
    stopped: bool  # only those who came no further

    @property
    def last(self) -> str:
        """The step that the funnel is followed to."""
        return self.steps[-1]


def chosen(shown: View) -> Chosen:
    """What the link asks for on this book."""
    rule, book = shown.policy, shown.book
    laid, recorded, steps = windows(rule), book.member_steps, followed(book)
    by = linked.value(_BY, offered(book), _usual_by(book)) if offered(book) else ""
    days = laid.days_through(steps)
    undrilled = resolve_members(shown.filters.undrilled(by), book, days, tier_choice.chosen())
    counted, beside = settled(shown.members, book, days), settled(undrilled, book, days) or undrilled
    against = linked.value(_AGAINST, [PERIOD, *_segments(book, by)], PERIOD)
    drawn, held = _sides(counted or shown.members, beside, by, against, book)
    known = _KNOWN_FROM.get(by, REGISTERED.code)
    return Chosen(
        windows=laid,
        recorded=recorded,
        steps=steps,
        is_settled=counted is not None,
        counted=drawn,
        held=held,
        beside=beside,
        by=by,
        first=known if known in steps[:-1] else steps[0],
        against=against,
        conversion=_conversion(recorded),
        timed=linked.value(_TIMED, [_ALL, *recorded[1:]], _ALL).replace(_ALL, ""),
        step=linked.value(_STEP, steps, steps[-1]),
        stopped=linked.value(_WENT, [REACHED, STOPPED], REACHED) == STOPPED,
    )


def windows(rule: Policy) -> Windows:
    """The windows: the policy's, with those that the link changes."""
    return funnel_steps.changed(funnel_steps.usual(rule.funnel), linked.text(_WINDOWS))


def followed(book: Book) -> tuple[str, ...]:
    """The steps to which the funnel is followed, of those that the book records; the first is the registration."""
    until = linked.value(_UNTIL, list(CODES[1:]), CODES[-1])
    return tuple(code for code in CODES[: CODES.index(until) + 1] if code in book.member_steps)


def mature_days(rule: Policy, book: Book) -> int:
    """Days after registration at which what the funnel shows of a member is settled."""
    return windows(rule).days_through(followed(book))


def offered(book: Book) -> list[str]:
    """The dimensions by which members can be told apart in a book."""
    return [dimension.code for dimension in MEMBER if book.member_values_of(dimension.code)]


def unrecorded(chosen: Chosen) -> list[str]:
    """The steps that the book does not record, of those up to the last one that is shown."""
    return [code for code in CODES[: CODES.index(chosen.last)] if code not in chosen.recorded]


def take_windows(laid: Windows, rule: Policy) -> None:
    """Lay other windows. For use in callbacks."""
    linked.choose(_WINDOWS, funnel_steps.written(laid, funnel_steps.usual(rule.funnel)), "")


def take_step(code: str, opening: str) -> None:
    """List the members of one step. For use in callbacks."""
    linked.choose(_STEP, code, opening)


def draw_until(book: Book) -> None:
    """The select box of the step to which the funnel is followed."""
    ends = list(book.member_steps[1:])
    linked.select(
        _UNTIL, ends, opening=ends[-1], label=_("Followed to"),
        named=lambda code: _("to {step}").format(step=step_name(code)),
    )  # fmt: skip


def draw_conversion(recorded: Sequence[str]) -> None:
    """The select boxes of the two steps of the trend."""
    opening = _usual_conversion(recorded)
    linked.select(_FROM, list(recorded[:-1]), opening=opening[0], label=_("From"), named=step_name)
    linked.select(
        _TO, list(recorded[1:]), opening=opening[1], label=_("To"),
        named=lambda code: _("to {step}").format(step=step_name(code)),
    )  # fmt: skip


def draw_timed(recorded: Sequence[str]) -> None:
    """The select box of the step whose times are drawn as a curve."""
    linked.select(
        _TIMED, [_ALL, *recorded[1:]], opening=_ALL, label=_("Step"),
        named=lambda code: _("Every step") if code == _ALL else step_name(code),
    )  # fmt: skip


def draw_by(book: Book) -> None:
    """The select box of the dimension by which segments are told apart."""
    linked.select(_BY, offered(book), opening=_usual_by(book), label=_("Segments"), named=dimension_name)


def draw_against(by: str, book: Book) -> None:
    """The select box of what the funnel is held against: the period of the filters, or a segment."""
    linked.select(
        _AGAINST, [PERIOD, *_segments(book, by)], opening=PERIOD, label=_("Held against"),
        named=lambda code: _("Earlier period") if code == PERIOD else value_label(by, code, book),
    )  # fmt: skip


def draw_listed(steps: Sequence[str]) -> None:
    """The select boxes of whose rows are listed."""
    linked.select(_STEP, list(steps), opening=steps[-1], label=_("Step"), named=step_name)
    names = {REACHED: _("reached it"), STOPPED: _("came no further")}
    linked.select(_WENT, list(names), opening=REACHED, label=_("Members who"), named=names.__getitem__)


def _segments(book: Book, by: str) -> list[str]:
    """The segments that a funnel can be held against: known values."""
    return [value for value in book.member_values_of(by) if value != UNKNOWN]


def _sides(
    counted: MemberSelection, beside: MemberSelection, by: str, against: str, book: Book
) -> tuple[MemberSelection, MemberSelection | None]:
    """Whom the funnel draws and whom it is held against; they share no member.

    Held against a segment, the segment that was clicked is drawn, else all others of which the dimension is known.
    """
    if against == PERIOD:
        return counted, counted.comparison()
    if any(code == by and against not in values for code, values in counted.choices):
        return counted, beside.narrowed(by, against)
    return beside.narrowed(by, *(v for v in _segments(book, by) if v != against)), beside.narrowed(by, against)


def _usual_by(book: Book) -> str:
    several = [code for code in offered(book) if len(book.member_values_of(code)) > 1]
    usual = [code for code in (CHANNEL.code, *several, *offered(book)) if code in offered(book)]
    return usual[0] if usual else ""


def _usual_conversion(recorded: Sequence[str]) -> tuple[str, str]:
    """From registration to borrowing, where the book records that."""
    return recorded[0], "disbursed" if "disbursed" in recorded else recorded[-1]


def _conversion(recorded: Sequence[str]) -> tuple[str, str]:
    """What the link asks for; two steps that do not follow each other are read as the usual ones."""
    usual = _usual_conversion(recorded)
    entered, converted = linked.value(_FROM, recorded, usual[0]), linked.value(_TO, recorded, usual[1])
    return (entered, converted) if recorded.index(entered) < recorded.index(converted) else usual
