"""What somebody has typed of a decision but not taken; it outlives their lease, their connection and the process."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from desk import state
from desk.review_store import Key, bound, named, of
from desk.review_tables import review_draft as table

_OWN = ("source", "application_id", "staff_email")
_DISCARD = delete(table).where(*bound(table), table.c.staff_email == bindparam("by"))


def save(engine: Engine, case: Key, by: str, fields: Mapping[str, str], now: datetime) -> None:
    """Keep the fields of a case's form, in the place of what was kept before."""
    values = {"source": case[0], "application_id": case[1], "staff_email": by, "saved_at": now}
    values["fields"] = json.dumps(dict(fields), ensure_ascii=False)
    new = (sqlite if engine.dialect.name == "sqlite" else postgresql).insert(table).values(values)
    newer = {"fields": new.excluded.fields, "saved_at": new.excluded.saved_at}
    with engine.begin() as connection:
        connection.execute(new.on_conflict_do_update(index_elements=_OWN, set_=newer))


def load(engine: Engine, case: Key, by: str) -> dict[str, str]:
    """The fields that were kept; empty where there are none."""
    with state.reading(engine) as connection:
        row = connection.execute(select(table.c.fields).where(*of(table, case), table.c.staff_email == by)).first()
    return {} if row is None else dict(json.loads(row.fields))


def discard(connection: Connection, case: Key, by: str) -> None:
    """Drop what was kept: it has been decided."""
    connection.execute(_DISCARD, {**named(case), "by": by})
