"""Backs an installation up: the state database, the snapshot that is served, the keys, the policy.

The loan database and the books in the data folder are not part of it: they are somebody else's, or built anew.
"""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import Engine

from desk import archive, audit, passes, refresh, state_copy
from loanbook import books, snapshots
from rules import policy
from rules.settings import Settings

STATE, KEY, POLICY, AUDIT_KEY = "state", "pass.key", "policy.toml", "audit.key"


def write(settings: Settings, state: Engine, target: Path, now: datetime) -> None:
    """Back up into one file, while Loanboard may be served and refreshed; `ArchiveError` where that can't be done."""
    policy.load(settings.policy_path)  # what can't be used is not worth keeping
    with ExitStack() as closed, archive.staging(target.parent) as folder:
        copied = folder / STATE
        facts = {"made_at": now.isoformat(), "state": state_copy.copy(state, copied)}
        facts["revision"] = state_copy.revision(state)
        files: dict[str, IO[bytes]] = {STATE: closed.enter_context(copied.open("rb"))}
        files |= _snapshot(settings, facts, closed)
        passes.key(settings.data_dir)
        files[KEY] = closed.enter_context((settings.data_dir / passes.KEY_FILE).open("rb"))
        if settings.audit_key is None:
            files[AUDIT_KEY] = closed.enter_context(_audit_key(settings).open("rb"))
        files[POLICY] = closed.enter_context(settings.policy_path.open("rb"))
        archive.write(target, files, facts)


def _audit_key(settings: Settings) -> Path:
    audit.keeper(settings)  # made where it is not there yet
    return settings.data_dir / audit.KEY_FILE


def _snapshot(settings: Settings, facts: dict[str, str], closed: ExitStack) -> dict[str, IO[bytes]]:
    """The snapshot that is served, proved to be readable; nothing where there is none yet."""
    if books.url(settings) is None:
        return {}
    folder = refresh.source(settings).folder
    while (snapshot_id := snapshots.current(folder)) is not None:
        file = snapshots.path(folder, snapshot_id)
        try:
            opened = closed.enter_context(file.open("rb"))
        except FileNotFoundError:
            if snapshots.current(folder) != snapshot_id:  # a refresh has just replaced it
                continue
        refresh.opened(folder, snapshot_id)
        facts |= {"source": folder.name, "snapshot": snapshot_id}
        return {f"snapshots/{folder.name}/{file.name}": opened}
    return {}
