"""The demo book: a simulated lender with planted truths, built in seconds and always up to yesterday."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from loanbook import books
from loanbook.demo.simulation import CHUNK_MEMBERS, chunks, generate, part, planted
from loanbook.demo.write import write

__all__ = ["MEMBERS", "SEED", "build", "chunks", "generate", "part", "planted"]

MEMBERS = 20_000
SEED = 7


def build(
    path: Path,
    *,
    members: int = MEMBERS,
    seed: int = SEED,
    as_of: date,
    progress: Callable[[str, float], None] | None = None,
) -> None:
    """Write the demo book as a SQLite file; the file appears under its name only when it is whole.

    `progress` is told what is being done and the share done, from 0 to 1. Memory is bounded whatever the members.
    """
    tell = progress or (lambda _step, _share: None)
    with books.writable(path) as engine:
        write(chunks(members, seed, as_of), engine, tell, parts=-(-members // CHUNK_MEMBERS))
    tell("done", 1.0)
