"""What the tier funnel is made of: how far members came, each step within its window after the one before."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, String, case, cast, func, literal, select

from loanbook.snapshot_schema import member_journey
from queries.members import passing
from rules.funnel_steps import REGISTERED, Windows
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]


def reached(selection: MemberSelection, windows: Windows, steps: Sequence[str], *, by: Sequence[str] = ()) -> Rows:
    """Members by the last step that they reached in order, each step within its window after the one before.

    steps: the codes of those that the book records, registration first. by: dimensions, or "registered_month".
    Grain: one row per step that is somebody's last, within each value of `by`.
    Columns: those of `by`; reached (0 = registered, 1 = the next of `steps`, ...); members (count).
    Formula: step k is reached when step k - 1 is and t_k - t_(k-1) <= its window, both ends included; so steps nest,
    and who reached step k are the rows with reached >= k.
    Source: metrics.md, "Membership"; vector "posthog_funnel".
    """
    keys = [member_journey.c[code] for code in by]
    last = last_step(windows, steps).label("reached")
    counted = (
        select(*keys, last, func.count().label("members"))
        .where(passing(selection))
        .group_by(*keys, last)
        .subquery("counted")
    )
    return select(
        *(cast(counted.c[code], String).label(code) for code in by),
        counted.c.reached,
        cast(counted.c.members, BigInteger).label("members"),
    ).order_by(*(counted.c[code] for code in by), counted.c.reached)


def last_step(windows: Windows, steps: Sequence[str]) -> ColumnElement[int]:
    """The place in `steps` of the last one that a member reached."""
    within = [
        func.coalesce(_seconds(code) - _seconds(before) <= windows.seconds_of(code), literal(False))
        for before, code in pairwise(steps)
    ]
    stopped = [(~reached_it, literal(place, Integer)) for place, reached_it in enumerate(within)]
    return case(*stopped, else_=literal(len(within), Integer)) if stopped else literal(0, Integer)


def _seconds(code: str) -> ColumnElement[int]:
    return literal(0, Integer) if code == REGISTERED.code else member_journey.c[f"{code}_s"]


def asked(selection: MemberSelection, windows: Windows, steps: Sequence[str]) -> dict[str, Rows]:
    """The statements of the part on the funnel, by the names under which its cards take their frames."""
    statements = {"reached": reached(selection, windows, steps)}
    if compared := selection.comparison():
        statements["compared"] = reached(compared, windows, steps)
    return statements
