"""Drawn books: loans written down one by one, as a snapshot that statements are run on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from sqlalchemy import Select
from sqlalchemy.schema import CreateTable

from loanbook import constructs, month_count, snapshots
from loanbook.snapshot_schema import (
    DEFINITIONS,
    FORMAT,
    STATES,
    dimension_value,
    loan_fact,
    loan_month,
    metadata,
    snapshot_note,
    source_table,
)
from rules import calendar, dimensions
from rules.book import Book, Evidence

AS_OF = date(2026, 6, 30)
CODES = tuple(dimension.code for dimension in dimensions.ALL)
COURSE = [
    *(f"vintage_{what}_{definition}" for what in ("exit", "month") for definition in DEFINITIONS),
    *("closed_on", "first_due_on", "first_payment_missed", "past_due_90_on"),
    *("cure_exit", "cure_month", "redefault_exit", "redefault_month"),
]  # filled where a loan's course is drawn


@dataclass(frozen=True)
class Loan:
    """One drawn loan; what is not drawn is unknown, zero or has not happened."""

    borrower: int
    disbursed_on: date
    principal_fen: int = 100
    defaulted_on: date | None = None  # by every definition
    dims: dict[str, str] = field(default_factory=dict)
    final_observed: bool = False
    applied_fen: int = 0
    outstanding_fen: int | None = 0
    overdue_fen: int | None = 0
    dates_imputed: bool = False
    loan_id: str = ""
    course: dict[str, Any] = field(default_factory=dict)  # other columns of loan_fact: how it left, what became of it


@dataclass(frozen=True)
class Month:
    """One drawn loan at one month end; without a bucket before it is the loan's first, or follows a gap."""

    month_end: date
    bucket: str
    outstanding_fen: int | None = 0
    previous_bucket: str | None = None
    previous_outstanding_fen: int | None = None
    rescheduled: bool = False
    dims: dict[str, str] = field(default_factory=dict)


def fact_rows(loans: Iterable[Loan], as_of: date = AS_OF) -> list[dict[str, Any]]:
    """The loans as rows of loan_fact, numbered by date and then as drawn."""
    before: dict[tuple[Any, ...], date] = {}
    rows = []
    ordered = sorted(loans, key=lambda loan: loan.disbursed_on)
    varying = _varying(ordered)
    for number, loan in enumerate(ordered, start=1):
        default_on = loan.defaulted_on if loan.defaulted_on and loan.defaulted_on <= as_of else None
        month = None if default_on is None else _months_to(loan.disbursed_on, default_on)
        row: dict[str, Any] = {
            "loan_no": number,
            "loan_id": loan.loan_id or f"L{number}",
            "borrower_no": loan.borrower,
            "disbursed_on": loan.disbursed_on,
            "previous_on": before.get((loan.borrower,)),
            "principal_fen": loan.principal_fen,
            "applied_fen": loan.applied_fen,
            "outstanding_fen": loan.outstanding_fen,
            "overdue_fen": loan.overdue_fen,
            "days_past_due": 0,
            "observed_months": calendar.whole_months(loan.disbursed_on, as_of),
            "final_observed": loan.final_observed,
            "status": "active",
            "dates_imputed": loan.dates_imputed,
        }
        before[(loan.borrower,)] = loan.disbursed_on
        for code in CODES:
            value = row[code] = loan.dims.get(code, dimensions.UNKNOWN)
            row[f"previous_{code}_on"] = before.get((loan.borrower, code, value)) if code in varying else None
            before[(loan.borrower, code, value)] = loan.disbursed_on
        for definition in DEFINITIONS:
            row[f"default_month_{definition}"], row[f"default_on_{definition}"] = month, default_on
        rows.append({**dict.fromkeys(COURSE), **row, "rescheduled": False, **loan.course})
    return rows


def month_rows(months: Iterable[Month]) -> list[dict[str, Any]]:
    """The month ends as rows of loan_month, each of a loan of its own."""
    return [
        {
            "loan_no": number,
            "months_on_book": 0,
            **{name: value for name, value in vars(month).items() if name != "dims"},
            **{code: month.dims.get(code, dimensions.UNKNOWN) for code in CODES},
        }
        for number, month in enumerate(months, start=1)
    ]


def book_of(loans: Sequence[Loan], snapshot_id: str = "drawn", as_of: date = AS_OF) -> Book:
    """The facts of a drawn book, as the snapshot would state them."""
    held = {code: sorted({loan.dims.get(code, dimensions.UNKNOWN) for loan in loans}) for code in CODES}
    dates = [loan.disbursed_on for loan in loans]
    return Book(
        snapshot_id=snapshot_id,
        name="Drawn",
        as_of=as_of,
        built_at=datetime(2026, 7, 1, 1, 0, tzinfo=UTC),
        loans=len(loans),
        evidence=frozenset({Evidence.INSTALMENTS}) if loans else frozenset(),
        imputed_dates=sum(loan.dates_imputed for loan in loans),
        first_disbursed_on=min(dates, default=None),
        last_disbursed_on=max(dates, default=None),
        longest_term_months=24 if loans else 0,
        values=tuple(
            (code, tuple(values)) for code, values in held.items() if values and values != [dimensions.UNKNOWN]
        ),
        varying=_varying(loans),
        missing_tables=frozenset({"contact"}),
    )


