"""The demo book as Arrow tables: one simulation, or parts of members for books that do not fit in memory."""

from collections.abc import Callable, Collection, Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from loanbook.demo import (
    campaigns,
    checks,
    complaints,
    contacts,
    credit_lines,
    devices,
    invitations,
    ledger,
    lending_tables,
    people,
    perks,
    reference,
    rescheduling,
    rewards,
    rounds,
    scores,
    tiers,
)
from loanbook.demo.columns import empty, table
from loanbook.demo.draw import Streams, Window
from loanbook.demo.truth import Planted
from loanbook.schema import metadata

CHUNK_MEMBERS = 200_000
ID_STEP = 2_000_000  # between the first ids of parts that are made apart; more than a part has rows of a table
_COUNTED = ("member", "application", "loan")  # what rows of other tables refer to


def generate(members: int, seed: int, as_of: date) -> dict[str, pa.Table]:
    """A whole book: every table of the contract, with its types, rows in the order of their keys.

    The same members, seed and as-of date give the same book. Ids count from 1.
    """
    parts = list(chunks(members, seed, as_of))
    return {name: pa.concat_tables([part[name] for part in parts]) for name in metadata.tables}


def planted(members: int, seed: int, as_of: date) -> Planted:
    """The ids of what is planted in the book of the same members, seed and as-of date; the simulation is run again."""
    return _Part(min(members, CHUNK_MEMBERS), seed, as_of, 0, {}).planted()


def chunks(
    members: int,
    seed: int,
    as_of: date,
    members_each: int = CHUNK_MEMBERS,
    *,
    only: Collection[str] | None = None,
) -> Iterator[dict[str, pa.Table]]:
    """A book in parts whose rows together are one book, for bounded memory.

    Each part is a closed society: nobody refers across parts. What is decided once (tiers, products, campaigns,
    targets, ...) and what is planted in small numbers stand in the first part only. Parts of another size make
    another book. `only` names the tables that are wanted, the others are not made; their rows are the same.
    """
    first_ids: dict[str, int] = {}
    for number, start in enumerate(range(0, members, members_each)):
        made = _Part(min(members_each, members - start), seed, as_of, number, first_ids)
        tables = made.tables(only)
        counts = made.counts() | {name: len(rows) for name, rows in tables.items()}
        for name, rows in counts.items():
            first_ids[name] = first_ids.get(name, 1) + rows
        yield tables


def part(
    members: int, seed: int, as_of: date, number: int, *, only: Collection[str] | None = None
) -> dict[str, pa.Table]:
    """One part of a book, made without the parts before it, so that several processes can make a book together.

    The ids of each part begin at `number` times `ID_STEP` plus one: keys have gaps, but no two rows share one as long
    as no part has more than `CHUNK_MEMBERS` members.
    """
    return _Part(members, seed, as_of, number, dict.fromkeys(metadata.tables, number * ID_STEP + 1)).tables(only)


