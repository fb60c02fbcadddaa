"""A synthetic snapshot of any number of loans, made inside DuckDB: shaped like a lender's book, without its meaning."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
from sqlalchemy import insert
from sqlalchemy.schema import CreateTable

from loanbook import constructs, snapshots
from loanbook.snapshot_schema import DEFINITIONS, FORMAT, dimension_value, loan_fact, metadata, snapshot_note
from rules import dimensions

AS_OF = date(2026, 6, 30)
_YEARS = 5
_LOANS_PER_BORROWER = 1.6

# How many values each dimension has, and whether they are the borrower's (the same on every loan of theirs).
_VALUES = {
    "tier": 5, "channel": 6, "product": 3, "province": 31, "score_band": 7, "age_band": 7, "term": 5, "amount_band": 7,
    "referral_level": 6, "funder": 4, "decided_by": 3, "purpose": 6,
}  # fmt: skip
_OWN = ("channel", "province", "referral_level")


def build(folder: Path, loans: int) -> str:
    """Publish a snapshot of so many loans; its id."""
    folder.mkdir(parents=True, exist_ok=True)
    snapshot_id = snapshots.new_id(folder, datetime(2026, 7, 1, 1, 0, tzinfo=UTC))
    connection = snapshots.create(snapshots.building(folder, snapshot_id))
    for table in metadata.sorted_tables:
        connection.execute(str(CreateTable(table).compile(dialect=constructs.DUCKDB)))
    connection.execute("DROP TABLE loan_fact")
    _facts(connection, loans)
    note = {
        "snapshot_id": snapshot_id, "format": FORMAT, "book_name": "Synthetic", "as_of": AS_OF,
        "built_at": datetime(2026, 7, 1, 1, 0), "evidence": "instalments", "imputed_dates": 0, "source_rows": loans,
        "longest_term_months": 36,
    }  # fmt: skip
    connection.execute(*constructs.compiled(insert(snapshot_note).values(note)))
    for dimension in dimensions.ALL:
        held = connection.execute(f"SELECT unnest(enum_range(NULL::{dimension.code}_values))").fetchall()
        rows = [
            {"dimension": dimension.code, "position": place, "value": value, "varies": _varies(dimension.code)}
            for place, (value,) in enumerate(held)
        ]
        connection.execute(*constructs.compiled(insert(dimension_value).values(rows)))
    connection.close()
    snapshots.publish(folder, snapshot_id)
    return snapshot_id


def _varies(code: str) -> bool:
    return code == dimensions.DISBURSED_MONTH.code or (code in _VALUES and code not in _OWN)


def _facts(connection: duckdb.DuckDBPyConnection, loans: int) -> None:
    borrowers = max(1, round(loans / _LOANS_PER_BORROWER))
    first_on = AS_OF.replace(year=AS_OF.year - _YEARS)
    connection.execute(
        f"""
        CREATE TABLE drawn AS
        SELECT row_number() OVER (ORDER BY disbursed_on, raw)::INTEGER AS loan_no, *,
               strftime(disbursed_on, '%Y-%m') AS month
        FROM (SELECT raw, (hash(raw, 'borrower') % {borrowers})::INTEGER + 1 AS borrower_no,
                     DATE '{first_on}' + (hash(raw, 'day') % {_YEARS * 365 + 1})::INTEGER AS disbursed_on,
                     (hash(raw, 'principal') % 4900000 + 100000)::BIGINT AS principal_fen,
                     CASE WHEN hash(raw, 'bad') % 14 = 0 THEN (hash(raw, 'when') % 22 + 3)::SMALLINT END
                         AS default_month
              FROM range({loans}) r(raw))"""
    )
    for dimension in dimensions.ALL:
        connection.execute(f"CREATE TYPE {dimension.code}_values AS ENUM ({_values(dimension.code)})")
    dims = ", ".join(
        f"({_value(dimension.code)})::{dimension.code}_values AS {dimension.code}" for dimension in dimensions.ALL
    )
    connection.execute(f"CREATE TABLE placed AS SELECT *, {dims} FROM drawn ORDER BY loan_no")
    connection.execute("DROP TABLE drawn")
    connection.execute(
        f"CREATE TABLE loan_fact AS SELECT {', '.join(map(_column, loan_fact.c.keys()))} FROM placed ORDER BY loan_no"
    )
    connection.execute("DROP TABLE placed")
    connection.execute("CHECKPOINT")


def _values(code: str) -> str:
    if code == dimensions.DISBURSED_MONTH.code:
        months = range(_YEARS * 12 + 1)
        first = AS_OF.year * 12 + AS_OF.month - 1 - _YEARS * 12
        return ", ".join(f"'{(first + month) // 12}-{(first + month) % 12 + 1:02}'" for month in months)
    return ", ".join(f"'{code} {place}'" for place in range(_VALUES[code])) if code in _VALUES else "'unknown'"


def _value(code: str) -> str:
    if code == dimensions.DISBURSED_MONTH.code:
        return "month"
    if code not in _VALUES:
        return "'unknown'"
    own = f"hash(borrower_no, '{code}')"
    drawn = (
        own if code in _OWN else f"CASE WHEN hash(raw, 'kept {code}') % 3 > 0 THEN {own} ELSE hash(raw, '{code}') END"
    )
    return f"'{code} ' || ({drawn}) % {_VALUES[code]}"


def _column(name: str) -> str:
    """How a column of loan_fact is made of a placed loan."""
    dimension = name.removeprefix("previous_").removesuffix("_on")
    definition = name.removeprefix("default_month_").removeprefix("default_on_")
    observed = (
        f"(datediff('month', disbursed_on, DATE '{AS_OF}') - (day(disbursed_on) > {AS_OF.day})::INTEGER)::SMALLINT"
    )
    made = {
        "loan_id": "'L' || loan_no",
        "previous_on": "lag(disbursed_on) OVER (PARTITION BY borrower_no ORDER BY loan_no)",
        "applied_fen": "principal_fen",
        "outstanding_fen": "principal_fen // 3",
        "overdue_fen": "0::BIGINT",
        "days_past_due": "0::INTEGER",
        "observed_months": observed,
        "final_observed": f"{observed} > 36",
        "status": "'active'::ENUM('active', 'paid_off', 'written_off')",
        "dates_imputed": "FALSE",
    }
    if name in made:
        return f"{made[name]} AS {name}"
    if name.startswith("previous_"):
        lag = f"lag(disbursed_on) OVER (PARTITION BY borrower_no, {dimension} ORDER BY loan_no)"
        return f"{lag if _varies(dimension) else 'NULL::DATE'} AS {name}"
    if definition in DEFINITIONS:
        value = "default_month" if "month" in name else "(disbursed_on + to_months(default_month::INTEGER))::DATE"
        return f"CASE WHEN default_month <= {observed} THEN {value} END AS {name}"
    return name
