"""The state of each member from day to day: where they stand, unless nothing has been heard of them for long."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    TableClause,
    case,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
)

from loanbook import copied
from loanbook.constructs import add_days, business_date, ordinal
from loanbook.members.membership_spell import Tiers, merged
from loanbook.members.movement_schema import member_state, membership_spell
from loanbook.snapshot_schema import member_journey
from loanbook.working import drop, run, work_table
from rules.migration import DORMANT, LAPSED

_member, _application, _perk, _invitation, _sighting = (
    copied.TABLES[name] for name in ("member", "application", "perk", "invitation", "device_sighting")
)
_TAKEN = ("paid", "task", "upgrade")  # reasons of memberships that are the member's own doing
_CODES = 1024  # more than there are states


def fill(
    snapshot: duckdb.DuckDBPyConnection,
    known: Tiers,
    numbers: TableClause,
    loans: TableClause,
    standing: TableClause,
    as_of: date,
    dormant_days: int,
) -> None:
    """Fill `member_state`.

    numbers: id and member_no of every member; loans: those of `standing.loans`; standing: of `membership_spell.fill`.
    Formula: `rules/migration.py`.
    """
    signs = union_all(*_signs(numbers, loans, as_of)).subquery("sign")
    awake = work_table(snapshot, "member_awake", _awake(signs, as_of, dormant_days))
    states = _states(_latest(standing, awake, as_of), known, as_of).subquery("state_now")
    row = states.c
    rows = select(row.member_no, known.of_place(row.state), row.from_on, row.last_on)
    names = [column.name for column in member_state.columns]
    run(snapshot, insert(member_state).from_select(names, rows.order_by(row.member_no, row.from_on)))
    drop(snapshot, awake)


def _signs(numbers: TableClause, loans: TableClause, as_of: date) -> Iterable[Select[Any]]:
    """Each sign of life as member_no and the days from which to which it lasts, those by as_of."""
    today, member, spell = literal(as_of, Date), member_journey.c, membership_spell.c
    yield select(member.member_no, member.registered_on.label("from_on"), member.registered_on.label("to_on"))
    yield select(member.referrer_no, member.registered_on, member.registered_on).where(member.referrer_no.is_not(None))
    yield select(spell.member_no, spell.from_on, spell.from_on).where(spell.reason.in_(_TAKEN))
    done = (
        (_member, _member.c.id, _member.c.verified_at),
        (_application, _application.c.member_id, _application.c.applied_at),
        (_perk, _perk.c.member_id, _perk.c.redeemed_at),
        (_invitation, _invitation.c.referrer_id, _invitation.c.sent_at),
        (_sighting, _sighting.c.member_id, _sighting.c.first_seen_at),
        (_sighting, _sighting.c.member_id, _sighting.c.last_seen_at),
    )
    for table, member_id, at in done:
        day = business_date(at)
        yield (
            select(numbers.c.member_no, day, day)
            .join_from(table, numbers, numbers.c.id == member_id)
            .where(day <= today)
        )
    ended_on = func.least(loans.c.paid_off_on, loans.c.charged_off_on, today, type_=Date())
    yield select(numbers.c.member_no, loans.c.disbursed_on, ended_on).join_from(
        loans, numbers, numbers.c.id == loans.c.member_id
    )


def _awake(signs: FromClause, as_of: date, dormant_days: int) -> Select[Any]:
    """The stretches of days in which each member is awake: until so many days after a sign of life, joined up."""
    sign = signs.c
    until_on = func.least(add_days(sign.to_on, dormant_days), literal(as_of, Date), type_=Date())
    stretch = select(sign.member_no, sign.from_on, until_on.label("until_on")).subquery("stretch")
    row = stretch.c
    order: dict[str, Any] = {"partition_by": row.member_no, "order_by": (row.from_on, row.until_on)}
    reached = func.max(row.until_on, type_=Date()).over(**order, rows=(None, -1))
    begins = func.coalesce(row.from_on > add_days(reached, 1), True)
    begun = select(*row, case((begins, 1), else_=0).label("begins")).subquery("begun")
    row = begun.c
    number = func.sum(row.begins).over(partition_by=row.member_no, order_by=(row.from_on, row.until_on))
    numbered = select(row.member_no, row.from_on, row.until_on, number.label("number")).subquery("numbered")
    row = numbered.c
    return select(
        row.member_no,
        func.min(row.from_on, type_=Date()).label("from_on"),
        func.max(row.until_on, type_=Date()).label("last_on"),
    ).group_by(row.member_no, row.number)


def _latest(standing: TableClause, awake: TableClause, as_of: date) -> FromClause:
    """On each day on which something changes for a member, the standing and whether the member sleeps."""
    wakes = select(awake.c.member_no, awake.c.from_on, null(), literal(0))
    sleeps = select(awake.c.member_no, add_days(awake.c.last_on, 1), null(), literal(1)).where(
        awake.c.last_on < literal(as_of, Date)
    )
    stands = select(
        standing.c.member_no,
        standing.c.from_on.label("day"),
        standing.c.standing.label("standing"),
        null().label("sleeps"),
    )
    mark = union_all(stands, wakes, sleeps).subquery("mark").c
    day = (
        select(
            mark.member_no, mark.day, func.max(mark.standing).label("standing"), func.max(mark.sleeps).label("sleeps")
        )
        .group_by(mark.member_no, mark.day)
        .subquery("changing_day")
    )
    row = day.c
    return select(row.member_no, row.day, _newest(row, "standing"), _newest(row, "sleeps")).subquery("newest")


def _newest(row: Any, what: str) -> ColumnElement[Any]:
    """The last code up to a day that is not null: the highest so far of the day and the code as one number."""
    dated = case((row[what].is_not(None), ordinal(row.day) * _CODES + row[what]))
    return (func.max(dated, type_=Integer()).over(partition_by=row.member_no, order_by=row.day) % _CODES).label(what)


def _states(newest: FromClause, known: Tiers, as_of: date) -> Select[Any]:
    """Where members stand, dormant while they sleep; from the registration on."""
    row, lapsed = newest.c, known.place(LAPSED)
    state = case((row.standing == lapsed, lapsed), (row.sleeps == 1, known.place(DORMANT)), else_=row.standing)
    stretches = (
        select(row.member_no, state.label("state"), row.day.label("from_on"))
        .where(row.standing.is_not(None))
        .subquery("state_stretch")
    )
    return merged(stretches, "state", as_of)
