"""`python -m tests.bench.counting`: the served app, which says at its end how many of its reads were in its cache."""

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import uvicorn

from queries import read
from rules import kept
from rules.kept import Kept

FILE, PORT = "LOANBOARD_BENCH_COUNTS", "LOANBOARD_BENCH_PORT"


class Counting(Kept[pd.DataFrame]):
    """The cache of reads, counted; `off`: nothing is found in it."""

    def __init__(self, entries: int, size_bytes: int, *, off: bool) -> None:
        super().__init__(entries=entries, size_bytes=size_bytes)
        self.asked = self.found = 0
        self._off = off

    def get(self, key: Any) -> pd.DataFrame | None:
        """A frame that is kept."""
        found = None if self._off else super().get(key)
        self.asked += 1
        self.found += found is not None
        return found


def main() -> None:
    """Serve until asked to stop; then write the counts."""
    off = bool(os.environ.get("LOANBOARD_BENCH_UNCACHED"))
    counted = Counting(1_000, 128 * 1024 * 1024, off=off)
    read._kept = counted
    for each in kept._all if off else ():  # nor is anything kept of what is worked out and drawn from them
        each._bytes = -1
    uvicorn.run(
        "asgi:app", host="127.0.0.1", port=int(os.environ[PORT]), log_level="warning",
        ws="websockets-sansio", ws_per_message_deflate=False,
    )  # fmt: skip
    Path(os.environ[FILE]).write_text(json.dumps({"asked": counted.asked, "found": counted.found}), encoding="utf-8")


if __name__ == "__main__":
    main()
