"""How many applications were approved, by what people can be told apart by."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import ColumnElement, Select, TableClause, extract, func, insert, literal, select, union_all

from loanbook import closed_day, copied
from loanbook.compliance.compliance_schema import approval_count
from loanbook.constructs import business_date, first_of_month
from loanbook.dimension_values import banded, text
from loanbook.loan_dimensions import FEN_PER_CNY
from loanbook.working import run
from rules.adverse_impact import ATTRIBUTES, Attribute
from rules.policy import Policy

APPROVED, DECLINED = ("approved", "disbursed"), ("declined",)

_applications, _members = copied.TABLES["application"], copied.TABLES["member"]
_application, _member = _applications.c, _members.c


def build(snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, as_of: date, policy: Policy) -> None:
    """Fill `approval_count`.

    numbers: those of `member_number`. Age: of the year of application less the year of birth. Income: that of the
    application, else that of the member. Excludes: open and withdrawn applications, which nobody decided.
    """
    decided = _decided(numbers, as_of, policy).subquery("decided")
    approved = func.count().filter(decided.c.approved)
    each = [
        select(
            decided.c.month,
            literal(attribute.value).label("attribute"),
            decided.c[attribute.value].label("value"),
            func.count().label("decided"),
            approved.label("approved"),
        ).group_by(decided.c.month, decided.c[attribute.value])
        for attribute in ATTRIBUTES
    ]
    rows = union_all(*each).subquery("rows")
    names = [column.name for column in approval_count.columns]
    run(snapshot, insert(approval_count).from_select(names, select(*rows.c).order_by(rows.c.attribute, rows.c.month)))


def _decided(numbers: TableClause, as_of: date, policy: Policy) -> Select[Any]:
    row, decided_at = _application, func.coalesce(_application.decided_at, _application.applied_at)
    age = extract("year", business_date(row.applied_at)) - _member.birth_year
    income = func.coalesce(row.monthly_income_fen, _member.monthly_income_fen)
    edges = policy.compliance.adverse_impact.income_cny
    values: dict[Attribute, ColumnElement[Any]] = {
        Attribute.GENDER: text(_member.gender),
        Attribute.AGE_BAND: banded(age, policy.bands.age),
        Attribute.INCOME_BAND: banded(income, edges, FEN_PER_CNY),
        Attribute.PROVINCE: text(_member.province),
    }
    return (
        select(
            first_of_month(business_date(decided_at)).label("month"),
            row.status.in_(APPROVED).label("approved"),
            *(values[attribute].label(attribute.value) for attribute in ATTRIBUTES),
        )
        .join_from(_applications, numbers, numbers.c.id == row.member_id)
        .join(_members, _member.id == numbers.c.id)
        .where(row.status.in_(APPROVED + DECLINED), closed_day.possible(decided_at), business_date(decided_at) <= as_of)
    )
