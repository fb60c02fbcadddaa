"""`python -m tests.bench.forest`: levels, roots, branches and rings of large forests, as a refresh derives them.

A chain, a star and a drawn forest are written as a snapshot copies them, members and the devices they were seen on;
each is derived in a process of its own, whose memory is told. No time is asserted.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy.schema import CreateTable

from loanbook import copied
from loanbook.constructs import compiled
from loanbook.members import member_ancestry, member_number
from loanbook.referrals import referral_levels, rings, tree_node
from loanbook.referrals.generations import NOBODY, Ints
from loanbook.snapshots import create
from loanbook.working import create_tables
from rules.filters import Definition, Horizon
from tests.bench.growth import forest

AS_OF = date(2026, 6, 30)
CHAIN, STAR = 100_000, 1_000_000
LOOPS = 100  # pairs of members who referred each other, and so many who referred themselves
FEWEST = 3  # members of a ring
_MEMORY = "1GB"  # of DuckDB's; the rest is what arrays take
_ROOT = Path(__file__).parents[2]
STEPS = ("levels", "roots and branches", "rings", "trees laid out")


def shapes(members: int) -> dict[str, Callable[[], Ints]]:
    """The row of each member's referrer, by what the shape is called."""
    return {
        f"a chain of {min(CHAIN, members):,}": lambda: np.arange(-1, min(CHAIN, members) - 1),
        f"a star of {min(STAR, members):,}": lambda: np.where(np.arange(min(STAR, members)) == 0, NOBODY, 0),
        f"a forest of {members:,}, {3 * LOOPS:,} of them in loops": lambda: _looped(forest(members)),
    }


def _looped(referrers: Ints) -> Ints:
    """The same with the first pairs of rows and some more in loops."""
    row = np.arange(min(2 * LOOPS, len(referrers) // 2 * 2))
    referrers[row] = row ^ 1
    alone = np.arange(2 * LOOPS, min(3 * LOOPS, len(referrers)))
    referrers[alone] = alone
    return referrers


def write(file: Path, referrers: Ints) -> None:
    """Members and where they were seen: every fiftieth on a device of two before."""
    made = create(file)
    for name in ("member", "device_sighting"):
        made.execute(*compiled(CreateTable(copied.TABLES[name])))
    create_tables(made, "rejected_row", "member_journey", "member_outcome", "ring", "member_ring")
    made.register("drawn", pa.table({"m": np.arange(1, len(referrers) + 1), "r": referrers + 1}))
    made.execute(
        "INSERT INTO member (id, registered_at, referred_by_id, campaign_id) SELECT m, TIMESTAMP '2022-01-01' + "
        "to_seconds(CAST(m * 140000000 // $1 AS BIGINT)), nullif(r, 0), CASE WHEN m % 20 = 0 THEN 1 + m % 29 END "
        "FROM drawn",
        [len(referrers)],
    )
    made.execute(
        "INSERT INTO device_sighting (id, member_id, device_hash, address_hash, first_seen_at, last_seen_at) "
        "SELECT m, m, md5((CASE WHEN m % 50 < 3 THEN m // 50 ELSE m END)::VARCHAR), md5('a' || m), TIMESTAMP "
        "'2024-01-01', TIMESTAMP '2024-01-01' FROM drawn"
    )
    made.unregister("drawn")
    made.close()


def derive(file: Path) -> dict[str, float]:
    """The seconds of each step, and `bytes`, the most memory that the process has had."""
    made = duckdb.connect(str(file), config={"temp_directory": str(file.with_suffix(".spill"))})
    made.execute(f"SET TimeZone = 'UTC'; SET memory_limit = '{_MEMORY}'")
    clock, seconds = time.perf_counter(), []

    def lap() -> None:
        nonlocal clock
        seconds.append(time.perf_counter() - clock)
        clock = time.perf_counter()

    levels = referral_levels.build(made)
    lap()
    members = member_number.build(made, AS_OF)
    placed = member_ancestry.find(made, members, levels)
    lap()
    made.register("placed", placed)
    made.execute(
        "INSERT INTO member_journey BY NAME SELECT member_no, id AS member_id, registered_on, referrer_no, root_no, "
        "level, subtree_size, 'unknown' AS inherited_campaign FROM placed JOIN numbered_member USING (member_no) "
        "ORDER BY 1; INSERT INTO member_outcome (member_no, loan_no, observed_months, default_month_90, "
        "value_so_far_fen) SELECT member_no, CASE WHEN member_no % 3 = 0 THEN member_no END, member_no % 30, "
        "CASE WHEN member_no % 60 = 0 THEN 5 END, member_no % 90000 FROM member_journey"
    )
    made.unregister("placed")
    clock = time.perf_counter()
    devices = rings.shared(made, members, "device_hash", AS_OF)
    rings.build(made, members, devices, AS_OF, FEWEST)
    lap()
    tree_node.build(made, Definition.DPD90, Horizon.M12)
    lap()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    made.close()
    return {**dict(zip(STEPS, seconds, strict=True)), "bytes": float(peak)}


def measured(members: int) -> list[str]:
    """A table in Markdown: the seconds of each step and the memory, of each shape."""
    found = [
        f"Forests as they are derived, DuckDB with {_MEMORY}; seconds:",
        "",
        f"| shape | {' | '.join(STEPS)} | all | peak memory |",
        "| --- |" + " ---: |" * (len(STEPS) + 2),
    ]
    for name, drawn in shapes(members).items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "forest.duckdb"
            write(file, drawn())
            told = _apart(file)
        seconds = [told[step] for step in STEPS]
        columns = " | ".join(f"{each:.1f}" for each in (*seconds, sum(seconds)))
        found.append(f"| {name} | {columns} | {told['bytes'] / 1e9:.2f} GB |")
    return found


def _apart(file: Path) -> dict[str, float]:
    """`derive` in a process of its own, whose peak of memory is that of the derivation."""
    command = [sys.executable, "-m", "tests.bench.forest", "--derive", str(file)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=_ROOT)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def main() -> None:
    """Write, derive, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.forest", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--derive", type=Path, help="a snapshot that was written: its seconds and memory")
    options = parser.parse_args()
    if options.derive:
        sys.stdout.write(json.dumps(derive(options.derive)))
        return
    for line in [*measured(options.members), ""]:
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
