"""What is held against the rules of contact: hours, calls a day, third persons, all by the clock of Shanghai."""

from datetime import date, timedelta
from typing import Any

import duckdb
from sqlalchemy import ColumnElement, Select, TableClause, and_, false, func, or_, select, true, union_all

from loanbook import closed_day, copied
from loanbook.compliance.judging import BOOK, PLANS, Kept, breach, count, keep, spans
from loanbook.constructs import add_days, business_date, business_time
from loanbook.working import drop, work_table
from rules.compliance import Rule
from rules.compliance_policy import Compliance, ContactHours, MostCalls, ThirdPersons

ABOUT_DEBT = ("due_reminder", "overdue_reminder", "collection")
CALLS = ("automatic_call", "agent_call")
ANSWERED = ("answered", "promised", "refused")
_UNREACHABLE, _DEBTOR, _HELD_OUT = "unreachable", "debtor", "held_out"
_SECONDS_A_DAY = 86_400

_contact = copied.TABLES["contact"].c


def judge(snapshot: duckdb.DuckDBPyConnection, as_of: date, rules: Compliance) -> None:
    """Add what was judged and found of the contacts that were made by as_of.

    Excludes: contacts that were planned and not made, about other things than debts (a raised limit, a prompt to
    borrow again), and of no possible date. Source: metrics.md, "Collections and compliance", trap 17.
    """
    made = work_table(snapshot, "contact_made", _made(as_of))
    _judge(snapshot, made, rules, true(), BOOK)
    drop(snapshot, made)


def judge_planned(snapshot: duckdb.DuckDBPyConnection, as_of: date, rules: Compliance) -> None:
    """Add what would be found of the contacts that are planned for days after as_of, if they are made as planned.

    Formula: by the same rules, with what was made before; each planned call is taken to be answered, so that a debtor
    with more of them on a day than may be answered is found. Excludes: those held out, which nobody makes.
    """
    planned = work_table(snapshot, "contact_planned", _with_planned(as_of, rules))
    _judge(snapshot, planned, rules, planned.c.made_on > as_of, PLANS)
    drop(snapshot, planned)


def _judge(
    snapshot: duckdb.DuckDBPyConnection, made: TableClause, rules: Compliance, among: ColumnElement[bool], into: Kept
) -> None:
    """Judge those `among` the contacts by each rule."""
    for hours, in_force in spans(rules.contact_hours, made.c.made_on):
        within = and_(in_force, among)
        count(snapshot, Rule.CONTACT_HOURS, made, made.c.made_on, within, into)
        keep(snapshot, _out_of_hours(made, hours, within), into)
    for most, in_force in spans(rules.answered_calls, made.c.made_on):
        _most_calls(snapshot, made, Rule.ANSWERED_CALLS, most, and_(in_force, among), into)
    for most, in_force in spans(rules.unanswered_calls, made.c.made_on):
        _most_calls(snapshot, made, Rule.UNANSWERED_CALLS, most, and_(in_force, among), into)
    for others, in_force in spans(rules.third_persons, made.c.made_on):
        within = and_(in_force, among)
        count(snapshot, Rule.THIRD_PERSONS, made, made.c.made_on, and_(within, ~made.c.with_debtor), into)
        keep(snapshot, _with_others(made, others, within), into)


def _made(as_of: date) -> Select[Any]:
    at, made_on = _contact.contacted_at, business_date(_contact.contacted_at)
    return select(
        _contact.id,
        _contact.member_id,
        _contact.loan_id,
        at.label("at"),
        made_on.label("made_on"),
        (_contact.party == _DEBTOR).label("with_debtor"),
        _contact.channel.in_(CALLS).label("is_call"),
        _contact.outcome.in_(ANSWERED).label("answered"),
        (_contact.outcome == _UNREACHABLE).label("unanswered"),
    ).where(*about_debt(as_of))


