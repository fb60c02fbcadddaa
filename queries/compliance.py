"""What was judged by the rules that bind lending and collection, what breaches them, and how the book is classed."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, literal, select

from loanbook.compliance.compliance_schema import approval_count, rule_breach, rule_month
from loanbook.constructs import first_of_month
from loanbook.snapshot_schema import loan_state
from queries.read import Statement
from rules.adverse_impact import Attribute
from rules.compliance import Rule
from rules.filters import DateRange
from rules.loan_class import AFTER_DAYS, LoanClass

Rows = Select[*tuple[Any, ...]]

LISTED = ("happened_on", "happened_at", "subject_id", "member_id", "loan_id", "observed", "allowed")


def asked(period: DateRange, rule: Rule, attribute: Attribute, listed: int) -> dict[str, Statement]:
    """What the page shows: every rule, one of them by month with its first breaches, approvals, classes."""
    return {
        "judged": judged(period),
        "breaches": breaches(period),
        "months": by_month(period, rule),
        "rows": behind(period, rule).limit(listed),
        "approvals": approvals(period, attribute),
        "classes": classes(),
    }


def judged(period: DateRange) -> Rows:
    """How much was judged by each rule. Grain: one row per rule. Columns: rule, judged.

    A month counts where its first day lies in the period, which is one of whole months.
    """
    return (
        select(rule_month.c.rule, cast(func.sum(rule_month.c.judged), BigInteger).label("judged"))
        .where(within(rule_month.c.month, period))
        .group_by(rule_month.c.rule)
    )


def breaches(period: DateRange) -> Rows:
    """How much was found. Grain: one row per rule with breaches. Columns: rule, breaches, newest_on."""
    row = rule_breach.c
    return (
        select(row.rule, func.count().label("breaches"), func.max(row.happened_on).label("newest_on"))
        .where(within(row.happened_on, period))
        .group_by(row.rule)
    )


def by_month(period: DateRange, rule: Rule) -> Rows:
    """A rule over time. Grain: one row per month in which anything was judged. Columns: month, judged, breaches."""
    month = first_of_month(rule_breach.c.happened_on)
    found = (
        select(month.label("month"), func.count().label("breaches"))
        .where(rule_breach.c.rule == rule.value)
        .group_by(month)
        .subquery("found")
    )
    row = rule_month.c
    return (
        select(
            row.month,
            cast(func.sum(row.judged), BigInteger).label("judged"),
            func.coalesce(func.max(found.c.breaches), 0).label("breaches"),
        )
        .select_from(rule_month.outerjoin(found, found.c.month == row.month))
        .where(row.rule == rule.value, within(row.month, period))
        .group_by(row.month)
        .order_by(row.month)
    )


def behind(period: DateRange, rule: Rule) -> Rows:
    """The breaches of a rule, the newest first. Grain: one row per breach. Columns: LISTED."""
    row = rule_breach.c
    return (
        select(*(row[name] for name in LISTED))
        .where(row.rule == rule.value, within(row.happened_on, period))
        .order_by(row.happened_on.desc(), row.happened_at.desc(), row.subject_id)
    )


def evidence(period: DateRange) -> Rows:
    """All breaches of all rules. Grain: one row per breach, rule by rule, the newest first. Columns: rule, LISTED."""
    row = rule_breach.c
    return (
        select(row.rule, *(row[name] for name in LISTED))
        .where(within(row.happened_on, period))
        .order_by(row.rule, row.happened_on.desc(), row.happened_at.desc(), row.subject_id)
    )


def approvals(period: DateRange, attribute: Attribute) -> Rows:
    """Decided applications by group. Grain: one row per group, by its name. Columns: value, decided, approved."""
    row = approval_count.c
    return (
        select(
            row.value,
            cast(func.sum(row.decided), BigInteger).label("decided"),
            cast(func.sum(row.approved), BigInteger).label("approved"),
        )
        .where(row.attribute == attribute.value, within(row.month, period))
        .group_by(row.value)
        .order_by(row.value)
    )


def classes() -> Rows:
    """Loans with principal outstanding at as_of by class.

    Grain: one row per class that has loans. Columns: code (`rules.loan_class`), loans, outstanding_fen.
    """
    state = loan_state.c
    code = case(
        *((state.days_past_due > days, literal(each.value)) for each, days in reversed(AFTER_DAYS.items())),
        else_=literal(LoanClass.NORMAL.value),
    ).label("code")
    return (
        select(
            code,
            func.count().label("loans"),
            cast(func.sum(state.outstanding_fen), BigInteger).label("outstanding_fen"),
        )
        .where(state.outstanding_fen > 0)
        .group_by(code)
    )


def within(day: ColumnElement[Any], period: DateRange) -> ColumnElement[bool]:
    """Whether a day, or a month by its first one, lies in a period."""
    first = literal(True) if period.first is None else day >= period.first
    return first if period.last is None else first & (day <= period.last)
