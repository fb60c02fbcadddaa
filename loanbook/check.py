"""The check of a loan database against the contract: what is missing, of a wrong type, or breaks an invariant."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, Connection, Engine, Select, String, Table, case, func, inspect, select

from loanbook import check_rows, check_values, schema
from loanbook.connection import present_columns
from loanbook.finding import Finding, Severity

SHOWN_ROWS = 5

Progress = Callable[[str, float], None]  # the table that is being checked, the share of the whole that is done
Present = dict[str, frozenset[str]]  # the tables and columns that are there in a usable type


def run(engine: Engine, schema_name: str | None, progress: Progress) -> list[Finding]:
    """Everything in which a loan database departs from the contract: what is missing, then values, then rows.

    Each table is read a few times by statements over sets. Where a column holds values of a wrong type, what else the
    contract says of it is checked only once they are mended.
    """
    with engine.connect() as connection:
        present = present_columns(connection, schema_name)
        findings = [*_missing(present), *_mistyped(connection, present, schema_name)]
        _leave_out(present, findings)
        tables = [table for table in schema.metadata.tables.values() if table.name in present]
        for done, table in enumerate(tables):
            progress(f"values of {table.name}", done / len(tables) / 2)
            findings += _values(connection, table, present[table.name])
        _leave_out(present, findings)
        for done, table in enumerate(tables):
            progress(f"rows of {table.name}", (1 + done / len(tables)) / 2)
            findings += _rows(connection, table, present)
    return findings


def _leave_out(present: Present, findings: list[Finding]) -> None:
    """No longer count a column as present that holds something of a wrong type."""
    for finding in findings:
        if finding.kind in {"wrong_column_type", "wrong_value_type"}:
            present[finding.table] -= {finding.column}


def _missing(present: Present) -> Iterator[Finding]:
    for table in schema.metadata.tables.values():
        if table.name in schema.OWN_TABLES:
            continue
        if table.name not in present:
            yield Finding(Severity.MISSING, table.name, "", "missing_table")
            continue
        for column in table.columns:
            if column.name in present[table.name]:
                continue
            if column.nullable or schema.is_personal(column):
                yield Finding(Severity.MISSING, table.name, column.name, "missing_optional_column")
            else:
                yield Finding(Severity.UNUSABLE, table.name, column.name, "missing_column")


def _mistyped(connection: Connection, present: Present, schema_name: str | None) -> Iterator[Finding]:
    """Columns that can't hold what they should. SQLite's columns hold anything, so there the values are looked at."""
    if connection.dialect.name == "sqlite":
        return
    declared = {
        schema.metadata.tables[name].columns[column["name"]]: column["type"]
        for name, columns in present.items()
        for column in inspect(connection).get_columns(name, schema_name)
        if column["name"] in columns
    }
    for column, type_ in declared.items():
        words, types = check_values.expected(column)
        key = _referred(column)
        if key in declared and isinstance(type_, String) != isinstance(declared[key], String):
            words, types = f"of the type of {key}, {declared[key]}", ()
        if not isinstance(type_, types):
            severity, kind = Severity.UNUSABLE, "wrong_column_type"
            yield Finding(severity, column.table.name, column.name, kind, expected=words, found=str(type_))


def _referred(column: Column[Any]) -> Column[Any] | None:
    """The key that a column refers to."""
    name = column.info.get("references")
    return next(iter(schema.metadata.tables[name].primary_key)) if name else None


def _values(connection: Connection, table: Table, columns: frozenset[str]) -> Iterator[Finding]:
    """All rules on single values of a table in one pass; a second one names rows where there are any."""
    rules = list(check_values.rules(table, columns, connection.dialect.name))
    if not rules:
        return
    totals = select(*(func.sum(case((rule.condition, 1), else_=0)) for rule in rules)).select_from(table)
    for rule, count in zip(rules, connection.execute(totals).one(), strict=True):
        if count:
            keys = _keys(table, columns)
            examples = _examples(connection, table, select(*keys).where(rule.condition).order_by(*keys)) if keys else ()
            yield Finding(rule.severity, table.name, rule.column, rule.kind, int(count), examples, rule.expected)


def _rows(connection: Connection, table: Table, present: Present) -> Iterator[Finding]:
    for rule in check_rows.rules(table, present):
        keys = rule.at_fault.subquery()
        count = connection.execute(select(func.count()).select_from(keys)).scalar_one()
        if count:
            examples = _examples(connection, table, rule.at_fault.order_by(*rule.at_fault.selected_columns))
            yield Finding(Severity.BROKEN, table.name, rule.column, rule.kind, count, examples, rule.expected)
    if table is schema.member or table is schema.reward:
        for finding in check_rows.in_tree(connection, table, present):
            yield replace(finding, examples=finding.examples[:SHOWN_ROWS])


def _keys(table: Table, columns: frozenset[str]) -> list[Column[Any]]:
    return [column for column in table.primary_key if column.name in columns]


def _examples(connection: Connection, table: Table, keys: Select[Any]) -> tuple[str, ...]:
    return tuple(_named(keys.selected_columns.keys(), row) for row in connection.execute(keys.limit(SHOWN_ROWS)))


def _named(columns: Sequence[str], values: Sequence[Any]) -> str:
    """A row as a sentence names it: "id 17" or "loan_id 17, number 3"."""
    return ", ".join(f"{column} {value}" for column, value in zip(columns, values, strict=True))
