"""Files that staff take along, on record: who took which rows, when, and as of which copy."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from desk import audit

TAKEN = "rows.exported"

Record = Callable[[str, str, dict[str, audit.Json]], None]


def recording(engine: Engine, clock: Callable[[], datetime]) -> Record:
    """Puts a file on record: whose it is, what its rows are, and what else is to be known of it."""

    def record(by: str, rows: str, about: dict[str, audit.Json]) -> None:
        with engine.begin() as connection:
            audit.append(connection, audit.Event(clock(), by, TAKEN, rows, about))

    return record
