"""What each member did first and last, whatever came before it."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import ColumnElement, Date, FromClause, Select, TableClause, case, func, literal, select, union_all

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.members.member_steps import APPROVED
from loanbook.snapshot_schema import loan_fact
from loanbook.working import work_table

_CHOSEN = ("paid", "task", "upgrade")  # reasons of a membership that the member brought about

_member, _membership, _application, _loan, _repayment, _perk, _invitation, _sighting = (
    copied.TABLES[name]
    for name in (
        "member", "membership", "application", "loan", "repayment", "perk", "invitation", "device_sighting",
    )
)  # fmt: skip


def build(snapshot: duckdb.DuckDBPyConnection, members: TableClause, loans: TableClause, as_of: date) -> TableClause:
    """The work table of first and last days.

    members: as `member_number` has them; loans: `loan_standing`.
    Grain: one row per member who did something. Columns: member_no; first_applied_on, first_approved_on,
    first_disbursed_on, second_disbursed_on, last_active_on (null where nothing of the kind was done).
    Formula: active is who is verified, takes a tier, applies, borrows, repays, redeems a perk, sends an invitation or
    is seen on a device.
    Excludes: what is later than as_of; recoveries, for they are not the member's doing.
    """
    firsts, borrowed, last = _applications(as_of), _loans(loans), _last(loans, as_of)
    return work_table(
        snapshot,
        "member_active",
        select(
            members.c.member_no,
            firsts.c.first_applied_on,
            firsts.c.first_approved_on,
            borrowed.c.first_disbursed_on,
            borrowed.c.second_disbursed_on,
            last.c.last_active_on,
        )
        .join_from(members, last, last.c.member_id == members.c.id)
        .outerjoin(firsts, firsts.c.member_id == members.c.id)
        .outerjoin(borrowed, borrowed.c.member_id == members.c.id),
    )


def _applications(as_of: date) -> FromClause:
    row = _application.c
    applied_on, decided_on = (_by(business_date(at), as_of) for at in (row.applied_at, row.decided_at))
    return (
        select(
            row.member_id,
            func.min(applied_on).label("first_applied_on"),
            func.min(decided_on).filter(row.status.in_(APPROVED)).label("first_approved_on"),
        )
        .group_by(row.member_id)
        .subquery("applications")
    )


def _loans(loans: TableClause) -> FromClause:
    """The second loan is the earliest that has one before it."""
    day = loans.c.disbursed_on
    return (
        select(
            loans.c.member_id,
            func.min(day).label("first_disbursed_on"),
            func.min(day).filter(loan_fact.c.previous_on.is_not(None)).label("second_disbursed_on"),
        )
        .join_from(loans, loan_fact, loan_fact.c.loan_no == loans.c.loan_no)
        .group_by(loans.c.member_id)
        .subquery("borrowed")
    )


def _last(loans: TableClause, as_of: date) -> FromClause:
    member, stay, applied, perk = _member.c, _membership.c, _application.c, _perk.c
    invitation, seen, paid = _invitation.c, _sighting.c, _repayment.c
    repaid = _day(loans.c.member_id, paid.paid_at, as_of).join_from(_repayment, loans, loans.c.id == paid.loan_id)
    days = union_all(
        _day(member.id, member.verified_at, as_of),
        _day(stay.member_id, stay.started_at, as_of).where(stay.reason.in_(_CHOSEN)),
        _day(applied.member_id, applied.applied_at, as_of),
        select(loans.c.member_id, loans.c.disbursed_on.label("day")),
        repaid.where(paid.kind != "recovery", paid.amount_fen > 0),
        _day(perk.member_id, perk.redeemed_at, as_of),
        _day(invitation.referrer_id, invitation.sent_at, as_of),
        _day(seen.member_id, seen.first_seen_at, as_of),
        _day(seen.member_id, seen.last_seen_at, as_of),
    ).subquery("days")
    return (
        select(days.c.member_id, func.max(days.c.day).label("last_active_on"))
        .group_by(days.c.member_id)
        .subquery("last")
    )


def _day(member_id: ColumnElement[Any], at: ColumnElement[Any], as_of: date) -> Select[Any]:
    day = business_date(at)
    return select(member_id.label("member_id"), day.label("day")).where(day <= literal(as_of, Date))


def _by(day: ColumnElement[Any], as_of: date) -> ColumnElement[Any]:
    """A day that has come, else null."""
    return case((day <= literal(as_of, Date), day))
