"""Loans by when and how they left a cohort, and the pairs of one borrower's among them: parts of every such curve."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    select,
)

from loanbook.constructs import divided
from rules.incidence import OPEN
from rules.vintages import Cohort

Rows = Select[*tuple[Any, ...]]

TOGETHER = ""  # the cohort where all loans are taken together
MOST_CELLS = 1_000_000  # rows that `read` has to let through; a book of thirty years by month stays under it


def exit_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """How a loan has left, as text; empty while it is open."""
    return func.coalesce(cast(column, String), literal(OPEN))


def cohort_start(day: ColumnElement[Any], by: Cohort | None) -> ColumnElement[Any]:
    """The first day of the cohort that a day falls into; the same for all days where by is None."""
    return literal(0) if by is None else func.date_trunc(by.value, day)


def cohort_label(start: ColumnElement[Any], by: Cohort | None) -> ColumnElement[str]:
    """The cohort that starts on a day: "2025-03", "2025Q1" or "2025"."""
    if by is None:
        return literal(TOGETHER, String)
    year = cast(extract("year", start), String)
    if by is Cohort.YEAR:
        return year
    if by is Cohort.QUARTER:
        return year.concat("Q").concat(cast(extract("quarter", start), String))
    return year.concat("-").concat(func.lpad(cast(extract("month", start), String), 2, "0"))


def pairs_within(loans: FromClause, by: Cohort | None, exits: Sequence[str]) -> Rows:
    """Pairs of different loans of one borrower in a cohort, by when and how each has left.

    loans, one row each: loan_no, borrower_no; follows: whether its borrower may have an earlier one in its cohort;
    starts_on (the cohort's), month, exit (null while open, else one of `exits`).
    Grain: one row per cohort and unordered pair of (month, exit) that occurs.
    Columns: cohort, month_a, exit_a, month_b, exit_b; pairs (count).
    Formula: few loans follow another one, so these are joined with all (twice as fast as all with all, by year), and
    when and how a loan has left is one number, so that the smaller of two is named first.
    """
    loan, ways = loans.c, len(exits) + 1
    codes = {name: place for place, name in enumerate((OPEN, *exits))}
    left = case(*((loan.exit == name, codes[name]) for name in exits), else_=codes[OPEN])
    leaving = (cast(loan.month, Integer) * ways + left).label("leaving")
    read = select(loan.loan_no, loan.borrower_no, loan.starts_on, loan.follows, leaving)
    kept = read.cte("kept").prefix_with("MATERIALIZED")  # under a limit DuckDB would read it twice
    a, b = kept.alias("a"), kept.alias("b")
    first, second = (choose(a.c.leaving, b.c.leaving, type_=Integer()) for choose in (func.least, func.greatest))
    keys = a.c.starts_on, first.label("first"), second.label("second")
    of_one = and_(a.c.borrower_no == b.c.borrower_no, a.c.starts_on == b.c.starts_on, a.c.loan_no < b.c.loan_no)
    pair = (
        select(*keys, func.count().label("pairs"))
        .join_from(a, b, of_one)
        .where(b.c.follows)
        .group_by(*keys)
        .subquery("pair")
        .c
    )
    ends = [
        column
        for end, side in ((pair.first, "a"), (pair.second, "b"))
        for column in (
            divided(end, ways).label(f"month_{side}"),
            case(*((end % ways == code, name) for name, code in codes.items())).label(f"exit_{side}"),
        )
    ]
    return select(cohort_label(pair.starts_on, by).label("cohort"), *ends, pair.pairs).order_by(
        pair.starts_on, pair.first, pair.second
    )