def fill(
    connection: duckdb.DuckDBPyConnection, loans: Sequence[Loan], book: Book, months: Sequence[Month] = ()
) -> None:
    """Write the snapshot tables that statements read, dimensions as enums, in place of what is there."""
    for table in metadata.sorted_tables:
        connection.execute(f"DROP TABLE IF EXISTS {table.name}")
        connection.execute(str(CreateTable(table).compile(dialect=constructs.DUCKDB)))
    rows = fact_rows(loans, book.as_of)
    _insert(connection, loan_fact, rows)
    at_month_ends = month_rows(months)
    _insert(connection, loan_month, at_month_ends)
    values = {code: sorted({row[code] for row in rows}) for code in CODES}
    for code, held in values.items():
        _as_enum(connection, "loan_fact", code, held or [dimensions.UNKNOWN])
        _as_enum(
            connection,
            "loan_month",
            code,
            sorted({*held, *(row[code] for row in at_month_ends)} or {dimensions.UNKNOWN}),
        )
    for column in ("previous_bucket", "bucket"):
        _as_enum(connection, "loan_month", column, STATES)
    month_count.fill(connection)
    note = {
        "snapshot_id": book.snapshot_id,
        "format": FORMAT,
        "book_name": book.name,
        "as_of": book.as_of,
        "built_at": book.built_at,
        "evidence": ",".join(book.evidence),
        "imputed_dates": book.imputed_dates,
        "source_rows": len(rows),
        "longest_term_months": book.longest_term_months,
    }
    _insert(connection, snapshot_note, [note])
    tables = [{"name": "loan", "present": True, "rows": len(rows), "checksum": ""}]
    tables += [{"name": name, "present": False, "rows": 0, "checksum": ""} for name in book.missing_tables]
    _insert(connection, source_table, tables)
    listed_values = [
        {"subject": "loan", "dimension": code, "position": position, "value": value, "varies": code in book.varying}
        for code, held in values.items()
        for position, value in enumerate(held)
    ]
    _insert(connection, dimension_value, listed_values)


def refill(connection: duckdb.DuckDBPyConnection, loans: Sequence[Loan]) -> None:
    """Write other loans into loan_fact as `fill` made it, with no other values than it had then: ten times as fast."""
    connection.execute("TRUNCATE loan_fact")
    _insert(connection, loan_fact, fact_rows(loans))


def refill_months(connection: duckdb.DuckDBPyConnection, months: Sequence[Month]) -> None:
    """Write other rows into loan_month, likewise."""
    connection.execute("TRUNCATE loan_month")
    connection.execute("TRUNCATE loan_month_count")
    _insert(connection, loan_month, month_rows(months))
    month_count.fill(connection)


def snapshot(
    folder: Path, loans: Sequence[Loan], taken: int = 0, as_of: date = AS_OF, months: Sequence[Month] = ()
) -> str:
    """Publish a drawn book as the newest snapshot of a folder; its id."""
    folder.mkdir(exist_ok=True)
    snapshot_id = snapshots.new_id(folder, datetime(2026, 7, 1, 1, 0, taken, tzinfo=UTC))
    connection = snapshots.create(snapshots.building(folder, snapshot_id))
    fill(connection, loans, book_of(loans, snapshot_id, as_of), months)
    connection.close()
    snapshots.publish(folder, snapshot_id)
    return snapshot_id


def run(connection: duckdb.DuckDBPyConnection, statement: Select[Any]) -> pd.DataFrame:
    """The rows of a statement, straight."""
    text, values = constructs.compiled(statement)
    return connection.sql(text, params=values).df()


def _insert(connection: duckdb.DuckDBPyConnection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = list(dict.fromkeys(name for row in rows for name in row))
        connection.register("drawn_rows", pa.table({name: [row.get(name) for row in rows] for name in names}))
        connection.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM drawn_rows")
        connection.unregister("drawn_rows")


def _as_enum(connection: duckdb.DuckDBPyConnection, table: str, column: str, values: Iterable[str]) -> None:
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    connection.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE ENUM({listed})")


def _varying(loans: Iterable[Loan]) -> frozenset[str]:
    seen: dict[tuple[int, str], set[str]] = defaultdict(set)
    for loan in loans:
        for code in CODES:
            seen[loan.borrower, code].add(loan.dims.get(code, dimensions.UNKNOWN))
    return frozenset(code for (_, code), values in seen.items() if len(values) > 1)


def _months_to(first: date, last: date) -> int:
    months = 0
    while calendar.add_months(first, months) < last:
        months += 1
    return months