def _with_planned(as_of: date, rules: Compliance) -> Select[Any]:
    """Those planned for later days as if they were made, and what was made so short before that it counts for them."""
    counts_days = max((limit.reached_days for limit in rules.third_persons), default=0)
    made = _made(as_of).where(business_date(_contact.contacted_at) >= as_of - timedelta(counts_days))
    row, at = _contact, _contact.planned_at
    is_call = row.channel.in_(CALLS)
    planned = select(
        row.id,
        row.member_id,
        row.loan_id,
        at.label("at"),
        business_date(at).label("made_on"),
        (row.party == _DEBTOR).label("with_debtor"),
        is_call.label("is_call"),
        is_call.label("answered"),
        false().label("unanswered"),
    ).where(
        row.purpose.in_(ABOUT_DEBT),
        row.contacted_at.is_(None),
        func.coalesce(row.arm, "") != _HELD_OUT,
        closed_day.possible(at),
        business_date(at) > as_of,
    )
    each = union_all(made, planned).subquery("each")
    return select(*each.c)


def about_debt(as_of: date) -> tuple[ColumnElement[bool], ...]:
    """Which contacts were made by as_of about what is or becomes due."""
    at = _contact.contacted_at
    return _contact.purpose.in_(ABOUT_DEBT), at.is_not(None), closed_day.possible(at), business_date(at) <= as_of


def _out_of_hours(made: TableClause, limit: ContactHours, within: ColumnElement[bool]) -> Select[Any]:
    row, clock = made.c, business_time(made.c.at)
    found = breach(
        Rule.CONTACT_HOURS, on=row.made_on, at=row.at, subject=row.id, member=row.member_id, loan=row.loan_id,
        observed=func.epoch(clock) / _SECONDS_A_DAY,
    )  # fmt: skip
    return found.where(within, or_(clock < limit.starts_at, clock >= limit.ends_at))


def _most_calls(
    snapshot: duckdb.DuckDBPyConnection,
    made: TableClause,
    rule: Rule,
    limit: MostCalls,
    within: ColumnElement[bool],
    into: Kept,
) -> None:
    """Days with too many calls: all calls of the day where the answered count, those unanswered where these do."""
    row = made.c
    calls = and_(within, row.is_call, row.with_debtor)
    counted = row.answered if rule is Rule.ANSWERED_CALLS else row.unanswered
    count(snapshot, rule, made, row.made_on, calls, into)
    days = (
        select(row.member_id, row.made_on, func.count().filter(counted).label("calls"))
        .where(calls)
        .group_by(row.member_id, row.made_on)
        .having(func.count().filter(counted) > limit.calls)
        .subquery("days")
    )
    listed = calls if rule is Rule.ANSWERED_CALLS else and_(calls, counted)
    found = breach(
        rule, on=row.made_on, at=row.at, subject=row.id, member=row.member_id, loan=row.loan_id,
        observed=days.c.calls, allowed=limit.calls,
    )  # fmt: skip
    same = and_(days.c.member_id == row.member_id, days.c.made_on == row.made_on)
    keep(snapshot, found.join_from(made, days, same).where(listed), into)


def _with_others(made: TableClause, limit: ThirdPersons, within: ColumnElement[bool]) -> Select[Any]:
    """Contacts with others, with the days since the debtor last answered."""
    row, before = made.c, made.alias("before")
    own = before.c
    others = (
        select(row.id, func.max(own.made_on).label("reached_on"))
        .join_from(made, before, own.member_id == row.member_id)
        .where(within, ~row.with_debtor, own.with_debtor, own.answered, own.at <= row.at)
        .where(own.made_on >= add_days(row.made_on, -limit.reached_days))
        .group_by(row.id)
        .subquery("others")
    )
    found = breach(
        Rule.THIRD_PERSONS, on=row.made_on, at=row.at, subject=row.id, member=row.member_id, loan=row.loan_id,
        observed=row.made_on - others.c.reached_on, allowed=limit.reached_days,
    )  # fmt: skip
    return found.join_from(made, others, others.c.id == row.id)
