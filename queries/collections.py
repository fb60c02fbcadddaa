"""What the page on collections asks: contacts and what followed, late loans, reminders, complaints, agents."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, Select, String, cast, false, func, literal, or_, select

from loanbook import copied
from loanbook.collections.collections_schema import (
    agent,
    agent_month,
    complaint_month,
    contact_month,
    message_cell,
    overdue_month,
    reminder_cell,
)
from loanbook.compliance.compliance_schema import planned_breach, planned_count
from loanbook.compliance.contact_rules import about_debt
from loanbook.constructs import start_of_business_day
from loanbook.snapshot_schema import loan_state
from queries.compliance import within
from queries.read import Statement
from rules.collections import BEHIND, CONTACT_PARTS
from rules.filters import DateRange

Rows = Select[*tuple[Any, ...]]


def asked(period: DateRange, *, named: bool) -> dict[str, Statement]:
    """What the page shows; `named`: agents by their keys, else by numbers alone."""
    return {
        "ladder": ladder(period),
        "ladder_months": ladder_by_month(period),
        "overdue": overdue(period),
        "reminded": reminded(),
        "messaged": messaged(),
        "complaints": complaints(period),
        "agents": agents(period, named=named),
        "planned": planned(),
        "planned_breaches": planned_breaches(),
    }


def ladder(period: DateRange) -> Rows:
    """Contacts about what is or becomes due.

    Grain: one row per purpose and channel. Columns: purpose, channel, and the sum of each of
    `rules.collections.CONTACT_PARTS`. Excludes: contacts outside the period, one of whole months.
    """
    row = contact_month.c
    return (
        select(row.purpose, row.channel, *(_sum(row[part], part) for part in CONTACT_PARTS))
        .where(within(row.month, period))
        .group_by(row.purpose, row.channel)
    )


def ladder_by_month(period: DateRange) -> Rows:
    """The same by month; it re-sums to `ladder`. Grain: one row per month, purpose, channel. Columns: month first."""
    row = contact_month.c
    keys = row.month, row.purpose, row.channel
    return (
        select(*keys, *(_sum(row[part], part) for part in CONTACT_PARTS))
        .where(within(row.month, period))
        .group_by(*keys)
        .order_by(row.month)
    )


def behind(period: DateRange, as_of: date) -> Rows:
    """The contacts that the ladder counts, the newest first. Grain: one row per contact. Columns: those of BEHIND.

    Excludes: who was contacted, and by whom.
    """
    row = copied.TABLES["contact"].c
    return (
        select(
            cast(row.id, String).label("contact_id"),
            loan_state.c.loan_id,
            *(row[name] for name in BEHIND[2:]),
        )
        .join(loan_state, loan_state.c.loan_id == cast(row.loan_id, String))
        .where(*about_debt(as_of), *_between(row.contacted_at, period))
        .order_by(row.contacted_at.desc(), row.id)
    )


def overdue(period: DateRange) -> Rows:
    """Loans that came into a bucket in the period, each borrower at their first entry, and how they left it.

    Grain: one row per bucket, days and exit. Columns: bucket, days, exit ("" while it lasts), loans, principal_fen.
    """
    row = overdue_month.c
    return (
        select(row.bucket, row.days, row.exit, _sum(row.loans, "loans"), _sum(row.principal_fen, "principal_fen"))
        .where(within(row.month, period), _is_first(row.previous_month, period))
        .group_by(row.bucket, row.days, row.exit)
    )


def reminded() -> Rows:
    """Borrowers reminded of a due date and not, whenever. Grain: as `reminder_cell`. Columns: all of it."""
    return select(*reminder_cell.c)


def messaged() -> Rows:
    """Borrowers who got a message and those beside them, whenever. Grain: as `message_cell`. Columns: all of it."""
    return select(*message_cell.c)


def complaints(period: DateRange) -> Rows:
    """Complaints received in the period. Grain: one row per topic and days. Columns: topic, days, resolved, waiting."""
    row = complaint_month.c
    return (
        select(row.topic, row.days, _sum(row.resolved, "resolved"), _sum(row.waiting, "waiting"))
        .where(within(row.month, period))
        .group_by(row.topic, row.days)
        .order_by(row.topic, row.days)
    )


def agents(period: DateRange, *, named: bool) -> Rows:
    """Agents' calls in the period.

    Grain: one row per agent and bucket. Columns: agent (its key where `named`, else its number); bucket; calls (all
    of them); each of `rules.collections.CONTACT_PARTS` over the agent's first call of the period to each debtor.
    """
    row = agent_month.c
    first = _is_first(row.previous_month, period)
    name = agent.c.agent_id if named else cast(row.agent_no, String)
    rows = (
        select(
            name.label("agent"),
            row.bucket,
            _sum(row.sent, "calls"),
            *(_sum(row[part], part, first) for part in CONTACT_PARTS),
        )
        .where(within(row.month, period))
        .group_by(name, row.bucket)
    )
    return rows.join_from(agent_month, agent, agent.c.agent_no == row.agent_no) if named else rows


def planned() -> Rows:
    """How many planned contacts were held against each rule. Grain: one row per rule. Columns: rule, judged."""
    row = planned_count.c
    return select(row.rule, _sum(row.judged, "judged")).group_by(row.rule)


def planned_breaches() -> Rows:
    """Planned contacts that would break a rule, the next first. Grain: one row per rule and contact.

    Columns: rule, planned_at (UTC), contact_id, loan_id, observed (in the unit of the rule).
    """
    row = planned_breach.c
    return select(
        row.rule, row.happened_at.label("planned_at"), row.subject_id.label("contact_id"), row.loan_id, row.observed
    ).order_by(row.happened_at, row.subject_id, row.rule)


def _between(instant: ColumnElement[Any], period: DateRange) -> list[ColumnElement[bool]]:
    """Whether an instant lies in a period, told by instants: rows are kept in their order, so few are read."""
    found: list[ColumnElement[bool]] = []
    if period.first is not None:
        found.append(instant >= start_of_business_day(literal(period.first, Date)))
    if period.last is not None:
        found.append(instant < start_of_business_day(literal(period.last + timedelta(days=1), Date)))
    return found


def _is_first(previous_month: ColumnElement[Any], period: DateRange) -> ColumnElement[bool]:
    """Whether it is the first of its kind in the period."""
    before = false() if period.first is None else previous_month < period.first
    return or_(previous_month.is_(None), before)


def _sum(value: ColumnElement[Any], name: str, where: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    summed = func.sum(value) if where is None else func.coalesce(func.sum(value).filter(where), 0)
    return cast(summed, BigInteger).label(name)
