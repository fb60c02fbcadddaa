"""Whether a loan's all-in rate is over the caps, and whether the membership fee that it required lifts it there."""

from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
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
)

from loanbook import copied
from loanbook.constructs import business_date, days_between
from loanbook.members.worth_schema import loan_price
from loanbook.snapshot_schema import instalment_state
from loanbook.working import drop, keep_table, work_table
from rules.policy import Price

MONTHS_A_YEAR = 12
ROUNDING_FEN = 0.5  # of each instalment

_loan, _application, _membership = (copied.TABLES[name] for name in ("loan", "application", "membership"))
_prime_rate = copied.TABLES["prime_rate"]

Value = ColumnElement[Any]


def build(snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, policy: Price) -> None:
    """Fill `loan_price`.

    numbers: those of `member_number`; loans: those of `standing.loans`.
    Grain: one row per loan with instalments of a known member, in the order of loan_no.
    Formula: the all-in rate (`rules.price.all_in_rate`: internal rate of return of a month x 12) is over a cap where
    the instalments, fees inside, discounted at the cap are worth more than what the borrower got: the principal less
    the upfront fee (and less the membership fee), by more than half a fen of rounding an instalment. So no rate has to
    be solved for, of which there are as many as loans. A membership fee is required for the first loan of that tier
    that is applied for within the policy's days after it was paid, and counts whole.
    Source: metrics.md, "all-in annual rate", trap 16.
    """
    fees = work_table(snapshot, "price_fee", _required_fees(loans, policy))
    offers = work_table(snapshot, "price_offer", _offers(loans, numbers, fees, policy))
    drop(snapshot, fees)
    keep_table(snapshot, loan_price, _priced(offers))
    drop(snapshot, offers)


def _required_fees(loans: FromClause, policy: Price) -> Select[Any]:
    """The membership fees that loans required. Grain: one row per loan that required one. Columns: loan_no, fee_fen."""
    loan, row = loans.c, _membership.c
    applied_on = func.coalesce(business_date(_application.c.applied_at), loan.disbursed_on, type_=Date())
    waited = days_between(business_date(row.started_at), applied_on)
    first = (
        select(row.id, func.min(loan.loan_no).label("loan_no"), func.min(row.fee_paid_fen).label("fee_fen"))
        .select_from(loans.outerjoin(_application, _application.c.id == loan.application_id))
        .join(_membership, and_(row.member_id == loan.member_id, row.tier_code == loan.tier_code))
        .where(row.fee_paid_fen > 0, waited >= 0, waited <= policy.membership_fee_days)
        .group_by(row.id)
        .subquery("first")
    )
    return select(first.c.loan_no, cast(func.sum(first.c.fee_fen), BigInteger).label("fee_fen")).group_by(
        first.c.loan_no
    )


def _offers(loans: FromClause, numbers: FromClause, fees: FromClause, policy: Price) -> Select[Any]:
    """What each borrower got, and the caps of the day it was lent as rates of a month."""
    loan, prime = loans.c, prime_in_force()
    multiple = cast(prime.c.one_year_rate, Double) * policy.prime_multiple
    return (
        select(
            loan.loan_no,
            numbers.c.member_no,
            loan.principal_fen,
            func.coalesce(_loan.c.upfront_fee_fen, 0).label("upfront_fee_fen"),
            func.coalesce(fees.c.fee_fen, 0).label("membership_fee_fen"),
            (literal(policy.cap_ratio, Double) / MONTHS_A_YEAR).label("cap_month"),
            (multiple / MONTHS_A_YEAR).label("prime_month"),
        )
        .join_from(loans, _loan, _loan.c.id == loan.id)
        .join(numbers, numbers.c.id == loan.member_id)
        .outerjoin(fees, fees.c.loan_no == loan.loan_no)
        .outerjoin(prime, in_force(prime, loan.disbursed_on))
    )


def prime_in_force() -> FromClause:
    """The prime rates, each from its day until the next one's; of several of one day the highest key's."""
    row = _prime_rate.c
    until_on = func.lead(row.starts_on, type_=Date()).over(order_by=(row.starts_on, row.id))
    return select(row.starts_on, until_on.label("until_on"), row.one_year_rate).subquery("prime")


def in_force(prime: FromClause, day: Value) -> ColumnElement[bool]:
    """Whether a row of `prime_in_force` holds on a day."""
    return and_(prime.c.starts_on <= day, or_(prime.c.until_on.is_(None), prime.c.until_on > day))


def _priced(offers: FromClause) -> Select[Any]:
    due, offer = instalment_state.c, offers.c
    present = (
        select(
            due.loan_no,
            func.sum(due.due_fen * func.pow(1.0 + offer.cap_month, -due.number)).label("at_cap"),
            func.sum(due.due_fen * func.pow(1.0 + offer.prime_month, -due.number)).label("at_prime"),
            (func.count() * ROUNDING_FEN).label("rounding"),
        )
        .join_from(instalment_state, offers, offer.loan_no == due.loan_no)
        .group_by(due.loan_no)
        .subquery("present")
    )
    got = offer.principal_fen - offer.upfront_fee_fen + present.c.rounding
    less = offer.membership_fee_fen
    return (
        select(
            offer.loan_no,
            offer.member_no,
            offer.upfront_fee_fen,
            offer.membership_fee_fen,
            (present.c.at_cap > got).label("over_cap"),
            (present.c.at_cap > got - less).label("over_cap_with_fee"),
            (present.c.at_prime > got).label("over_prime"),
            (present.c.at_prime > got - less).label("over_prime_with_fee"),
        )
        .join_from(present, offers, offer.loan_no == present.c.loan_no)
        .order_by(offer.loan_no)
    )
