"""Which loans cost more than the caps, every fee inside, and which of them only with the membership fee."""

from typing import Any

from sqlalchemy import Select, String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from loanbook.members.worth_schema import loan_price
from loanbook.snapshot_schema import instalment_state, loan_fact, member_journey
from queries.members import passing
from rules import dimensions
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]

LISTED = (dimensions.TIER, dimensions.CHANNEL, dimensions.PRODUCT, dimensions.PROVINCE)


def by_tier(selection: MemberSelection) -> Rows:
    """Loans over the caps by tier at origination.

    Grain: one row per tier that loans of passing members were made on, in the tiers' order.
    Columns: tier; loans; with_fee (loans that required a membership fee); over_cap: over it without that fee; lifted:
    over it only with it; told_prime: loans of whose day the prime rate is known; over_prime, lifted_prime: the same of
    the multiple of the prime rate.
    Excludes: loans without instalments; of the selection only the choices count, for a price is judged whenever its
    borrower came.
    Source: metrics.md, "all-in annual rate".
    """
    row, tier = loan_price.c, loan_fact.c.tier
    return (
        select(
            cast(tier, String).label("tier"),
            func.count().label("loans"),
            func.count().filter(row.membership_fee_fen > 0).label("with_fee"),
            func.count().filter(row.over_cap).label("over_cap"),
            func.count().filter(row.over_cap_with_fee, ~row.over_cap).label("lifted"),
            func.count(row.over_prime).label("told_prime"),
            func.count().filter(row.over_prime).label("over_prime"),
            func.count().filter(row.over_prime_with_fee, ~row.over_prime).label("lifted_prime"),
        )
        .join_from(loan_price, loan_fact, loan_fact.c.loan_no == row.loan_no)
        .join(member_journey, member_journey.c.member_no == row.member_no)
        .where(passing(selection.over_all_time()))
        .group_by(tier)
        .order_by(tier)
    )


def over_cap(selection: MemberSelection, *, first: int | None = None) -> Rows:
    """The loans over the cap, with what their rates are found from: they re-sum to over_cap and lifted of `by_tier`.

    Grain: one row per loan over the cap with every fee; those over it without the membership fee first, then the
    newest first.
    Columns: loan_no, loan_id, disbursed_on, the dimensions LISTED, principal_fen, upfront_fee_fen, membership_fee_fen,
    over_cap (without the membership fee), over_prime, dues_fen (what is due each month, as a text with blanks between).
    Excludes: as `by_tier`; those past the `first` so many.
    """
    row, loan, due = loan_price.c, loan_fact.c, instalment_state.c
    order = row.over_cap.desc(), row.loan_no.desc()
    listed = (
        select(row.loan_no)
        .join_from(loan_price, member_journey, member_journey.c.member_no == row.member_no)
        .where(passing(selection.over_all_time()), row.over_cap_with_fee)
        .order_by(*order)
    )
    listed = listed if first is None else listed.limit(first)
    dues = (
        select(
            due.loan_no,
            func.string_agg(cast(due.due_fen, String), aggregate_order_by(literal(" "), due.number)).label("dues_fen"),
        )
        .where(due.loan_no.in_(listed))
        .group_by(due.loan_no)
        .subquery("dues")
    )
    return (
        select(
            row.loan_no,
            loan.loan_id,
            loan.disbursed_on,
            *(cast(loan[dimension.code], String).label(dimension.code) for dimension in LISTED),
            loan.principal_fen,
            row.upfront_fee_fen,
            row.membership_fee_fen,
            row.over_cap,
            row.over_prime,
            dues.c.dues_fen,
        )
        .join_from(dues, loan_price, row.loan_no == dues.c.loan_no)
        .join(loan_fact, loan.loan_no == row.loan_no)
        .order_by(*order)
    )
