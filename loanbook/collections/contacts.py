"""What came of contacts: who was reached, what was promised and kept, what was paid; by month and by agent."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    String,
    TableClause,
    and_,
    case,
    cast,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from loanbook import copied
from loanbook.collections.collections_schema import agent, agent_month, contact_month
from loanbook.compliance.contact_rules import ANSWERED, about_debt
from loanbook.constructs import add_days, at_earliest, business_date, days_between, first_of_month
from loanbook.snapshot_schema import instalment_state
from loanbook.working import drop, in_ranges, run, work_table
from rules.collections import CONTACT_PARTS, REMINDER
from rules.policy import Collections

_READ, _PROMISED, _UNREACHABLE, _AGENT = "read", "promised", "unreachable", "agent_call"
_ABOUT_NOTHING = ""  # the bucket of a loan of which nothing is late

_contacts, _repayments = copied.TABLES["contact"], copied.TABLES["repayment"]
_contact = _contacts.c

Value = ColumnElement[Any]


def build(
    snapshot: duckdb.DuckDBPyConnection, loans: TableClause, counted: int, as_of: date, rule: Collections
) -> None:
    """Fill `contact_month`, `agent_month` and `agent`.

    loans: those of `standing.loans`, so many of them. What is paid counts for the last contact before it, so that no
    yuan counts twice.
    Excludes: contacts about other things than debts, planned ones that were not made, those of rejected loans.
    Source: metrics.md, "Collections and compliance", traps 1, 8 and 17.
    """
    kept = work_table(snapshot, "promise_kept", _kept(loans, as_of))
    calls = work_table(snapshot, "agent_call", _no_calls())
    for each in in_ranges(_made(loans, as_of), "loan_no", counted):
        made = work_table(snapshot, "contact_now", each)
        about = work_table(snapshot, "contact_about", union_all_of(_reminded(made, rule), _late(made, rule)))
        told = work_table(snapshot, "contact_told", _told(made, about, kept, as_of))
        row, names = told.c, ["month", "purpose", "channel", *CONTACT_PARTS]
        by_month = select(row.month, row.purpose, row.channel, *_sums(told)).group_by(
            row.month, row.purpose, row.channel
        )
        run(snapshot, insert(contact_month).from_select(names, by_month))
        by_agents = select(*(row[column.name] for column in calls.c)).where(
            row.channel == _AGENT, row.agent_id.is_not(None)
        )
        run(snapshot, insert(calls).from_select([column.name for column in calls.c], by_agents))
        drop(snapshot, made, about, told)
    _by_agent(snapshot, calls)
    drop(snapshot, kept, calls)


def union_all_of(*parts: Select[Any]) -> Select[Any]:
    """Several statements' rows as one statement."""
    return select(*union_all(*parts).subquery("part").c)


def _made(loans: FromClause, as_of: date) -> Select[Any]:
    """The contacts of each loan with the day of the next one about what it owes."""
    row, loan, made_on = _contact, loans.c, business_date(_contact.contacted_at)
    place: dict[str, Any] = {"partition_by": loan.loan_no, "order_by": (row.contacted_at, row.id)}
    return (
        select(
            loan.loan_no,
            row.id,
            row.member_id,
            row.agent_id,
            row.contacted_at.label("made_at"),
            made_on.label("made_on"),
            func.lead(made_on, type_=Date()).over(**place).label("next_on"),
            row.purpose,
            row.channel,
            row.outcome,
            row.cost_fen,
        )
        .join_from(_contacts, loans, loan.id == row.loan_id)
        .where(*about_debt(as_of))
    )


def _kept(loans: FromClause, as_of: date) -> Select[Any]:
    """Promises whose day has come. Grain: one row per contact. Columns: id; kept: so much was paid by that day."""
    row, paid = _contact, _repayments.c
    in_time = and_(paid.paid_at >= row.contacted_at, business_date(paid.paid_at) <= row.promised_on)
    amount = func.coalesce(func.sum(paid.amount_fen).filter(in_time), 0)
    return (
        select(row.id, (amount >= func.min(row.promised_amount_fen)).label("kept"))
        .join_from(_contacts, loans, loans.c.id == row.loan_id)
        .outerjoin(_repayments, paid.loan_id == row.loan_id)
        .where(*about_debt(as_of), row.outcome == _PROMISED)
        .where(row.promised_on <= as_of, row.promised_amount_fen.is_not(None))
        .group_by(row.id)
    )


def _reminded(made: FromClause, rule: Collections) -> Select[Any]:
    """What reminders before a due date were about: the next instalment, if it was unpaid, and whether that changed."""
    row, due = made.c, instalment_state.c
    in_time = case((due.settled_on <= due.due_on, due.settled_on), else_=add_days(due.due_on, 1))
    paid_on = at_earliest(in_time, due.due_on)
    due_on = func.min(due.due_on, type_=Date())
    return (
        select(
            row.id,
            due_on.label("known_on"),
            case((paid_on <= due_on, paid_on)).label("cured_on"),
            at_earliest(due.due_fen, due.due_on).label("due_fen"),
            cast(null(), Integer).label("late_days"),
        )
        .join_from(made, instalment_state, due.loan_no == row.loan_no)
        .where(row.purpose == REMINDER, _unpaid(row.made_on))
        .where(due.due_on >= row.made_on, due.due_on <= add_days(row.made_on, rule.reminder_days))
        .group_by(row.id)
    )


