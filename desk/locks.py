"""Locks between processes beside those of filelock. They end with their process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVING = "serving.lock"  # in the data folder: shared by all that serve it, alone by what replaces its files


class Held(RuntimeError):  # noqa: N818
    """Somebody else holds the lock."""


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold a lock together with others; waits for whoever holds it alone."""
    with _open(path) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock alone; `Held` where anybody else has it."""
    with _open(path) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held(str(path)) from None
        yield


def is_held(path: Path) -> bool:
    """Whether somebody holds a lock alone, filelock's included.

    It is looked at by sharing it for a moment, so that any number of processes may look at once.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def _open(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
