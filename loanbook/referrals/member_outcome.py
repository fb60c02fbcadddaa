"""What became of each member: the first loan, what the member is worth, what was earned by inviting."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import BigInteger, Boolean, Date, FromClause, Integer, Select, case, cast, func, literal, null, select

from loanbook.constructs import end_of_month, month_number, months_until
from loanbook.members.worth_schema import member_value
from loanbook.referrals.growth_schema import member_outcome
from loanbook.referrals.reward_schema import abuse_signal, reward_fact
from loanbook.snapshot_schema import DEFINITIONS, loan_fact, member_journey
from loanbook.working import keep_table, run
from rules import worth

_FEN_PER_CNY = 100


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: FromClause, loans: FromClause, as_of: date, value_months: int
) -> None:
    """Fill `member_outcome`.

    numbers: each member's key and number (id, member_no); loans: those of `standing.loans`.
    Grain: one row per member, in the order of member_no.
    Formula: the first loan is the usable one with the smallest loan_no. Value is contribution as `rules.worth` has it,
    of the months from registration (month 0) to `value_months` of them; it is null until the last of those has ended,
    and throughout in a book that tells nothing of it.
    Source: metrics.md, "default rate at H", "Lifetime value", trap 1.
    """
    told = {
        "value": _any(snapshot, member_value),
        "reward": _any(snapshot, reward_fact),
        "abuse": _any(snapshot, abuse_signal),
    }
    keep_table(snapshot, member_outcome, _outcomes(numbers, loans, as_of, value_months, told))


def _any(snapshot: duckdb.DuckDBPyConnection, table: FromClause) -> bool:
    return bool(run(snapshot, select(literal(1)).select_from(table).limit(1)))


def _outcomes(
    numbers: FromClause, loans: FromClause, as_of: date, value_months: int, told: dict[str, bool]
) -> Select[Any]:
    member, fact = member_journey.c, loan_fact.c
    first, value, earned = _first_loans(numbers, loans), _values(value_months), _earned()
    suspected = select(abuse_signal.c.member_no).where(abuse_signal.c.suspected).subquery("suspected")
    last_month = month_number(member.registered_on) + value_months - 1
    whole = end_of_month(last_month) <= literal(as_of, Date)
    value_fen = case((whole, func.coalesce(value.c.value_fen, 0))) if told["value"] else null()
    in_cny = func.round(cast(value_fen, BigInteger) / float(_FEN_PER_CNY))
    known = {
        "loan_no": first.c.loan_no,
        "observed_months": fact.observed_months,
        "final_observed": fact.final_observed,
        **{f"default_month_{name}": fact[f"default_month_{name}"] for name in DEFINITIONS},
        "again_month": months_until(member.first_disbursed_on, member.second_disbursed_on),
        "value_fen": value_fen,
        "value_cny_squared": in_cny * in_cny,
        "value_so_far_fen": func.coalesce(value.c.value_so_far_fen, 0) if told["value"] else null(),
        "reward_fen": func.coalesce(earned.c.reward_fen, 0) if told["reward"] else null(),
        "suspected": suspected.c.member_no.is_not(None) if told["abuse"] else cast(null(), Boolean),
    }
    applications = {"applied": member.first_applied_on, "approved": member.first_approved_on}
    known |= {name: day.is_not(None) for name, day in applications.items()}
    return (
        select(
            *(
                cast(known[each.name], each.type).label(each.name) if each.name in known else member[each.name]
                for each in member_outcome.columns
            ),
        )
        .select_from(member_journey)
        .outerjoin(first, first.c.member_no == member.member_no)
        .outerjoin(loan_fact, fact.loan_no == first.c.loan_no)
        .outerjoin(value, value.c.member_no == member.member_no)
        .outerjoin(earned, earned.c.member_no == member.member_no)
        .outerjoin(suspected, suspected.c.member_no == member.member_no)
        .order_by(member.member_no)
    )


def _first_loans(numbers: FromClause, loans: FromClause) -> FromClause:
    return (
        select(numbers.c.member_no, cast(func.min(loans.c.loan_no), Integer).label("loan_no"))
        .join_from(loans, numbers, numbers.c.id == loans.c.member_id)
        .group_by(numbers.c.member_no)
        .subquery("first_loan")
    )


def _values(value_months: int) -> FromClause:
    """Contribution of each member, in the first months and in all so far."""
    row = member_value.c
    each = sum(row[part.column] for part in worth.INCOME) - sum(row[part.column] for part in worth.COSTS)
    return (
        select(
            row.member_no,
            func.sum(each).filter(row.month < value_months).label("value_fen"),
            func.sum(each).label("value_so_far_fen"),
        )
        .group_by(row.member_no)
        .subquery("member_worth")
    )


def _earned() -> FromClause:
    """Rewards that members have accrued, less what was reversed."""
    row = reward_fact.c
    return (
        select(row.beneficiary_no.label("member_no"), func.sum(row.fen).label("reward_fen"))
        .where(row.reversed_on.is_(None), row.beneficiary_no.is_not(None))
        .group_by(row.beneficiary_no)
        .subquery("earned")
    )
