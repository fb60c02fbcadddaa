"""The times of one part of the page as a table in Markdown."""

import os
import statistics
from collections.abc import Iterable

from tests.bench.cases import Part
from tests.bench.rivals import TIMEOUT_SECONDS
from tests.bench.timing import HAND, OURS, PANDAS, POSTGRESQL, RARELY, TOO_SLOW, median

_RIVALS = (HAND, PANDAS, POSTGRESQL)


def table(part: Part, loans: int, at_once: list[float]) -> list[str]:
    """One row a statement, and one for a filter change: ours all at once, the others' the sum of their statements."""
    lines = [
        f"Part {part.name}, {loans:,} loans, {os.cpu_count()} cores; milliseconds, median of {len(at_once)} runs "
        f"(pandas and PostgreSQL: of {-(-len(at_once) // RARELY)}), uncached:",
        "",
        "| statement | Loanboard | DuckDB by hand | ratio | pandas | pandas / Loanboard | PostgreSQL "
        "| PostgreSQL / Loanboard |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    rows = [(case.name, median(case, OURS), {way: median(case, way) for way in _RIVALS}) for case in part.page]
    sums = {way: _sum(of_rivals[way] for _, _, of_rivals in rows) for way in _RIVALS}
    rows.append(("**one filter change: all that the part reads**", statistics.median(at_once), sums))
    rows += [(case.name, median(case, OURS), {way: median(case, way) for way in _RIVALS}) for case in part.others]
    for name, ours, rivals in rows:
        hand = rivals[HAND]
        others = " | ".join(f"{_ms(rivals[way])} | {_times(rivals[way], ours)}" for way in (PANDAS, POSTGRESQL))
        lines.append(f"| {name} | {_ms(ours)} | {_ms(hand)} | {ours / hand:.2f} | {others} |")
    if any(PANDAS not in case.ms for case in part.page):
        lines += ["", "–: the month ends would not fit into memory beside what pandas makes of them."]
    return lines


def _sum(found: Iterable[float | None]) -> float | None:
    """None where one of them was left out."""
    listed = list(found)
    return None if None in listed else sum(listed)


def _ms(found: float | None) -> str:
    if found is None:
        return "–"
    return f"> {TIMEOUT_SECONDS} s" if found == TOO_SLOW else f"{found:.1f}"


def _times(found: float | None, ours: float) -> str:
    if found is None:
        return "–"
    return f"> {TIMEOUT_SECONDS * 1000 / ours:.0f}" if found == TOO_SLOW else f"{found / ours:.1f}"
