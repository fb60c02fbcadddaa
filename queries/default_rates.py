"""What the default rates page asks: additive parts by segment, pair and stratum, and the loans behind each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
)

from loanbook.snapshot_schema import loan_fact
from queries.earliest import is_earliest, passing
from rules import dimensions
from rules.book import Book
from rules.filters import Selection

Rows = Select[*tuple[Any, ...]]
Cell = Sequence[tuple[str, str]]  # dimension code and value; none means the whole selection


def overall(selection: Selection, book: Book) -> Rows:
    """Parts of the default rate of a whole selection.

    Grain: one row, of zeros when nothing passes.
    Columns: borrowers, defaulted (count); principal_fen, defaulted_principal_fen of those borrowers' earliest loans;
    immature: borrowers left out; imputed: of the borrowers, how many loans have estimated dates.
    Formula: a borrower counts by their earliest passing loan, once it has been observed for the selection's horizon.
    Excludes: borrowers whose earliest passing loan has not been observed that long (counted in immature).
    Source: metrics.md, "default rate at H".
    """
    loans = _flagged(selection, (), book)
    return select(*_parts(loans))


def by_segment(selection: Selection, segment: str, book: Book) -> Rows:
    """Parts of the default rate of every value of a dimension, of the book, and of the rest of the book for each.

    Grain: one row per value of the dimension that occurs among the passing loans, in the dimension's own order.
    Columns: segment; borrowers, defaulted (count), principal_fen, defaulted_principal_fen, immature, imputed of each
    borrower's earliest passing loan with the value; the first_* columns count only borrowers whose earliest loan in
    the whole selection it is: they sum to the book, and the rest of the book for a value is the book less its own.
    Formula: as `overall`; a borrower with loans in two values counts in both, but in first_* once.
    Excludes: as `overall`.
    Source: metrics.md, "default rate at H" and "stands out".
    """
    loans = _flagged(selection, (segment,), book)
    value = loans.c[segment]
    return (
        select(cast(value, String).label("segment"), *_parts(loans), *_parts(loans, "first_"))
        .group_by(value)
        .order_by(value)
    )


def by_pair(selection: Selection, rows: str, columns: str, book: Book) -> Rows:
    """Parts of the default rate of every pair of two dimensions' values.

    Grain: one row per pair that occurs among the passing loans, in the dimensions' own order.
    Columns: row_segment, column_segment, and the columns of `by_segment` with the pair as the segment.
    Formula, excludes, source: as `by_segment`.
    """
    loans = _flagged(selection, (rows, columns), book)
    row, column = loans.c[rows], loans.c[columns]
    return (
        select(
            cast(row, String).label("row_segment"),
            cast(column, String).label("column_segment"),
            *_parts(loans),
            *_parts(loans, "first_"),
        )
        .group_by(row, column)
        .order_by(row, column)
    )


def by_group_and_stratum(selection: Selection, group: str, controls: Sequence[str], book: Book) -> Rows:
    """Counts of each group within the strata of several control dimensions, for standardising one by the other.

    Grain: one row per group value, control dimension and stratum value that occur, values in their dimensions' order.
    Columns: group_segment, control (dimension code), stratum (its value); borrowers, defaulted (count).
    Formula: a borrower counts by their earliest passing loan in the group, in the stratum that this loan has; for each
    control the strata of a group sum to the group's row in `by_segment`.
    Excludes: borrowers whose loan has not been observed for the horizon.
    Source: metrics.md, trap 11.
    """
    loan = loan_fact.c
    others = [code for code in controls if code != group]
    if not others:
        raise ValueError("a control other than the group is needed")
    is_control = [func.grouping(loan[code]) == 0 for code in others]
    control = case(*zip(is_control, (literal(code, String) for code in others), strict=True))
    stratum = case(*zip(is_control, (cast(loan[code], String) for code in others), strict=True))
    return (
        select(
            cast(loan[group], String).label("group_segment"),
            control.label("control"),
            stratum.label("stratum"),
            func.count().label("borrowers"),
            func.count().filter(defaulted(selection)).label("defaulted"),
        )
        .where(passing(selection), is_earliest(selection, (group,), book), mature(selection))
        .group_by(func.grouping_sets(*(tuple_(loan[group], loan[code]) for code in others)))
        .order_by(loan[group], "control", *(loan[code] for code in others))
    )


def loans_behind(selection: Selection, cell: Cell, book: Book, *, first: int | None = None) -> Rows:
    """The loans that a segment, a pair or the whole selection counts: they re-sum to its borrowers and defaulted.

    Grain: one row per counted borrower, that borrower's earliest loan in the cell; the defaulted first,
    then by loan_no.
    Columns: loan_no, loan_id, disbursed_on, every dimension, principal_fen, outstanding_fen, days_past_due,
    defaulted (0 or 1, within the horizon), default_on (null unless so), months_to_default (likewise), status,
    dates_imputed.
    Excludes: loans not yet observed for the horizon; those past the `first` so many, which are found before the other
    columns are read (a third faster at a million loans).
    Source: as `by_segment`.
    """
    for code, value in cell:
        selection = selection.narrowed(code, value)
    loan = loan_fact.c
    has_defaulted = defaulted(selection)
    month, day = loan[f"default_month_{selection.definition}"], loan[f"default_on_{selection.definition}"]
    counted = [passing(selection), is_earliest(selection, (), book), mature(selection)]
    order = case((has_defaulted, 0), else_=1), loan.loan_no
    if first is not None:
        counted = [loan.loan_no.in_(select(loan.loan_no).where(*counted).order_by(*order).limit(first))]
    return (
        select(
            loan.loan_no,
            loan.loan_id,
            loan.disbursed_on,
            *(cast(loan[dimension.code], String).label(dimension.code) for dimension in dimensions.ALL),
            loan.principal_fen,
            loan.outstanding_fen,
            loan.days_past_due,
            case((has_defaulted, 1), else_=0).label("defaulted"),
            case((has_defaulted, day), else_=null()).label("default_on"),
            cast(case((has_defaulted, month), else_=null()), Integer).label("months_to_default"),
            cast(loan.status, String).label("status"),
            loan.dates_imputed,
        )
        .where(*counted)
        .order_by(*order)
    )


def mature(selection: Selection) -> ColumnElement[bool]:
    """Whether a loan has been observed for the selection's horizon."""
    months = selection.horizon.months
    return loan_fact.c.final_observed if months is None else loan_fact.c.observed_months >= months


