"""Answers that are kept, so that the same question is not run again."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

import pandas as pd


class Kept:
    """Frames by key; past so many entries or bytes the longest unused are dropped."""

    def __init__(self, entries: int, size_bytes: int) -> None:
        self._entries, self._bytes = entries, size_bytes
        self._frames: OrderedDict[Hashable, tuple[pd.DataFrame, int]] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> pd.DataFrame | None:
        """The frame of a key, None where it is not kept."""
        with self._lock:
            if key not in self._frames:
                return None
            self._frames.move_to_end(key)
            return self._frames[key][0]

    def put(self, key: Hashable, frame: pd.DataFrame) -> None:
        """Keep a frame, unless it alone is larger than all that may be kept."""
        size = int(frame.memory_usage(index=False, deep=True).sum())
        with self._lock:
            self._drop(key)
            if size > self._bytes:
                return
            self._frames[key] = (frame, size)
            self._used += size
            while self._used > self._bytes or len(self._frames) > self._entries:
                self._drop(next(iter(self._frames)))

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._frames.clear()
            self._used = 0

    def _drop(self, key: Hashable) -> None:
        if key in self._frames:
            self._used -= self._frames.pop(key)[1]
