"""The demo book on one day of which everything is known beforehand: built once for a run, served at a stopped clock."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from desk.commands.serving import UVICORN
from tests.browser import serving

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)  # ten in the morning in Shanghai; the book is closed to the day before
MEMBERS = 4_000
_STOPPED = ("-m", "tests.browser.stopped", NOW.isoformat())


@contextmanager
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on a copy of the book, so that nobody sees what another test did."""
    folder = tmp_path_factory.mktemp("stopped") / "data"
    shutil.copytree(_built(tmp_path_factory), folder)
    port = serving.free_port()
    serve = (*_STOPPED, *UVICORN, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning")
    with serving.served_by(serve, folder, port, LOANBOARD_REFRESH_MINUTES="9999999"):
        yield f"http://127.0.0.1:{port}"


def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"stopped-{MEMBERS}"
    home.mkdir(exist_ok=True)
    with FileLock(home / "building.lock"):
        if not (home / "built").exists():
            demo = serving.python(home / "data", *_STOPPED, "manage.py", "demo", "--members", str(MEMBERS))
            assert demo.returncode == 0, demo.stdout + demo.stderr
            (home / "built").touch()
    return home / "data"
