"""The one door to direct identifiers: a single value of a single applicant, read when it is asked for, kept nowhere.

Everything else reads the loan database by `loanbook.live_book`, which never selects these columns. Who may come through
here, for what, and for how long, `desk.reveals` decides and records first.
"""

from typing import Any

from sqlalchemy import Column, func, select, type_coerce
from sqlalchemy.types import NULLTYPE

from loanbook.live_book import LiveBook
from loanbook.schema import application, member

# Which column holds a direct identifier of an applicant. Addresses are never read.
FIELDS: dict[str, Column[Any]] = {
    "full_name": member.c.full_name,
    "phone": member.c.phone,
    "id_number": member.c.id_number,
    "guarantor": application.c.guarantor,
}


class Personal:
    """The direct identifiers that a loan database holds of applicants."""

    def __init__(self, book: LiveBook) -> None:
        self._book = book

    def has(self, field: str) -> bool:
        """Whether the loan database has such a column."""
        column = FIELDS[field]
        return self._book.has(column.table, column.name)

    def initial(self, member_id: str) -> str | None:
        """The first character of a member's name, which is all of it that leaves the loan database for a mask."""
        return self._one(FIELDS["full_name"], func.substr(FIELDS["full_name"], 1, 1), member_id)

    def value(self, field: str, application_id: str, member_id: str) -> str | None:
        """One identifier as it is; None where the loan database has none."""
        column = FIELDS[field]
        return self._one(column, column, application_id if column.table is application else member_id)

    def _one(self, column: Column[Any], read: Any, key: str) -> str | None:
        if not self._book.has(column.table, column.name):
            return None
        key_column = column.table.c.id
        held = type_coerce(key_column, NULLTYPE).in_(self._book.held(key_column, [key]))
        wanted = select(type_coerce(read, NULLTYPE)).where(held)
        with self._book.reading() as connection:
            found = connection.execute(wanted).scalar()
        return str(found) if found else None
