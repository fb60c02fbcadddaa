"""What the served process does beside showing pages: it looks after refreshes and tells whether it is ready."""

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from desk import audit, locks, policy_versions, refresh, review_look, review_source, schedule
from desk import state as state_database
from desk.audit_file import Head
from desk.lending_http import NOT_NOW, Lending
from loanbook import books
from loanbook.connection import SourceError
from rules import policy, settings
from rules.policy import Policy, PolicyError
from rules.review_actions import Moment
from rules.settings import Settings, SettingsError

log = logging.getLogger("loanboard.service")

_EXPECTED = NOT_NOW
_SENTENCES = (SettingsError, state_database.StateError, SourceError, PolicyError)  # which hold no password


@dataclass
class Readiness:
    """Whether pages can be shown, and what is missing where they can't. It names nobody and no address."""

    missing: dict[str, str] = field(default_factory=dict)
    snapshot: dict[str, Any] | None = None

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def told(self) -> dict[str, Any]:
        """For JSON."""
        return {"ready": self.ready, "missing": self.missing, "snapshot": self.snapshot}


class Service:
    """One served process. What can't be reached now is tried again at the next look."""

    def __init__(self, environment: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self._environment, self._clock = environment, clock
        self._engine: tuple[str, Engine] | None = None
        self._told: Head | None = None  # of the audit chain
        self._policies: tuple[Policy, ...] = ()  # that are on record

    def hold(self, until: ExitStack) -> None:
        """Keep the data folder from being replaced while this process serves it; waits while it is."""
        try:
            read = settings.read(self._environment)
            until.enter_context(locks.shared(read.data_dir / locks.SERVING))
        except (SettingsError, OSError) as error:
            log.warning("the data folder is not held", extra={"error": type(error).__name__})

    def look(self) -> bool:
        """Look after refreshes, review and the audit chain once; whether a refresh was started.

        What can't be reached is logged.
        """
        try:
            read = settings.read(self._environment)
            started = schedule.look(read, self._state(read), self._clock())
            self._record_policies(read)
            self._told = schedule.tell_head(read, self._state(read), self._clock(), self._told)
            review_look.look(read, self._state(read), self._clock())
            return started
        except _EXPECTED as error:
            reason = {"reason": str(error)} if isinstance(error, _SENTENCES) else {}
            log.warning("not all looked after", extra={"error": type(error).__name__, **reason})
        except Exception:  # a fault of ours is in the log, and must not end all later looks
            log.exception("not all looked after")
        return False

    def lending(self) -> Lending | None:
        """What lending's own requests are answered with; None where no token is set. Raises what can't be reached."""
        read = settings.read(self._environment)
        if read.lending_token is None:
            return None
        return Lending(
            token=read.lending_token,
            engine=self._state(read),
            source=review_source.of(read),
            moment=lambda: Moment(now := self._clock(), review_look.in_force(read, now).review),
        )

    def readiness(self) -> Readiness:
        """Look at everything that pages need, now."""
        found = Readiness()
        try:
            read = settings.read(self._environment)
        except SettingsError:
            found.missing["settings"] = "A setting can't be used; the pages say which."
            return found
        try:
            with self._state(read).connect() as connection:
                connection.execute(select(state_database.snapshot_run.c.id).limit(1)).all()
        except (state_database.StateError, SQLAlchemyError, OSError):
            found.missing["state_database"] = "The state database can't be reached."
        try:
            self._look_at_snapshot(read, found)
        except SourceError:
            found.missing["loan_database"] = "The address of the loan database can't be used."
        return found

    def _record_policies(self, read: Settings) -> None:
        """Put versions of the policy on record, at the first look and when the file was changed since."""
        versions = policy.load(read.policy_path)
        if versions != self._policies:
            policy_versions.record(self._state(read), versions, self._clock())
            self._policies = versions

    def _look_at_snapshot(self, read: Settings, found: Readiness) -> None:
        if books.url(read) is None:
            found.missing["loan_database"] = "There is no loan book yet."
            return
        served = refresh.snapshot_served(refresh.source(read).folder)
        if served is None:
            found.missing["snapshot"] = "There is no copy of the loan database that can be opened."
            return
        age = round((self._clock() - served.built_at).total_seconds())
        found.snapshot = {"id": served.snapshot_id, "as_of": served.as_of.isoformat(), "age_seconds": age}

    def _state(self, read: Settings) -> Engine:
        if self._engine is None or self._engine[0] != read.state_url:
            self._engine = read.state_url, audit.open_state(read)
        return self._engine[1]
