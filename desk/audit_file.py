"""The newest event's number and hash, kept in a file outside the state database: what was cut off there shows."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NAME = "audit.head"  # in the data folder
_LINE = re.compile(r"([0-9]{20}) ([0-9a-f]{64})\n")
_BYTES = 86


class DamagedHead(ValueError):  # noqa: N818
    """The file does not hold what was written into it."""


@dataclass(frozen=True, order=True)
class Head:
    """An event by its place in the chain and its hash; 0 before the first."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


def write(path: Path, head: Head) -> None:
    """Keep a head, unless a later one is there: processes that write at once may come in any order.

    One write of less than a sector, so that no reader meets half of it. `DamagedHead` where something else is there.
    """
    with _open(path, os.O_CREAT | os.O_RDWR, fcntl.LOCK_EX) as descriptor:
        there = _read(descriptor)
        if there is None or there.sequence < head.sequence:
            os.pwrite(descriptor, f"{head.sequence:020d} {head.hash}\n".encode("ascii"), 0)


def read(path: Path) -> Head | None:
    """The head that is kept; None where there is no file. `DamagedHead` where the file was changed or torn."""
    try:
        with _open(path, os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
            return _read(descriptor)
    except FileNotFoundError:
        return None


def _read(descriptor: int) -> Head | None:
    held = os.pread(descriptor, _BYTES + 1, 0)
    if not held:
        return None
    line = _LINE.fullmatch(held.decode("ascii", "replace"))
    if line is None:
        raise DamagedHead
    return Head(int(line[1]), line[2])


@contextmanager
def _open(path: Path, flags: int, lock: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, lock)
        yield descriptor
    finally:
        os.close(descriptor)
