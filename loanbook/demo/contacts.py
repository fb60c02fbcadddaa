"""Contacts with borrowers: a reminder before the first due date, reminders and collection of what is overdue."""

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, HOUR, NONE, Bools, Ints, Streams, Window, take
from loanbook.demo.people import People
from loanbook.demo.rounds import History

PURPOSES = ("due_reminder", "overdue_reminder", "collection", "limit_raise", "reborrow")
CHANNELS = ("push", "sms", "automatic_call", "agent_call")
OUTCOMES = ("delivered", "read", "answered", "promised", "refused", "unreachable")
_PROMISED = OUTCOMES.index("promised")
_COST_FEN = (1, 6, 12, 350)
_HELD_OUT = 0.1  # of reminders before the due date, to measure what they bring
_UNLAWFUL = 40
_UNLAWFUL_DAYS_BACK = 180
_AGENTS = 14
# Days after the due date, purpose, channel: each happens if the instalment is still unpaid then.
_STEPS = ((-3, 0, 0), (1, 1, 1), (5, 1, 2), (12, 2, 2), (22, 2, 3), (45, 2, 3), (75, 2, 3))
# Rows: channels; columns: OUTCOMES.
_OUTCOME_SHARES = ((0.6, 0.38, 0, 0, 0, 0.02), (0.7, 0.26, 0, 0, 0, 0.04), (0, 0, 0.5, 0, 0, 0.5),
                   (0, 0, 0.26, 0.24, 0.14, 0.36))  # fmt: skip


def contact_table(
    streams: Streams, people: People, history: History, window: Window, *, first_id: int, first_loan: int, planted: bool
) -> tuple[pa.Table, Ints]:
    """One row per contact, and the ids of those that are planted outside lawful hours."""
    rng = streams("contacts")
    row, step = _happening(history, window)
    day, purpose, channel = (np.array(column)[step] for column in zip(*_STEPS, strict=True))
    at = (history.plan.due[row] + day) * DAY + 9 * HOUR + (rng.random(len(row)) * 10.5 * HOUR).astype(np.int64)
    unlawful = _unlawful(rng, at, purpose == 2, window, planted)
    at[unlawful] = at[unlawful] // DAY * DAY + np.where(
        rng.random(len(unlawful)) < 0.6, 22 * HOUR + 600, 6 * HOUR
    ) + rng.integers(0, HOUR, len(unlawful))  # fmt: skip
    order = np.argsort(at, kind="stable")
    row, at, purpose, channel = row[order], at[order], purpose[order], channel[order]
    is_unlawful = np.zeros(len(order), dtype=bool)
    is_unlawful[unlawful] = True
    held_out = (purpose == 0) & (rng.random(len(row)) < _HELD_OUT)
    outcome = _outcomes(rng, channel)
    promised = (outcome == _PROMISED) & ~held_out
    loan = history.plan.loan[row]
    ids = first_id + np.arange(len(row))
    rows = table("contact", {
        "id": ids, "member_id": people.first_id + history.loans.member[loan], "loan_id": first_loan + loan,
        "party": Coded(np.zeros(len(row)), ("debtor", "third")),
        "agent_id": np.where(channel == 3, 1 + rng.integers(0, _AGENTS, len(row)), NONE),
        "planned_at": at - 60, "arm": Coded(np.where(purpose > 0, -1, held_out), ("treated", "held_out")),
        "purpose": Coded(purpose, PURPOSES), "channel": Coded(channel, CHANNELS),
        "contacted_at": np.where(held_out, NONE, at), "outcome": Coded(np.where(held_out, -1, outcome), OUTCOMES),
        "promised_on": np.where(promised, at // DAY + rng.integers(1, 6, len(row)), NONE),
        "promised_amount": np.where(promised, history.plan.total[row], NONE),
        "cost": np.where(held_out, 0, take(_COST_FEN, channel)),
    })  # fmt: skip
    return rows, ids[is_unlawful[order]]


def complaint_table(streams: Streams, people: People, history: History, window: Window, first_id: int) -> pa.Table:
    """One row per complaint; borrowers who are called about an overdue instalment complain now and then."""
    rng = streams("complaints")
    plan = history.plan
    called = np.flatnonzero((history.settled.at > (plan.due + 22) * DAY) & ((plan.due + 24) * DAY < window.end))
    row = called[rng.random(len(called)) < 0.03]
    at = (plan.due[row] + 22) * DAY + 10 * HOUR + rng.integers(0, 36 * HOUR, len(row))
    order = np.argsort(at, kind="stable")
    row, at = row[order], at[order]
    done = at + (rng.exponential(4, len(row)) * DAY).astype(np.int64) + HOUR
    return table("complaint", {
        "id": first_id + np.arange(len(row)),
        "member_id": people.first_id + history.loans.member[plan.loan[row]], "received_at": at,
        "topic": Coded(rng.integers(0, 3, len(row)), ("collection_calls", "fees", "repayment_not_booked")),
        "resolved_at": np.where(done < window.end, done, NONE),
    })  # fmt: skip


def _happening(history: History, window: Window) -> tuple[Ints, Ints]:
    """Instalment and step of every contact: before the first due date; after one only while nothing is paid."""
    plan, settled = history.plan, history.settled.at
    stops = history.outcome.stops_at[plan.loan]
    # Of a loan that is not repaid any more only the first unpaid instalment is pursued.
    pursued = (stops == 0) | (plan.number <= stops)
    rows, steps = [], []
    for number, (day, purpose, _) in enumerate(_STEPS):
        unpaid = settled >= (plan.due + day + 1) * DAY
        happens = unpaid & ((plan.due + day + 1) * DAY <= window.end)
        happens &= (plan.number == 1) if purpose == 0 else pursued
        found = np.flatnonzero(happens)
        rows.append(found)
        steps.append(np.full(len(found), number))
    return np.concatenate(rows), np.concatenate(steps)


def _unlawful(rng: np.random.Generator, at: Ints, collecting: Bools, window: Window, planted: bool) -> Ints:
    recent = np.flatnonzero(collecting & (at > window.end - _UNLAWFUL_DAYS_BACK * DAY))
    count = min(_UNLAWFUL, len(recent) // 10) if planted else 0
    chosen: Ints = np.sort(rng.choice(recent, count, replace=False)) if count else np.zeros(0, dtype=np.int64)
    return chosen


def _outcomes(rng: np.random.Generator, channel: Ints) -> Ints:
    edges = np.cumsum(np.array(_OUTCOME_SHARES), axis=1)[:, :-1]
    result: Ints = (rng.random(len(channel))[:, None] >= edges[channel]).sum(axis=1)
    return result
