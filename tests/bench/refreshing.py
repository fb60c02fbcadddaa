"""One refresh of the book in a process of its own: seconds by stage, rows a second, peak memory, file size."""

import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from loanbook import connection, snapshot, snapshots
from loanbook.constructs import compiled
from loanbook.snapshot_schema import source_table
from rules import policy

NOW = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
_ROOT = Path(__file__).parents[2]
_LARGEST = ("loan", "instalment", "repayment")
_SMALL = 0.01  # of all rows; tables with fewer are told together
_DERIVED = {
    "order, referral levels, dimensions": ("Ordering loans", "Finding referral levels", "Describing loans"),
    "settlement and month ends": ("Settling instalments",),
    "loan states": ("Deriving loan states",),
    "cures": ("Following cures",),
    "loan facts": ("Deriving loan facts",),
    "members: steps, tiers, trees, rewards, value, cost": (
        "Following members",
        "Looking at rewards",
        "Valuing members",
        "Laying out trees",
        "Adding up what members cost",
        "Holding the book against the rules",
        "Following applications and prices",
    ),
    "rows that can't be used, invariants": ("Checking rows",),
    "writing": ("Writing",),
}


@dataclass(frozen=True)
class Refreshed:
    """A snapshot, and what it took."""

    snapshot_id: str
    loans: int
    seconds: dict[str, float]  # by stage
    rows: dict[str, int]  # read, by table
    derived_rows: dict[str, int]
    peak_bytes: int
    file_bytes: int


def refresh(url: str, folder: Path) -> Refreshed:
    """Build a snapshot; the process that does so ends with it, so the peak of its memory is the refresh's."""
    command = [sys.executable, "-m", "tests.bench.refreshing", url, str(folder)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=_ROOT)
    return Refreshed(**json.loads(ended.stdout.splitlines()[-1]))


def _refresh(url: str, folder: Path) -> Refreshed:
    engine = connection.connect(url, None)
    built = snapshot.build(
        engine, schema=None, folder=folder, policy=policy.load()[-1], as_of=None, now=NOW, progress=None
    )
    engine.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with snapshots.open_readonly(built.path) as opened:
        rows = dict(opened.execute(*compiled(select(source_table.c.name, source_table.c.rows))).fetchall())
        derived = {
            name: opened.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("instalment_state", "loan_month", "loan_fact")
        }
    return Refreshed(built.snapshot_id, built.loans, built.seconds, rows, derived, peak, built.path.stat().st_size)


def told(found: Refreshed, left_out: int) -> list[str]:
    """The refresh as a table in Markdown. left_out: the contract's tables that the book was written without."""
    seconds, total, rows = found.seconds, sum(found.seconds.values()), sum(found.rows.values())
    reading = {name: seconds[f"Measuring {name}"] + seconds[f"Reading {name}"] for name in found.rows}
    large = sorted(
        (name for name in found.rows if found.rows[name] > _SMALL * rows), key=found.rows.__getitem__, reverse=True
    )
    small = [name for name in found.rows if name not in large]
    lines = [
        f"Refresh of {found.loans:,} loans from PostgreSQL, {os.cpu_count()} cores: {total:.1f} s, "
        f"{rows:,} rows read, {rows / total:,.0f} rows/s; peak memory {found.peak_bytes / 1e9:.2f} GB, "
        f"file {found.file_bytes / 1e9:.3f} GB"
        + (f"; {left_out} tables that nothing is derived from are empty." if left_out else "; all tables."),
        "",
        "| stage | seconds | rows | rows/s |",
        "| --- | ---: | ---: | ---: |",
    ]
    lines += [_line(f"reading {name}", reading[name], found.rows[name]) for name in large]
    lines.append(
        _line("reading the other tables", sum(map(reading.get, small)), sum(found.rows[name] for name in small))
    )
    made = {"settlement and month ends": ("instalment_state", "loan_month"), "loan facts": ("loan_fact",)}
    for name, stages in _DERIVED.items():
        written = sum(found.derived_rows[table] for table in made.get(name, ()))
        lines.append(_line(name, sum(seconds.get(stage, 0.0) for stage in stages), written))
    others = [name for name in found.rows if name not in _LARGEST]
    lines += [
        _line("**all**", total, rows),
        _line(
            "**without reading what is not loans, instalments or repayments**",
            total - sum(reading[name] for name in others),
            sum(found.rows[name] for name in _LARGEST),
        ),
    ]
    told_of = {*(f"{verb} {name}" for name in found.rows for verb in ("Measuring", "Reading"))}
    if left := set(seconds) - told_of - {stage for stages in _DERIVED.values() for stage in stages}:
        raise SystemExit(f"The refresh has stages that this table does not tell of: {', '.join(sorted(left))}")
    return lines


def _line(name: str, seconds: float, rows: int) -> str:
    counted = f"{rows:,} | {rows / max(seconds, 0.001):,.0f}" if rows else "|"
    return f"| {name} | {seconds:.1f} | {counted} |"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_refresh(sys.argv[1], Path(sys.argv[2])))))
