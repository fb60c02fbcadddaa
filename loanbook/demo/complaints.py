"""Complaints of members, mostly of borrowers who are called about an overdue instalment."""

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, HOUR, NONE, Streams, Window, pick, visit_seconds
from loanbook.demo.people import People
from loanbook.demo.rounds import History

TOPICS = ("collection_calls", "fees", "repayment_not_booked", "declined", "personal_data")
_OF_CALLED, _OF_OTHERS = (0.55, 0.25, 0.2, 0, 0), (0, 0.35, 0.2, 0.3, 0.15)
_CALLED_COMPLAIN, _OTHERS_COMPLAIN = 0.03, 0.004
_CALL_DAY = 22
_NEVER_ANSWERED = 0.04


def complaint_table(streams: Streams, people: People, history: History, window: Window, first_id: int) -> pa.Table:
    """One row per complaint."""
    rng = streams("complaints")
    plan = history.plan
    late = history.settled.at > (plan.due + _CALL_DAY) * DAY
    called = np.flatnonzero(late & ((plan.due + _CALL_DAY + 2) * DAY < window.end))
    called = called[rng.random(len(called)) < _CALLED_COMPLAIN]
    others = np.flatnonzero(rng.random(len(people.registered)) < _OTHERS_COMPLAIN)
    room = window.end - people.registered[others]
    at = np.concatenate([
        (plan.due[called] + _CALL_DAY) * DAY + 10 * HOUR + rng.integers(0, 36 * HOUR, len(called)),
        people.registered[others] + (rng.random(len(others)) * room).astype(np.int64),
    ])  # fmt: skip
    member = np.concatenate([history.loans.member[plan.loan[called]], others])
    topic = np.concatenate([pick(rng.random(len(called)), _OF_CALLED), pick(rng.random(len(others)), _OF_OTHERS)])
    done = (at // DAY + 1 + rng.exponential(4, len(at)).astype(np.int64)) * DAY + visit_seconds(rng.random(len(at)))
    done = np.where((rng.random(len(at)) < _NEVER_ANSWERED) | (done >= window.end), NONE, done)
    order = np.argsort(at, kind="stable")
    return table("complaint", {
        "id": first_id + np.arange(len(order)), "member_id": people.first_id + member[order],
        "received_at": at[order], "topic": Coded(topic[order], TOPICS), "resolved_at": done[order],
    })  # fmt: skip
