"""One file that holds an installation: a tar of its files and, last, a manifest with their checksums."""

import hashlib
import io
import json
import os
import re
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from loanbook.durable import sync

FORMAT = 1
MANIFEST = "manifest.json"
STAGING = ".loanboard-"
_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_./-]*")  # inside the folder that it is taken out into
_BYTES = 1 << 20


class ArchiveError(RuntimeError):
    """A backup can't be written or given back. The message is a sentence for people."""


@dataclass(frozen=True)
class Taken:
    """An archive that was taken out and is what it was when it was written."""

    facts: Mapping[str, Any]
    files: Mapping[str, Path]


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A folder for what is in the making, gone at the end; `ArchiveError` where it can't be written."""
    with _disk(folder), tempfile.TemporaryDirectory(dir=folder, prefix=STAGING) as made:
        yield Path(made)


def write(target: Path, files: Mapping[str, IO[bytes]], facts: Mapping[str, Any]) -> None:
    """Write an archive of files, given open under their names, so that nobody can take them away meanwhile.

    `ArchiveError` where it can't be written; nothing is left of one that is not whole.
    """
    if target.exists():
        raise ArchiveError(f"{target} exists already; name another file.")
    part = target.with_name(f".{target.name}.part")
    with _disk(target):
        try:
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                _fill(file, files, facts)
            sync(part)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
        sync(target.parent)


def take_out(source: Path, folder: Path) -> Taken:
    """Take all files out into a folder and hold them against their checksums; `ArchiveError` where one differs."""
    with _disk(folder), _readable(source), tarfile.open(source, "r:") as tar:
        found = {}
        for member in tar:
            file = tar.extractfile(member) if member.isreg() else None
            if file is None or not _NAME.fullmatch(member.name):
                raise ArchiveError(f"{source} holds {member.name!r}, which is not Loanboard's; it is no backup.")
            place = folder / member.name
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
                found[member.name] = _copied(file, out)
            sync(place)
    if MANIFEST not in found:
        raise ArchiveError(f"{source} is no backup or not whole: its list of checksums is missing.")
    try:
        facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArchiveError(f"{source} is damaged: its list of checksums can't be read. Nothing was changed.") from error
    if facts.get("format") != FORMAT:
        raise ArchiveError(f"{source} was written by another version of Loanboard; restore it with that one.")
    del found[MANIFEST]
    expected = facts.pop("files")
    for name in sorted({*expected, *found}):
        if expected.get(name) != found.get(name):
            raise ArchiveError(f"{source} is damaged: {name} is not what was backed up. Nothing was changed.")
    return Taken(facts, {name: folder / name for name in found})


def _fill(file: IO[bytes], files: Mapping[str, IO[bytes]], facts: Mapping[str, Any]) -> None:
    sums = {}
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = os.fstat(content.fileno()).st_size, 0o600
            summed = _Summing(content)
            tar.addfile(info, summed)
            sums[name] = summed.told()
        listed = json.dumps({"format": FORMAT, **facts, "files": sums}, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(listed), 0o600
        tar.addfile(info, io.BytesIO(listed))


class _Summing(io.RawIOBase):
    """A file that sums what is read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum, self._bytes = file, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        read = self._file.read(size)
        self._sum.update(read)
        self._bytes += len(read)
        return read

    def told(self) -> dict[str, Any]:
        """What the manifest says of the file."""
        return {"bytes": self._bytes, "sha256": self._sum.hexdigest()}


def _copied(file: IO[bytes], out: IO[bytes]) -> dict[str, Any]:
    summed = _Summing(file)
    while read := summed.read(_BYTES):
        out.write(read)
    return summed.told()


@contextmanager
def _disk(place: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise ArchiveError(f"{place} can't be written: {said}. Make room or name another place.") from error


@contextmanager
def _readable(source: Path) -> Iterator[None]:
    if not source.is_file():
        raise ArchiveError(f"The backup {source} does not exist.")
    try:
        yield
    except tarfile.TarError as error:
        raise ArchiveError(f"{source} is no backup or is damaged: {error}. Nothing was changed.") from error