def defaulted(selection: Selection) -> ColumnElement[bool]:
    """Whether a loan has defaulted within the selection's horizon."""
    month = loan_fact.c[f"default_month_{selection.definition}"]
    months = selection.horizon.months
    return month.is_not(None) if months is None else func.coalesce(month <= months, False)


def _flagged(selection: Selection, segment: Sequence[str], book: Book) -> FromClause:
    """Earliest loans of each segment, counted by what is asked of them: few rows, so that the sums over them are free.

    (Twice as fast over a whole book as a dozen filtered sums over the loans themselves.)
    """
    loan = loan_fact.c
    first = is_earliest(selection, (), book) if segment else true()
    keys: list[ColumnElement[Any]] = [
        *(loan[code] for code in segment),
        mature(selection).label("mature"),
        defaulted(selection).label("has_defaulted"),
        loan.dates_imputed.label("has_imputed"),
        first.label("is_first"),
    ]
    return (
        select(*keys, func.count().label("loans"), func.sum(loan.principal_fen).label("fen"))
        .where(passing(selection), is_earliest(selection, segment, book))
        .group_by(*keys)
        .subquery("earliest")
    )


def _parts(loans: FromClause, prefix: str = "") -> list[ColumnElement[int]]:
    earliest = loans.c.is_first if prefix else true()
    observed = loans.c.mature & earliest
    bad = observed & loans.c.has_defaulted
    return [
        _sum(loans.c.loans, observed, f"{prefix}borrowers"),
        _sum(loans.c.loans, bad, f"{prefix}defaulted"),
        _sum(loans.c.fen, observed, f"{prefix}principal_fen"),
        _sum(loans.c.fen, bad, f"{prefix}defaulted_principal_fen"),
        _sum(loans.c.loans, ~loans.c.mature & earliest, f"{prefix}immature"),
        _sum(loans.c.loans, observed & loans.c.has_imputed, f"{prefix}imputed"),
    ]


def _sum(column: ColumnElement[int], where: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column).filter(where), 0), BigInteger).label(name)
