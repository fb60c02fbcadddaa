"""The demo book as Arrow tables: one simulation, or chunks of members for books that do not fit in memory."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from loanbook.demo import (
    campaigns,
    contacts,
    devices,
    ledger,
    lending_tables,
    people,
    reference,
    rewards,
    rounds,
    tiers,
)
from loanbook.demo.columns import empty, table
from loanbook.demo.draw import Streams, Window
from loanbook.demo.truth import Planted
from loanbook.schema import metadata

CHUNK_MEMBERS = 200_000


def generate(members: int, seed: int, as_of: date) -> dict[str, pa.Table]:
    """A whole book: every table of the contract, with its types, rows in the order of their keys.

    The same members, seed and as-of date give the same book. Ids count from 1.
    """
    parts = list(chunks(members, seed, as_of))
    return {name: pa.concat_tables([part[name] for part in parts]) for name in metadata.tables}


def planted(members: int, seed: int, as_of: date) -> Planted:
    """The ids of what is planted in the book of the same members, seed and as-of date; the simulation is run again."""
    return _simulate(min(members, CHUNK_MEMBERS), seed, as_of, 0, {})[1]


def chunks(members: int, seed: int, as_of: date, members_each: int = CHUNK_MEMBERS) -> Iterator[dict[str, pa.Table]]:
    """A book in parts whose rows together are one book, for bounded memory.

    Each part is a closed society: nobody refers across parts. What is decided once (tiers, products, campaigns,
    targets, ...) and what is planted in small numbers stand in the first part only. Parts of another size make
    another book.
    """
    first_ids: dict[str, int] = {}
    for number, start in enumerate(range(0, members, members_each)):
        tables, _ = _simulate(min(members_each, members - start), seed, as_of, number, first_ids)
        for name, rows in tables.items():
            first_ids[name] = first_ids.get(name, 1) + len(rows)
        yield tables


def _simulate(
    members: int, seed: int, as_of: date, number: int, first_ids: dict[str, int]
) -> tuple[dict[str, pa.Table], Planted]:
    streams, window, is_first = Streams(seed, number), Window(as_of), number == 0

    def first(name: str) -> int:
        return first_ids.get(name, 1)

    folk = people.arrive(streams, window, members, first("member"), planted=is_first)
    standing = tiers.climb(streams, folk, window)
    history = rounds.play(streams, window, folk, standing)
    contact_rows, unlawful_ids = contacts.contact_table(
        streams, folk, history, window, first_id=first("contact"), first_loan=first("loan"), planted=is_first
    )
    tables = {name: empty(name) for name in metadata.tables}
    if is_first:
        tables |= reference.tables(window.end_day - 1)
        tables |= {
            "campaign": campaigns.campaign_table(window),
            "reward_rule": rewards.rule_table(window),
            "target": ledger.target_table(history, window),
            "book_note": note(as_of),
        }
    tables |= {
        "member": people.member_table(streams, folk, window),
        "membership": tiers.membership_table(folk, standing, first("membership")),
        "credit_line": tiers.credit_line_table(folk, standing, first("credit_line")),
        "device_sighting": devices.sighting_table(streams, folk, window, first("device_sighting")),
        "campaign_spend": campaigns.spend_table(streams, folk, first("campaign_spend")),
        "invitation": rewards.invitation_table(streams, folk, window, first("invitation")),
        "reward": rewards.reward_table(folk, history, window, first("reward")),
        "perk": ledger.perk_table(folk, standing, history, (first("perk"), first("loan")), window.end),
        "contact": contact_rows,
        "complaint": contacts.complaint_table(streams, folk, history, window, first("complaint")),
        "reserve_movement": ledger.reserve_table(history, window, first("reserve_movement")),
    }
    tables |= lending_tables.tables(folk, history, first)
    loan_ids = first("loan") + np.arange(len(history.loans.term))
    return tables, Planted(
        ring_member_ids=folk.ids[folk.ring],
        dear_campaign_ids=np.unique(folk.campaign[folk.dear]) + 1,
        price_cap_loan_ids=loan_ids[history.loans.over_cap],
        unlawful_contact_ids=unlawful_ids,
    )


def note(as_of: date) -> pa.Table:
    """What the book says of itself."""
    return table("book_note", {
        "name": pa.array(["Demo book"]), "as_of": pa.array([as_of]), "public": pa.array([True]),
        "source": pa.array(["simulation"]),
    })  # fmt: skip
