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
    extract,
    func,
    literal,
    or_,
    select,
)

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


def pairs_within(loans: FromClause, by: Cohort | None) -> Rows:
    """Pairs of different loans of one borrower in a cohort, by when and how each has left.

    loans, one row each: loan_no, borrower_no; follows: whether its borrower may have an earlier one in its cohort;
    starts_on (the cohort's), month, exit (null while open).
    Grain: one row per cohort and unordered pair of (month, exit) that occurs.
    Columns: cohort, month_a, exit_a, month_b, exit_b; pairs (count).
    Formula: few loans follow another one, so these are joined with all. (Twice as fast as all with all, by year.)
    """
    a, b = loans.alias("a"), loans.alias("b")
    keys = a.c.starts_on, a.c.month.label("m"), a.c.exit.label("e"), b.c.month.label("n"), b.c.exit.label("f")
    of_one = and_(a.c.borrower_no == b.c.borrower_no, a.c.starts_on == b.c.starts_on, a.c.loan_no < b.c.loan_no)
    taken = (
        select(*keys, func.count().label("pairs"))
        .join_from(a, b, of_one)
        .where(b.c.follows)
        .group_by(*keys)
        .subquery("taken")
    )
    pair = taken.c  # in the order in which the loans were taken
    first, second = exit_of(pair.e), exit_of(pair.f)
    swapped = or_(pair.m > pair.n, and_(pair.m == pair.n, first > second))
    ordered = (
        select(
            cohort_label(pair.starts_on, by).label("cohort"),
            case((swapped, pair.n), else_=pair.m).label("month_a"),
            case((swapped, second), else_=first).label("exit_a"),
            case((swapped, pair.m), else_=pair.n).label("month_b"),
            case((swapped, first), else_=second).label("exit_b"),
            pair.pairs,
        )
        .select_from(taken)
        .subquery("ordered")
    )
    names = [ordered.c[name] for name in ("cohort", "month_a", "exit_a", "month_b", "exit_b")]
    counted = cast(func.sum(ordered.c.pairs), BigInteger).label("pairs")
    return select(*names, counted).group_by(*names).order_by(*names)
