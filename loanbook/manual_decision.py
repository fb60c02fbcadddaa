"""What persons decided of applications, as the loan database tells, and which loans came of it."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    Date,
    FromClause,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
)

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.snapshot_schema import manual_decision
from loanbook.working import create_tables, run
from rules.review_case import Outcome, Override

_application, _check, _product = (copied.TABLES[name] for name in ("application", "application_check", "product"))
_PERSON = "manual"


def fill(snapshot: duckdb.DuckDBPyConnection, loans: FromClause, as_of: date) -> None:
    """Fill `manual_decision` from the copied tables; `loans`: those that count, `standing.loans`."""
    create_tables(snapshot, manual_decision.name)
    decided = _decided(loans, as_of)
    run(snapshot, insert(manual_decision).from_select([each.name for each in decided.selected_columns], decided))


def _decided(loans: FromClause, as_of: date) -> Select[Any]:
    """Grain: one row per application that was granted or declined by as_of, unless rules or the model decided it.

    Formula: granted where an amount was approved, less where that is below what was asked for. A decision goes against
    rules and model as `rules.review_reasons.override` has it.
    Excludes: applications without an instant of decision; those withdrawn before anything was approved.
    """
    asked = _application.c
    by_person = or_(asked.decided_by == _PERSON, asked.decided_by.is_(None))
    granted = asked.approved_amount_fen.is_not(None) | asked.status.in_(("approved", "disbursed"))
    decided = and_(
        by_person, asked.status != "open", asked.decided_at.is_not(None),
        business_date(asked.decided_at) <= literal(as_of, Date), or_(granted, asked.status == "declined"),
    )  # fmt: skip
    outcome = case(
        (~granted, Outcome.DECLINED.value),
        (asked.approved_amount_fen < asked.amount_fen, Outcome.APPROVED_LESS.value),
        else_=Outcome.APPROVED.value,
    )
    said = _said(select(asked.id).where(by_person))
    failed = func.coalesce(said.c.failed, False)
    override = case((granted & failed, Override.LOW_SIDE.value), (~granted & ~failed, Override.HIGH_SIDE.value))
    products = select(_product.c.id, func.min(_product.c.code).label("code")).group_by(_product.c.id).subquery()
    loan = (
        select(loans.c.application_id, func.min(loans.c.loan_no).label("loan_no"))
        .group_by(loans.c.application_id)
        .subquery("loan_of")
    )
    return (
        select(
            cast(asked.id, String).label("application_id"),
            (asked.decided_by == _PERSON).is_(True).label("recorded"),
            asked.applied_at,
            asked.decided_at,
            products.c.code.label("product"),
            asked.amount_fen,
            outcome.label("outcome"),
            override.label("override"),
            said.c.reason,
            loan.c.loan_no,
        )
        .outerjoin_from(_application, said, said.c.application_id == asked.id)
        .outerjoin(products, products.c.id == asked.product_id)
        .outerjoin(loan, loan.c.application_id == asked.id)
        .where(decided)
        .order_by(asked.decided_at, asked.id)
    )


def _said(of: Select[Any]) -> Any:
    """Whether rules or model failed an application, and what the person's own check says."""
    check = _check.c
    judging = and_(check.outcome == "fail", check.layer != _PERSON)
    return (
        select(
            check.application_id,
            (func.count().filter(judging) > 0).label("failed"),
            func.max(check.value).filter(check.layer == _PERSON).label("reason"),
        )
        .where(check.application_id.in_(of))
        .group_by(check.application_id)
        .subquery("said")
    )