class _Part:
    """One part's history, and its tables on demand."""

    def __init__(self, members: int, seed: int, as_of: date, number: int, first_ids: dict[str, int]) -> None:
        self._streams, self._window, self._is_first = Streams(seed, number), Window(as_of), number == 0
        self._first_ids = first_ids
        self._people = people.arrive(
            self._streams, self._window, members, self._first("member"), planted=self._is_first
        )
        self._standing = tiers.climb(self._streams, self._people, self._window)
        self._history = rounds.play(self._streams, self._window, self._people, self._standing, planted=self._is_first)
        self._undisclosed = lending_tables.undisclosed_rows(self._history.applications, planted=self._is_first)
        self._unconsented = people.unconsented_rows(self._people, planted=self._is_first)

    def tables(self, only: Collection[str] | None) -> dict[str, pa.Table]:
        """The tables that are wanted, all unless told, in the contract's order."""
        made = self._made()
        wanted = metadata.tables if only is None else [name for name in metadata.tables if name in only]
        return {name: made[name]() if name in made else empty(name) for name in wanted}

    def counts(self) -> dict[str, int]:
        """How many rows there are of what others refer to, made or not."""
        history = self._history
        return dict(
            zip(
                _COUNTED,
                (len(self._people.registered), len(history.applications.at), len(history.loans.term)),
                strict=True,
            )
        )

    def planted(self) -> Planted:
        """The ids of what is planted."""
        folk, history, outcome = self._people, self._history, self._history.outcome
        loan_ids = self._first("loan") + np.arange(len(history.loans.term))
        made = self._contacts()
        moved = (outcome.moved_as == rescheduling.EXTENDED, outcome.moved_as == rescheduling.RESTRUCTURED)
        return Planted(
            ring_member_ids=folk.ids[folk.ring],
            dear_campaign_ids=np.unique(folk.campaign[folk.dear]) + 1,
            price_cap_loan_ids=loan_ids[history.loans.over_cap],
            unlawful_contact_ids=made.unlawful_ids,
            too_frequent_contact_ids=made.too_frequent_ids,
            planned_unlawful_contact_ids=made.planned_unlawful_ids,
            extended_loan_ids=loan_ids[moved[0]],
            restructured_loan_ids=loan_ids[moved[1]],
            cured_loan_ids=loan_ids[outcome.cured],
            redefaulted_loan_ids=loan_ids[outcome.cured & (outcome.gives_up_at > 0)],
            just_in_time_loan_ids=loan_ids[outcome.boundary < 0],
            just_too_late_loan_ids=loan_ids[outcome.boundary > 0],
            reversed_repayment_ids=self._first("repayment") + np.flatnonzero(history.repayments.amount < 0),
            undisclosed_application_ids=self._first("application") + self._undisclosed,
            unconsented_member_ids=folk.ids[self._unconsented],
        )

    def _first(self, name: str) -> int:
        return self._first_ids.get(name, 1)

    def _contacts(self) -> contacts.Made:
        return contacts.contact_table(
            self._streams, self._people, self._history, self._window, first_id=self._first("contact"),
            first_loan=self._first("loan"), planted=self._is_first,
        )  # fmt: skip

    def _made(self) -> dict[str, Callable[[], pa.Table]]:
        """How each table is made."""
        streams, window, folk, standing, history = (
            self._streams, self._window, self._people, self._standing, self._history,
        )  # fmt: skip
        first = self._first
        once: dict[str, Callable[[], pa.Table]] = {}
        if self._is_first:
            decided = reference.tables(window.end_day - 1)
            once = {name: lambda name=name: decided[name] for name in decided} | {
                "campaign": lambda: campaigns.campaign_table(window),
                "reward_rule": lambda: rewards.rule_table(window),
                "target": lambda: ledger.target_table(history, window),
                "book_note": lambda: note(window.as_of, history.applications.fingerprint()),
            }
        return once | {
            "member": lambda: people.member_table(streams, folk, self._unconsented),
            "membership": lambda: tiers.membership_table(folk, standing, first("membership")),
            "credit_line": lambda: credit_lines.credit_line_table(
                streams, folk, standing, history, window, first("credit_line")
            ),
            "device_sighting": lambda: devices.sighting_table(streams, folk, window, first("device_sighting")),
            "campaign_spend": lambda: campaigns.spend_table(streams, folk, first("campaign_spend")),
            "invitation": lambda: invitations.invitation_table(streams, folk, window, first("invitation")),
            "reward": lambda: rewards.reward_table(streams, folk, history, window, first("reward")),
            "perk": lambda: perks.perk_table(
                streams, folk, standing, history, first_id=first("perk"), first_loan=first("loan")
            ),
            "contact": lambda: self._contacts().contacts,
            "complaint": lambda: complaints.complaint_table(streams, folk, history, window, first("complaint")),
            "reserve_movement": lambda: ledger.reserve_table(history, window, first("reserve_movement")),
            "application": lambda: lending_tables.application_table(
                streams, folk, history, self._undisclosed, first("application")
            ),
            "score": lambda: scores.score_table(
                streams, folk, history.applications, window, first_id=first("score"),
                first_application=first("application"),
            ),
            "application_check": lambda: checks.check_table(
                streams, folk, history.applications, first_id=first("application_check"),
                first_application=first("application"),
            ),
            "loan": lambda: lending_tables.loan_table(
                folk, history, first_id=first("loan"), first_application=first("application")
            ),
            "instalment": lambda: lending_tables.instalment_table(history, first("loan")),
            "repayment": lambda: lending_tables.repayment_table(history, first("repayment"), first("loan")),
            "schedule_change": lambda: rescheduling.change_table(
                history.moves, first("schedule_change"), first("loan")
            ),
        }  # fmt: skip


def note(as_of: date, edition: str) -> pa.Table:
    """What the book says of itself."""
    return table("book_note", {
        "name": pa.array(["Demo book"]), "as_of": pa.array([as_of]), "public": pa.array([True]),
        "source": pa.array(["simulation"]), "edition": pa.array([edition]),
    })  # fmt: skip
