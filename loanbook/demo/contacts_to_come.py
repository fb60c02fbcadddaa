"""Contacts that are planned for the running day and not made yet; a few of them at an hour at which nobody may call."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.contact_plan import AGENT, AUTOMATIC, CHANNELS, OUTCOMES, PURPOSES, Contacts
from loanbook.demo.draw import DAY, HOUR, NONE, Ints, Streams
from loanbook.demo.people import People
from loanbook.demo.rounds import History

_AT_NIGHT = 3
_NIGHT_HOUR = 22
_AGENTS = 14


@dataclass(frozen=True)
class ToCome:
    """The contacts, and the ids of those planned for the night."""

    contacts: pa.Table
    unlawful_ids: Ints


def to_come(
    streams: Streams, people: People, history: History, planned: Contacts, *, first_id: int, first_loan: int,
    planted: bool,
) -> ToCome:  # fmt: skip
    """One row per contact of the running day about what is overdue."""
    rng = streams("contacts to come")
    count = len(planned.at)
    at = planned.at.copy()
    calls = np.flatnonzero((planned.channel >= AUTOMATIC) & (planned.third == 0))
    night = calls[np.linspace(0, len(calls) - 1, min(_AT_NIGHT, len(calls))).astype(np.int64)] if planted else calls[:0]
    at[night] = at[night] // DAY * DAY + _NIGHT_HOUR * HOUR + 60 * (1 + np.arange(len(night)))
    ids, nothing = first_id + np.arange(count), np.full(count, NONE)
    contacts = table("contact", {
        "id": ids, "member_id": people.first_id + history.loans.member[planned.loan],
        "loan_id": first_loan + planned.loan, "party": Coded(planned.third, ("debtor", "third")),
        "agent_id": np.where(planned.channel == AGENT, 1 + rng.integers(0, _AGENTS, count), NONE),
        "planned_at": at, "arm": Coded(np.full(count, -1), ("treated", "held_out")),
        "purpose": Coded(planned.purpose, PURPOSES), "channel": Coded(planned.channel, CHANNELS),
        "contacted_at": nothing, "outcome": Coded(np.full(count, -1), OUTCOMES), "promised_on": nothing,
        "promised_amount": nothing, "cost": np.zeros(count, dtype=np.int64),
    })  # fmt: skip
    return ToCome(contacts, ids[night])
