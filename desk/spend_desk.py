"""The spend desk of one person on one book: reads what they send, stores it, and says what counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from desk import spend, spend_file
from desk.spend import File
from rules.calendar import business_date
from rules.spend import COLUMNS, Entry, Fault, Kept, Read, Taken, read_rows


@dataclass(frozen=True)
class SpendDesk:
    """What a page hands to its cards. `campaigns`: the book's, id -> name."""

    engine: Engine
    source: str
    staff_email: str
    clock: Callable[[], datetime]
    campaigns: Mapping[str, str]

    def read_file(self, name: str, content: bytes) -> Read:
        """The entries of a file and everything that is wrong with it; nothing is stored."""
        try:
            heads, rows = spend_file.table(name, content)
        except spend_file.SpendFileError as error:
            return Read((), (Fault(0, str(error), {}),))
        return self._read(heads, rows)

    def read_row(self, cells: Mapping[str, str]) -> Read:
        """One entry as it was typed, and everything that is wrong with it; nothing is stored."""
        return self._read(COLUMNS, [[cells.get(name, "") for name in COLUMNS]])

    def store(self, entries: Sequence[tuple[int, Entry]], name: str = "", content: bytes = b"") -> Taken:
        """Store entries, those of a file with its name and content; `PermissionError` for who may not."""
        return spend.enter(
            self.engine,
            self.source,
            entries,
            staff_email=self.staff_email,
            at=self.clock(),
            file=File(name, content) if name else None,
        )

    def kept(self) -> tuple[Kept, ...]:
        """The entries in force, the newest first."""
        return spend.in_force(self.engine, self.source)

    def template(self) -> bytes:
        """A file to fill in."""
        return spend_file.template()

    def _read(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Read:
        known = {**{name: key for key, name in self.campaigns.items()}, **{key: key for key in self.campaigns}}
        return read_rows(heads, rows, campaigns=known, today=business_date(self.clock()))
