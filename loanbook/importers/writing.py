"""What importers write with: a book that holds only the tables which the file fills."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Table

from loanbook import books, schema
from rules.calendar import BUSINESS_ZONE, last_of_month

Progress = Callable[[str, float], None]  # what is being done, the share of the whole that is done


def write(target: Path, note: books.Note, tables: Mapping[Table, Mapping[str, Any]], progress: Progress) -> None:
    """Write a book with these tables (column name -> values) and no others, so that pages say which ones it lacks."""
    filled = {schema.book_note: {name: [value] for name, value in asdict(note).items()}, **tables}
    with books.writable(target) as engine, engine.begin() as connection:
        schema.metadata.create_all(connection, tables=list(filled))
        for done, (table, columns) in enumerate(filled.items()):
            progress(f"Writing {table.name}", done / len(filled))
            books.append(connection, table, pd.DataFrame(columns))
    progress("Written", 1.0)


def midnight(days: "pd.Series[Any]") -> "pd.Series[Any]":
    """The UTC instants at which business days begin, for a file that gives dates and no hours."""
    began: pd.Series[Any] = days.dt.tz_localize(BUSINESS_ZONE).dt.tz_convert("UTC").dt.tz_localize(None)
    return began


def last_day_of_month(*columns: "pd.Series[Any]") -> date:
    """The last day of the newest month that any of the columns names."""
    newest: pd.Timestamp = max(column.max() for column in columns if column.notna().any())
    return last_of_month(newest.date())
