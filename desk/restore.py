"""Gives a backup back: proved first, nothing overwritten, what was there is kept aside."""

import filecmp
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from filelock import Timeout
from sqlalchemy import make_url

from desk import archive, audit, audit_file, locks, passes, state_copy
from desk import state as state_database
from desk.archive import ArchiveError, Taken
from desk.backup import AUDIT_KEY, KEY, POLICY, STATE
from desk.state_copy import Kind
from loanbook import snapshots
from loanbook.durable import sync
from rules.settings import Settings


@dataclass
class Restored:
    """What was done."""

    snapshot: str | None
    source: str | None  # the folder of its snapshots
    aside: list[Path] = field(default_factory=list)  # what was there before, by its new name
    policy: Path | None = None  # where the policy of the backup lies, if it is not the one in use


def run(settings: Settings, source: Path, now: datetime) -> Restored:
    """Put a backup in the place of what is there.

    `ArchiveError` where it is damaged, of a later version, or Loanboard is served or refreshed meanwhile: then nothing
    was changed.
    """
    folder = settings.data_dir
    with _alone(folder), archive.staging(folder) as staged:
        taken = archive.take_out(source, staged)
        _refuse_unless_usable(settings, source, taken)
        done = Restored(taken.facts.get("snapshot"), taken.facts.get("source"))
        places = _Places(f".before-{now:%Y%m%dT%H%M%SZ}", done.aside)
        _state(settings, taken, places)
        places.put(taken.files[KEY], folder / passes.KEY_FILE)
        if AUDIT_KEY in taken.files and settings.audit_key is None:
            places.put(taken.files[AUDIT_KEY], folder / audit.KEY_FILE)
        if not _same(taken.files[POLICY], settings.policy_path):
            done.policy = folder / POLICY
            places.put(taken.files[POLICY], done.policy)
        if done.snapshot is not None and done.source is not None:
            home = settings.snapshots_dir / done.source
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = snapshots.path(home, done.snapshot)
            places.put(taken.files[f"snapshots/{done.source}/{file.name}"], file)
            if snapshots.current(home) != done.snapshot:
                places.keep(home / snapshots.POINTER)
                snapshots.serve(home, done.snapshot)
        _go_on(settings, taken, places, now)
    return done


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep servers and refreshes away; `ArchiveError` where there is one."""
    with ExitStack() as held:
        try:
            held.enter_context(locks.alone(folder / locks.SERVING))
        except locks.Held:
            raise ArchiveError(f"Loanboard is served from {folder}; stop it, then restore.") from None
        try:
            for lock in sorted((folder / "snapshots").glob(f"*/{snapshots.LOCK}")):
                held.enter_context(snapshots.lock(lock.parent))
        except Timeout:
            raise ArchiveError("A refresh is running; restore when it is done.") from None
        yield


def _refuse_unless_usable(settings: Settings, source: Path, taken: Taken) -> None:
    if not {STATE, KEY, POLICY} <= set(taken.files) or not {"state", "revision"} <= set(taken.facts):
        raise ArchiveError(f"{source} is no backup of Loanboard. Nothing was changed.")
    kind, revision = Kind(taken.facts["state"]), taken.facts["revision"]
    if not state_copy.known(revision, kind):
        raise ArchiveError(f"{source} is of another version of Loanboard (state {revision}); restore it with that one.")
    if kind is Kind.SQLITE and make_url(settings.state_url).get_backend_name() != "sqlite":
        raise ArchiveError(
            f"{source} holds the state database as a SQLite file, but LOANBOARD_STATE_URL names another kind of "
            "database; unset it, or name a SQLite file."
        )
    if kind is Kind.SQLITE and not state_copy.is_whole(taken.files[STATE]):
        raise ArchiveError(f"The state database in {source} is damaged. Nothing was changed.")


def _state(settings: Settings, taken: Taken, places: "_Places") -> None:
    if Kind(taken.facts["state"]) is Kind.SQLITE:
        file = Path(make_url(settings.state_url).database or "")
        file.parent.mkdir(parents=True, exist_ok=True)
        places.put(taken.files[STATE], file, beside=("-wal", "-shm"))
        return
    engine = state_database.open_engine(settings.state_url)
    try:
        kept = places.name(settings.data_dir / "state.jsonl")
        state_copy.rows(engine, kept)
        places.aside.append(kept)
        state_copy.load(engine, taken.files[STATE])
    finally:
        engine.dispose()


def _go_on(settings: Settings, taken: Taken, places: "_Places", now: datetime) -> None:
    """Let the audit chain go on from the backup's newest event, with it on record that later ones were given up."""
    head = settings.data_dir / audit_file.NAME
    before = audit_file.read(head)
    places.keep(head)
    payload = {"made_at": taken.facts.get("made_at"), "head_before": None if before is None else str(before)}
    engine = audit.open_state(settings)
    try:
        with engine.begin() as connection:
            audit.append(connection, audit.Event(now, "manage.py", "state.restored", "state database", payload))
    finally:
        engine.dispose()


def _same(file: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(file, other, shallow=False)


class _Places:
    """Puts files where they belong and keeps aside what was there."""

    def __init__(self, suffix: str, aside: list[Path]) -> None:
        self._suffix, self.aside = suffix, aside

    def name(self, file: Path) -> Path:
        """What a file is called that is kept aside."""
        return file.with_name(file.name + self._suffix)

    def keep(self, file: Path, beside: tuple[str, ...] = ()) -> None:
        """Move a file aside, and those that belong to it."""
        if file.exists():
            self.aside.append(self.name(file))
        for ending in ("", *beside):
            part = file.with_name(file.name + ending)
            if part.exists():
                part.rename(file.with_name(file.name + self._suffix + ending))

    def put(self, new: Path, file: Path, beside: tuple[str, ...] = ()) -> None:
        """Give a file its place, unless it is there already; it is whole before what was there is moved."""
        if _same(new, file):
            return
        near = file.with_name(f"{archive.STAGING}{file.name}")
        if new.stat().st_dev == file.parent.stat().st_dev:
            new.rename(near)
        else:
            shutil.copyfile(new, near)
            near.chmod(0o600)
            sync(near)
        self.keep(file, beside)
        near.rename(file)
        sync(file.parent)
