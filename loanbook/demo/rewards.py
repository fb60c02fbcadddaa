"""Invitations sent and what they earned: rewards on first loans at two levels, on punctuality, on many referees."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, HOUR, NEVER, NONE, Ints, Streams, Window
from loanbook.demo.people import People, referral_codes
from loanbook.demo.rounds import History

_SIDES = ("referrer", "invitee", "team")
_FORMS = ("cash", "points", "coupon", "limit")
_REASONS = ("first_payment_default",)
# Kind, trigger, level (0: the invitee), threshold, yuan.
_RULES = (
    ("one_off", "first_loan", 1, NONE, 80),
    ("levelled", "first_loan", 2, NONE, 20),
    ("one_off", "registered", 0, NONE, 18),
    ("dynamic", "on_time_repayment", 1, NONE, 15),
    ("dynamic", "second_loan", 1, NONE, 30),
    ("stepped", "referral_count", 1, 10, 200),
)
_FIRST_LOAN, _LEVEL_TWO, _WELCOME, _ON_TIME, _SECOND_LOAN, _TENTH = range(6)


@dataclass(frozen=True)
class _Earned:
    rule: int
    beneficiary: Ints  # row
    referee: Ints  # row
    at: Ints
    reversed_at: Ints  # NONE: not


def rule_table(window: Window) -> pa.Table:
    """One row per reward rule, all in force from the first day."""
    kind, trigger, level, threshold, cny = zip(*_RULES, strict=True)
    return table("reward_rule", {
        "id": np.arange(1, len(_RULES) + 1), "kind": pa.array(kind), "trigger": pa.array(trigger),
        "level": np.array(level), "threshold": np.array(threshold), "amount": np.array(cny) * 100,
        "starts_on": np.full(len(_RULES), window.start_day),
    })  # fmt: skip


def reward_table(people: People, history: History, window: Window, first_id: int) -> pa.Table:
    """One row per reward, accrued when it was earned and paid the next morning."""
    earned = [part for part in _earned(people, history, window) if len(part.at)]
    rule = np.repeat([part.rule for part in earned], [len(part.at) for part in earned]).astype(np.int64)
    beneficiary, referee, at, reversed_at = (
        np.concatenate([getattr(part, name) for part in earned] or [np.zeros(0, dtype=np.int64)])
        for name in ("beneficiary", "referee", "at", "reversed_at")
    )
    paid = (at // DAY + 1) * DAY + 10 * HOUR
    level = np.array([row[2] for row in _RULES])[rule]
    rows = np.flatnonzero(at < window.end)
    rows = rows[np.argsort(at[rows], kind="stable")]
    return table("reward", {
        "id": first_id + np.arange(len(rows)), "reward_rule_id": rule[rows] + 1,
        "side": Coded(np.where(level[rows] == 0, 1, 0), _SIDES), "beneficiary_id": people.first_id + beneficiary[rows],
        "referee_id": people.first_id + referee[rows], "level": np.where(level[rows] == 0, NONE, level[rows]),
        "form": Coded(np.where(level[rows] == 0, 2, 0), _FORMS),
        "amount": np.array([row[4] for row in _RULES])[rule[rows]] * 100, "accrued_at": at[rows],
        "paid_at": np.where(paid[rows] < window.end, paid[rows], NONE),
        "reversed_at": np.where(reversed_at[rows] < window.end, reversed_at[rows], NONE),
        "reversal_reason": Coded(
            np.where((reversed_at[rows] != NONE) & (reversed_at[rows] < window.end), 0, -1), _REASONS
        ),
    })  # fmt: skip


def _earned(people: People, history: History, window: Window) -> list[_Earned]:
    """What each rule has brought whom."""
    loans, plan = history.loans, history.plan
    by_member = np.lexsort((loans.disbursed_at, loans.member))
    member = loans.member[by_member]
    new = np.concatenate([[True], member[1:] != member[:-1]])
    number = np.empty(len(member), dtype=np.int64)
    number[by_member] = np.arange(len(member)) - np.flatnonzero(new)[np.cumsum(new) - 1]
    referrer = people.referrer[loans.member]
    first_row = np.cumsum(loans.term) - loans.term
    first_due, first_paid = plan.due[first_row], history.settled.at[first_row]

    first = np.flatnonzero((number == 0) & (referrer >= 0))
    again = np.flatnonzero((number == 1) & (referrer >= 0))
    fails = history.outcome.stops_at[first] == 1
    undone = np.where(fails, (first_due[first] + 95) * DAY + 9 * HOUR, NONE)
    above = people.referrer[referrer[first]]
    second_level = first[above >= 0]
    punctual = first[first_paid[first] < (first_due[first] + 1) * DAY]
    welcomed = np.flatnonzero((people.referrer >= 0) & (people.verified != NONE))

    by_referrer = np.lexsort((loans.disbursed_at[first], referrer[first]))
    ranked = first[by_referrer]
    changes = np.concatenate([[True], referrer[ranked][1:] != referrer[ranked][:-1]])[: len(ranked)]
    place = np.arange(len(ranked)) - np.flatnonzero(changes)[np.cumsum(changes) - 1]
    tenth = ranked[place == 9]

    def on_loans(rule: int, rows: Ints, at: Ints) -> _Earned:
        return _Earned(rule, referrer[rows], loans.member[rows], at, np.full(len(rows), NONE))

    disbursed = loans.disbursed_at
    return [
        _Earned(_FIRST_LOAN, referrer[first], loans.member[first], disbursed[first], undone),
        _Earned(_LEVEL_TWO, above[above >= 0], loans.member[second_level], disbursed[second_level], undone[above >= 0]),
        _Earned(_WELCOME, welcomed, welcomed, people.verified[welcomed], np.full(len(welcomed), NONE)),
        on_loans(_ON_TIME, punctual, np.minimum(first_paid[punctual], NEVER)),
        on_loans(_SECOND_LOAN, again, disbursed[again]),
        on_loans(_TENTH, tenth, disbursed[tenth]),
    ]


def invitation_table(streams: Streams, people: People, window: Window, first_id: int) -> pa.Table:
    """One row per invitation: of everyone who came by one, and of as many again that brought nobody."""
    rng = streams("invitations")
    referee = np.flatnonzero(people.referrer >= 0)
    referrer = people.referrer[referee]
    known = people.registered[referee] - people.registered[referrer]
    delay = np.minimum(rng.exponential(2 * DAY, len(referee)).astype(np.int64) + 300, known // 2)
    came = people.registered[referee] - delay
    idle = referrer[rng.integers(0, max(len(referrer), 1), int(1.4 * len(referrer)))]
    room = np.minimum(window.end - 1 - people.registered[idle], 200 * DAY)
    sent_idle = people.registered[idle] + (rng.random(len(idle)) * room).astype(np.int64)
    opens = rng.random(len(idle)) < 0.45
    opened_idle = sent_idle + rng.exponential(0.4 * DAY, len(idle)).astype(np.int64) + 20
    opened = np.concatenate([came + delay // 2, np.where(opens & (opened_idle < window.end), opened_idle, NONE)])
    by = np.concatenate([referrer, idle])
    sent = np.concatenate([came, sent_idle])
    order = np.argsort(sent, kind="stable")
    brought = np.concatenate([people.first_id + referee, np.full(len(idle), NONE)])
    return table("invitation", {
        "id": first_id + np.arange(len(order)), "referrer_id": people.first_id + by[order],
        "code": referral_codes(people.ids[by[order]]),
        "medium": Coded(np.searchsorted([0.55, 0.85], rng.random(len(order))), ("link", "qr", "code")),
        "sent_at": sent[order], "opened_at": opened[order], "referee_id": brought[order],
    })  # fmt: skip
