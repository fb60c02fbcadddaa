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
    func,
    literal,
    null,
    select,
    union_all,
)

from loanbook import copied
from loanbook.constructs import add_days, business_date, end_of_month, month_number
from loanbook.members import expected_loss, value_walk
from loanbook.members.membership_spell import Tiers
from loanbook.members.movement_schema import membership_spell
from loanbook.members.worth_schema import member_value, tier_value
from loanbook.referrals.reward_schema import reward_fact
from loanbook.snapshot_schema import loan_month, member_journey
from loanbook.working import drop, keep_table, work_table
from rules import worth
from rules.calendar import newest_month_end
from rules.worth import Part

FORGONE = ("rate_cut",)  # perks whose cost is interest that is never charged: it is missing from the interest already

_loan, _repayment, _funder = (copied.TABLES[name] for name in ("loan", "repayment", "funder"))
_membership, _perk, _contact = (copied.TABLES[name] for name in ("membership", "perk", "contact"))

Value = ColumnElement[Any]


def build(
    snapshot: duckdb.DuckDBPyConnection, known: Tiers, numbers: TableClause, loans: TableClause, as_of: date
) -> None:
    """Fill `member_value`, `tier_value` and `loss_expected`.

    known: the tiers; numbers: those of `member_number`; loans: those of `standing.loans`.
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
    others = union_all(
        _of_disbursements(lent, newest),
        _of_recoveries(lent, newest),
        *_of_members(numbers, newest),
        *_of_rewards(newest),
    ).subquery("other")
    booked = work_table(snapshot, "value_booked", _since_registration(others, numbers))
    value_walk.fill(snapshot, known, numbers, lent, booked, millionths, newest)
    drop(snapshot, lent, booked)
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


def _of_disbursements(lent: FromClause, newest: date) -> Select[Any]:
    loan = lent.c
    return _booked(loan.member_no, loan.disbursed_on, Part.FEE, loan.upfront_fee_fen).where(
        loan.upfront_fee_fen != 0, loan.disbursed_on <= newest
    )


def _of_recoveries(lent: FromClause, newest: date) -> Select[Any]:
    """What was paid on loans after they had left: it was lost before."""
    paid, paid_on = _repayment.c, business_date(_repayment.c.paid_at)
    return (
        _booked(lent.c.member_no, paid_on, Part.LOSS, -paid.amount_fen)
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
        _booked(numbers.c.member_no, day, part, amount)
        .join_from(source, numbers, numbers.c.id == source.c.member_id)
        .where(day <= newest, amount != 0)
        for source, day, part, amount in dated
    ]


def _of_rewards(newest: date) -> list[Select[Any]]:
    reward = reward_fact.c
    signed = ((reward.accrued_on, reward.fen), (reward.reversed_on, -reward.fen))
    return [
        _booked(reward.referee_no, day, Part.REWARD, amount).where(
            reward.referee_no.is_not(None), day <= newest, amount != 0
        )
        for day, amount in signed
    ]


def _booked(member_no: Value, day: Value, part: Part, fen: Value) -> Select[Any]:
    """Amounts of one part, of members on days."""
    place = literal(worth.PARTS.index(part), SmallInteger).label("part")
    return select(member_no.label("member_no"), month_number(day).label("month_no"), place, fen.label("fen"))


def _since_registration(booked: FromClause, numbers: FromClause) -> Select[Any]:
    """The same, not before the month of registration."""
    row = booked.c
    month_no = func.greatest(row.month_no, month_number(numbers.c.registered_on), type_=Integer())
    return select(row.member_no, month_no.label("month_no"), row.part, row.fen).join_from(
        booked, numbers, numbers.c.member_no == row.member_no
    )


def _by_tier(newest: date) -> Select[Any]:
    """Months on each tier, and on none, and what came in and was spent on it."""
    held, value = _held(newest).subquery("held").c, member_value.c
    months = select(held.member_no, held.tier, func.sum(held.months).label("months"))
    months = months.group_by(held.member_no, held.tier).having(func.sum(held.months) > 0)
    amounts = select(value.member_no, value.tier, *(func.sum(value[name]).label(name) for name in worth.COLUMNS))
    stood, came = months.subquery("stood"), amounts.group_by(value.member_no, value.tier).subquery("came")
    same = and_(came.c.member_no == stood.c.member_no, came.c.tier.is_not_distinct_from(stood.c.tier))
    return (
        select(
            stood.c.member_no,
            stood.c.tier,
            cast(stood.c.months, Integer).label("months"),
            *(cast(func.coalesce(came.c[name], 0), BigInteger).label(name) for name in worth.COLUMNS),
        )
        .select_from(stood.outerjoin(came, same))
        .order_by(stood.c.member_no, stood.c.tier)
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
