"""Who has invited, and whether they had paid for a membership before: whether paying is a condition of inviting."""

from datetime import date

import duckdb
from sqlalchemy import FromClause, func, insert, select

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.referrals.reward_schema import inviter
from loanbook.snapshot_schema import member_journey
from loanbook.working import run

_membership = copied.TABLES["membership"]


def fill(snapshot: duckdb.DuckDBPyConnection, numbers: FromClause, as_of: date) -> None:
    """Fill `inviter`.

    `numbers`: the work table of `member_number`. Grain: one row per member with a referee.
    Formula: paid for is a membership of a reason "paid" with a fee, begun on or before the day of the first referee.
    Source: decree 444 of the State Council, article 7 (2).
    """
    member, bought = member_journey.c, _membership.c
    first = (
        select(member.referrer_no, func.min(member.registered_on).label("first_referral_on"))
        .where(member.referrer_no.is_not(None))
        .group_by(member.referrer_no)
        .subquery("first_referral")
    )
    bought_on = business_date(bought.started_at)
    paid = (
        select(
            first.c.referrer_no,
            func.min(bought_on).label("paid_on"),
            func.sum(bought.fee_paid_fen).label("paid_fen"),
        )
        .join_from(_membership, numbers, numbers.c.id == bought.member_id)
        .join(first, first.c.referrer_no == numbers.c.member_no)
        .where(bought.reason == "paid", bought.fee_paid_fen > 0, bought_on <= first.c.first_referral_on)
        .where(bought_on <= as_of)
        .group_by(first.c.referrer_no)
        .subquery("paid")
    )
    rows = (
        select(
            first.c.referrer_no.label("member_no"),
            first.c.first_referral_on,
            paid.c.paid_on,
            func.coalesce(paid.c.paid_fen, 0).label("paid_fen"),
        )
        .select_from(first.outerjoin(paid, paid.c.referrer_no == first.c.referrer_no))
        .order_by(first.c.referrer_no)
    )
    run(snapshot, insert(inviter).from_select([each.name for each in inviter.columns], rows))
