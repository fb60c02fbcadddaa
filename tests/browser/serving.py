"""A Loanboard of its own for the browser: a small demo book, its snapshot, and the server, in a temporary folder."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from desk.commands.serving import UVICORN

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 150
DEMO = ("demo", "--members", "1500")


@contextmanager
def loanboard(data_dir: Path, *command: str) -> Iterator[str]:
    """Build a book by a command of manage.py and serve it; the small demo book unless another is given.

    Gives the address of a server on a free port of this machine, which is stopped at the end.
    """
    manage(data_dir, *(command or DEMO)).check_returncode()
    with served(data_dir, free_port()) as address:
        yield address


def manage(data_dir: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of manage.py on a data folder; its exit code and what it said."""
    return python(data_dir, "manage.py", *command)


def python(data_dir: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python on a data folder until it ends."""
    build = [sys.executable, *arguments]
    return subprocess.run(build, cwd=ROOT, env=_environment(data_dir), capture_output=True, text=True)


@contextmanager
def served(data_dir: Path, port: int, **settings: str) -> Iterator[str]:
    """Serve what a data folder holds, with further variables of the environment, until the end."""
    with server(data_dir, port, **settings):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def server(data_dir: Path, port: int, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The same, as the process that serves, which may be killed."""
    serve = (*UVICORN, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning")
    with served_by(serve, data_dir, port, **settings) as started:
        yield started


@contextmanager
def served_by(
    command: Sequence[str], data_dir: Path, port: int, **settings: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """The same by another command of Python that serves on the port."""
    environment = _environment(data_dir) | settings
    with (data_dir / "server.log").open("ab") as log, process([sys.executable, *command], environment, log) as started:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", started)
        yield started


@contextmanager
def process(command: list[str], environment: dict[str, str], log: IO[bytes]) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is stopped at the end."""
    started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(timeout=20)


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _environment(data_dir: Path) -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LOANBOARD_")}
    return outside | {"LOANBOARD_DATA_DIR": str(data_dir), "PYTHONDONTWRITEBYTECODE": "1"}


def _wait(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError("the server has ended; see server.log in the data folder")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"no answer from {url}")
