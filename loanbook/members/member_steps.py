"""When each member reached each step of the funnel: in order, each the first time at or after the step before."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import ColumnElement, Date, Select, TableClause, case, func, literal, select

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.snapshot_schema import loan_state
from loanbook.working import drop, run, work_table

_member, _membership, _tier = (copied.TABLES[name] for name in ("member", "membership", "tier"))
_application, _loan = copied.TABLES["application"], copied.TABLES["loan"]

APPROVED = ("approved", "disbursed")  # the status of an application that was approved
_PAID_OFF = ("early", "at_term")


def build(
    snapshot: duckdb.DuckDBPyConnection, members: TableClause, loans: TableClause, as_of: date, late_days: int
) -> dict[str, TableClause]:
    """The work tables of the steps that the book records, by their codes in their order.

    members: as `member_number` has them; loans: `loan_standing`.
    Grain: one row per member who reached the step. Columns: member_no, id, at.
    Formula: the first event of the step at or after the step before. A step of which the book has no event at all is
    left out, and the next one follows the one before it. Joined: a tier above the lowest. Repaid on time: a loan
    disbursed at or after that step was paid off without ever having been past due by more than `late_days` (where
    only the outcome is known, the payoff counts).
    Excludes: events after as_of.
    Source: metrics.md, "Membership"; trap 13.
    """
    events = work_table(snapshot, "loan_event", _loan_events(loans, late_days))
    found: dict[str, TableClause] = {}
    before: TableClause = work_table(
        snapshot, "step_registered", select(members.c.member_no, members.c.id, members.c.registered_at.label("at"))
    )
    reached = [before]
    for code, happened in _happened(events, as_of):
        if not run(snapshot, select(literal(1)).select_from(happened.subquery("happened")).limit(1)):
            continue
        found[code] = before = work_table(snapshot, f"step_{code}", _first(before, happened))
        reached.append(before)
    drop(snapshot, events, reached[0])
    return found


def _first(before: TableClause, happened: Select[Any]) -> Select[Any]:
    """The first event of each member that begins at or after the step before."""
    event = happened.subquery("event")
    return (
        select(before.c.member_no, before.c.id, func.min(event.c.at).label("at"))
        .join_from(before, event, event.c.member_id == before.c.id)
        .where(event.c.since >= before.c.at)
        .group_by(before.c.member_no, before.c.id)
    )


def _happened(events: TableClause, as_of: date) -> Iterator[tuple[str, Select[Any]]]:
    """The events of each step: of which member, when, and since when the step before must not have come later."""
    member, stay, application, loan = _member.c, _membership.c, _application.c, events.c
    ranked = select(_tier.c.code, func.min(_tier.c.rank).label("rank")).group_by(_tier.c.code).subquery("ranked")
    lowest = select(func.min(_tier.c.rank)).scalar_subquery()
    above = func.coalesce(ranked.c.rank > lowest, literal(True))
    yield "verified", _events(member.id, member.verified_at, as_of)
    joined = _events(stay.member_id, stay.started_at, as_of)
    yield "joined", joined.join_from(_membership, ranked, ranked.c.code == stay.tier_code, isouter=True).where(above)
    yield "applied", _events(application.member_id, application.applied_at, as_of)
    approved = _events(application.member_id, application.decided_at, as_of)
    yield "approved", approved.where(application.status.in_(APPROVED))
    yield "disbursed", _events(loan.member_id, loan.disbursed_at, as_of)
    yield "repaid", _events(loan.member_id, loan.repaid_at, as_of, since=loan.disbursed_at)
    yield "again", _events(loan.member_id, loan.disbursed_at, as_of)


def _events(
    member_id: ColumnElement[Any], at: ColumnElement[Any], as_of: date, *, since: ColumnElement[Any] | None = None
) -> Select[Any]:
    begins = at if since is None else since
    return select(member_id.label("member_id"), begins.label("since"), at.label("at")).where(
        business_date(at) <= literal(as_of, Date)
    )


def _loan_events(loans: TableClause, late_days: int) -> Select[Any]:
    """When each usable loan was disbursed and, if on time and not at the same instant, repaid."""
    state = loan_state.c
    on_time = (
        state.closed_as.in_(_PAID_OFF)
        & (func.coalesce(state.worst_days_past_due, 0) <= late_days)
        & (_loan.c.closed_at > _loan.c.disbursed_at)
    )
    return (
        select(
            loans.c.member_id,
            _loan.c.disbursed_at,
            case((on_time, _loan.c.closed_at)).label("repaid_at"),
        )
        .join_from(loans, _loan, _loan.c.id == loans.c.id)
        .join(loan_state, state.loan_no == loans.c.loan_no)
    )
