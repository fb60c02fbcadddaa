"""Drawn rows of the tables of movement, as a snapshot that statements are run on."""

from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy.dialects.postgresql import ENUM

from loanbook.members import movement
from loanbook.members.membership_spell import Tiers
from loanbook.working import create_tables
from rules.migration import DORMANT, LAPSED, NONE

TIERS = ("ordinary", "silver", "gold")
STATES = (NONE, *TIERS, LAPSED, DORMANT)


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables, empty, and that of members."""
    made = duckdb.connect(config={"threads": 1})
    known = Tiers(ENUM(*TIERS, name="member_tier"), ENUM(*STATES, name="member_state"))
    create_tables(made, "reborrow_prompt", "member_journey")
    movement.create(made, known)
    return made


def draw(made: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Write rows in place of what a table holds."""
    made.execute(f"TRUNCATE {table}")
    if rows:
        names = list(dict.fromkeys(name for row in rows for name in row))
        made.register("drawn_rows", pa.table({name: [row.get(name) for row in rows] for name in names}))
        made.execute(f"INSERT INTO {table} BY NAME SELECT * FROM drawn_rows")
        made.unregister("drawn_rows")
