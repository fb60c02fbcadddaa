"""How each application went: asked for by whom, decided by which layer, and what was granted afterwards."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    ColumnElement,
    Date,
    Double,
    FromClause,
    Integer,
    Select,
    String,
    TableClause,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType

from loanbook import closed_day, copied, dimension_values
from loanbook.constructs import at_latest, business_date
from loanbook.dimension_values import banded, text
from loanbook.monitoring.monitoring_schema import application_fact
from loanbook.working import drop, keep_table, run, work_table
from rules import dimensions as d
from rules.policy import Bands

MODEL = "model"
APPROVED, DECLINED, OPEN = "approved", "declined", "open"

_application, _member, _product = (copied.TABLES[name] for name in ("application", "member", "product"))
_check, _score, _tier = (copied.TABLES[name] for name in ("application_check", "score", "tier"))


def build(snapshot: duckdb.DuckDBPyConnection, loans: FromClause, as_of: date, bands: Bands) -> None:
    """Fill `application_fact`; loans: those of `standing.loans`.

    Formula: approved where an amount was approved, as `manual_decision` has it; a decision after as_of has not come
    yet. The dimensions are those of the application: its tier and product, its member's channel and province, the band
    of its last score. A declined member's later loan is their first one disbursed on a later day than the application.
    Excludes: applications without a key or a possible instant.
    """
    told = work_table(snapshot, "application_text", _told(as_of, bands))
    types = _types(snapshot, told, bands)
    later = work_table(snapshot, "application_later", _later(told, loans))
    keep_table(snapshot, application_fact, _facts(told, later, types))
    drop(snapshot, told, later)


def _told(as_of: date, bands: Bands) -> Select[Any]:
    """Each application with its dimensions as text."""
    row, today = _application.c, literal(as_of, Date)
    member, product = _once(_member, "acquisition_channel", "province"), _once(_product, "code")
    scored = (
        select(_score.c.application_id, at_latest(cast(_score.c.score, Double), _score.c.scored_at).label("score"))
        .where(_score.c.score.is_not(None))
        .group_by(_score.c.application_id)
        .subquery("scored")
    )
    judged = (
        select(_check.c.application_id, func.bool_or(_check.c.outcome == "fail").label("failed"))
        .where(_check.c.layer == MODEL)
        .group_by(_check.c.application_id)
        .subquery("judged")
    )
    applied_on = business_date(row.applied_at)
    decided = and_(row.status != OPEN, func.coalesce(business_date(row.decided_at) <= today, literal(True)))
    granted = row.approved_amount_fen.is_not(None) | row.status.in_((APPROVED, "disbursed"))
    outcome = case((and_(decided, granted), APPROVED), (and_(decided, row.status == DECLINED), DECLINED), else_=OPEN)
    return (
        select(
            func.row_number().over(order_by=(row.applied_at, row.id)).label("application_no"),
            row.id,
            row.member_id,
            applied_on.label("applied_on"),
            text(row.tier_code).label(d.TIER.code),
            text(member.c.acquisition_channel).label(d.CHANNEL.code),
            text(product.c.code).label(d.PRODUCT.code),
            text(member.c.province).label(d.PROVINCE.code),
            banded(scored.c.score, bands.score).label(d.SCORE_BAND.code),
            row.amount_fen,
            outcome.label("outcome"),
            row.decided_by,
            judged.c.failed.label("below_cut_off"),
        )
        .select_from(_application)
        .outerjoin(member, member.c.id == row.member_id)
        .outerjoin(product, product.c.id == row.product_id)
        .outerjoin(scored, scored.c.application_id == row.id)
        .outerjoin(judged, judged.c.application_id == row.id)
        .where(row.id.is_not(None), closed_day.possible(row.applied_at), applied_on <= today)
    )


def _once(table: FromClause, *names: str) -> FromClause:
    """A table by its key; a repeated key has the first of its values."""
    return select(table.c.id, *(func.min(table.c[name]).label(name) for name in names)).group_by(table.c.id).subquery()


def _types(snapshot: duckdb.DuckDBPyConnection, told: TableClause, bands: Bands) -> dict[str, ENUM]:
    """The enums of the dimensions: the values that occur, in their order."""
    ranks = {
        code: rank for code, rank in run(snapshot, select(_tier.c.code, _tier.c.rank)) if code and rank is not None
    }
    types = {}
    for dimension in d.SHARED:
        code = dimension.code
        found = [value for (value,) in run(snapshot, select(told.c[code]).distinct())]
        values = dimension_values.in_order(code, found, bands, ranks) or [d.UNKNOWN]
        types[code] = ENUM(*values, name=f"application_{code}")
        run(snapshot, CreateEnumType(types[code]))
    return types


def _later(told: FromClause, loans: FromClause) -> Select[Any]:
    """The first loan that the member of a declined application was granted afterwards."""
    row, loan = told.c, loans.c
    return (
        select(row.application_no, cast(func.min(loan.loan_no), Integer).label("later_loan_no"))
        .join_from(told, loans, and_(loan.member_id == row.member_id, loan.disbursed_on > row.applied_on))
        .where(row.outcome == DECLINED, or_(loan.application_id.is_(None), loan.application_id != row.id))
        .group_by(row.application_no)
    )


def _facts(told: FromClause, later: FromClause, types: dict[str, ENUM]) -> Select[Any]:
    row = told.c
    decided_by: ColumnElement[Any] = case((row.outcome == OPEN, null()), else_=row.decided_by)
    return (
        select(
            cast(row.application_no, Integer).label("application_no"),
            cast(row.id, String).label("application_id"),
            row.applied_on,
            *(cast(row[code], kind).label(code) for code, kind in types.items()),
            row.amount_fen,
            row.outcome,
            decided_by.label("decided_by"),
            row.below_cut_off,
            later.c.later_loan_no,
        )
        .select_from(told.outerjoin(later, later.c.application_no == row.application_no))
        .order_by(row.application_no)
    )
