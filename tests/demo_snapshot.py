"""Snapshots of the demo book, each built once for all tests of a run that look at it."""

import os
import pickle
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from loanbook import connection, demo, snapshot
from rules import policy

AS_OF = date(2026, 11, 20)
MONTH_END = date(2026, 10, 31)  # on which the newest month end is the book as it stands
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
POLICY = policy.load()[-1]


def demo_snapshot(
    tmp_path_factory: pytest.TempPathFactory, members: int = demo.MEMBERS, as_of: date = AS_OF
) -> snapshot.Built:
    """The snapshot of a demo book, to be read only; the book's file is `book.sqlite` beside the snapshots' folder."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"demo-{members}-{as_of}"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "building.lock"):
        known = folder / "built.pickle"
        if not known.exists():
            known.write_bytes(pickle.dumps(_built(folder, members, as_of)))
        found: snapshot.Built = pickle.loads(known.read_bytes())
    return found


def _built(folder: Path, members: int, as_of: date) -> snapshot.Built:
    demo.build(folder / "book.sqlite", members=members, as_of=as_of)
    source = connection.connect(f"sqlite:///{folder / 'book.sqlite'}", None)
    try:
        return snapshot.build(source, schema=None, folder=folder / "snapshots", policy=POLICY, as_of=as_of, now=NOW)
    finally:
        source.dispose()
