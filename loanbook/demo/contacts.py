"""Contacts with borrowers as the contract has them: how each went, what was promised, and those against the rules."""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.contact_plan import (
    AGENT,
    AUTOMATIC,
    CHANNELS,
    COLLECTION,
    HELD_OUT,
    OUTCOMES,
    PURPOSES,
    Contacts,
    plan_contacts,
)
from loanbook.demo.contacts_to_come import to_come
from loanbook.demo.draw import DAY, HOUR, NONE, Bools, Ints, Streams, Window, take
from loanbook.demo.people import People
from loanbook.demo.rounds import History

_ANSWERED, _PROMISED = OUTCOMES.index("answered"), OUTCOMES.index("promised")
_COST_FEN = (1, 6, 12, 350)
_AGENTS = 14
_UNLAWFUL = 40
_PLANTED_DAYS_BACK = 180
_TOO_FREQUENT = 6  # debtors
_EXTRA_CALLS = 3
# Rows: channels; columns: OUTCOMES.
_OUTCOME_SHARES = ((0.6, 0.38, 0, 0, 0, 0.02), (0.7, 0.26, 0, 0, 0, 0.04), (0, 0, 0.5, 0, 0, 0.5),
                   (0, 0, 0.34, 0.16, 0.14, 0.36))  # fmt: skip
_PROMISED_BY_PAYERS = 0.75  # of agents' calls with those who pay within days
_KEPT_DAYS = 5


@dataclass(frozen=True)
class Made:
    """The contacts that are made, in order, then those of the running day, and the ids of the planted ones."""

    contacts: pa.Table
    unlawful_ids: Ints
    too_frequent_ids: Ints
    planned_unlawful_ids: Ints


def contact_table(
    streams: Streams, people: People, history: History, window: Window, *, first_id: int, first_loan: int, planted: bool
) -> Made:
    """One row per contact; of those held out by chance nothing but the plan."""
    rng = streams("contacts")
    planned, waiting = plan_contacts(streams, history, window)
    frequent = _frequent(planned, window) if planted else np.zeros(0, dtype=np.int64)
    rows = _with_more_calls(rng, planned, frequent)
    called_often = np.zeros(len(rows.at), dtype=bool)
    called_often[frequent] = called_often[len(planned.at) :] = True
    at, unlawful = rows.at.copy(), np.zeros(len(rows.at), dtype=bool)
    unlawful[_unlawful(rng, planned, frequent, window)] = planted
    at[unlawful] = at[unlawful] // DAY * DAY + np.where(
        rng.random(unlawful.sum()) < 0.6, 22 * HOUR + 600, 6 * HOUR
    ) + rng.integers(0, HOUR, unlawful.sum())  # fmt: skip
    order = np.argsort(at, kind="stable")
    rows = Contacts(*(getattr(rows, each.name)[order] for each in fields(Contacts)))
    at, unlawful, called_often = at[order], unlawful[order], called_often[order]

    held_out = rows.arm == HELD_OUT
    settled = np.append(history.settled.at, NONE)[rows.instalment]
    pays = (rows.channel == AGENT) & (rows.third == 0) & (settled > at) & (settled < at + _KEPT_DAYS * DAY)
    outcome = _outcomes(rng, rows.channel)
    outcome = np.where(pays & (rng.random(len(at)) < _PROMISED_BY_PAYERS), _PROMISED, outcome)
    outcome = np.where(called_often | ((outcome == _PROMISED) & (rows.third == 1)), _ANSWERED, outcome)
    promised = outcome == _PROMISED
    soon = at // DAY + rng.integers(1, _KEPT_DAYS + 1, len(at))
    kept_on = np.where(pays & (rng.random(len(at)) < 0.9), settled // DAY, soon)
    due = np.append(history.plan.total, 0)[rows.instalment]
    ids = first_id + np.arange(len(at))
    contacts = table("contact", {
        "id": ids, "member_id": people.first_id + history.loans.member[rows.loan], "loan_id": first_loan + rows.loan,
        "party": Coded(rows.third, ("debtor", "third")),
        "agent_id": np.where(rows.channel == AGENT, 1 + rng.integers(0, _AGENTS, len(at)), NONE),
        "planned_at": at - 60, "arm": Coded(rows.arm, ("treated", "held_out")),
        "purpose": Coded(rows.purpose, PURPOSES), "channel": Coded(rows.channel, CHANNELS),
        "contacted_at": np.where(held_out, NONE, at), "outcome": Coded(np.where(held_out, -1, outcome), OUTCOMES),
        "promised_on": np.where(promised, kept_on, NONE),
        "promised_amount": np.where(promised, np.where(rng.random(len(at)) < 0.2, due // 2, due), NONE),
        "cost": np.where(held_out, 0, take(_COST_FEN, rows.channel)),
    })  # fmt: skip
    coming = to_come(
        streams, people, history, waiting, first_id=first_id + len(ids), first_loan=first_loan, planted=planted
    )
    return Made(
        pa.concat_tables([contacts, coming.contacts]).unify_dictionaries(),
        ids[unlawful],
        ids[_on_days_of(called_often, rows, history, at)],
        coming.unlawful_ids,
    )


def _on_days_of(calls: Bools, rows: Contacts, history: History, at: Ints) -> Bools:
    """The calls of the same debtors on the same days, about whichever loan."""
    day = history.loans.member[rows.loan] * 2**20 + at // DAY
    by_phone = (rows.channel >= AUTOMATIC) & (rows.third == 0)
    result: Bools = by_phone & np.isin(day, day[calls])
    return result


def _recent(rows: Contacts, window: Window) -> Ints:
    """Calls to collect from debtors themselves, of the last months."""
    calls = (rows.purpose == COLLECTION) & (rows.channel >= AUTOMATIC) & (rows.third == 0)
    return np.flatnonzero(calls & (rows.at > window.end - _PLANTED_DAYS_BACK * DAY))


def _frequent(rows: Contacts, window: Window) -> Ints:
    """Calls after which the same debtor is called again and again on the same day."""
    recent = _recent(rows, window)
    count = min(_TOO_FREQUENT, len(recent) // 10)
    return recent[np.linspace(0, len(recent) - 1, count).astype(np.int64)]


def _with_more_calls(rng: np.random.Generator, rows: Contacts, frequent: Ints) -> Contacts:
    more = np.repeat(frequent, _EXTRA_CALLS)
    columns = {each.name: getattr(rows, each.name) for each in fields(Contacts)}
    result = {name: np.concatenate([column, column[more]]) for name, column in columns.items()}
    result["at"][len(rows.at) :] = rows.at[more] // DAY * DAY + 20 * HOUR + rng.integers(0, HOUR, len(more))
    return Contacts(**result)


def _unlawful(rng: np.random.Generator, rows: Contacts, frequent: Ints, window: Window) -> Ints:
    """Calls that are moved to a night."""
    recent = np.setdiff1d(_recent(rows, window), frequent)
    count = min(_UNLAWFUL, len(recent) // 10)
    chosen: Ints = np.sort(rng.choice(recent, count, replace=False)) if count else np.zeros(0, dtype=np.int64)
    return chosen


def _outcomes(rng: np.random.Generator, channel: Ints) -> Ints:
    edges = np.cumsum(np.array(_OUTCOME_SHARES), axis=1)[:, :-1]
    result: Ints = (rng.random(len(channel))[:, None] >= edges[channel]).sum(axis=1)
    return result
