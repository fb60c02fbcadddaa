"""The contract's tables as a snapshot holds them: without direct identifiers, money as integer fen."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Date, DateTime, MetaData, Numeric, String, Table
from sqlalchemy.types import TypeEngine

from loanbook import schema

TEXTS = (JSON, String)
FRACTIONS = (Numeric,)


def columns(table: Table) -> list[Column[Any]]:
    """The columns of a contract table that are copied: all but the direct identifiers."""
    return [column for column in table.columns if not schema.is_personal(column)]


def is_money(column: Column[Any]) -> bool:
    """Whether a column of the contract is an amount of money, which the copy holds in fen."""
    return isinstance(column.type, FRACTIONS) and column.type.scale == 2


def is_instant(column: Column[Any]) -> bool:
    """Whether a column of the contract is a date or a UTC instant."""
    return isinstance(column.type, Date | DateTime)


def name(column: Column[Any]) -> str:
    """What the copy calls a column."""
    return f"{column.name}_fen" if is_money(column) else column.name


def referred(column: Column[Any]) -> str:
    """The table whose keys a key column holds; a column that refers to no table has keys of its own."""
    if column.name == "id":
        return column.table.name
    return str(column.info.get("references") or f"{column.table.name}.{column.name}")


def table(contract: Table, text_keys: frozenset[str] = frozenset()) -> Table:
    """The copy of one contract table. Keys of the tables in `text_keys` are texts, all others integers."""
    return Table(
        contract.name,
        MetaData(),
        *(Column(name(column), _type(column, text_keys)) for column in columns(contract)),
    )


def _type(column: Column[Any], text_keys: frozenset[str]) -> TypeEngine[Any]:
    if schema.is_key(column):
        return String() if referred(column) in text_keys else BigInteger()
    if is_money(column):
        return BigInteger()
    return String() if isinstance(column.type, TEXTS) else column.type


# For statements: which type a key has makes no difference to them.
TABLES = {contract.name: table(contract) for contract in schema.metadata.sorted_tables}
