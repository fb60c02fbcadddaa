"""What each member has brought in and cost, month by month since registration, and on which tier."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    Double,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    TableClause,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.elements import Grouping

from loanbook import copied
from loanbook.constructs import add_days, business_date, days_between, end_of_month, month_number
from loanbook.members import expected_loss
from loanbook.members.movement_schema import membership_spell
from loanbook.members.worth_schema import member_value, tier_value
from loanbook.referrals.reward_schema import reward_fact
from loanbook.snapshot_schema import EXITS, loan_month, member_journey
from loanbook.working import drop, keep_table, work_table
from rules import worth
from rules.calendar import newest_month_end
from rules.worth import Part

DAYS_A_YEAR = 365
FORGONE = ("rate_cut",)  # perks whose cost is interest that is never charged: it is missing from the interest already

_loan, _repayment, _funder = (copied.TABLES[name] for name in ("loan", "repayment", "funder"))
_membership, _perk, _contact = (copied.TABLES[name] for name in ("membership", "perk", "contact"))

Value = ColumnElement[Any]


def build(snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, as_of: date) -> None:
    """Fill `member_value`, `tier_value` and `loss_expected`.

    numbers: those of `member_number`; loans: those of `standing.loans`.
    Grain: one row per member and month in which anything came in or was spent; one per member and tier held at the end
    of a month. Whole months alone, by the Asia/Shanghai date.
    Columns: interest_fen and fee_fen, received: of repayments as settlement allocates them, upfront fees when lent.
    membership_fee_fen: paid. funding_fen: principal at the month's beginning (of a new loan: when lent) x the funder's
    cost rate x its share x days / 365. loss_fen: principal not repaid when a loan left, less what was paid afterwards,
    plus what the expected loss of late loans rose by (`expected_loss`): over a loan's life it sums to what was lost.
    perk_fen: cost when redeemed, else when granted. contact_fen: cost. reward_fen: accrued for bringing this member
    (all sides and levels), less reversals.
    Formula: each amount belongs to the month of its own date, to month 0 where that lies before the registration; the
    tier is that held at the month's end (trap 12).
    Excludes: rate cuts' cost, which is missing from interest already; losses and funding of loans without instalments;
    amounts of members whom the book does not hold, or who registered after the last month end.
    Source: metrics.md, "Lifetime value"; data-model.md, "instalment_state".
    """
    newest = newest_month_end(as_of)
    millionths = expected_loss.fill(snapshot, as_of)
    lent = work_table(snapshot, "value_lent", _lent(loans, numbers, newest))
    booked = union_all(
        _of_months(lent, millionths),
        _of_disbursements(lent, newest),
        _of_recoveries(lent, newest),
        *_of_members(numbers, newest),
        *_of_rewards(newest),
    ).subquery("booked")
    summed = work_table(snapshot, "value_summed", _summed(booked, newest))
    drop(snapshot, lent)
    keep_table(snapshot, member_value, _with_tier(summed))
    drop(snapshot, summed)
    keep_table(snapshot, tier_value, _by_tier(newest))


def _lent(loans: FromClause, numbers: FromClause, newest: date) -> Select[Any]:
    """The loans of known members, and what funding them costs a year."""
    loan, source, last = loans.c, _loan.c, literal(newest, Date)
    funder = select(_funder.c.id, func.min(_funder.c.cost_rate).label("cost_rate")).group_by(_funder.c.id).subquery()
    paid_off = case((loan.paid_off_on <= last, end_of_month(month_number(loan.paid_off_on))))
    written_off = case((loan.charged_off_on <= last, loan.charged_off_on))
    cost = func.coalesce(cast(funder.c.cost_rate, Double), 0.0) * func.coalesce(cast(source.funder_share, Double), 1.0)
    return (
        select(
            loan.loan_no,
            loan.id,
            numbers.c.member_no,
            loan.principal_fen,
            loan.disbursed_on,
            func.least(loan.paid_off_on, loan.charged_off_on, type_=Date()).label("left_on"),
            func.coalesce(written_off, paid_off).label("counted_to"),  # what is paid later was lost before
            cost.label("funding_ratio"),
            func.coalesce(source.upfront_fee_fen, 0).label("upfront_fee_fen"),
        )
        .join_from(loans, _loan, source.id == loan.id)
        .join(numbers, numbers.c.id == loan.member_id)
        .outerjoin(funder, funder.c.id == loan.funder_id)
    )


def _of_months(lent: FromClause, millionths: dict[str, int]) -> Select[Any]:
    """Interest, fees, funding and losses of loans at their month ends."""
    month, loan = loan_month.c, lent.c
    opening = func.coalesce(month.previous_outstanding_fen, loan.principal_fen)
    is_first, has_left = month.months_on_book == 0, or_(*(month.bucket == state for state in EXITS))
    in_month = case((is_first, days_between(loan.disbursed_on, month.month_end)), else_=extract("day", month.month_end))
    days = in_month - case((has_left, days_between(loan.left_on, month.month_end)), else_=0)
    funding = cast(func.floor(opening * loan.funding_ratio * days / float(DAYS_A_YEAR) + 0.5), BigInteger)
    expected = _expected(month.bucket, month.outstanding_fen, millionths)
    before = _expected(month.previous_bucket, month.previous_outstanding_fen, millionths)
    amounts = {
        Part.INTEREST: month.interest_fen,
        Part.FEE: month.fee_fen,
        Part.FUNDING: funding,
        Part.LOSS: month.lost_fen + expected - before,
    }
    rows = _booked(loan.member_no, month.month_end, amounts).join_from(loan_month, lent, loan.loan_no == month.loan_no)
    return rows.where(month.interest_fen.is_not(None))


def _of_disbursements(lent: FromClause, newest: date) -> Select[Any]:
    loan = lent.c
    return _booked(loan.member_no, loan.disbursed_on, {Part.FEE: loan.upfront_fee_fen}).where(
        loan.upfront_fee_fen != 0, loan.disbursed_on <= newest
    )


def _of_recoveries(lent: FromClause, newest: date) -> Select[Any]:
    """What was paid on loans after they had left: it was lost before."""
    paid, paid_on = _repayment.c, business_date(_repayment.c.paid_at)
    return (
        _booked(lent.c.member_no, paid_on, {Part.LOSS: -paid.amount_fen})
        .join_from(_repayment, lent, lent.c.id == paid.loan_id)
        .where(paid_on > lent.c.counted_to, paid_on <= newest, paid.amount_fen > 0)
        .where(lent.c.loan_no.in_(select(loan_month.c.loan_no).where(loan_month.c.lost_fen != 0)))
    )


def _of_members(numbers: FromClause, newest: date) -> list[Select[Any]]:
    """Membership fees, perks and contacts."""
    perk_at = func.coalesce(_perk.c.redeemed_at, _perk.c.granted_at)
    contact_at = func.coalesce(_contact.c.contacted_at, _contact.c.planned_at)
    dated = [
        (_membership, business_date(_membership.c.started_at), Part.MEMBERSHIP_FEE, _membership.c.fee_paid_fen),
        (_perk, business_date(perk_at), Part.PERK, case((_perk.c.kind.not_in(FORGONE), _perk.c.cost_fen))),
        (_contact, business_date(contact_at), Part.CONTACT, _contact.c.cost_fen),
    ]
    return [
        _booked(numbers.c.member_no, day, {part: amount})
        .join_from(source, numbers, numbers.c.id == source.c.member_id)
        .where(day <= newest, amount != 0)
        for source, day, part, amount in dated
    ]


def _of_rewards(newest: date) -> list[Select[Any]]:
    reward = reward_fact.c
    signed = ((reward.accrued_on, reward.fen), (reward.reversed_on, -reward.fen))
    return [
        _booked(reward.referee_no, day, {Part.REWARD: amount}).where(
            reward.referee_no.is_not(None), day <= newest, amount != 0
        )
        for day, amount in signed
    ]


def _booked(member_no: Value, day: Value, amounts: dict[Part, Value]) -> Select[Any]:
    """Amounts of members on days, what a source does not tell as 0."""
    none = literal(0, BigInteger)
    parts = [func.coalesce(amounts.get(part, none), none).label(part.column) for part in worth.PARTS]
    return select(member_no.label("member_no"), month_number(day).label("month_no"), *parts)


def _expected(bucket: Value, outstanding_fen: Value, millionths: dict[str, int]) -> Value:
    """The expected loss of a loan's principal, by its bucket; none once it has left, or before its first month end."""
    told = [(bucket == name, literal(each, BigInteger)) for name, each in millionths.items() if each]
    share: Value = case(*told, else_=0) if told else literal(0, BigInteger)
    rounded = func.coalesce(outstanding_fen * share, 0) + expected_loss.MILLION // 2
    return Grouping(rounded).op("//")(expected_loss.MILLION)


