"""How far a build is, for whoever waits, and how long each of its stages took."""

import time
from collections.abc import Callable

Progress = Callable[[str, float], None]


class Stages:
    """Tells how far a build is, and keeps how long each stage took."""

    def __init__(self, progress: Progress | None):
        self._progress = progress
        self._seconds: dict[str, float] = {}
        self._stage: str | None = None
        self._since = time.monotonic()

    def enter(self, stage: str, done: float) -> None:
        """Begin a stage, with so much (0-1) of the build done; the one before it ends."""
        self.finish()
        self._stage = stage
        if self._progress:
            self._progress(stage, done)

    def within(self, first: float, last: float) -> Progress:
        """Progress of a part of the build, scaled to its share."""
        return lambda stage, done: self.enter(stage, first + (last - first) * done)

    def finish(self) -> dict[str, float]:
        """End the last stage; the seconds of each."""
        now = time.monotonic()
        if self._stage is not None:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = None, now
        return self._seconds
