"""How far a refresh is, told to the state database, the log and whoever waits; and how long each stage took."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from desk import runs

log = logging.getLogger("loanboard.refresh")

Progress = Callable[[str, float], None]


class Reporter:
    """Takes a build's progress. A state database that can't be written meanwhile does not end the build."""

    def __init__(self, state: Engine, run: int, clock: Callable[[], datetime], progress: Progress) -> None:
        self._state, self._run, self._clock, self._progress = state, run, clock, progress
        self._seconds: dict[str, float] = {}
        self._stage: str | None = None
        self._done = 0.0
        self._since = clock()

    def __call__(self, stage: str, done: float) -> None:
        """A stage begins, with so much (0-1) of the build done; a stage that comes again does not lead back."""
        self._end()
        self._stage = stage
        self._done = max(self._done, done)
        log.info("refresh stage", extra={"run": self._run, "stage": stage, "done": round(self._done, 3)})
        try:
            runs.report(self._state, self._run, stage, self._done)
        except SQLAlchemyError as error:
            log.warning("progress not recorded", extra={"run": self._run, "error": type(error).__name__})
        self._progress(stage, self._done)

    def finish(self) -> dict[str, float]:
        """End the last stage; the seconds of each."""
        self._end()
        self._stage = None
        return {stage: round(seconds, 3) for stage, seconds in self._seconds.items()}

    def _end(self) -> None:
        now = self._clock()
        if self._stage is not None:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + (now - self._since).total_seconds()
        self._since = now
