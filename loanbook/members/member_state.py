"""The state of each member from day to day: where they stand, unless nothing has been heard of them for long."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import Date, Select, TableClause, column, func, insert, literal, select, table, union_all

from loanbook import copied, days
from loanbook.constructs import business_date, ordinal
from loanbook.members.membership_spell import Tiers
from loanbook.members.movement_schema import member_state, membership_spell
from loanbook.referrals.preorder import Ints
from loanbook.snapshot_schema import member_journey
from loanbook.working import columns, in_ranges, run
from rules.migration import DORMANT, LAPSED

_member, _application, _perk, _invitation, _sighting = (
    copied.TABLES[name] for name in ("member", "application", "perk", "invitation", "device_sighting")
)
_TAKEN = ("paid", "task", "upgrade")  # reasons of memberships that are the member's own doing
_UNTOLD = -1
_DAY_BITS = 20  # of a day as an ordinal: as_of is before the year 2871
_DAYS = 2**_DAY_BITS - 1


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
    sign, stood = signs.c, standing.c
    told = select(sign.member_no, ordinal(sign.from_on).label("from_on"), ordinal(sign.to_on).label("to_on"))
    stands = select(stood.member_no, ordinal(stood.from_on).label("from_on"), stood.standing)
    [(members,)] = run(snapshot, select(func.count()).select_from(member_journey))
    ranges = (in_ranges(each, "member_no", members) for each in (told, stands))
    for told_now, stands_now in zip(*ranges, strict=True):
        awake = _awake(columns(snapshot, told_now), as_of, dormant_days)
        _write(snapshot, _states(columns(snapshot, stands_now), awake, known, as_of), known)


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
    for source, member_id, at in done:
        day = business_date(at)
        yield (
            select(numbers.c.member_no, day, day)
            .join_from(source, numbers, numbers.c.id == member_id)
            .where(day <= today)
        )
    ended_on = func.least(loans.c.paid_off_on, loans.c.charged_off_on, today, type_=Date())
    yield select(numbers.c.member_no, loans.c.disbursed_on, ended_on).join_from(
        loans, numbers, numbers.c.id == loans.c.member_id
    )


def _awake(sign: dict[str, Ints], as_of: date, dormant_days: int) -> dict[str, Ints]:
    """The stretches of days in which each member is awake: until so many days after a sign of life, joined up.

    Columns: member_no, from_on, last_on (days as ordinals), in the order of the first two.
    """
    until_on = np.minimum(sign["to_on"] + dormant_days, as_of.toordinal())
    least = int(sign["member_no"].min(initial=0))
    # One number for each sign: numbers are sorted ten times as fast as places are found by their order.
    signs = np.sort(((sign["member_no"] - least) << 2 * _DAY_BITS) + (sign["from_on"] << _DAY_BITS) + until_on)
    member_no, until_on = signs >> 2 * _DAY_BITS, signs & _DAYS
    from_on = signs >> _DAY_BITS & _DAYS
    reached = np.maximum.accumulate((member_no << _DAY_BITS) + until_on)
    begins = np.ones(len(signs), dtype=bool)
    begins[1:] = (member_no[1:] << _DAY_BITS) + from_on[1:] > reached[:-1] + 1
    first = np.flatnonzero(begins)
    last_on = np.maximum.reduceat(until_on, first) if len(first) else first
    return {"member_no": member_no[first] + least, "from_on": from_on[first], "last_on": last_on}


def _states(stands: dict[str, Ints], awake: dict[str, Ints], known: Tiers, as_of: date) -> dict[str, Ints]:
    """Where members stand, dormant while they sleep, from the registration on; neighbours of one state as one.

    Columns: member_no, state (its place), from_on, last_on (days as ordinals), in the order of member and day.
    """
    slept = awake["last_on"] < as_of.toordinal()
    member_no = np.concatenate([stands["member_no"], awake["member_no"], awake["member_no"][slept]])
    day = np.concatenate([stands["from_on"], awake["from_on"], awake["last_on"][slept] + 1])
    changes = len(stands["from_on"]), len(awake["from_on"]), int(slept.sum())
    standing = np.concatenate([stands["standing"], np.full(sum(changes[1:]), _UNTOLD)])
    sleeps = np.repeat([_UNTOLD, 0, 1], changes)
    order = np.lexsort((standing, (member_no << _DAY_BITS) + day))
    member_no, day, standing, sleeps = (each[order] for each in (member_no, day, standing, sleeps))
    standing, sleeps = _newest(member_no, standing), _newest(member_no, sleeps)
    lapsed = known.place(LAPSED)
    state = np.where((sleeps == 1) & (standing != lapsed), known.place(DORMANT), standing)
    is_last = np.append((member_no[1:] != member_no[:-1]) | (day[1:] != day[:-1]), np.ones(min(len(day), 1), bool))
    told = is_last & (standing != _UNTOLD)
    member_no, day, state = member_no[told], day[told], state[told]
    differs = np.ones(len(day), dtype=bool)
    differs[1:] = (member_no[1:] != member_no[:-1]) | (state[1:] != state[:-1])
    member_no, day, state = member_no[differs], day[differs], state[differs]
    last_on = np.full(len(day), as_of.toordinal())
    goes_on = np.flatnonzero(member_no[1:] == member_no[:-1])
    last_on[goes_on] = day[goes_on + 1] - 1
    return {"member_no": member_no, "state": state, "from_on": day, "last_on": last_on}


def _newest(member_no: Ints, value: Ints) -> Ints:
    """The last value of each member up to each row that was told; `_UNTOLD` before the first."""
    place = np.maximum.accumulate(np.where(value == _UNTOLD, 0, np.arange(len(value))))
    return np.where(member_no[place] == member_no, value[place], _UNTOLD) if len(value) else value


def _write(snapshot: duckdb.DuckDBPyConnection, states: dict[str, Ints], known: Tiers) -> None:
    arrays = {
        "member_no": pa.array(states["member_no"].astype(np.int32)),
        "state": pa.array(states["state"].astype(np.int8)),
        "from_on": days.dates(states["from_on"]),
        "last_on": days.dates(states["last_on"]),
    }
    snapshot.register("state_now", pa.table(arrays))
    row = table("state_now", *(column(name, member_state.c[name].type) for name in arrays)).c
    rows = select(row.member_no, known.of_place(row.state), row.from_on, row.last_on)
    run(snapshot, insert(member_state).from_select([each.name for each in member_state.columns], rows))
    snapshot.unregister("state_now")
