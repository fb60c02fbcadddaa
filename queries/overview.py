"""What only the overview asks: days of lending, registrations and applications, quotas, the reserve, tiers, goals."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Numeric, Select, String, cast, func, literal, select, union_all

from loanbook import copied
from loanbook.constructs import business_date, first_of_month
from loanbook.members.movement_schema import member_state
from loanbook.members.worth_schema import loan_price
from loanbook.snapshot_schema import loan_fact, member_journey
from queries.earliest import passing
from queries.members import among
from queries.members import passing as member_passing
from rules.filters import Selection
from rules.member_filters import MemberSelection

_application, _funder, _reserve, _target = (
    copied.TABLES[name] for name in ("application", "funder", "reserve_movement", "target")
)

Rows = Select[*tuple[Any, ...]]


def lent(selection: Selection, first: date) -> Rows:
    """What was lent on each day.

    Grain: one row per day with a disbursement, rising. Columns: day; loans (count), fen (principal).
    Excludes: days before `first`; of the selection only the choices count.
    """
    loan = loan_fact.c
    return (
        select(loan.disbursed_on.label("day"), func.count().label("loans"), _sum(loan.principal_fen).label("fen"))
        .where(passing(selection.over_all_time()), loan.disbursed_on >= first)
        .group_by(loan.disbursed_on)
        .order_by(loan.disbursed_on)
    )


def registered(selection: MemberSelection, first: date) -> Rows:
    """How many members registered on each day. Grain: one row per day with any, rising. Columns: day; members."""
    member = member_journey.c
    return (
        select(member.registered_on.label("day"), func.count().label("members"))
        .where(member_passing(selection.over_all_time()), member.registered_on >= first)
        .group_by(member.registered_on)
        .order_by(member.registered_on)
    )


def applied(selection: MemberSelection, first: date, as_of: date) -> Rows:
    """How many applications came in on each day up to as_of, by the Asia/Shanghai date.

    Grain: one row per day with any, rising. Columns: day; applications (count).
    Excludes: applications of members who don't pass; of the selection only the choices count.
    """
    day = business_date(_application.c.applied_at)
    held = selection.over_all_time()
    members = select(member_journey.c.member_id).where(member_passing(held))
    kept = [cast(_application.c.member_id, String).in_(members)] if held.choices else []
    return (
        select(day.label("day"), func.count().label("applications"))
        .where(day >= literal(first, Date), day <= literal(as_of, Date), *kept)
        .group_by(day)
        .order_by(day)
    )


def upfront_fees(selection: Selection, first: date) -> Rows:
    """Fees that were paid when loans were made. Grain: one row per day with any. Columns: day; fen.

    Excludes: as `lent`; loans without instalments.
    """
    loan = loan_fact.c
    return (
        select(loan.disbursed_on.label("day"), _sum(loan_price.c.upfront_fee_fen).label("fen"))
        .join_from(loan_price, loan_fact, loan.loan_no == loan_price.c.loan_no)
        .where(passing(selection.over_all_time()), loan.disbursed_on >= first, loan_price.c.upfront_fee_fen != 0)
        .group_by(loan.disbursed_on)
        .order_by(loan.disbursed_on)
    )


def quotas(selection: Selection) -> Rows:
    """What funders have said they fund at most, and what of it is out.

    Grain: one row per funder with a quota, by name. Columns: funder; quota_fen; used_fen (principal outstanding of all
    loans that it has a part in, at as_of).
    Excludes: of the selection only the choice of funders counts, for a quota is the funder's own.
    """
    chosen = [values for code, values in selection.choices if code == "funder"]
    out = (
        select(cast(loan_fact.c.funder, String).label("funder"), _sum(loan_fact.c.outstanding_fen).label("fen"))
        .group_by(loan_fact.c.funder)
        .subquery("out")
    )
    own = _funder.c
    return (
        select(
            own.name.label("funder"),
            cast(own.quota_fen, BigInteger).label("quota_fen"),
            func.coalesce(out.c.fen, 0).label("used_fen"),
        )
        .select_from(_funder.outerjoin(out, out.c.funder == own.name))
        .where(own.quota_fen.is_not(None), *(own.name.in_(values) for values in chosen))
        .order_by(own.name)
    )


def reserve(as_of: date) -> Rows:
    """What the reserve rose and fell by. Grain: one row per day with a movement up to as_of. Columns: day; fen."""
    row = _reserve.c
    return (
        select(row.moved_on.label("day"), _sum(row.amount_fen).label("fen"))
        .where(row.moved_on <= as_of)
        .group_by(row.moved_on)
        .order_by(row.moved_on)
    )


def standings(selection: MemberSelection) -> Rows:
    """How many members came to stand in each state and left it, by month.

    Grain: one row per kind, state and month. Columns: kind ("begun", "left"); state, place (as `migration.flows`);
    month (the first day of the one in which the stretch began, or in which the first day after it lies); members.
    Formula: those in a state at a month end are all who have begun by then less all who have left by then.
    Excludes: of the selection only the choices count.
    Source: metrics.md, "Tier migration".
    """
    state = member_state.c
    held = among(state.member_no, selection.over_all_time())
    after = state.last_on + literal(1)
    each = [
        select(
            literal(kind).label("kind"),
            state.state,
            first_of_month(day).label("month"),
        ).where(held)
        for kind, day in (("begun", state.from_on), ("left", after))
    ]
    row = union_all(*each).subquery("each")
    return (
        select(
            row.c.kind,
            cast(row.c.state, String).label("state"),
            (func.enum_code(row.c.state) + 1).label("place"),
            row.c.month,
            func.count().label("members"),
        )
        .group_by(row.c.kind, row.c.state, row.c.month)
        .order_by(row.c.kind, row.c.state, row.c.month)
    )


def goals(first: date) -> Rows:
    """What managers set out to reach, in periods that end on or after a day.

    Grain: one row per goal. Columns: metric; period_start, period_end; millionths (of the value).
    """
    row = _target.c
    return (
        select(
            row.metric,
            row.period_start,
            row.period_end,
            cast(cast(row.value, Numeric(38, 6)) * 1_000_000, BigInteger).label("millionths"),
        )
        .where(row.period_end >= first)
        .order_by(row.metric, row.period_end)
    )


def _sum(value: Any) -> Any:
    return cast(func.coalesce(func.sum(value), 0), BigInteger)
