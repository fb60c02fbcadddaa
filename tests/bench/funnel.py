"""`python -m tests.bench.funnel`: the tier funnel over generated members, beside DuckDB by hand and pandas.

The rows are made by arithmetic in the shape that a refresh gives them. By hand and in pandas the funnel is told from
the seconds since registration, as an analyst has them. All ways give the same counts, or the benchmark stops; no time
is asserted.
"""

import argparse
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from sqlalchemy import Select

from loanbook.constructs import compiled
from loanbook.snapshot_schema import UNREACHED
from queries import funnel
from rules import policy
from rules.filters import DateRange
from rules.funnel_steps import CODES, Windows, usual
from rules.member_filters import MemberSelection
from tests.bench.clock import elapsed_ms
from tests.queries.journeys import connection

FIRST, LAST = date(2024, 7, 1), date(2025, 6, 30)
EVERYBODY = MemberSelection(DateRange(), None, ())
CHANNEL = "organic"
WINDOWS = usual(policy.load()[-1].funnel)

_CHANNELS = ("advertising", "offline", "organic", "partner", "referral")
_STEPS = [f"{code}_s" for code in CODES[1:]]
_KEPT = (91, 83, 69, 76, 98, 51, 63)  # in a hundred who take each step, of whom some do so outside of its window


@dataclass(frozen=True)
class Case:
    """One statement, three ways."""

    name: str
    statement: Select[Any]
    by_hand: str
    in_pandas: Callable[[pd.DataFrame], int]  # how many came to the end, which all ways share


def cases() -> list[Case]:
    """The funnel of everybody, of a year, of one channel, of both, and by month and channel."""
    year = MemberSelection(DateRange(FIRST, LAST), None, ())
    during = f"registered_on BETWEEN DATE '{FIRST}' AND DATE '{LAST}'"
    of_channel = f"channel = '{CHANNEL}'"
    found = [
        _case("everybody", EVERYBODY, "true"),
        _case("a year", year, during),
        _case("one channel", EVERYBODY.narrowed("channel", CHANNEL), of_channel),
        _case("a year of one channel", year.narrowed("channel", CHANNEL), f"{during} AND {of_channel}"),
    ]
    return [
        *found,
        _case("everybody, by registration month", EVERYBODY, "true", by="registered_month"),
        _case("everybody, by channel", EVERYBODY, "true", by="channel"),
    ]


def fill(made: duckdb.DuckDBPyConnection, members: int) -> None:
    """So many members over three years, each of whom comes as far as arithmetic says."""
    channels = ", ".join(f"'{channel}'" for channel in _CHANNELS)
    months = ", ".join(f"'{month:%Y-%m}'" for month in pd.date_range("2023-07-01", periods=36, freq="MS"))
    for column, values in (("channel", channels), ("registered_month", months)):
        made.execute(f"ALTER TABLE member_journey ALTER COLUMN {column} TYPE ENUM({values})")
    day = "DATE '2023-07-01' + CAST(i * 1000 // $1 AS INTEGER)"
    gaps = [f"1 + (i * {3 + 2 * k} % 120) * {seconds // 100}" for k, seconds in enumerate(WINDOWS.seconds)]
    takes = list(accumulate((f"hash(i, {k}) % 100 < {kept}" for k, kept in enumerate(_KEPT)), "{} AND {}".format))
    since = list(accumulate(gaps, "{} + {}".format))
    steps = [f"CASE WHEN {taken} THEN {at} END" for taken, at in zip(takes, since, strict=True)]
    between = [f"CASE WHEN {taken} THEN {gap} ELSE {UNREACHED} END" for taken, gap in zip(takes, gaps, strict=True)]
    made.execute(
        "INSERT INTO member_journey (member_no, member_id, registered_on, registered_month, registered_s, channel, "
        f"{', '.join(_STEPS)}, {', '.join(f'{code}_gap_s' for code in CODES[1:])}) "
        f"SELECT i, 'M' || i, {day}, strftime({day}, '%Y-%m'), i % 86400, [{channels}][1 + i % 5], "
        f"{', '.join(steps)}, {', '.join(between)} FROM range($1) t(i)",
        [members],
    )


def lines(made: duckdb.DuckDBPyConnection, members: int, runs: int) -> list[str]:
    """The table in Markdown."""
    frame = made.sql(f"SELECT registered_on, registered_month, channel, {', '.join(_STEPS)} FROM member_journey").df()
    found = [
        f"Tier funnel, {members:,} generated members; milliseconds, median of {runs} runs:",
        "",
        "| statement | Loanboard | DuckDB by hand | ratio | pandas | pandas / Loanboard |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for case in cases():
        text, values = compiled(case.statement)
        ways: list[Callable[[], Any]] = [
            lambda text=text, values=values: made.execute(text, values).fetchall(),
            lambda case=case: made.execute(case.by_hand).fetchall(),
            lambda case=case: case.in_pandas(frame),
        ]
        ours, by_hand, in_pandas = (way() for way in ways)
        ends = sum(row[-1] for row in ours if row[-2] == len(CODES) - 1), sum(row[-1] for row in by_hand), in_pandas
        if len(set(ends)) != 1:
            raise SystemExit(f"{case.name}: to the end came {ends}")
        times = [statistics.median(elapsed_ms(way) for _run in range(runs)) for way in ways]
        found.append(
            f"| {case.name} | {times[0]:.1f} | {times[1]:.1f} | {times[0] / times[1]:.2f} | {times[2]:.1f} "
            f"| {times[2] / times[0]:.1f} |"
        )
    return found


def _case(name: str, selection: MemberSelection, passing: str, by: str | None = None) -> Case:
    statement = funnel.reached(selection, WINDOWS, CODES, by=by)
    within = _within(WINDOWS)
    counts = ", ".join(f"count(*) FILTER (WHERE {' AND '.join(within[: k + 1])})" for k in range(len(within)))
    keys = "" if by is None else f"{by}, "
    group = "" if by is None else f" GROUP BY {by}"
    hand = f"SELECT {keys}count(*), {counts} FROM member_journey WHERE {passing}{group}"
    return Case(name, statement, hand, lambda frame: _in_pandas(frame, passing, by))


def _within(windows: Windows) -> list[str]:
    before = ["0", *_STEPS]
    return [f"{at} - {last} <= {window}" for at, last, window in zip(_STEPS, before, windows.seconds, strict=False)]


def _in_pandas(frame: pd.DataFrame, passing: str, by: str | None) -> int:
    kept = frame
    if "BETWEEN" in passing:
        kept = kept.loc[kept["registered_on"].between(pd.Timestamp(FIRST), pd.Timestamp(LAST))]
    if CHANNEL in passing:
        kept = kept.loc[kept["channel"] == CHANNEL]
    last, alive = np.zeros(len(kept), dtype=np.int8), np.ones(len(kept), dtype=bool)
    before: Any = 0
    for at, window in zip(_STEPS, WINDOWS.seconds, strict=True):
        alive &= (kept[at] - before <= window).to_numpy(dtype=bool, na_value=False)
        last += alive
        before = kept[at]
    counted = kept.assign(last=last).groupby([*([by] if by else []), "last"], observed=True).size()
    return int(counted.xs(len(_STEPS), level="last").sum() if by else counted.get(len(_STEPS), 0))


def main() -> None:
    """Generate, check, time, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.funnel", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    made = connection([])
    made.execute("RESET threads")
    fill(made, options.members)
    for line in lines(made, options.members, options.runs):
        sys.stdout.write(f"{line}\n")
    made.close()


if __name__ == "__main__":
    main()
