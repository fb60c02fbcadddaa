"""`python -m tests.bench`: what the page asks after one filter change, beside the same by hand on DuckDB and in pandas.

Every way gives the same figures, or the benchmark stops; no time is asserted.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from queries import controls, default_rates, snapshots
from queries.book import facts
from queries.read import forget, read, read_all
from rules import dimensions
from rules.filters import Filters, resolve
from tests.bench import synthetic
from tests.bench.by_hand import CHANNEL, SUMS, ByHand, InPandas

SHOWN_LOANS = 250
CODES = [dimension.code for dimension in dimensions.ALL]
IN_PANDAS = ["loan_no", "borrower_no", "disbursed_on", *CODES, "observed_months", "default_month_90", *SUMS]


@dataclass
class Case:
    """One statement, three ways."""

    name: str
    statement: Any
    by_hand: str
    in_pandas: Callable[[], Any]
    compared: list[str]  # columns of which the three agree in their sums
    limit: int = 10_000
    ours_ms: list[float] = field(default_factory=list)
    hand_ms: list[float] = field(default_factory=list)
    pandas_ms: list[float] = field(default_factory=list)


def main() -> None:
    """Build, check, time, print."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="loanboard-bench-"))
    try:
        snapshot_id = synthetic.build(folder, options.loans)
        snapshots.use(folder, memory_limit="4GB", threads=os.cpu_count() or 1)
        snapshots.current()
        rows = _rows(snapshot_id, options.loans, options.runs)
    finally:
        shutil.rmtree(folder)
    sys.stdout.write("\n".join(rows) + "\n")
    if options.markdown:
        options.markdown.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=9, help="of which the median is shown")
    parser.add_argument("--markdown", type=Path, help="write the table to this file too")
    return parser.parse_args()


def _rows(snapshot_id: str, loans: int, runs: int) -> list[str]:
    with snapshots.cursor(snapshot_id) as cursor:
        frame = cursor.sql(f"SELECT {', '.join(IN_PANDAS)} FROM loan_fact").df()
        frame["default_month_90"] = frame["default_month_90"].astype("float64")  # what pandas is fastest with
        cases, page = _cases(snapshot_id, frame)
        for case in cases:
            _agree(case, snapshot_id, cursor)
        at_once: list[float] = []
        for _ in range(runs):
            at_once.append(_timed(partial(_page, cases[:page], snapshot_id)))
            for case in cases:
                case.ours_ms.append(_timed(partial(_ours, case, snapshot_id)))
                case.hand_ms.append(_timed(partial(_hand, case, cursor)))
                case.pandas_ms.append(_timed(case.in_pandas))
    return _table(cases, page, loans, at_once)


def _cases(snapshot_id: str, frame: pd.DataFrame) -> tuple[list[Case], int]:
    book = facts(snapshot_id)
    chosen = resolve(Filters(choices=(("channel", (CHANNEL,)),)), book, days_after_last_due=180)
    earlier = replace(chosen, disbursed=chosen.compared or chosen.disbursed)
    hand, before = ByHand(chosen.disbursed), ByHand(earlier.disbursed)
    pandas_now, pandas_before = InPandas(frame, chosen.disbursed), InPandas(frame, earlier.disbursed)
    held = [code for code in CODES if 1 < len(book.values_of(code)) <= 12 and code != "tier"]
    parts, first_parts = ["borrowers", "defaulted", "principal_fen"], ["borrowers", "defaulted", "first_principal_fen"]
    sums = ["loans", "borrowers", "principal_fen", "outstanding_fen"]
    strata = default_rates.by_group_and_stratum(chosen, "tier", held, book)
    behind = default_rates.loans_behind(chosen, (), book, first=SHOWN_LOANS)
    whole = controls.totals(controls.WHOLE_BOOK, book)
    page = [
        Case("the period", default_rates.overall(chosen, book), hand.overall(), pandas_now.overall, parts),
        Case("the period before", default_rates.overall(earlier, book), before.overall(), pandas_before.overall, parts),
        Case("by tier, with the rest of the book", default_rates.by_segment(chosen, "tier", book), hand.by_segment(),
             pandas_now.by_segment, first_parts),
        Case("by province and age band", default_rates.by_pair(chosen, "province", "age_band", book), hand.by_pair(),
             pandas_now.by_pair, first_parts),
        Case(f"tiers in the strata of {len(held)} controls", strata, hand.by_stratum(held),
             partial(pandas_now.by_stratum, held), ["borrowers", "defaulted"]),
        Case("control totals", controls.totals(chosen, book), hand.totals(filtered=True),
             partial(pandas_now.totals, filtered=True), sums),
        Case(f"the first {SHOWN_LOANS} loans behind", behind, hand.loans_behind(CODES, SHOWN_LOANS),
             partial(pandas_now.loans_behind, SHOWN_LOANS), []),
    ]  # fmt: skip
    others = [  # kept from one filter change to the next, or asked only when such a pair is chosen
        Case("control totals of the whole book", whole, hand.totals(filtered=False),
             partial(pandas_now.totals, filtered=False), sums),
        Case("by tier and product (both vary within a borrower)",
             default_rates.by_pair(chosen, "tier", "product", book), hand.by_grouped_pair(), pandas_now.by_grouped_pair,
             first_parts),
    ]  # fmt: skip
    return [*page, *others], len(page)


def _agree(case: Case, snapshot_id: str, cursor: Any) -> None:
    ours, hand, in_pandas = _ours(case, snapshot_id), _hand(case, cursor), case.in_pandas()
    for column in case.compared:
        sums = [int(found[column].sum()) for found in (ours, hand, in_pandas)]
        if len(set(sums)) != 1:
            raise SystemExit(f"{case.name}: {column} is {sums} by the product, by hand and in pandas")


def _ours(case: Case, snapshot_id: str) -> pd.DataFrame:
    forget()
    return read(case.statement, snapshot_id, limit=case.limit)


def _page(cases: list[Case], snapshot_id: str) -> None:
    forget()
    read_all({case.name: case.statement for case in cases}, snapshot_id)


def _hand(case: Case, cursor: Any) -> pd.DataFrame:
    frame: pd.DataFrame = cursor.execute(case.by_hand).df()
    return frame


def _timed(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000


def _table(cases: list[Case], page: int, loans: int, at_once: list[float]) -> list[str]:
    change = Case("**one filter change: all that the page reads**", None, "", lambda: None, [], ours_ms=at_once)
    for ways in ("hand_ms", "pandas_ms"):
        totals = [sum(run) for run in zip(*(getattr(case, ways) for case in cases[:page]), strict=True)]
        change = replace(change, **{ways: totals})
    lines = [
        f"{loans:,} loans, {os.cpu_count()} cores; milliseconds, median of {len(cases[0].ours_ms)} runs, uncached:",
        "",
        "| statement | Loanboard | DuckDB by hand | ratio | pandas | pandas / Loanboard |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for case in [*cases[:page], change, *cases[page:]]:
        ours, hand, in_pandas = (statistics.median(ms) for ms in (case.ours_ms, case.hand_ms, case.pandas_ms))
        lines.append(
            f"| {case.name} | {ours:.1f} | {hand:.1f} | {ours / hand:.2f} | {in_pandas:.1f} | {in_pandas / ours:.1f} |"
        )
    return lines


if __name__ == "__main__":
    main()
