"""The check of rows against other rows: duplicate keys, references to nothing, and the contract's invariants."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Float, Select, Table, and_, func, literal, or_, select
from sqlalchemy.sql import visitors

from loanbook.finding import Finding, Severity
from loanbook.referral_tree import ReferralTree
from loanbook.schema import (
    application,
    instalment,
    loan,
    member,
    membership,
    metadata,
    repayment,
    reward,
)

_OPEN_END = datetime(9999, 12, 31)  # noqa: DTZ001, instants are naive UTC in the loan database
_HALF_A_FEN = 0.005

TABLES = frozenset(metadata.tables.values())
Present = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class RowRule:
    """What rows may not do to each other; the statement returns the keys of the rows at fault."""

    kind: str
    at_fault: Select[Any]
    column: str = ""
    expected: str = ""


def rules(table: Table, present: Present) -> Iterator[RowRule]:
    """The rules on the rows of a table for which the source has all columns."""
    for rule in (*_duplicates(table), *_orphans(table), *_invariants(table)):
        if _reads_only(rule.at_fault, present):
            yield rule


def _reads_only(statement: Select[Any], present: Present) -> bool:
    return all(column.name in present.get(column.table.name, ()) for column in _read_by(statement))


def _read_by(statement: Select[Any]) -> set[Column[Any]]:
    """The contract's columns that a statement reads, under whatever alias."""
    parts = (part for part in visitors.iterate(statement) if isinstance(part, ColumnElement))
    bases = (base for part in parts for base in part.base_columns)
    return {base for base in bases if isinstance(base, Column) and base.table in TABLES}


def _duplicates(table: Table) -> Iterator[RowRule]:
    keys = tuple(table.primary_key)
    yield RowRule("duplicate_key", _twice(*keys))
    for column in table.columns:
        if column.info.get("unique"):
            yield RowRule("duplicate_value", select(*keys).where(column.in_(_twice(column))), column.name)


def _twice(*columns: Column[Any]) -> Select[Any]:
    return select(*columns).where(columns[0].is_not(None)).group_by(*columns).having(func.count() > 1)


def _orphans(table: Table) -> Iterator[RowRule]:
    for column in table.columns:
        if name := column.info.get("references"):
            named = metadata.tables[name].alias()
            (key,) = (named.c[column.name] for column in metadata.tables[name].primary_key)
            lost = select(*table.primary_key).select_from(table.outerjoin(named, key == column))
            yield RowRule("orphan", lost.where(column.is_not(None), key.is_(None)), column.name, name)


def _invariants(table: Table) -> tuple[RowRule, ...]:
    if table is member:
        return _member_rules()
    if table is membership:
        return (RowRule("membership_overlap", _overlapping()),)
    if table is loan:
        return _loan_rules()
    if table is repayment:
        early = select(repayment.c.id).join(loan, loan.c.id == repayment.c.loan_id)
        return (RowRule("repayment_before_disbursement", early.where(repayment.c.paid_at < loan.c.disbursed_at)),)
    return ()


def _member_rules() -> tuple[RowRule, ...]:
    referrer = member.alias()
    referred = select(member.c.id).join(referrer, referrer.c.id == member.c.referred_by_id)
    return (
        RowRule("self_referral", select(member.c.id).where(member.c.referred_by_id == member.c.id), "referred_by_id"),
        RowRule("registered_before_referrer", referred.where(member.c.registered_at < referrer.c.registered_at)),
    )


def _overlapping() -> Select[Any]:
    """Memberships that begin before any earlier one of the same member has ended."""
    earlier_end = func.max(func.coalesce(membership.c.ended_at, _OPEN_END)).over(
        partition_by=membership.c.member_id,
        order_by=(membership.c.started_at, membership.c.id),
        rows=(None, -1),
    )
    periods = select(membership.c.id, membership.c.started_at, earlier_end.label("earlier_end")).subquery()
    return select(periods.c.id).where(periods.c.started_at < periods.c.earlier_end)


def _loan_rules() -> tuple[RowRule, ...]:
    applied = select(loan.c.id).join(application, application.c.id == loan.c.application_id)
    approved = func.coalesce(application.c.approved_amount, application.c.amount)
    written_off_at = func.coalesce(loan.c.written_off_at, loan.c.closed_at)
    endless = or_(
        and_(loan.c.status == "paid_off", loan.c.closed_at.is_(None)),
        and_(loan.c.status == "written_off", written_off_at.is_(None)),
    )
    early = or_(loan.c.closed_at < loan.c.disbursed_at, loan.c.written_off_at < loan.c.disbursed_at)
    return (
        *_schedule_rules(),
        RowRule("loan_not_approved", applied.where(application.c.status.not_in(["approved", "disbursed"]))),
        RowRule("loan_above_approval", applied.where(loan.c.principal > approved)),
        RowRule("loan_without_end", select(loan.c.id).where(endless)),
        RowRule("loan_ends_before_disbursement", select(loan.c.id).where(early)),
    )


def _schedule_rules() -> tuple[RowRule, ...]:
    """Loans without instalments break none of them: they are proved by a tape or by their outcome."""
    of_loan = (
        select(
            instalment.c.loan_id,
            func.count().label("rows"),
            func.count(instalment.c.number.distinct()).label("numbers"),
            func.min(instalment.c.number).label("first"),
            func.max(instalment.c.number).label("last"),
            func.sum(instalment.c.principal_due).label("principal"),
        )
        .group_by(instalment.c.loan_id)
        .subquery()
    )
    scheduled = select(loan.c.id).join(of_loan, of_loan.c.loan_id == loan.c.id)
    misnumbered = or_(
        of_loan.c.rows != loan.c.term_months,
        of_loan.c.numbers != loan.c.term_months,
        of_loan.c.first != 1,
        of_loan.c.last != loan.c.term_months,
    )
    missummed = func.abs(of_loan.c.principal - loan.c.principal) > literal(_HALF_A_FEN, Float)
    return (
        RowRule("instalment_numbers", scheduled.where(misnumbered)),
        RowRule("instalment_principal", scheduled.where(missummed)),
    )


def in_tree(connection: Connection, table: Table, present: Present) -> Iterator[Finding]:
    """The rules on the whole referral tree, which is walked in memory: circles, and rewards' levels."""
    referred = select(member.c.id, member.c.referred_by_id).where(
        member.c.referred_by_id.is_not(None), member.c.referred_by_id != member.c.id
    )
    rewarded = select(reward.c.id, reward.c.beneficiary_id, reward.c.referee_id, reward.c.level).where(
        reward.c.side == "referrer", reward.c.level.is_not(None)
    )
    if not _reads_only(referred, present) or (table is reward and not _reads_only(rewarded, present)):
        return
    tree = ReferralTree(*_columns(connection, referred, 2))
    if table is member:
        kind, faulty = "referral_cycle", tree.on_circles()
    else:
        ids, upper, lower, levels = _columns(connection, rewarded, 4)
        above = tree.is_above(upper, lower, levels)
        kind, faulty = "reward_level", [id_ for id_, right in zip(ids, above, strict=True) if not right]
    if faulty:
        yield Finding(
            Severity.BROKEN, table.name, "", kind, len(faulty), tuple(f"id {id_}" for id_ in sorted(faulty, key=str))
        )


def _columns(connection: Connection, statement: Select[Any], width: int) -> list[tuple[Any, ...]]:
    rows = connection.execute(statement).all()
    return list(zip(*rows, strict=True)) if rows else [()] * width
