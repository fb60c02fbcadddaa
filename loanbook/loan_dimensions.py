"""What each loan is in every dimension, as text: looked up from the copied tables."""

from typing import Any

import duckdb
from sqlalchemy import ColumnElement, Double, FromClause, Select, String, case, cast, extract, func, literal, select

from loanbook import copied, dimension_values
from loanbook.constructs import business_date, year_month
from loanbook.dimension_values import banded, text
from loanbook.working import run
from rules import dimensions as d
from rules.dimensions import UNKNOWN
from rules.policy import Bands

FEN_PER_CNY = 100

_application, _member, _score = (copied.TABLES[name] for name in ("application", "member", "score"))
_product, _funder = copied.TABLES["product"], copied.TABLES["funder"]


def of_loans(
    snapshot: duckdb.DuckDBPyConnection, loans: FromClause, scores: FromClause, levels: FromClause, bands: Bands
) -> Select[Any]:
    """The value of every dimension for every loan; `scores` are the `latest_scores`.

    Grain: one row per loan of `loans`. Columns: loan_no, member_id, disbursed_on; applied_fen, score, income_fen and
    declared_fen of its application; and a text per dimension.
    Formula: what held at origination; the score is the application's latest; age is the year of disbursement less the
    year of birth; bands by the policy's edges; unknown where the book records nothing.
    """
    application, member, score = _application, _member, scores
    product, funder = _once(_product, "code"), _once(_funder, "name")
    age = extract("year", loans.c.disbursed_on) - member.c.birth_year
    within = case((application.c.within_policy, literal("within")), else_=literal("outside"))
    recorded: dict[d.Dimension, ColumnElement[Any]] = {
        d.TIER: text(loans.c.tier_code),
        d.CHANNEL: text(loans.c.acquisition_channel),
        d.PRODUCT: text(product.c.code),
        d.PROVINCE: text(member.c.province),
        d.SCORE_BAND: banded(score.c.score, bands.score),
        d.AGE_BAND: banded(age, bands.age),
        d.TERM: _term(snapshot, loans, bands),
        d.AMOUNT_BAND: banded(loans.c.principal_fen, bands.amount, FEN_PER_CNY),
        d.REFERRAL_LEVEL: _level(snapshot, levels),
        d.FUNDER: text(funder.c.name),
        d.DISBURSED_MONTH: year_month(loans.c.disbursed_on),
        d.DECIDED_BY: text(application.c.decided_by),
        d.GRADE: text(application.c.grade),
        d.PURPOSE: text(application.c.purpose),
        d.CREDIT_POLICY: case((application.c.within_policy.is_(None), literal(UNKNOWN)), else_=within),
    }
    return (
        select(
            loans.c.loan_no,
            loans.c.member_id,
            loans.c.disbursed_on,
            application.c.amount_fen.label("applied_fen"),
            cast(score.c.score, Double).label("score"),
            application.c.monthly_income_fen.label("income_fen"),
            application.c.existing_debt_fen.label("declared_fen"),
            *(recorded[dimension].label(dimension.code) for dimension in d.ALL),
        )
        .select_from(loans)
        .outerjoin(application, application.c.id == loans.c.application_id)
        .outerjoin(score, score.c.loan_no == loans.c.loan_no)
        .outerjoin(member, member.c.id == loans.c.member_id)
        .outerjoin(levels, levels.c.member_id == loans.c.member_id)
        .outerjoin(product, product.c.id == loans.c.product_id)
        .outerjoin(funder, funder.c.id == loans.c.funder_id)
    )


def _once(table: FromClause, name: str) -> FromClause:
    """A small table by its key; a repeated key has the first of its names."""
    return select(table.c.id, func.min(table.c[name]).label(name)).group_by(table.c.id).subquery()


def latest_scores(loans: FromClause) -> Select[Any]:
    """The last score of each loan's application by the day of disbursement; later ones did not decide on it.

    Grain: one row per loan that has such a score. Columns: loan_no, score.
    """
    row = _score.c
    newest_first = func.row_number().over(partition_by=loans.c.loan_no, order_by=(row.scored_at.desc(), row.id.desc()))
    ranked = (
        select(loans.c.loan_no, row.score, newest_first.label("place"))
        .join_from(loans, _score, row.application_id == loans.c.application_id)
        .where(business_date(row.scored_at) <= loans.c.disbursed_on)
        .subquery("ranked")
    )
    return select(ranked.c.loan_no, ranked.c.score).where(ranked.c.place == 1)


def _term(snapshot: duckdb.DuckDBPyConnection, loans: FromClause, bands: Bands) -> ColumnElement[Any]:
    """The months themselves where a book has few different terms, else their band."""
    [(different,)] = run(snapshot, select(func.count(loans.c.term_months.distinct())).select_from(loans))
    if different <= dimension_values.MOST_EXACT_TERMS:
        return cast(loans.c.term_months, String)
    return banded(loans.c.term_months, bands.term_months)


def _level(snapshot: duckdb.DuckDBPyConnection, levels: FromClause) -> ColumnElement[Any]:
    """The referral level; unknown throughout in a book that records no referral at all."""
    [(deepest,)] = run(snapshot, select(func.max(levels.c.level)))
    if not deepest:
        return literal(UNKNOWN)
    return func.coalesce(dimension_values.level(levels.c.level), literal(UNKNOWN))
