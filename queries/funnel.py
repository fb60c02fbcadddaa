"""What the tier funnel is made of: how far members came, how long each step took, and who they are."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    true,
    union_all,
)

from loanbook.constructs import divided
from loanbook.snapshot_schema import member_journey
from queries.members import passing
from rules.dimensions import GENDER, MEMBER
from rules.filters import DateRange
from rules.funnel_steps import HOUR, REGISTERED, Windows
from rules.funnel_times import DAY, HOURS_UNTIL, MINUTE, MINUTES_UNTIL
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]

_LISTED = tuple(dimension.code for dimension in MEMBER if dimension is not GENDER)


def reached(selection: MemberSelection, windows: Windows, steps: Sequence[str], *, by: str | None = None) -> Rows:
    """Members by the last step that they reached in order, each step within its window after the one before.

    steps: the codes of the first of those that the book records, registration first. by: a dimension, or the month
    of registration.
    Grain: one row per step that is somebody's last, within each value of `by`, in its own order.
    Columns: that of `by`; reached (0 = registered, 1 = the next of `steps`, ...); members (count).
    Formula: step k is reached when step k - 1 is and t_k - t_(k-1) <= its window, both ends included; so steps nest,
    and who reached step k are the rows with reached >= k. (One comparison a step, in order: a count with a filter for
    each step takes three to eight times as long.)
    Source: metrics.md, "Membership"; vector "posthog_funnel"; trap 13.
    """
    keys = [] if by is None else [member_journey.c[by]]
    last = last_step(windows, steps).label("reached")
    each = select(*keys, last).where(passing(selection)).subquery("each")
    own = [each.c[key.name] for key in keys]
    return (
        select(*(cast(key, String).label(key.name) for key in own), each.c.reached, func.count().label("members"))
        .group_by(*own, each.c.reached)
        .order_by(*own, each.c.reached)
    )


def times(selection: MemberSelection, windows: Windows, steps: Sequence[str]) -> Rows:
    """How long after the step before each step was taken, or for how long it has been waited for.

    Grain: one row per step after the first, whether it was taken, and bin of time (`rules.funnel_times`).
    Columns: step; taken (1: within its window; 0: not yet by as_of, or not within it); bin; members (count);
    seconds: of those who took it, summed.
    Formula: who reached the step before is followed to this one, else to the end of as_of, at most through the window.
    Source: metrics.md, "Membership"; trap 1.
    """
    return select(union_all(*_each_step(selection, windows, steps)).subquery("times"))


def members(
    selection: MemberSelection,
    windows: Windows,
    steps: Sequence[str],
    place: int,
    *,
    stopped: bool = False,
    first: int | None = None,
) -> Rows:
    """The members that a step counts: they re-sum to its number.

    place: of the step among `steps`; stopped: only those who came no further.
    Grain: one row per member, in order of registration. Columns: member_no, member_id, registered_on, reached (the
    code of the last step), every dimension but the gender.
    Excludes: those past the `first` so many.
    Source: as `reached`.
    """
    last = last_step(windows, steps)
    code = case(*((last == at, literal(step)) for at, step in enumerate(steps)))
    counted = last == place if stopped else last >= place
    statement = select(
        member_journey.c.member_no,
        member_journey.c.member_id,
        member_journey.c.registered_on,
        code.label("reached"),
        *(cast(member_journey.c[each], String).label(each) for each in _LISTED),
    ).where(passing(selection), counted)
    if first is not None:
        shown = select(member_journey.c.member_no).where(passing(selection), counted)
        statement = statement.where(
            member_journey.c.member_no.in_(shown.order_by(member_journey.c.member_no).limit(first))
        )
    return statement.order_by(member_journey.c.member_no)


def asked(
    counted: MemberSelection,
    held: MemberSelection | None,
    everybody: MemberSelection,
    beside: MemberSelection,
    windows: Windows,
    steps: Sequence[str],
    recorded: Sequence[str],
    by: str,
    place: int,
    *,
    stopped: bool,
    listed: int,
) -> dict[str, Rows]:
    """The statements of the part on the funnel, by the names under which its cards take their frames.

    counted: settled registrations; held: those that they are held against; everybody: all registrations; beside: the
    settled ones of every segment of `by`. steps: those that the funnel is followed to, of `recorded`. The members are
    those of the step at `place`, the first `listed`.
    """
    since = replace(everybody, registered=DateRange(counted.registered.first, None))
    statements = {
        "reached": reached(counted, windows, steps),
        "months": reached(everybody, windows, recorded, by="registered_month"),
        "times": times(since, windows, recorded),
        "members": members(counted, windows, steps, place, stopped=stopped, first=listed),
    }
    if by:
        statements["segments"] = reached(beside, windows, steps, by=by)
    if held is not None:
        statements["compared"] = reached(held, windows, steps)
    return statements


def last_step(windows: Windows, steps: Sequence[str]) -> ColumnElement[int]:
    """The place in `steps` of the last one that a member reached."""
    missed = [(_gap(code) > windows.seconds_of(code), place) for place, code in enumerate(steps[1:])]
    return case(*missed, else_=len(missed)) if missed else literal(0, Integer)


def _each_step(selection: MemberSelection, windows: Windows, steps: Sequence[str]) -> list[Rows]:
    within = [_gap(code) <= windows.seconds_of(code) for code in steps[1:]]
    return [
        _step_times(selection, before, code, windows.seconds_of(code), and_(true(), *within[:place]))
        for place, (before, code) in enumerate(pairwise(steps))
    ]


def _step_times(selection: MemberSelection, before: str, code: str, window: int, entered: ColumnElement[bool]) -> Rows:
    member = member_journey.c
    observed = (member.observed_days + 1) * DAY - member.registered_s - _seconds(before)
    taken = _gap(code) <= window
    waited = case((taken, _gap(code)), else_=func.least(observed, literal(window, Integer)))
    each = (
        select(taken.label("taken"), waited.label("waited")).where(passing(selection), entered).subquery(f"to_{code}")
    )
    is_taken, bin_ = cast(each.c.taken, Integer), _bin(each.c.waited)
    return select(
        literal(code).label("step"),
        is_taken.label("taken"),
        bin_.label("bin"),
        func.count().label("members"),
        cast(func.sum(each.c.waited * is_taken), BigInteger).label("seconds"),
    ).group_by(is_taken, bin_)


def _bin(seconds: ColumnElement[int]) -> ColumnElement[int]:
    """As `rules.funnel_times.ends` reads it."""
    hours = MINUTES_UNTIL // MINUTE - 1
    days = hours + HOURS_UNTIL // HOUR - HOURS_UNTIL // DAY
    return case(
        (seconds < MINUTES_UNTIL, divided(seconds, MINUTE)),
        (seconds < HOURS_UNTIL, divided(seconds, HOUR) + hours),
        else_=divided(seconds, DAY) + days,
    )


def _gap(code: str) -> ColumnElement[int]:
    return member_journey.c[f"{code}_gap_s"]


def _seconds(code: str) -> ColumnElement[int]:
    return literal(0, Integer) if code == REGISTERED.code else member_journey.c[f"{code}_s"]
