"""Drawn members, as if everything before them had been derived: rows of `member_journey` and of others beside it."""

from datetime import date, timedelta
from typing import Any

import duckdb
from sqlalchemy.schema import CreateTable

from loanbook.constructs import compiled
from loanbook.referrals.growth_schema import member_outcome
from loanbook.snapshot_schema import member_journey
from tests.loanbook.derived import rows

AS_OF = date(2026, 6, 30)


def snapshot(*tables: Any) -> duckdb.DuckDBPyConnection:
    """A snapshot in memory with these tables, empty."""
    made = duckdb.connect(config={"threads": 1})
    made.execute("SET TimeZone = 'UTC'")
    for table in tables:
        made.execute(*compiled(CreateTable(table)))
    return made


def draw(made: duckdb.DuckDBPyConnection, table: str, drawing: str) -> None:
    """Write the rows of a drawn table; dates are texts, - is null."""
    for row in rows(drawing):
        marks = ", ".join("?" * len(row))
        made.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def members(made: duckdb.DuckDBPyConnection, referrers: list[int | None], outcomes: bool = True) -> None:
    """Members 1.. with these referrers, registered a day after each other."""
    for place, referrer in enumerate(referrers):
        on = date(2025, 1, 1) + timedelta(days=place)
        made.execute(
            f"INSERT INTO {member_journey.name} (member_no, member_id, registered_on, observed_days, referrer_no, "
            "level, inherited_campaign) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [place + 1, f"M{place + 1}", on, (AS_OF - on).days, referrer, 0 if referrer is None else 1, "unknown"],
        )
        if outcomes:
            made.execute(f"INSERT INTO {member_outcome.name} (member_no) VALUES (?)", [place + 1])
