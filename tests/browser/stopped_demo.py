"""The demo book on one day, served at a stopped clock: the same figures and the same ages whenever a test is run."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from desk.commands.serving import UVICORN
from tests.browser import serving

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)  # ten in the morning in Shanghai; the book is closed to the day before
_STOPPED = ("-m", "tests.browser.stopped", NOW.isoformat())


@contextmanager
def served(tmp_path_factory: pytest.TempPathFactory, *size: str) -> Iterator[str]:
    """The address of a server on a demo book of its own. size: what the command is told, such as `--members 3000`."""
    folder = tmp_path_factory.mktemp("stopped")
    built = serving.python(folder, *_STOPPED, "manage.py", "demo", *size)
    assert built.returncode == 0, built.stdout + built.stderr
    port = serving.free_port()
    serve = (*_STOPPED, *UVICORN, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning")
    with serving.served_by(serve, folder, port, LOANBOARD_REFRESH_MINUTES="9999999"):
        yield f"http://127.0.0.1:{port}"
