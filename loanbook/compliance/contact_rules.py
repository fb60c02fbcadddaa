"""What is held against the rules of contact: hours, calls a day, third persons, all by the clock of Shanghai."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import ColumnElement, Select, TableClause, and_, func, or_, select

from loanbook import closed_day, copied
from loanbook.compliance.judging import breach, count, keep, spans
from loanbook.constructs import add_days, business_date, business_time
from loanbook.working import drop, work_table
from rules.compliance import Rule
from rules.compliance_policy import Compliance, ContactHours, MostCalls, ThirdPersons

ABOUT_DEBT = ("due_reminder", "overdue_reminder", "collection")
CALLS = ("automatic_call", "agent_call")
ANSWERED = ("answered", "promised", "refused")
_UNREACHABLE, _DEBTOR, _THIRD = "unreachable", "debtor", "third"
_SECONDS_A_DAY = 86_400

_contact = copied.TABLES["contact"].c


def judge(snapshot: duckdb.DuckDBPyConnection, as_of: date, rules: Compliance) -> None:
    """Add what was judged and found of the contacts that were made by as_of.

    Excludes: contacts that were planned and not made, about other things than debts (a raised limit, a prompt to
    borrow again), and of no possible date. Source: metrics.md, "Collections and compliance", trap 17.
    """
    made = work_table(snapshot, "contact_made", _made(as_of))
    for hours, within in spans(rules.contact_hours, made.c.made_on):
        count(snapshot, Rule.CONTACT_HOURS, made, made.c.made_on, within)
        keep(snapshot, _out_of_hours(made, hours, within))
    for most, within in spans(rules.answered_calls, made.c.made_on):
        _most_calls(snapshot, made, Rule.ANSWERED_CALLS, most, within)
    for most, within in spans(rules.unanswered_calls, made.c.made_on):
        _most_calls(snapshot, made, Rule.UNANSWERED_CALLS, most, within)
    for others, within in spans(rules.third_persons, made.c.made_on):
        count(snapshot, Rule.THIRD_PERSONS, made, made.c.made_on, and_(within, ~made.c.with_debtor))
        keep(snapshot, _with_others(made, others, within))
    drop(snapshot, made)


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
    snapshot: duckdb.DuckDBPyConnection, made: TableClause, rule: Rule, limit: MostCalls, within: ColumnElement[bool]
) -> None:
    """Days with too many calls: all calls of the day where the answered count, those unanswered where these do."""
    row = made.c
    calls = and_(within, row.is_call, row.with_debtor)
    counted = row.answered if rule is Rule.ANSWERED_CALLS else row.unanswered
    count(snapshot, rule, made, row.made_on, calls)
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
    keep(snapshot, found.join_from(made, days, same).where(listed))


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
