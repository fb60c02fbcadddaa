"""Which members show signals of abuse, with the evidence of each, and what the signals weigh on this book."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    TableClause,
    case,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    table,
    union_all,
)

from loanbook.referrals import abuse_evidence, rings
from loanbook.referrals.reward_schema import abuse_signal, member_ring, reward_fact, ring, signal_rate
from loanbook.snapshot_schema import member_journey
from loanbook.working import columns, drop, run, work_table
from rules import abuse
from rules.policy import Abuse


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: FromClause, devices: TableClause, as_of: date, policy: Abuse
) -> None:
    """Fill `abuse_signal` and `signal_rate`.

    `numbers`: the work table of `member_number`; `devices`: the work table of `rings.shared`.
    Grain: one row per member with some signal; one per signal.
    Source: metrics.md, "abuse signals"; the weights: `rules.abuse.weigh`.
    """
    addresses = rings.shared(snapshot, numbers, "address_hash", as_of)
    loops = abuse_evidence.loops(snapshot, numbers)
    evidence = {
        "shared_device": abuse_evidence.shared_in_tree(devices),
        "shared_address": abuse_evidence.shared_in_tree(addresses),
        "ring": select(member_ring.c.member_no, ring.c.members.label("found")).join_from(
            member_ring, ring, ring.c.ring_no == member_ring.c.ring_no
        ),
        "loop": select(loops.c.member_no, loops.c.found),
        "burst": abuse_evidence.bursts(numbers, policy),
        "idle": abuse_evidence.idle(as_of, policy),
        "concentrated": abuse_evidence.concentrated(policy),
    }
    found = work_table(snapshot, "abuse_evidence", _side_by_side(evidence))
    drop(snapshot, addresses, loops)
    patterns = dict(run(snapshot, select(found.c.pattern, func.count()).group_by(found.c.pattern)))
    [(members,)] = run(snapshot, select(func.count()).select_from(member_journey))
    weighed = abuse.weigh(patterns, members, policy)
    cases = _cases(snapshot, found, weighed)
    rows = _rows(found, weighed, cases)
    run(snapshot, insert(abuse_signal).from_select([each.name for each in abuse_signal.columns], rows))
    run(snapshot, insert(signal_rate).values([asdict(rate) for rate in weighed.rates]))
    drop(snapshot, found, cases)


def _side_by_side(evidence: Mapping[str, Select[Any]]) -> Select[Any]:
    """One row per member with some signal: the pattern, and what was found for each signal, 0 where nothing."""
    rows = union_all(
        *(
            select(each.c.member_no, literal(place, Integer).label("place"), each.c.found)
            for place, each in enumerate(evidence[signal].subquery(f"{signal}_found") for signal in abuse.SIGNALS)
        )
    ).subquery("signal_found")
    each = rows.c
    return select(
        each.member_no,
        cast(func.sum(literal(1, Integer).op("<<")(each.place)), Integer).label("pattern"),
        *(
            cast(func.coalesce(func.max(each.found).filter(each.place == place), 0), Integer).label(signal)
            for place, signal in enumerate(abuse.SIGNALS)
        ),
    ).group_by(each.member_no)


def _cases(snapshot: duckdb.DuckDBPyConnection, found: TableClause, weighed: abuse.Weighed) -> TableClause:
    """The work table of the cases: suspects linked by a ring, or by one having referred the other."""
    member = member_journey.c
    suspects = (
        select(
            member.member_no,
            func.coalesce(member.referrer_no, 0).label("referrer_no"),
            func.coalesce(member_ring.c.ring_no, 0).label("ring_no"),
        )
        .join_from(found, member_journey, member.member_no == found.c.member_no)
        .outerjoin(member_ring, member_ring.c.member_no == found.c.member_no)
        .where(found.c.pattern.in_(sorted(weighed.suspected)))
    )
    each = columns(snapshot, suspects)
    person = each["member_no"]
    referred, in_ring = np.isin(each["referrer_no"], person), each["ring_no"] > 0
    # What a link leads to: a member, who is a person of their own, or a ring, counted downwards.
    links = (person, each["referrer_no"][referred], -each["ring_no"][in_ring])
    members, cases = rings.groups(
        np.concatenate([person, person[referred], person[in_ring]]), np.concatenate(links), fewest=1
    )
    snapshot.register("case_found", pa.table({"member_no": members, "case_no": cases}))
    source = table("case_found", column("member_no", Integer), column("case_no", Integer))
    kept = work_table(snapshot, "abuse_case", select(*source.c))
    snapshot.unregister("case_found")
    return kept


def _rows(found: TableClause, weighed: abuse.Weighed, cases: TableClause) -> Select[Any]:
    """The evidence with the points of its pattern and what the member has received."""
    reward, member = reward_fact.c, member_journey.c
    received = (
        select(
            reward.beneficiary_no,
            func.count().label("rewards"),
            func.sum(reward.fen).label("reward_fen"),
            func.sum(reward.fen).filter(reward.reversed_on.is_not(None)).label("reversed_fen"),
        )
        .where(reward.beneficiary_no.in_(select(found.c.member_no)))
        .group_by(reward.beneficiary_no)
        .subquery("received")
    )
    patterns = sorted(weighed.points)
    points = [(found.c.pattern == pattern, literal(weighed.points[pattern], Integer)) for pattern in patterns]
    known: dict[str, ColumnElement[Any]] = {
        "member_id": member.member_id,
        "registered_on": member.registered_on,
        "ring_no": member_ring.c.ring_no,
        **{name: func.coalesce(received.c[name], 0) for name in ("rewards", "reward_fen", "reversed_fen")},
        "points": case(*points, else_=literal(0, Integer)) if points else literal(0, Integer),
        "suspected": cases.c.case_no.is_not(None),
        "case_no": cases.c.case_no,
    }
    return (
        select(
            *(
                known[each.name] if each.name in known else cast(found.c[each.name], each.type)
                for each in abuse_signal.columns
            )
        )
        .select_from(found)
        .join(member_journey, member.member_no == found.c.member_no)
        .outerjoin(member_ring, member_ring.c.member_no == found.c.member_no)
        .outerjoin(cases, cases.c.member_no == found.c.member_no)
        .outerjoin(received, received.c.beneficiary_no == found.c.member_no)
        .order_by(found.c.member_no)
    )
