"""Rows of a book that can't be used: listed with their reason, and left out of everything that is derived."""

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from loanbook import closed_day, copied, schema
from loanbook.invariants import keys
from loanbook.snapshot_schema import rejected_row
from loanbook.working import run
from rules.text import N_

LOAN_STATUSES = ("active", "paid_off", "written_off")

_loan, _application, _member = (copied.TABLES[name] for name in ("loan", "application", "member"))
_KEYS = {name: copied.TABLES[name].c.id for name in ("product", "funder", "member", "application", "loan")}
_KEYS["tier"] = copied.TABLES["tier"].c.code
_instalment, _repayment, _month_state = (copied.TABLES[name] for name in ("instalment", "repayment", "month_state"))


def reject(snapshot: duckdb.DuckDBPyConnection, present: frozenset[str]) -> int:
    """Fill `rejected_row` from the copied tables; the number of loans left out.

    A loan that points at a repeated key is left out with it: nobody can say which of the rows is meant.
    """
    run(
        snapshot, insert(rejected_row).from_select(["table_name", "key", "reason"], union_all(*_all(snapshot, present)))
    )
    loans = select(func.count(rejected_row.c.key.distinct())).where(rejected_row.c.table_name == "loan")
    [(rejected,)] = run(snapshot, loans)
    return int(rejected)


def usable(loan: FromClause) -> ColumnElement[bool]:
    """Whether a row of the copied loan table is not rejected."""
    rejected = select(rejected_row.c.key).where(rejected_row.c.table_name == "loan")
    return loan.c.id.is_not(None) & cast(loan.c.id, String).not_in(rejected)


def _all(snapshot: duckdb.DuckDBPyConnection, present: frozenset[str]) -> Iterator[Select[str, str, str]]:
    repeated = _repeated(snapshot)
    for name in ("tier", "product", "funder", "member", "application"):
        if name in repeated:
            yield _rows(name, _KEYS[name], N_("its key is repeated"), _KEYS[name].in_(repeated[name]))
    yield from _loans(present, repeated)
    yield from _instalments(snapshot)
    yield from _evidence()


def _loans(present: frozenset[str], repeated: Mapping[str, Select[Any]]) -> Iterator[Select[str, str, str]]:
    loan = _loan.c
    closed_at = func.coalesce(loan.written_off_at, loan.closed_at)
    faults: list[tuple[str, ColumnElement[bool]]] = [
        (N_("it has no key"), loan.id.is_(None)),
        (N_("it has no borrower"), loan.member_id.is_(None)),
        (N_("it has no principal above zero"), _absent_or(loan.principal_fen, loan.principal_fen <= 0)),
        (N_("it has no disbursement date"), loan.disbursed_at.is_(None)),
        (N_("it is disbursed outside of the years 1900 to 2099"), ~closed_day.possible(loan.disbursed_at)),
        (N_("it has no term of a month or more"), _absent_or(loan.term_months, loan.term_months < 1)),
        (N_("its status is not active, paid_off or written_off"), ~_is_in(loan.status, LOAN_STATUSES)),
        (N_("it is paid off without a closing date"), (loan.status == "paid_off") & loan.closed_at.is_(None)),
        (N_("it is written off without a date"), (loan.status == "written_off") & closed_at.is_(None)),
        (N_("it is closed before it is disbursed"), func.least(closed_at, loan.closed_at) < loan.disbursed_at),
    ]
    for name, key, reason in (
        ("loan", loan.id, N_("its key is repeated")),
        ("member", loan.member_id, N_("its member's key is repeated")),
        ("application", loan.application_id, N_("its application's key is repeated")),
    ):
        if name in repeated:
            faults.append((reason, key.in_(repeated[name])))
    if "application" in present:
        application = select(_application.c.id).where(_application.c.id == loan.application_id)
        faults.append((N_("its application does not exist"), ~exists(application)))
    for reason, is_broken in faults:
        yield _rows("loan", loan.id, reason, is_broken)


def _instalments(snapshot: duckdb.DuckDBPyConnection) -> Iterator[Select[str, str, str]]:
    due = _instalment.c
    parts = (due.principal_due_fen, due.interest_due_fen, due.fee_due_fen)
    broken = or_(due.due_on.is_(None), *(_absent_or(part, part < 0) for part in parts))
    faults = [(N_("it has no due date, or an amount is missing or negative"), broken)]
    among = keys.crowded(due.loan_id, due.number)
    if run(snapshot, among.limit(1)):
        is_repeated = tuple_(due.loan_id, due.number).in_(keys.repeated_within(schema.instalment, among))
        faults.append((N_("its number is repeated within the loan"), is_repeated))
    key = cast(due.loan_id, String) + literal(", ") + func.coalesce(cast(due.number, String), literal(""))
    for reason, fault in faults:
        yield _rows("instalment", key, reason, fault)
        of_loan = _loan.c.id.in_(select(due.loan_id).where(fault))
        yield _rows("loan", _loan.c.id, N_("one of its instalments can't be used"), of_loan)


def _evidence() -> Iterator[Select[str, str, str]]:
    paid, state = _repayment.c, _month_state.c
    for name, table in (("instalment", _instalment), ("repayment", _repayment), ("month_state", _month_state)):
        loan_id = table.c.loan_id
        key = cast(table.c.id if "id" in table.c else loan_id, String)
        strange = ~exists(select(_loan.c.id).where(_loan.c.id == loan_id))
        yield _rows(name, key, N_("its loan does not exist"), strange)
    undated = paid.paid_at.is_(None) | paid.amount_fen.is_(None)
    yield _rows("repayment", paid.id, N_("it has no date or no amount"), undated)
    yield _rows("repayment", paid.id, N_("its amount is negative: reported, not allocated"), paid.amount_fen < 0)
    empty = state.month_end.is_(None) | state.days_past_due.is_(None)
    yield _rows("month_state", cast(state.loan_id, String), N_("it has no month or no days past due"), empty)


def _rows(table_name: str, key: ColumnElement[Any], reason: str, fault: ColumnElement[bool]) -> Select[str, str, str]:
    written = func.coalesce(cast(key, String), literal(""))
    row = select(literal(table_name), written, literal(reason))
    return row.select_from(copied.TABLES[table_name]).where(fault)


def _repeated(snapshot: duckdb.DuckDBPyConnection) -> dict[str, Select[Any]]:
    """The repeated keys of the tables that have some."""
    return {name: keys.twice(key) for name, key in _KEYS.items() if keys.may_repeat(snapshot, key)}


def _absent_or(value: ColumnElement[Any], fault: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(value.is_(None), fault)


def _is_in(value: ColumnElement[Any], values: tuple[str, ...]) -> ColumnElement[bool]:
    return func.coalesce(value, literal("")).in_(values)
