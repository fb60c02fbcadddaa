"""Credit lines over time: what a tier gives, what good repayment adds, and what is cut after a default."""

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, HOUR, NEVER, NONE, Streams, Window, take
from loanbook.demo.people import People
from loanbook.demo.reference import TIER_LIMIT_CNY
from loanbook.demo.rounds import History
from loanbook.demo.tiers import Standing

REASONS = ("tier", "good_repayment", "default")
_RAISED = 0.3  # of borrowers who have repaid a loan
_CUT_AFTER_DAYS = 92
_CUT_LINE_FEN = 0


def credit_line_table(
    streams: Streams, people: People, standing: Standing, history: History, window: Window, first_id: int
) -> pa.Table:
    """One row per change of a member's line."""
    rng = streams("credit lines")
    loans, outcome, plan = history.loans, history.outcome, history.plan
    by_tier, stage = np.nonzero(standing.starts < NEVER)
    repaid = np.flatnonzero(outcome.closed_at != NONE)
    repaid = repaid[rng.random(len(repaid)) < _RAISED]
    raised_at = (outcome.closed_at[repaid] // DAY + 1) * DAY + 3 * HOUR
    line = take(TIER_LIMIT_CNY, standing.at(loans.member[repaid], raised_at)) * 100
    fails = np.flatnonzero(outcome.stops_at > 0)
    first = np.cumsum(loans.term) - loans.term
    cut_at = (plan.due[first[fails] + outcome.stops_at[fails] - 1] + _CUT_AFTER_DAYS) * DAY + 4 * HOUR
    member = np.concatenate([by_tier, loans.member[repaid], loans.member[fails]])
    at = np.concatenate([standing.starts[by_tier, stage], raised_at, cut_at])
    amount = np.concatenate([
        take(TIER_LIMIT_CNY, standing.tier[by_tier, stage]) * 100,
        np.rint(line * rng.uniform(1.1, 1.5, len(repaid)) / 10_000).astype(np.int64) * 10_000,
        np.full(len(fails), _CUT_LINE_FEN),
    ])  # fmt: skip
    reason = np.repeat([0, 1, 2], [len(by_tier), len(repaid), len(fails)])
    order = np.argsort(at, kind="stable")
    order = order[at[order] < window.end]
    return table("credit_line", {
        "id": first_id + np.arange(len(order)), "member_id": people.first_id + member[order], "changed_at": at[order],
        "amount": amount[order], "reason": Coded(reason[order], REASONS),
    })  # fmt: skip
