"""What was granted to members when their first loan was repaid or they joined a tier, and what came after."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    String,
    TableClause,
    and_,
    case,
    cast,
    extract,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from loanbook import copied
from loanbook.constructs import business_date, days_between, month_number
from loanbook.members import contribution_around
from loanbook.members.movement_schema import membership_spell
from loanbook.members.worth_schema import perk_trial
from loanbook.snapshot_schema import loan_fact, loan_state, member_journey
from loanbook.working import drop, keep_table, work_table
from rules.calendar import newest_month_end
from rules.dimensions import UNKNOWN
from rules.migration import JOINED
from rules.perks import NONE, SEVERAL, Occasion
from rules.policy import Perks

MOST_LOANS_BEFORE = 3  # or more

_perk, _member = copied.TABLES["perk"], copied.TABLES["member"]

Value = ColumnElement[Any]


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, as_of: date, policy: Perks
) -> None:
    """Fill `perk_trial`, from member_value and what else has been derived of members.

    numbers: those of `member_number`; loans: those of `standing.loans`.
    Grain: one row per member and occasion: the payoff of the first loan, the first time on a tier above the lowest.
    Formula: a perk was granted for an occasion if that was on its day or within the policy's days after it, and not
    after the next loan. Who was granted one counts as granted, redeemed or not (intention to treat): those who redeem
    have all come back. What the member was like is taken by the day of the occasion, what came after from it on.
    Excludes: perks at other times and later occasions, so that each member counts once.
    Source: metrics.md, "Lifetime value".
    """
    lent = work_table(snapshot, "trial_loan", _lent(loans, numbers))
    occasions = work_table(snapshot, "trial_occasion", _occasions(lent))
    followed = work_table(snapshot, "trial_followed", _followed(occasions, lent))
    drop(snapshot, occasions, lent)
    granted = work_table(snapshot, "trial_granted", _granted(followed, numbers, policy))
    valued = contribution_around.find(snapshot, followed, policy.value_months)
    keep_table(snapshot, perk_trial, _trials(followed, granted, valued, numbers, as_of, policy))
    drop(snapshot, followed, granted, valued)


def _lent(loans: FromClause, numbers: FromClause) -> Select[Any]:
    """The loans of known members with how they ended, numbered in their order."""
    loan, state, fact = loans.c, loan_state.c, loan_fact.c
    return (
        select(
            numbers.c.member_no,
            func.row_number().over(partition_by=numbers.c.member_no, order_by=loan.loan_no).label("place"),
            loan.disbursed_on,
            loan.paid_off_on,
            loan.principal_fen,
            state.worst_days_past_due,
            cast(fact.score_band, String).label("score_band"),
        )
        .join_from(loans, numbers, numbers.c.id == loan.member_id)
        .join(loan_state, state.loan_no == loan.loan_no)
        .join(loan_fact, fact.loan_no == loan.loan_no)
    )


def _occasions(lent: FromClause) -> Select[Any]:
    spell, loan = membership_spell.c, lent.c
    repaid = select(
        loan.member_no,
        literal(Occasion.FIRST_REPAID.value, String).label("occasion"),
        loan.paid_off_on.label("occurred_on"),
        loan.score_band,
        loan.principal_fen,
        loan.worst_days_past_due,
    ).where(loan.place == 1, loan.paid_off_on.is_not(None))
    joined = (
        select(
            spell.member_no,
            literal(Occasion.FIRST_TIER.value, String),
            func.min(spell.from_on),
            literal(UNKNOWN, String),
            cast(null(), BigInteger),
            cast(null(), Integer),
        )
        .where(cast(spell.change, String) == JOINED)
        .group_by(spell.member_no)
    )
    each = union_all(repaid, joined).subquery("each")
    return select(*each.c)


def _followed(occasions: FromClause, lent: FromClause) -> Select[Any]:
    """The occasions with the loans before and the next one after."""
    row, loan = occasions.c, lent.c
    counted = (
        select(
            row.member_no,
            row.occasion,
            func.count(loan.disbursed_on).filter(loan.disbursed_on <= row.occurred_on).label("loans_before"),
            func.min(case((loan.disbursed_on > row.occurred_on, loan.disbursed_on)), type_=Date()).label("next_on"),
        )
        .select_from(occasions.outerjoin(lent, loan.member_no == row.member_no))
        .group_by(row.member_no, row.occasion)
        .subquery("counted")
    )
    number = func.row_number().over().label("trial_no")
    return select(number, *row, counted.c.loans_before, counted.c.next_on).join_from(
        occasions, counted, and_(counted.c.member_no == row.member_no, counted.c.occasion == row.occasion)
    )


def _granted(followed: FromClause, numbers: FromClause, policy: Perks) -> Select[Any]:
    """What was granted for each occasion. Grain: one row per occasion for which something was."""
    row, perk = followed.c, _perk.c
    granted_on = business_date(perk.granted_at)
    waited = days_between(row.occurred_on, granted_on)
    kind = case((func.min(perk.kind) == func.max(perk.kind), func.min(perk.kind)), else_=SEVERAL)
    return (
        select(
            row.trial_no,
            kind.label("kind"),
            func.bool_or(perk.redeemed_at.is_not(None)).label("redeemed"),
        )
        .join_from(_perk, numbers, numbers.c.id == perk.member_id)
        .join(followed, row.member_no == numbers.c.member_no)
        .where(waited >= 0, waited <= policy.granted_within_days)
        .where(or_(row.next_on.is_(None), granted_on <= row.next_on))
        .group_by(row.trial_no)
    )


def _trials(
    followed: FromClause, granted: FromClause, valued: FromClause, numbers: FromClause, as_of: date, policy: Perks
) -> Select[Any]:
    row, member, spell = followed.c, member_journey.c, membership_spell.c
    holds = and_(
        spell.member_no == row.member_no,
        spell.from_on <= row.occurred_on,
        or_(spell.until_on.is_(None), spell.until_on > row.occurred_on),
    )
    quarter = func.concat(
        cast(extract("year", row.occurred_on), String), "Q", cast(extract("quarter", row.occurred_on), String)
    )
    after = func.greatest(
        month_number(literal(newest_month_end(as_of), Date)) - month_number(row.occurred_on), literal(0, Integer)
    )
    return (
        select(
            row.member_no,
            row.occasion,
            row.occurred_on,
            func.coalesce(granted.c.kind, NONE).label("kind"),
            func.coalesce(granted.c.redeemed, false()).label("redeemed"),
            func.coalesce(cast(spell.tier, String), UNKNOWN).label("tier"),
            cast(member.channel, String).label("channel"),
            row.score_band,
            quarter.label("quarter"),
            cast(func.least(row.loans_before, MOST_LOANS_BEFORE), SmallInteger).label("loans_before"),
            _member.c.monthly_income_fen.label("income_fen"),
            row.principal_fen,
            row.worst_days_past_due,
            cast(extract("year", row.occurred_on) - _member.c.birth_year, SmallInteger).label("age_years"),
            days_between(member.registered_on, row.occurred_on).label("member_days"),
            valued.c.before_fen.label("value_before_fen"),
            days_between(row.occurred_on, literal(as_of, Date)).label("observed_days"),
            days_between(row.occurred_on, row.next_on).label("again_days"),
            cast(after, SmallInteger).label("observed_months"),
            case((after >= policy.value_months, valued.c.after_fen)).label("value_fen"),
        )
        .join_from(followed, member_journey, member.member_no == row.member_no)
        .join(numbers, numbers.c.member_no == row.member_no)
        .join(_member, _member.c.id == numbers.c.id)
        .outerjoin(granted, granted.c.trial_no == row.trial_no)
        .join(valued, valued.c.trial_no == row.trial_no)
        .outerjoin(membership_spell, holds)
        .order_by(row.member_no, row.occasion)
    )
