"""The ledger of rewards: what was accrued by which rule, what became of it, what is owed, and what came in time."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    select,
)

from loanbook.constructs import days_between, first_of_month, year_month
from loanbook.referrals.reward_schema import reward_fact
from loanbook.snapshot_schema import member_journey
from queries.members import passing
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]

_reward = reward_fact.c
RULE = (_reward.rule_id, _reward.kind, _reward.trigger, _reward.level, _reward.threshold)

_reversed = _reward.reversed_on.is_not(None)
_was_paid = _reward.paid_on.is_not(None)
OPEN = ~_reversed & ~_was_paid


class Behind(StrEnum):
    """Which rewards are listed one by one."""

    LEDGER = "ledger"
    OPEN = "open"
    LATE = "late"
    DEEP = "deep"


def ledger(selection: MemberSelection) -> Rows:
    """What was accrued for the members of a selection, and what became of it.

    Grain: one row per rule, level, side and form.
    Columns: rule_id, kind, trigger, level (null where none), threshold, side, form; rewards (count); fen accrued, and
    its three parts paid_fen, reversed_fen, open_fen; taken_back_fen: of reversed_fen what had been paid before.
    Formula: each reward is reversed, else paid, else open; the three sum to what was accrued, to the fen.
    Excludes: rewards of referees whom the selection leaves out: a reward belongs to the cohort of its referee.
    Source: metrics.md, "reward liability".
    """
    keys = (_reward.rule_id, _reward.level, _reward.side, _reward.form)
    of_rule = (func.min(column).label(column.name) for column in (_reward.kind, _reward.trigger, _reward.threshold))
    summed = (
        select(
            *keys,
            *of_rule,
            func.count().label("rewards"),
            _fen().label("fen"),
            _fen(~_reversed & _was_paid).label("paid_fen"),
            _fen(_reversed).label("reversed_fen"),
            _fen(OPEN).label("open_fen"),
            _fen(_reversed & _was_paid).label("taken_back_fen"),
        )
        .where(passing(selection, reward_fact))
        .group_by(*keys)
        .subquery("summed")
    ).c
    named = (*(column.name for column in RULE), _reward.side.name, _reward.form.name)
    others = (each for each in summed if each.name not in named)
    return select(
        *(cast(summed[name], String).label(name) if name in _TEXTS else summed[name] for name in named), *others
    ).order_by(*(summed[name] for name in named))


def liability(selection: MemberSelection, as_of: date, edges: Sequence[int]) -> Rows:
    """What is accrued, neither paid nor reversed, by its age.

    Grain: one row per band of age and form that occurs. Columns: from_days (the lower edge of the band); form;
    rewards (count), fen; overdue, overdue_fen: of them those that should have been paid by as_of.
    Excludes: of the selection only the choices count, for what is owed is owed for every cohort.
    Source: metrics.md, "reward liability".
    """
    age = days_between(_reward.accrued_on, literal(as_of, Date))
    band = case(*((age >= edge, literal(edge, Integer)) for edge in reversed(edges)), else_=literal(0, Integer))
    overdue = _reward.due_on <= as_of
    return (
        select(
            band.label("from_days"),
            cast(_reward.form, String).label("form"),
            func.count().label("rewards"),
            _fen().label("fen"),
            func.count().filter(overdue).label("overdue"),
            _fen(overdue).label("overdue_fen"),
        )
        .where(passing(selection.over_all_time(), reward_fact), OPEN)
        .group_by(band, _reward.form)
        .order_by(band, _reward.form)
    )


def promises(selection: MemberSelection, as_of: date) -> Rows:
    """Whether rewards were paid by the day on which they were due.

    Grain: one row per month of accrual, in time order. Columns: month (2025-03); due (count); kept; late (paid after
    the day); unpaid.
    Excludes: rewards that are not due by as_of; those reversed before they were paid and by the day; of the selection
    only the choices count.
    """
    month = first_of_month(_reward.accrued_on)
    by_month = (
        select(
            month.label("month"),
            func.count().label("due"),
            func.count().filter(_reward.paid_on <= _reward.due_on).label("kept"),
            func.count().filter(_reward.paid_on > _reward.due_on).label("late"),
            func.count().filter(~_was_paid).label("unpaid"),
        )
        .where(passing(selection.over_all_time(), reward_fact), _is_due(as_of))
        .group_by(month)
        .subquery("by_month")
    ).c
    counts = (by_month[name] for name in ("due", "kept", "late", "unpaid"))
    return select(year_month(by_month.month).label("month"), *counts).order_by(by_month.month)


def behind(
    selection: MemberSelection, which: Behind, as_of: date, *, deepest_level: int = 0, first: int | None = None
) -> Rows:
    """The rewards behind a number, one by one.

    Grain: one row per reward, the oldest accrual first. Columns: reward_id, rule_id, kind, trigger, level, threshold,
    side, form, beneficiary_id, referee_id, channel, inherited_campaign, accrued_on, due_on, paid_on, reversed_on,
    reversal_reason, fen.
    Excludes: as the statement that counts them: `ledger`, `liability` (OPEN), `promises` (LATE: late or unpaid); DEEP:
    those for referees further away than `deepest_level`. Those past the `first` so many.
    """
    kept = and_(passing(selection if which is Behind.LEDGER else selection.over_all_time(), reward_fact), {
        Behind.LEDGER: literal(True),
        Behind.OPEN: OPEN,
        Behind.LATE: and_(_is_due(as_of), func.coalesce(_reward.paid_on > _reward.due_on, True)),
        Behind.DEEP: _reward.level > deepest_level,
    }[which])  # fmt: skip
    if first is not None:
        kept = _reward.reward_no.in_(select(_reward.reward_no).where(kept).order_by(_reward.reward_no).limit(first))
    beneficiary, referee = member_journey.alias("beneficiary"), member_journey.alias("referee")
    ids = {"beneficiary_no": beneficiary, "referee_no": referee}
    return (
        select(
            *(_reward[name] for name in ("reward_id", "rule_id")),
            *(cast(_reward[name], String).label(name) for name in ("kind", "trigger")),
            *(_reward[name] for name in ("level", "threshold")),
            *(cast(_reward[name], String).label(name) for name in ("side", "form")),
            *(each.c.member_id.label(name.replace("_no", "_id")) for name, each in ids.items()),
            *(cast(_reward[name], String).label(name) for name in ("channel", "inherited_campaign")),
            *(_reward[name] for name in ("accrued_on", "due_on", "paid_on", "reversed_on", "reversal_reason", "fen")),
        )
        .select_from(reward_fact)
        .outerjoin(beneficiary, beneficiary.c.member_no == _reward.beneficiary_no)
        .outerjoin(referee, referee.c.member_no == _reward.referee_no)
        .where(kept)
        .order_by(_reward.reward_no)
    )


def _is_due(as_of: date) -> ColumnElement[bool]:
    undone = ~_was_paid & func.coalesce(_reward.reversed_on <= _reward.due_on, False)
    return and_(_reward.due_on <= as_of, ~undone)


def _fen(where: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    total = func.sum(_reward.fen)
    return cast(func.coalesce(total if where is None else total.filter(where), 0), BigInteger)


_TEXTS = ("kind", "trigger", "side", "form")
