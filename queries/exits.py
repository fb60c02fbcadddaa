"""Loans by when and how they left a cohort, and the pairs of one borrower's among them: parts of every such curve."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from rules.incidence import OPEN

Rows = Select[*tuple[Any, ...]]

MOST_CELLS = 1_000_000  # rows that `read` has to let through; a book of thirty years by month stays under it


def exit_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """How a loan has left, as text; empty while it is open."""
    return func.coalesce(cast(column, String), literal(OPEN))


def pairs_within(loans: FromClause) -> Rows:
    """Pairs of different loans of one borrower in a cohort, by when and how each has left.

    loans: loan_no, borrower_no, cohort, month, exit, one row per loan.
    Grain: one row per cohort and unordered pair of (month, exit) that occurs.
    Columns: cohort, month_a, exit_a, month_b, exit_b; pairs (count).
    """
    a, b = loans.alias("a"), loans.alias("b")
    keys = a.c.cohort, a.c.month.label("m"), a.c.exit.label("e"), b.c.month.label("n"), b.c.exit.label("f")
    taken = (
        select(*keys, func.count().label("pairs"))
        .join_from(a, b, and_(a.c.borrower_no == b.c.borrower_no, a.c.cohort == b.c.cohort, a.c.loan_no < b.c.loan_no))
        .group_by(*keys)
        .subquery("taken")
    )
    pair = taken.c  # in the order in which the loans were taken
    swapped = or_(pair.m > pair.n, and_(pair.m == pair.n, pair.e > pair.f))
    ordered = {
        name: case((swapped, second), else_=first)
        for name, first, second in (
            ("month_a", pair.m, pair.n),
            ("exit_a", pair.e, pair.f),
            ("month_b", pair.n, pair.m),
            ("exit_b", pair.f, pair.e),
        )
    }
    return (
        select(
            pair.cohort,
            *(value.label(name) for name, value in ordered.items()),
            cast(func.sum(pair.pairs), BigInteger).label("pairs"),
        )
        .group_by(pair.cohort, *ordered.values())
        .order_by(pair.cohort, *ordered)
    )
