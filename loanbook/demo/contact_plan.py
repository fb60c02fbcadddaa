"""Which contacts are made: reminders of due dates, collection, a raised limit, a prompt to borrow again."""

from dataclasses import dataclass

import numpy as np

from loanbook.demo.draw import DAY, HOUR, NONE, Ints, Streams, Window
from loanbook.demo.rounds import History

PURPOSES = ("due_reminder", "overdue_reminder", "collection", "limit_raise", "reborrow")
DUE, OVERDUE, COLLECTION, RAISE, REBORROW = range(5)
CHANNELS = ("push", "sms", "automatic_call", "agent_call")
PUSH, SMS, AUTOMATIC, AGENT = range(4)
OUTCOMES = ("delivered", "read", "answered", "promised", "refused", "unreachable")
NO_ARM, TREATED, HELD_OUT = -1, 0, 1

# Days after the due date, purpose, channel: each happens if the instalment is still unpaid then.
_STEPS = ((1, OVERDUE, SMS), (5, OVERDUE, AUTOMATIC), (12, COLLECTION, AUTOMATIC), (22, COLLECTION, AGENT),
          (45, COLLECTION, AGENT), (75, COLLECTION, AGENT))  # fmt: skip
_DAYS_BEFORE = 3
_BY_SMS = 0.3
_THIRD_PARTY = 0.12  # of calls 45 and more days after the due date
_RAISED = 0.25  # of borrowers in good standing at their fourth instalment
_RAISE_AT = 4
_PROMPTED_WITHIN = 7  # days after a first loan is repaid
_PROMPT_HELD_OUT = 0.2


@dataclass(frozen=True)
class Contacts:
    """One row per contact that is planned."""

    loan: Ints  # row
    instalment: Ints  # row; -1: about no instalment
    at: Ints
    purpose: Ints
    channel: Ints
    arm: Ints
    third: Ints  # 1: with somebody else than the debtor


def plan_contacts(streams: Streams, history: History, window: Window) -> tuple[Contacts, Contacts]:
    """All contacts of the window, and those of the running day about what is overdue."""
    rng = streams("contact plan")
    parts = [_due(rng, history), _overdue(rng, history), _raised(rng, history), _prompted(rng, history)]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    at, purpose = columns[2], columns[3]
    happened = at < window.end - 2 * HOUR
    to_come = (at >= window.end) & (at < window.end + DAY) & ((purpose == OVERDUE) | (purpose == COLLECTION))
    done, waiting = (Contacts(*(column[rows] for column in columns)) for rows in (happened, to_come))
    return done, waiting


_Part = tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints]


def _hour(rng: np.random.Generator, count: int) -> Ints:
    return 9 * HOUR + (rng.random(count) * 10.5 * HOUR).astype(np.int64)


def _part(
    loan: Ints, instalment: Ints, at: Ints, *, purpose: Ints | int, channel: Ints | int, arm: Ints | int = NO_ARM,
    third: Ints | int = 0,
) -> _Part:  # fmt: skip
    def whole(value: Ints | int) -> Ints:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), len(loan))

    return loan, instalment, at, whole(purpose), whole(channel), whole(arm), whole(third)


def _due(rng: np.random.Generator, history: History) -> _Part:
    """Before the first due date of every loan, but for those whom chance leaves out."""
    plan = history.plan
    row = np.flatnonzero(plan.number == 1)
    loan = plan.loan[row]
    at = (plan.due[row] - _DAYS_BEFORE) * DAY + _hour(rng, len(row))
    unpaid = history.settled.at[row] >= at // DAY * DAY
    row, loan, at = row[unpaid], loan[unpaid], at[unpaid]
    channel = np.where(rng.random(len(row)) < _BY_SMS, SMS, PUSH)
    arm = np.where(history.outcome.held_out[loan], HELD_OUT, TREATED)
    return _part(loan, row, at, purpose=DUE, channel=channel, arm=arm)


def _overdue(rng: np.random.Generator, history: History) -> _Part:
    """After a due date while it is unpaid and not moved; of a loan that stops only its first unpaid instalment."""
    plan, stops, moves = history.plan, history.outcome.stops_at, history.moves
    # Few instalments are ever late, so these are found first.
    late = np.flatnonzero(history.settled.at >= (plan.due + 2) * DAY)
    late = late[(stops[plan.loan[late]] == 0) | (plan.number[late] <= stops[plan.loan[late]])]
    first = np.cumsum(history.loans.term) - history.loans.term
    instalment = np.concatenate([late, first[moves.loan] + moves.number - 1])
    due = np.concatenate([plan.due[late], moves.old])
    until = np.concatenate([history.settled.at[late], moves.at])
    rows, steps = [], []
    for number, (day, _, _) in enumerate(_STEPS):
        found = np.flatnonzero(until >= (due + day + 1) * DAY)
        rows.append(found)
        steps.append(np.full(len(found), number))
    row, step = np.concatenate(rows), np.concatenate(steps)
    day, purpose, channel = (np.array(column)[step] for column in zip(*_STEPS, strict=True))
    at = (due[row] + day) * DAY + _hour(rng, len(row))
    third = ((day >= 45) & (rng.random(len(row)) < _THIRD_PARTY)).astype(np.int64)
    row = instalment[row]
    return _part(plan.loan[row], row, at, purpose=purpose, channel=channel, third=third)


def _raised(rng: np.random.Generator, history: History) -> _Part:
    """A raised limit, three days before a due date, to borrowers in good standing."""
    plan, outcome = history.plan, history.outcome
    row = np.flatnonzero(plan.number == _RAISE_AT)
    loan = plan.loan[row]
    good = (outcome.stops_at[loan] == 0) | (outcome.stops_at[loan] > _RAISE_AT)
    good &= history.settled.at[row] >= (plan.due[row] - _DAYS_BEFORE) * DAY
    good &= (outcome.closed_at[loan] == NONE) | (outcome.closed_at[loan] > plan.due[row] * DAY)
    row = row[good & (rng.random(len(row)) < _RAISED)]
    at = (plan.due[row] - _DAYS_BEFORE) * DAY + _hour(rng, len(row))
    return _part(plan.loan[row], row, at, purpose=RAISE, channel=np.where(rng.random(len(row)) < _BY_SMS, SMS, PUSH))


def _prompted(rng: np.random.Generator, history: History) -> _Part:
    """To borrow again, within days of the end of a first loan; some are left out by chance."""
    loans, outcome = history.loans, history.outcome
    _, first = np.unique(loans.member, return_index=True)
    loan = np.sort(first[outcome.closed_at[first] != NONE])
    at = (outcome.closed_at[loan] // DAY + 1 + rng.integers(0, _PROMPTED_WITHIN - 1, len(loan))) * DAY
    arm = np.where(rng.random(len(loan)) < _PROMPT_HELD_OUT, HELD_OUT, TREATED)
    channel = np.where(rng.random(len(loan)) < _BY_SMS, SMS, PUSH)
    none = np.full(len(loan), -1)
    return _part(loan, none, at + _hour(rng, len(loan)), purpose=REBORROW, channel=channel, arm=arm)
