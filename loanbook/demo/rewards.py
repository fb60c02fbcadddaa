"""What members earn for those they bring: for first loans at three levels, punctuality, more loans, many referees."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, HOUR, NEVER, NONE, Ints, Streams, Window
from loanbook.demo.people import People
from loanbook.demo.rounds import History

_SIDES = ("referrer", "invitee", "team")
_REFERRER, _INVITEE, _TEAM = range(3)
_FORMS = ("cash", "points", "coupon", "limit")
_CASH, _POINTS, _COUPON, _LIMIT = range(4)
_REASONS = ("first_payment_default", "shared_device")
# Kind, trigger, level (0: invitee or team), threshold, yuan, side, form; how long in force, as shares of the book.
_RULES = (
    ("one_off", "first_loan", 1, NONE, 80, _REFERRER, _CASH, (0, 1)),
    ("levelled", "first_loan", 2, NONE, 20, _REFERRER, _CASH, (0, 1)),
    ("one_off", "registered", 0, NONE, 18, _INVITEE, _COUPON, (0, 1)),
    ("dynamic", "on_time_repayment", 1, NONE, 15, _REFERRER, _CASH, (0, 1)),
    ("dynamic", "second_loan", 1, NONE, 30, _REFERRER, _LIMIT, (0, 1)),
    ("stepped", "referral_count", 1, 10, 200, _REFERRER, _CASH, (0, 1)),
    ("levelled", "first_loan", 3, NONE, 5, _REFERRER, _CASH, (0, 0.5)),
    ("team", "referral_count", 0, 8, 120, _TEAM, _POINTS, (0.25, 1)),
    ("one_off", "registered", 1, NONE, 3, _REFERRER, _POINTS, (0.4, 0.7)),
)  # fmt: skip
(_FIRST_LOAN, _LEVEL_TWO, _WELCOME, _ON_TIME, _SECOND_LOAN, _TENTH, _LEVEL_THREE, _TEAM_OF_EIGHT,
 _REGISTERED) = range(len(_RULES))  # fmt: skip
_OF_CAMPAIGN = {_REGISTERED: 3}  # the rule that belongs to a campaign
_HELD_BACK = 0.02  # never paid, because the account for it is missing
_RING_FOUND_DAYS = 40  # after the ring's rewards these are taken back


@dataclass(frozen=True)
class _Earned:
    rule: int
    beneficiary: Ints  # row
    referee: Ints  # row
    at: Ints
    reversed_at: Ints  # NONE: not
    team: Ints  # the row of the team's first member; -1: none


def rule_table(window: Window) -> pa.Table:
    """One row per reward rule."""
    kind, trigger, level, threshold, cny, _, _, _ = zip(*_RULES, strict=True)
    since, until = _in_force(window)
    return table("reward_rule", {
        "id": np.arange(1, len(_RULES) + 1),
        "campaign_id": np.array([_OF_CAMPAIGN.get(rule, NONE) for rule in range(len(_RULES))]), "kind": pa.array(kind),
        "trigger": pa.array(trigger), "level": np.array(level), "threshold": np.array(threshold),
        "amount": np.array(cny) * 100, "starts_on": since, "ends_on": np.where(until < window.end_day, until - 1, NONE),
    })  # fmt: skip


def reward_table(streams: Streams, people: People, history: History, window: Window, first_id: int) -> pa.Table:
    """One row per reward, accrued when it was earned and paid the next morning, few ones not yet."""
    earned = [part for part in _earned(people, history, window) if len(part.at)]
    rule = np.repeat([part.rule for part in earned], [len(part.at) for part in earned]).astype(np.int64)
    beneficiary, referee, at, reversed_at, team = (
        np.concatenate([getattr(part, name) for part in earned] or [np.zeros(0, dtype=np.int64)])
        for name in ("beneficiary", "referee", "at", "reversed_at", "team")
    )
    since, until = _in_force(window)
    rows = np.flatnonzero((at < window.end) & (at >= since[rule] * DAY) & (at < until[rule] * DAY))
    rows = rows[np.argsort(at[rows], kind="stable")]
    rule, beneficiary, referee, at, team = (part[rows] for part in (rule, beneficiary, referee, at, team))
    level, cny, side, form = (np.array([row[place] for row in _RULES])[rule] for place in (2, 4, 5, 6))
    farmed = people.in_ring[beneficiary]
    undone = np.where(farmed, at + _RING_FOUND_DAYS * DAY, reversed_at[rows])
    undone = np.where((undone != NONE) & (undone < window.end), undone, NONE)
    paid = (at // DAY + 1) * DAY + 10 * HOUR
    held_back = streams("rewards").random(len(rows)) < _HELD_BACK
    return table("reward", {
        "id": first_id + np.arange(len(rows)), "reward_rule_id": rule + 1, "side": Coded(side, _SIDES),
        "beneficiary_id": people.first_id + beneficiary, "referee_id": people.first_id + referee,
        "team_id": np.where(team < 0, NONE, people.first_id + team), "level": np.where(level == 0, NONE, level),
        "form": Coded(form, _FORMS), "amount": cny * 100, "accrued_at": at,
        "paid_at": np.where((paid < window.end) & ~held_back, paid, NONE), "reversed_at": undone,
        "reversal_reason": Coded(np.where(undone == NONE, -1, farmed), _REASONS),
    })  # fmt: skip


def _in_force(window: Window) -> tuple[Ints, Ints]:
    """The first day of each rule, and the day after its last."""
    days = window.end_day - window.start_day
    shares = np.array([row[7] for row in _RULES])
    since, until = window.start_day + np.floor(shares * days).astype(np.int64).T
    return since, until


def _earned(people: People, history: History, window: Window) -> list[_Earned]:
    """What each rule has brought whom."""
    loans, plan, up = history.loans, history.plan, people.referrer
    number = _place(loans.member, loans.disbursed_at)
    referrer = up[loans.member]
    first = np.flatnonzero((number == 0) & (referrer >= 0))
    again = np.flatnonzero((number == 1) & (referrer >= 0))
    first_row = np.cumsum(loans.term) - loans.term
    due, paid = plan.due[first_row[first]], history.settled.at[first_row[first]]
    undone = np.where(history.outcome.stops_at[first] == 1, (due + 95) * DAY + 9 * HOUR, NONE)
    above = up[referrer[first]]
    third = np.where(above >= 0, up[above], -1)
    punctual = first[paid < (due + 1) * DAY]
    welcomed = np.flatnonzero((up >= 0) & (people.verified != NONE))
    came = np.flatnonzero(up >= 0)
    of_referrer = _place(referrer[first], loans.disbursed_at[first])
    team = _founder(up, people.level)[loans.member[first]]
    of_team = _place(team, loans.disbursed_at[first])
    each = int(_RULES[_TEAM_OF_EIGHT][3])
    paid_at = np.minimum(history.settled.at[first_row], NEVER)
    lent_at = loans.disbursed_at

    def on_loans(rule: int, rows: Ints, at: Ints, to: Ints | None = None, back: Ints | None = None) -> _Earned:
        none = np.full(len(rows), NONE)
        to = referrer[rows] if to is None else to
        return _Earned(rule, to, loans.member[rows], at, none if back is None else back, np.full(len(rows), -1))

    def on_members(rule: int, to: Ints, rows: Ints, at: Ints) -> _Earned:
        return _Earned(rule, to, rows, at, np.full(len(rows), NONE), np.full(len(rows), -1))

    two, three, tenth = above >= 0, third >= 0, first[of_referrer == int(_RULES[_TENTH][3]) - 1]
    eighth = (of_team + 1) % each == 0
    won = on_loans(_TEAM_OF_EIGHT, first[eighth], lent_at[first[eighth]])
    return [
        on_loans(_FIRST_LOAN, first, lent_at[first], back=undone),
        on_loans(_LEVEL_TWO, first[two], lent_at[first[two]], above[two], undone[two]),
        on_members(_WELCOME, welcomed, welcomed, people.verified[welcomed]),
        on_loans(_ON_TIME, punctual, paid_at[punctual]),
        on_loans(_SECOND_LOAN, again, lent_at[again]),
        on_loans(_TENTH, tenth, lent_at[tenth]),
        on_loans(_LEVEL_THREE, first[three], lent_at[first[three]], third[three], undone[three]),
        _Earned(won.rule, won.beneficiary, won.referee, won.at, won.reversed_at, team[eighth]),
        on_members(_REGISTERED, up[came], came, people.registered[came]),
    ]


def _place(group: Ints, at: Ints) -> Ints:
    """The place of each row within its group, by instant, from 0."""
    order = np.lexsort((at, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-2) != 0)
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group)) - np.repeat(starts, np.diff(starts, append=len(group)))
    return place


def _founder(up: Ints, level: Ints) -> Ints:
    """The row of the first member of each one's tree."""
    result = np.arange(len(up))
    for generation in range(1, int(level.max(initial=0)) + 1):
        rows = np.flatnonzero(level == generation)
        result[rows] = result[up[rows]]
    return result
