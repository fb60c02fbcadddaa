"""Which loans a selection holds, and which of them is a borrower's earliest: shared by every default-rate statement."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, and_, false, func, or_, select, true

from loanbook.snapshot_schema import loan_fact, previous_on
from rules.book import Book
from rules.filters import Selection
from rules.member_filters import MemberSelection


def passing(selection: Selection) -> ColumnElement[bool]:
    """Whether a loan passes the filters: its disbursement date and the kept values of every chosen dimension.

    A dimension chosen twice keeps what both choices keep. Values are bound, never written into the statement.
    """
    loan = loan_fact.c
    first, last = selection.disbursed.first, selection.disbursed.last
    conditions: list[ColumnElement[bool]] = []
    if first is not None:
        conditions.append(loan.disbursed_on >= first)
    if last is not None:
        conditions.append(loan.disbursed_on <= last)
    return and_(true(), *conditions, keeps(loan_fact, selection))


def keeps(rows: FromClause, selection: Selection | MemberSelection) -> ColumnElement[bool]:
    """Whether a row of any table with the dimensions has the kept values of every chosen one, whatever its dates."""
    return and_(true(), *(_kept(rows.c[code], values) for code, values in selection.choices))


def is_earliest(selection: Selection, segment: Sequence[str], book: Book) -> ColumnElement[bool]:
    """Whether a passing loan is its borrower's earliest among the passing loans that share its segment's values.

    Holds only together with `passing(selection)`. Without a segment: the earliest in the whole selection.
    Formula: the smallest loan_no of borrower and segment. Where at most one dimension that varies within a borrower
    is involved, and no two of its values pass at once, the date of the loan before (with the same value) tells it from
    the row alone: earliest <=> no such loan on or after the selection's first day. Otherwise the passing loans are
    grouped. (Only grouping borrowers whose rows leave it open was measured at one and ten million loans and is no
    faster: finding them reads the loans once more.)
    """
    told_by = _told_by(selection, segment, book)
    if told_by is not None:
        first = selection.disbursed.first
        return told_by.is_(None) if first is None else func.coalesce(told_by, date.min) < first
    varying = [loan_fact.c[code] for code in segment if code in book.varying]
    earliest = (
        select(func.min(loan_fact.c.loan_no)).where(passing(selection)).group_by(loan_fact.c.borrower_no, *varying)
    )
    return loan_fact.c.loan_no.in_(earliest)


def _kept(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    # Compared one by one: DuckDB reads an IN list over an enum as text, a fifth slower over a whole book.
    return or_(false(), *(column == value for value in values))


def _told_by(selection: Selection, segment: Sequence[str], book: Book) -> Column[Any] | None:
    """The column whose date tells of an earlier loan in the same segment; None where loans must be grouped."""
    filtered = {code for code, _ in selection.choices}
    involved = (filtered | set(segment)) & book.varying
    if not involved:
        return previous_on(None, book.varying)
    if len(involved) > 1:
        return None
    (code,) = involved
    one_value = any(chosen == code and len(values) <= 1 for chosen, values in selection.choices)
    return previous_on(code, book.varying) if code in segment or one_value else None
