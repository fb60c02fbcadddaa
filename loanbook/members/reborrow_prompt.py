"""Who was to be prompted to borrow again, and who did: by the arm that chance gave them, whatever reached them."""

from datetime import date
from typing import Any

import duckdb
from sqlalchemy import Date, FromClause, Select, String, TableClause, func, insert, literal, select

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.members.movement_schema import reborrow_prompt
from loanbook.working import run

_contact = copied.TABLES["contact"]
_PURPOSE = "reborrow"


def fill(snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, as_of: date) -> None:
    """Fill `reborrow_prompt` from the prompts planned by as_of that have an arm, as `planned` dates them."""
    names = [column.name for column in reborrow_prompt.columns]
    run(snapshot, insert(reborrow_prompt).from_select(names, planned(numbers, loans, _PURPOSE, as_of)))


def planned(numbers: FromClause, loans: FromClause, purpose: str, as_of: date) -> Select[Any]:
    """Members by the arm that chance gave them for a message.

    Grain: one row per member with a plan that has an arm. Columns: member_no, prompted_on, arm, again_on.
    Formula: a member counts once, at their first plan, and stays in its arm whether the message was read or not
    (intention to treat); a plan without an instant is dated by the contact itself.
    """
    row = _contact.c
    planned_at = func.coalesce(row.planned_at, row.contacted_at)
    first = (
        select(
            numbers.c.member_no,
            func.min(business_date(planned_at), type_=Date()).label("prompted_on"),
            func.arg_min(row.arm, planned_at, type_=String()).label("arm"),
        )
        .join_from(_contact, numbers, numbers.c.id == row.member_id)
        .where(row.purpose == purpose, row.arm.is_not(None), business_date(planned_at) <= literal(as_of, Date))
        .group_by(numbers.c.member_no)
        .subquery("first_prompt")
    )
    lent = (
        select(numbers.c.member_no, loans.c.disbursed_on)
        .join_from(loans, numbers, numbers.c.id == loans.c.member_id)
        .subquery("lent")
    )
    again_on = func.min(lent.c.disbursed_on, type_=Date()).filter(lent.c.disbursed_on >= first.c.prompted_on)
    return (
        select(first.c.member_no, first.c.prompted_on, first.c.arm, again_on.label("again_on"))
        .select_from(first.outerjoin(lent, lent.c.member_no == first.c.member_no))
        .group_by(first.c.member_no, first.c.prompted_on, first.c.arm)
        .order_by(first.c.member_no)
    )
