"""What the cards about borrowing again ask: second disbursements by cohort, the prompt's two arms, lines over time."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, Select, String, cast, func, literal, select, union_all

from loanbook.constructs import add_days, days_between, month_number
from loanbook.members.movement_schema import line_spell, member_exposure, reborrow_prompt
from loanbook.snapshot_schema import member_journey
from queries.members import among, passing
from rules.book import Book
from rules.member_filters import MemberSelection
from rules.retention import HORIZONS

Rows = Select[*tuple[Any, ...]]


def by_cohort(selection: MemberSelection, book: Book) -> Rows:
    """First-time borrowers by month, and who of them borrowed again within so many days.

    Grain: one row per month with a first disbursement, rising. Columns: month (its first day); borrowers (count); for
    each horizon observed_<days>: those whose first disbursement lies at least so many days back at as_of, and
    again_<days>: those of them with a second disbursement within so many days.
    Excludes: of the selection only the choices count, whenever registered.
    Source: metrics.md, "Repeat at H", trap 1.
    """
    member = member_journey.c
    month = func.date_trunc("month", member.first_disbursed_on, type_=Date())
    counts = _within(member.first_disbursed_on, member.second_disbursed_on, book)
    return (
        select(month.label("month"), func.count().label("borrowers"), *counts)
        .where(member.first_disbursed_on.is_not(None), passing(selection))
        .group_by(month)
        .order_by("month")
    )


def prompted(selection: MemberSelection, book: Book) -> Rows:
    """Members who were to be prompted to borrow again, by the arm that chance gave them.

    Grain: one row per arm. Columns: arm (treated, held_out); members (count); observed_<days>, again_<days>: as
    `by_cohort`, from the day for which the prompt was planned.
    Formula: by intention to treat: a member counts in the arm of the plan, whatever reached them.
    """
    row = reborrow_prompt.c
    return (
        select(row.arm, func.count().label("members"), *_within(row.prompted_on, row.again_on, book))
        .where(among(row.member_no, selection))
        .group_by(row.arm)
        .order_by(row.arm)
    )


def lines(selection: MemberSelection) -> Rows:
    """Credit lines as they come into force and go out of it, and what is out under them at month ends.

    Grain: one row per kind, month and standing. Columns: kind ("begun": lines that came into force in the month;
    "ended": whose first day without is in it; "used": outstanding at the month's end); month (number counted from
    year 0); standing; place: the order of standings; members (count), fen.
    Formula: what is in force at a month end is the sum of all that has begun less all that has ended by then
    (`rules.retention.line_use`).
    Excludes: lines of 0, and what members owe who have no other.
    """
    line, owed = line_spell.c, member_exposure.c
    begun, ended = month_number(line.from_on), month_number(add_days(line.last_on, 1))
    is_line = line.line_fen > 0, among(line.member_no, selection)
    parts = (
        _summed("begun", begun, line.standing, line.line_fen).where(*is_line),
        _summed("ended", ended, line.standing, line.line_fen).where(*is_line),
        _summed("used", month_number(owed.month_end), owed.standing, owed.outstanding_fen).where(
            owed.line_fen > 0, among(owed.member_no, selection)
        ),
    )
    rows = union_all(*parts).subquery("line_part").c
    return select(
        rows.kind,
        rows.month,
        cast(rows.standing, String).label("standing"),
        func.enum_code(rows.standing).label("place"),
        rows.members,
        rows.fen,
    ).order_by(rows.kind, rows.month, rows.standing)


def _summed(kind: str, month: ColumnElement[Any], standing: ColumnElement[Any], fen: ColumnElement[Any]) -> Rows:
    return select(
        literal(kind, String).label("kind"),
        month.label("month"),
        standing.label("standing"),
        func.count().label("members"),
        cast(func.sum(fen), BigInteger).label("fen"),
    ).group_by(month, standing)


def _within(first_on: ColumnElement[Any], again_on: ColumnElement[Any], book: Book) -> list[ColumnElement[int]]:
    found: list[ColumnElement[int]] = []
    for days in HORIZONS:
        observed = days_between(first_on, literal(book.as_of, Date)) >= days
        again = days_between(first_on, again_on) <= days
        found += [
            func.count().filter(observed).label(f"observed_{days}"),
            func.count().filter(observed, again).label(f"again_{days}"),
        ]
    return found
