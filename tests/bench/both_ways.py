"""Statements over generated rows, by the product, by hand on DuckDB and, where it is a plain grouping, in pandas.

All ways give the same sums, or the benchmark stops; no time is asserted.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd
from sqlalchemy import Select

from loanbook.constructs import compiled
from queries.shapes import text_and_values
from tests.bench.clock import elapsed_ms

HEAD = 4  # lines of a table before its first statement
CONTACTS_PER_MEMBER = 6


@dataclass(frozen=True)
class Grouped:
    """A grouping of one table, as an analyst with the frame in memory writes it."""

    table: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]  # columns; "" counts the rows
    kept: Callable[[pd.DataFrame], "pd.Series[bool]"] | None = None

    def run(self, frame: pd.DataFrame) -> list[int]:
        """The sums over all groups, in the order of `sums`."""
        kept = frame if self.kept is None else frame.loc[self.kept(frame)]
        groups = kept.groupby(list(self.keys), observed=True, dropna=False)
        counted, summed = groups.size(), groups[[name for name in self.sums if name]].sum()
        return [int(summed[name].sum() if name else counted.sum()) for name in self.sums]


@dataclass(frozen=True)
class Case:
    """One statement, each way."""

    name: str
    statement: Select[Any]
    by_hand: str
    summed: tuple[int, ...]  # the places of columns whose sums all ways share
    in_pandas: Grouped | None = None  # its sums are the first of `summed`


@dataclass(frozen=True)
class Change:
    """All that a part of a page reads once a filter has changed, and what is formed of it for the cards."""

    name: str
    statements: Mapping[str, Select[Any]]
    formed: Callable[[Mapping[str, pd.DataFrame]], object]


def changed(made: duckdb.DuckDBPyConnection, title: str, changes: Sequence[Change], runs: int) -> list[str]:
    """A table in Markdown of filter changes: the statements as many at once as there are cores, then the rules."""
    found = [
        f"One filter change, {title}; milliseconds, median of {runs} runs:",
        "",
        "| part | statements | read at once | figures formed | together |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for change in changes:
        change.formed(_read(made, change.statements))
        read, formed = [], []
        for _run in range(runs):
            frames: dict[str, pd.DataFrame] = {}
            read.append(elapsed_ms(lambda change=change, frames=frames: frames.update(_read(made, change.statements))))
            formed.append(elapsed_ms(lambda change=change, frames=frames: change.formed(frames)))
        both = statistics.median(sum(each) for each in zip(read, formed, strict=True))
        parts = f"{statistics.median(read):.0f} | {statistics.median(formed):.0f} | {both:.0f}"
        found.append(f"| {change.name} | {len(change.statements)} | {parts} |")
    return found


def _read(made: duckdb.DuckDBPyConnection, statements: Mapping[str, Select[Any]]) -> dict[str, pd.DataFrame]:
    """As `queries.read.read_all` does, of a snapshot in memory."""

    def one(statement: Select[Any]) -> pd.DataFrame:
        text, values = text_and_values(statement)
        with made.cursor() as cursor:
            return cursor.execute(text, values).df()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = {name: pool.submit(one, statement) for name, statement in statements.items()}
    return {name: answer.result() for name, answer in answers.items()}


def timed(made: duckdb.DuckDBPyConnection, title: str, cases: Sequence[Case], runs: int) -> list[str]:
    """A table in Markdown of statements, each way."""
    tables = dict.fromkeys(case.in_pandas.table for case in cases if case.in_pandas is not None)
    frames = {name: made.table(name).df() for name in tables}
    found = [
        f"{title}; milliseconds, median of {runs} runs:",
        "",
        "| statement | Loanboard | DuckDB by hand | ratio | pandas | pandas / Loanboard |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for case in cases:
        text, values = compiled(case.statement)
        asked: list[Callable[[], list[Any]]] = [
            lambda text=text, values=values: made.execute(text, values).fetchall(),
            lambda case=case: made.execute(case.by_hand).fetchall(),
        ]
        sums = [[sum(int(row[place]) for row in way()) for place in case.summed] for way in asked]
        ways: list[Callable[[], object]] = [*asked]
        if case.in_pandas is not None:
            in_pandas = lambda case=case: case.in_pandas.run(frames[case.in_pandas.table])  # noqa: E731
            sums.append(in_pandas())
            ways.append(in_pandas)
        if any(each != sums[0][: len(each)] for each in sums):
            raise SystemExit(f"{case.name}: the sums are {sums}")
        ours, hand, *others = (statistics.median(elapsed_ms(way) for _run in range(runs)) for way in ways)
        beside = f"{others[0]:.1f} | {others[0] / ours:.1f}" if others else "|"
        found.append(f"| {case.name} | {ours:.1f} | {hand:.1f} | {ours / hand:.2f} | {beside} |")
    return found


def main(
    name: str,
    title: str,
    snapshot: Callable[[], duckdb.DuckDBPyConnection],
    fill: Callable[[duckdb.DuckDBPyConnection, int], Sequence[str] | None],
    cases: Callable[[], Sequence[Case]],
    contacts: Callable[[duckdb.DuckDBPyConnection, int], None] | None = None,
    changes: Callable[[], Sequence[Change]] = tuple,
) -> None:
    """Generate, check, time, print. `title` has a place for the number of members; `fill` may say something.

    contacts: adds what so many contacts leave (`--contacts`, else CONTACTS_PER_MEMBER), in a file that is attached as
    `stored`; `title` has a place for their number then.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {name}")
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    if contacts is not None:
        parser.add_argument("--contacts", type=int)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        made = snapshot()
        made.execute("RESET threads")
        said = fill(made, options.members) or []
        counts = {"members": f"{options.members:,}"}
        if contacts is not None:
            many = options.contacts or CONTACTS_PER_MEMBER * options.members
            made.execute(f"ATTACH '{folder}/contacts.duckdb' AS stored")
            contacts(made, many)
            counts["contacts"] = f"{many:,}"
        told = title.format(**counts)
        lines = [*said, "", *timed(made, told, cases(), options.runs), ""]
        if asked := changes():
            lines += [*changed(made, told, asked, options.runs), ""]
        for line in lines:
            sys.stdout.write(f"{line}\n")
        made.close()