def _summed(booked: FromClause, newest: date) -> Select[Any]:
    """By member and month since registration."""
    row, member = booked.c, member_journey.c
    registered = month_number(member.registered_on)
    month = func.greatest(row.month_no - registered, 0)
    return (
        select(
            member.member_no,
            month.label("month"),
            func.min(registered).label("registered_no"),
            *(cast(func.sum(row[name]), BigInteger).label(name) for name in worth.COLUMNS),
        )
        .join_from(booked, member_journey, member.member_no == row.member_no)
        .where(member.registered_on <= newest)
        .group_by(member.member_no, month)
    )


def _with_tier(summed: FromClause) -> Select[Any]:
    row, spell = summed.c, membership_spell.c
    month_end = end_of_month(row.registered_no + row.month)
    holds = and_(
        spell.member_no == row.member_no,
        spell.from_on <= month_end,
        or_(spell.until_on.is_(None), spell.until_on > month_end),
    )
    return select(
        cast(row.member_no, Integer).label("member_no"),
        cast(row.month, SmallInteger).label("month"),
        month_end.label("month_end"),
        spell.tier,
        *(row[name] for name in worth.COLUMNS),
    ).select_from(summed.outerjoin(membership_spell, holds))


def _by_tier(newest: date) -> Select[Any]:
    """Months on each tier, and on none, and what came in and was spent on it."""
    value = member_value.c
    none = [literal(0, BigInteger).label(name) for name in worth.COLUMNS]
    held = _held(newest).subquery("held")
    months = select(held.c.member_no, held.c.tier, held.c.months, *none)
    amounts = select(value.member_no, value.tier, literal(0).label("months"), *(value[name] for name in worth.COLUMNS))
    each = union_all(months, amounts).subquery("each")
    return (
        select(
            each.c.member_no,
            each.c.tier,
            cast(func.sum(each.c.months), Integer).label("months"),
            *(cast(func.sum(each.c[name]), BigInteger).label(name) for name in worth.COLUMNS),
        )
        .group_by(each.c.member_no, each.c.tier)
        .having(func.sum(each.c.months) > 0)
        .order_by(each.c.member_no, each.c.tier)
    )


def _held(newest: date) -> CompoundSelect[Any]:
    """How many month ends each member stood on each tier, and on none, from the month of registration on."""
    spell, member = membership_spell.c, member_journey.c
    after = month_number(add_days(literal(newest, Date), 1))
    until = func.least(func.coalesce(month_number(spell.until_on), after), after)
    on_tier = select(
        spell.member_no, spell.tier, func.greatest(until - month_number(spell.from_on), 0).label("months")
    ).subquery("on_tier")
    known = (
        select(on_tier.c.member_no, func.sum(on_tier.c.months).label("months"))
        .group_by(on_tier.c.member_no)
        .subquery("known")
    )
    on_none = select(
        member.member_no,
        null().label("tier"),
        func.greatest(after - month_number(member.registered_on), 0) - func.coalesce(known.c.months, 0),
    )
    members = member_journey.outerjoin(known, known.c.member_no == member.member_no)
    return union_all(select(on_tier), on_none.select_from(members).where(member.registered_on <= newest))
