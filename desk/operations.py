"""What the pages see of refreshes, and how staff ask for one."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Engine

from desk import audit, audit_chain, background, refresh, rights, runs, staff
from desk.audit_chain import Verified
from desk.runs import Outcome, Run
from rules.settings import Settings

RECORD_EVENTS, RECORD_SECONDS = 50_000, 60


@dataclass(frozen=True)
class Standing:
    """The refreshes of the book that is served, newest first, and whether one runs now."""

    runs: tuple[Run, ...]
    running: bool

    @property
    def now(self) -> Run | None:
        """The one that runs, once it has put itself on record."""
        return next((run for run in self.runs if run.outcome is None), None)

    @property
    def mark(self) -> tuple[int, bool]:
        """Changes when a refresh starts or ends."""
        return (self.runs[0].id if self.runs else 0, self.running)


@dataclass(frozen=True)
class Record:
    """What a verification of the newest events of the audit chain has found."""

    found: Verified
    at: datetime


@dataclass(frozen=True)
class Operations:
    """The refreshes of one served process: `app.py` hands over its settings, state database and clock."""

    settings: Settings
    engine: Engine
    clock: Callable[[], datetime]
    _records: list[Record] = field(default_factory=list, compare=False, repr=False)

    def standing(self) -> Standing:
        """How refreshes stand; one whose process was killed is told as stopped."""
        folder = refresh.source(self.settings).folder
        listed = runs.latest(self.engine, folder.name)
        running = background.is_running(folder)
        if not running:
            listed = runs.latest(self.engine, folder.name)  # what ended between the two has said so
        told = (_stopped(run) if number > 0 or not running else run for number, run in enumerate(listed))
        return Standing(tuple(told), running)

    def record(self) -> Record:
        """How the audit chain stands, verified a minute ago at most."""
        now = self.clock()
        if not self._records or (now - self._records[0].at).total_seconds() >= RECORD_SECONDS:
            found = audit_chain.verify(self.engine, audit.keeper(self.settings), newest=RECORD_EVENTS)
            self._records[:] = [Record(found, now)]
        return self._records[0]

    def refresh(self, asked_by: str) -> bool:
        """Start a refresh that a member of staff asks for; False where one runs already.

        `PermissionError` where they may not (any more).
        """
        person = staff.lookup(self.engine, asked_by)
        if person is None or not rights.may(person.role, "refresh"):
            raise PermissionError("refresh")
        folder = refresh.source(self.settings).folder
        return background.refresh_asked(self.engine, folder, self.clock(), asked_by)


def use(operations: Operations) -> None:
    """Serve these to the pages of this process."""
    _served[:] = [operations]


def served() -> Operations:
    """What this process serves."""
    if not _served:
        raise RuntimeError("desk.operations.use(operations) was not called")
    return _served[0]


_served: list[Operations] = []


def _stopped(run: Run) -> Run:
    return replace(run, outcome=Outcome.STOPPED) if run.outcome is None else run
