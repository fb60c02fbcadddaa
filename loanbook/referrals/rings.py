"""Rings: members linked by the devices they were seen on, one through another, however long the chain."""

from datetime import date
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sqlalchemy import Date, FromClause, Integer, Select, TableClause, column, func, insert, literal, select, table

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.referrals.reward_schema import member_ring, ring
from loanbook.snapshot_schema import member_journey
from loanbook.working import columns, run, work_table

Places = npt.NDArray[np.int64]

_sighting = copied.TABLES["device_sighting"]


def shared(snapshot: duckdb.DuckDBPyConnection, numbers: FromClause, what: str, as_of: date) -> TableClause:
    """The work table of the devices, or addresses, that more than one member was seen on.

    `numbers`: the work table of `member_number`; `what`: device_hash or address_hash.
    Grain: one row per member and such device. Columns: member_no, place (a number of the device).
    Excludes: sightings after as_of, and those of members whom the book does not hold.
    """
    seen, key = _sighting.c, _sighting.c[what]
    by_then = business_date(seen.first_seen_at) <= literal(as_of, Date)
    place = func.row_number().over(order_by=key)
    several = (
        select(key.label("key"), place.label("place"))
        .where(key.is_not(None), seen.member_id.in_(select(numbers.c.id)), by_then)
        .group_by(key)
        .having(func.min(seen.member_id) != func.max(seen.member_id))
        .subquery("several")
    )
    rows = (
        select(numbers.c.member_no, several.c.place)
        .join_from(_sighting, several, several.c.key == key)
        .join(numbers, numbers.c.id == seen.member_id)
        .where(by_then)
        .distinct()
    )
    return work_table(snapshot, f"shared_{what}", rows)


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: FromClause, devices: TableClause, as_of: date, fewest: int
) -> None:
    """Fill `ring` and `member_ring` from the shared devices.

    Formula: a ring is a connected component of members and devices with at least `fewest` members; rings are numbered
    by size, the largest first, then by their first member.
    """
    found = columns(snapshot, select(devices.c.member_no, devices.c.place))
    members, rings = groups(found["member_no"], found["place"], fewest)
    snapshot.register("ring_found", pa.table({"member_no": members, "ring_no": rings}))
    source = table("ring_found", column("member_no", Integer), column("ring_no", Integer))
    run(snapshot, insert(member_ring).from_select(["member_no", "ring_no"], select(*source.c).order_by("member_no")))
    snapshot.unregister("ring_found")
    run(snapshot, insert(ring).from_select([each.name for each in ring.columns], _described(numbers, as_of)))


def groups(members: Places, devices: Places, fewest: int) -> tuple[Places, Places]:
    """The members of each group and the group's number, from the links between members and what they share.

    Groups of fewer members are left out; the others are numbered by size, the largest 1, then by their first member.
    """
    if not len(members):
        return members, members
    person, of_link = np.unique(members, return_inverse=True)
    device, on_link = np.unique(devices, return_inverse=True)
    nodes = len(person) + len(device)
    links = coo_array((np.ones(len(members), dtype=np.int8), (of_link, len(person) + on_link)), shape=(nodes, nodes))
    _, label = connected_components(links, directed=False)
    labels, first, group = np.unique(label[: len(person)], return_index=True, return_inverse=True)
    size = np.bincount(group, minlength=len(labels))
    by_size = np.lexsort((first, -size))
    by_size = by_size[size[by_size] >= fewest]
    number = np.zeros(len(labels), dtype=np.int64)
    number[by_size] = np.arange(1, len(by_size) + 1)
    rings = number[group]
    return person[rings > 0], rings[rings > 0]


def _described(numbers: FromClause, as_of: date) -> Select[Any]:
    """What stands beside each ring's number."""
    seen, member, referrer = _sighting.c, member_journey.c, member_ring.alias("referrer_ring")
    by_then = business_date(seen.first_seen_at) <= literal(as_of, Date)
    places = (
        select(
            member_ring.c.ring_no,
            func.count(seen.device_hash.distinct()).label("devices"),
            func.count(seen.address_hash.distinct()).label("addresses"),
        )
        .select_from(member_ring)
        .join(numbers, numbers.c.member_no == member_ring.c.member_no)
        .join(_sighting, seen.member_id == numbers.c.id)
        .where(by_then)
        .group_by(member_ring.c.ring_no)
        .subquery("places")
    )
    people = (
        select(
            member_ring.c.ring_no,
            func.count().label("members"),
            func.count().filter(referrer.c.ring_no == member_ring.c.ring_no).label("referrals"),
            func.min(member.registered_on).label("first_registered_on"),
            func.max(member.registered_on).label("last_registered_on"),
        )
        .select_from(member_ring)
        .join(member_journey, member.member_no == member_ring.c.member_no)
        .outerjoin(referrer, referrer.c.member_no == member.referrer_no)
        .group_by(member_ring.c.ring_no)
        .subquery("people")
    )
    return (
        select(*((people if each.name in people.c else places).c[each.name] for each in ring.columns))
        .join_from(people, places, places.c.ring_no == people.c.ring_no)
        .order_by(people.c.ring_no)
    )
