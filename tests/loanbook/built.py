"""Snapshots built from loan databases, for tests that look at what is served."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from loanbook import connection, snapshot, snapshots
from loanbook.snapshots import SnapshotError
from tests.loanbook.derived import POLICY

NOW = datetime(2024, 6, 11, 1, 0, tzinfo=UTC)


def build(source: Engine | Path, folder: Path, **given: Any) -> snapshot.Built:
    """A snapshot of a loan database, or of a book's file, in a folder."""
    engine = connection.connect(f"sqlite:///{source}", None) if isinstance(source, Path) else source
    schema = (engine.get_execution_options().get("schema_translate_map") or {}).get(None)
    options = {"schema": schema, "folder": folder, "policy": POLICY, "as_of": None, "now": NOW}
    try:
        return snapshot.build(engine, **{**options, **given})
    finally:
        engine.dispose()


def rows(built: snapshot.Built, sql: str) -> list[tuple[Any, ...]]:
    """What a statement finds in a snapshot."""
    opened = snapshots.open_readonly(built.path)
    try:
        return opened.execute(sql).fetchall()
    finally:
        opened.close()


def refused(source: Engine | Path, folder: Path, **given: Any) -> str:
    """The sentence of a refusal, after which nothing is served and nothing is left."""
    with pytest.raises(SnapshotError) as error:
        build(source, folder, **given)
    assert snapshots.current(folder) is None
    assert not list(folder.glob("*.duckdb*"))
    return str(error.value)
