"""What a case of the queue says of itself in a few words: its deadline, its signals, whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from components import formats
from components.language import _
from components.review import act_words
from desk.review_queue import Show, Waiting
from desk.staff import ROLE_NAMES
from rules.referral_line import Line
from rules.review_case import Delivery, State
from rules.working_time import WorkingHours

LATE, STANDS, GOOD = "●", "‖", "▲"  # marks that no colour is needed for


@dataclass(frozen=True)
class Said:
    """To whom the queue speaks, and when."""

    me: str  # whose address it is
    names: Mapping[str, str]  # of staff, by address
    hours: WorkingHours
    now: datetime


def due(case: Waiting, show: Show, hours: WorkingHours, now: datetime) -> str:
    """How much working time is left or was passed; of decided cases, how long they wait for lending or when it was."""
    if case.decided_at is not None:
        if show is Show.SENT:
            return formats.duration((now - case.decided_at).total_seconds())
        return formats.moment(case.decided_at)
    if case.state in {State.WITHDRAWN, State.CLOSED}:
        return ""
    if case.left is not None and case.left > timedelta(0):
        return f"{STANDS} {formats.span(case.left)}"
    if case.due_at < now:
        return _("{mark} {time} late").format(mark=LATE, time=formats.span(hours.between(case.due_at, now)))
    return formats.span(hours.between(now, case.due_at))


def due_label(show: Show) -> str:
    """The head of that column."""
    if show is Show.SENT:
        return _("Waits for lending")
    return _("Decided on") if show is Show.DECIDED else _("Due")


def signals(case: Waiting, lines: Mapping[str, Line]) -> str:
    """What stood out when the case was opened, and that the referral line repays where it does, with its interval."""
    said = [_(act_words.CHECKS.get(code, code.replace("_", " "))) for code in case.signals]
    line = lines.get(case.referred_by_id or "")
    if line is not None:
        told = _("{mark} line defaults at {rate} ({interval})")
        said.append(
            told.format(mark=GOOD, rate=formats.percent(line.rate), interval=formats.interval(line.low, line.high))
        )
    return ", ".join(said)


def person(email: str, names: Mapping[str, str]) -> str:
    """Somebody by name; demo staff by what they are."""
    name = names.get(email, email)
    return _(name) if name in ROLE_NAMES.values() else name


def standing(case: Waiting, names: Mapping[str, str], me: str, now: datetime) -> str:
    """How a case stands and whose it is."""
    said = []
    if case.state is State.DECIDED:
        said.append({Delivery.PENDING: _("not acknowledged")}.get(case.delivery or Delivery.PENDING, _("acknowledged")))
    elif case.state is State.WAITING:
        said += _waiting(case, names, me)
    elif case.state is State.PARKED and case.parked_until is not None:
        said += [_("until {time}").format(time=act_words.clock(case.parked_until, now)), *_whose(case, names, me)]
    elif case.state is State.ASKED:
        said += [_("information asked"), *_whose(case, names, me)]
    else:
        said.append(_("withdrawn") if case.state is State.WITHDRAWN else _("closed by lending"))
    return " · ".join(said)


def _waiting(case: Waiting, names: Mapping[str, str], me: str) -> list[str]:
    said = []
    if case.delivery is Delivery.REFUSED:
        said.append(_("refused by lending"))
    if case.decisions:
        said.append(_("2nd decision"))
    if case.escalated_by is not None:
        said.append(_("escalated"))
    if case.holder is not None:
        return [_("yours") if case.holder == me else _("held by {who}").format(who=person(case.holder, names)), *said]
    return [*said, *(_whose(case, names, me) or ([] if said else [_("open")]))]


def _whose(case: Waiting, names: Mapping[str, str], me: str) -> list[str]:
    if case.assigned_to is None:
        return []
    return [_("for you") if case.assigned_to == me else _("for {who}").format(who=person(case.assigned_to, names))]
