"""What the System page asks: what was read from the loan database, and what of it could not be used."""

from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select

from loanbook.snapshot_schema import rejected_row, source_table

Rows = Select[*tuple[Any, ...]]


def tables() -> Rows:
    """The tables of the contract as the refresh found them.

    Grain: one row per table of the contract, by name.
    Columns: name, present, rows (count), missing_columns (comma-separated), rejected (rows that can't be used).
    """
    rejected = (
        select(rejected_row.c.table_name, func.count().label("rejected")).group_by(rejected_row.c.table_name).subquery()
    )
    return (
        select(
            source_table.c.name,
            source_table.c.present,
            source_table.c.rows,
            source_table.c.missing_columns,
            cast(func.coalesce(rejected.c.rejected, 0), BigInteger).label("rejected"),
        )
        .select_from(source_table)
        .outerjoin(rejected, rejected.c.table_name == source_table.c.name)
        .order_by(source_table.c.name)
    )


def rejected() -> Rows:
    """The rows that can't be used, and why.

    Grain: one row per rejected row and reason, by table and key.
    Columns: table_name, key, reason (an English sentence part from the catalogues).
    """
    return select(rejected_row).order_by(rejected_row.c.table_name, rejected_row.c.key)