def _late(made: FromClause, rule: Collections) -> Select[Any]:
    """What contacts about late loans were about: all that was due before them and unpaid, and when that was paid."""
    row, due = made.c, instalment_state.c
    all_paid = func.count(due.settled_on) == func.count()
    last_day = add_days(row.made_on, rule.cured_days)
    paid_on = func.max(due.settled_on, type_=Date())
    return (
        select(
            row.id,
            last_day,
            case((and_(all_paid, paid_on <= last_day), paid_on)),
            func.sum(due.due_fen),
            days_between(func.min(due.due_on), row.made_on),
        )
        .join_from(made, instalment_state, due.loan_no == row.loan_no)
        .where(row.purpose != REMINDER, _unpaid(row.made_on), due.due_on < row.made_on)
        .where(or_(due.settled_on.is_(None), due.settled_on > due.due_on))
        .group_by(row.id, row.made_on)
    )


def _unpaid(day: Value) -> ColumnElement[bool]:
    settled_on = instalment_state.c.settled_on
    return or_(settled_on.is_(None), settled_on >= day)


def _told(made: FromClause, about: FromClause, kept: FromClause, as_of: date) -> Select[Any]:
    """Each contact with the parts that it adds to. Grain: one row per contact."""
    row, of = made.c, about.c
    followed = and_(of.known_on.is_not(None), of.known_on <= as_of)
    was_last = or_(row.next_on.is_(None), row.next_on > of.cured_on)
    cured = func.coalesce(and_(followed, of.cured_on.is_not(None), was_last), false())
    cost = func.coalesce(row.cost_fen, 0)
    parts: dict[str, Value] = {
        "sent": true(),
        "reached": func.coalesce(row.outcome != _UNREACHABLE, false()),
        "answered": func.coalesce(row.outcome.in_((*ANSWERED, _READ)), false()),
        "promised": func.coalesce(row.outcome == _PROMISED, false()),
        "promises_due": kept.c.id.is_not(None),
        "kept": func.coalesce(kept.c.kept, false()),
        "followed": followed,
        "cured": cured,
        "cured_fen": case((cured, of.due_fen), else_=0),
        "followed_cost_fen": case((followed, cost), else_=0),
        "cost_fen": cost,
    }
    return (
        select(
            *(row[name] for name in ("id", "member_id", "agent_id", "made_at", "purpose", "channel")),
            first_of_month(row.made_on).label("month"),
            _bucket(of.late_days).label("bucket"),
            *(cast(value, BigInteger).label(name) for name, value in parts.items()),
        )
        .select_from(made)
        .outerjoin(about, of.id == row.id)
        .outerjoin(kept, kept.c.id == row.id)
    )


def _bucket(days: Value) -> Value:
    return case(
        (days.is_(None), literal(_ABOUT_NOTHING)),
        (days > 90, literal("M3+")),
        (days > 60, literal("M3")),
        (days > 30, literal("M2")),
        else_=literal("M1"),
    )


def _no_calls() -> Select[Any]:
    """No calls: the columns of an agent's call, without a row. The keys are those of the copy."""
    return select(
        _contact.id,
        _contact.agent_id,
        _contact.member_id,
        _contact.contacted_at.label("made_at"),
        cast(null(), Date).label("month"),
        cast(null(), String).label("bucket"),
        *(cast(null(), BigInteger).label(part) for part in CONTACT_PARTS),
    ).where(false())


def _by_agent(snapshot: duckdb.DuckDBPyConnection, calls: TableClause) -> None:
    """Number the agents in an order that says nothing of their keys, and sum up their calls."""
    row = calls.c
    shuffled = func.md5(cast(row.agent_id, String))
    number = func.row_number().over(order_by=(shuffled, cast(row.agent_id, String)))
    known = select(number, cast(row.agent_id, String)).group_by(row.agent_id)
    run(snapshot, insert(agent).from_select(["agent_no", "agent_id"], known))
    before = func.lag(row.month, type_=Date()).over(
        partition_by=(row.agent_id, row.member_id), order_by=(row.made_at, row.id)
    )
    dated = select(calls, before.label("previous_month")).subquery("dated")
    keys = (agent.c.agent_no, dated.c.month, dated.c.previous_month, dated.c.bucket)
    summed = (
        select(*keys, *_sums(dated))
        .join_from(dated, agent, agent.c.agent_id == cast(dated.c.agent_id, String))
        .group_by(*keys)
        .order_by(agent.c.agent_no, dated.c.month)
    )
    run(snapshot, insert(agent_month).from_select([column.name for column in agent_month.columns], summed))


def _sums(rows: FromClause) -> list[ColumnElement[int]]:
    return [cast(func.sum(rows.c[part]), BigInteger).label(part) for part in CONTACT_PARTS]
