"""What is held against the rules of lending: price, what customers were told and agreed to, what one may owe."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    ColumnElement,
    Date,
    Double,
    FromClause,
    Select,
    TableClause,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)

from loanbook import closed_day, copied
from loanbook.compliance.judging import breach, count, keep, spans
from loanbook.constructs import business_date
from loanbook.loan_dimensions import FEN_PER_CNY
from loanbook.members.loan_price import MONTHS_A_YEAR, ROUNDING_FEN
from loanbook.members.worth_schema import loan_price
from loanbook.snapshot_schema import instalment_state, loan_state
from loanbook.working import drop, work_table
from rules.compliance import Rule
from rules.compliance_policy import Balance, Compliance, ShownPrice

_loans, _applications, _members = (copied.TABLES[name] for name in ("loan", "application", "member"))
_loan, _application, _member = _loans.c, _applications.c, _members.c


def judge(
    snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, as_of: date, rules: Compliance
) -> None:
    """Add what was judged and found of loans, applications and members, from `loan_price` and `loan_state`.

    numbers: those of `member_number`; loans: those of `standing.loans`. A rule judges loans by the day on which they
    were disbursed, members by the day on which they were verified, balances as they are at as_of.
    Source: metrics.md, "Collections and compliance", "all-in annual rate".
    """
    price = loan_price.c
    for _limit, within in spans(rules.price_cap, loans.c.disbursed_on):
        _over(snapshot, Rule.PRICE_CAP, loans, price.over_cap, within)
        _over(snapshot, Rule.REQUIRED_FEE, loans, and_(price.over_cap_with_fee, ~price.over_cap), within)
    for _limit, within in spans(rules.prime_cap, loans.c.disbursed_on):
        _over(snapshot, Rule.PRIME_CAP, loans, price.over_prime_with_fee, within)
    told = work_table(snapshot, "loan_told", _told(loans))
    for _limit, within in spans(rules.disclosure, told.c.disbursed_on):
        _unconfirmed(snapshot, told, within)
    for limit, within in spans(rules.shown_price, told.c.disbursed_on):
        _shown_otherwise(snapshot, told, limit, within)
    drop(snapshot, told)
    for balance in [limit for limit in rules.balance if limit.from_on <= as_of][-1:]:
        _owe_too_much(snapshot, loans, balance, as_of)
    verified_on = business_date(_member.verified_at)
    for _limit, within in spans(rules.consent, verified_on):
        _without_consent(snapshot, numbers, verified_on, and_(within, verified_on <= as_of))


def _over(
    snapshot: duckdb.DuckDBPyConnection,
    rule: Rule,
    loans: TableClause,
    over: ColumnElement[bool],
    within: ColumnElement[bool],
) -> None:
    loan = loans.c
    priced = loans.join(loan_price, loan_price.c.loan_no == loan.loan_no)
    count(snapshot, rule, priced, loan.disbursed_on, and_(within, over.is_not(None)))
    found = breach(rule, on=loan.disbursed_on, subject=loan.id, member=loan.member_id, loan=loan.id)
    keep(snapshot, found.select_from(priced).where(within, over))


def _told(loans: TableClause) -> Select[Any]:
    """Loans with what their applications say that the customer was told. Grain: one row per loan of an application."""
    loan, row = loans.c, _application
    return (
        select(
            loan.loan_no,
            loan.id.label("loan_id"),
            loan.member_id,
            loan.application_id,
            loan.disbursed_on,
            _loan.disbursed_at,
            row.disclosure_confirmed_at,
            cast(row.disclosed_rate, Double).label("shown_rate"),
            (loan.principal_fen - func.coalesce(_loan.upfront_fee_fen, 0)).label("got_fen"),
        )
        .join_from(loans, _loans, _loan.id == loan.id)
        .join(_applications, row.id == loan.application_id)
    )


def _unconfirmed(snapshot: duckdb.DuckDBPyConnection, told: TableClause, within: ColumnElement[bool]) -> None:
    row = told.c
    count(snapshot, Rule.DISCLOSURE, told, row.disbursed_on, within)
    found = breach(
        Rule.DISCLOSURE, on=row.disbursed_on, subject=row.application_id, member=row.member_id, loan=row.loan_id
    )
    late = or_(row.disclosure_confirmed_at.is_(None), row.disclosure_confirmed_at > row.disbursed_at)
    keep(snapshot, found.select_from(told).where(within, late))


def _shown_otherwise(
    snapshot: duckdb.DuckDBPyConnection, told: TableClause, limit: ShownPrice, within: ColumnElement[bool]
) -> None:
    """Loans whose rate lies outside of the shown one ± the limit.

    So no rate is solved for: at a rate below its own, a loan's instalments are worth more than what was received.
    """
    row, due = told.c, instalment_state.c

    def worth(points: float) -> ColumnElement[Any]:
        month = (row.shown_rate + points) / MONTHS_A_YEAR
        return func.sum(due.due_fen * func.pow(1.0 + month, -due.number))

    present = (
        select(
            due.loan_no,
            worth(limit.points).label("at_more"),
            worth(-limit.points).label("at_less"),
            (func.count() * ROUNDING_FEN).label("rounding"),
        )
        .join_from(told, instalment_state, due.loan_no == row.loan_no)
        .where(within, row.shown_rate.is_not(None))
        .group_by(due.loan_no)
    )
    priced = work_table(snapshot, "shown_price", present)
    shown: FromClause = told.join(priced, priced.c.loan_no == row.loan_no)
    count(snapshot, Rule.SHOWN_PRICE, shown, row.disbursed_on, within)
    found = breach(
        Rule.SHOWN_PRICE, on=row.disbursed_on, subject=row.loan_id, member=row.member_id, loan=row.loan_id,
        observed=row.shown_rate,
    )  # fmt: skip
    dearer = priced.c.at_more > row.got_fen + priced.c.rounding
    cheaper = priced.c.at_less < row.got_fen - priced.c.rounding
    keep(snapshot, found.select_from(shown).where(within, or_(dearer, cheaper)))
    drop(snapshot, priced)


def _owe_too_much(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, limit: Balance, as_of: date) -> None:
    loan, state = loans.c, loan_state.c
    owing = (
        select(loan.member_id, func.sum(state.outstanding_fen).label("fen"))
        .join_from(loans, loan_state, state.loan_no == loan.loan_no)
        .where(state.outstanding_fen > 0)
        .group_by(loan.member_id)
        .subquery("owing")
    )
    today, cny = literal(as_of, Date), owing.c.fen / float(FEN_PER_CNY)
    count(snapshot, Rule.BALANCE, owing, today, true())
    found = breach(
        Rule.BALANCE, on=today, subject=owing.c.member_id, member=owing.c.member_id, observed=cny, allowed=limit.cny
    )
    keep(snapshot, found.select_from(owing).where(owing.c.fen > limit.cny * FEN_PER_CNY))


def _without_consent(
    snapshot: duckdb.DuckDBPyConnection,
    numbers: TableClause,
    verified_on: ColumnElement[Any],
    within: ColumnElement[bool],
) -> None:
    row = _member
    known = numbers.join(_members, row.id == numbers.c.id)
    verified = and_(within, row.verified_at.is_not(None), closed_day.possible(row.verified_at))
    count(snapshot, Rule.CONSENT, known, verified_on, verified)
    found = breach(Rule.CONSENT, on=verified_on, at=row.verified_at, subject=row.id, member=row.id)
    late = or_(row.sensitive_data_consent_at.is_(None), row.sensitive_data_consent_at > row.verified_at)
    keep(snapshot, found.select_from(known).where(verified, late))
