"""The benchmark runs from end to end on a small book, and stops where a way gives other figures."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from loanbook.snapshot_schema import loan_fact
from queries import snapshots
from tests.bench import report, rivals, table, timing
from tests.bench.cases import Case, Part

pytestmark = pytest.mark.xdist_group("postgresql")


@pytest.fixture(scope="module")
def told(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    lines: list[str] = []
    found = report.write(postgresql, tmp_path_factory.mktemp("bench") / "snapshots", 2_000, 1, tell=lines.append)
    assert found == lines
    return lines


def rows(told: list[str], first: str) -> dict[str, list[str]]:
    """The table below a line, by the first column."""
    start = next(place for place, line in enumerate(told) if line.startswith(first)) + 4
    listed = told[start : told.index("", start)]
    return {name: rest for name, *rest in ([cell.strip() for cell in line.strip("|").split("|")] for line in listed)}


def test_refresh_is_told_by_stage(told: list[str]) -> None:
    found = rows(told, "Refresh of ")
    assert {"reading instalment", "settlement and month ends", "cures", "loan facts", "writing"} <= set(found)
    parts = sum(float(cells[0]) for name, cells in found.items() if not name.startswith("**"))
    assert parts == pytest.approx(float(found["**all**"][0]), abs=0.05 * len(found))


@pytest.mark.parametrize(("part", "statements"), [("Part by segment", 9), ("Part over time", 10)])
def test_every_way_has_its_time(told: list[str], part: str, statements: int) -> None:
    found = rows(told, part)
    assert len(found) == statements + 1
    assert all(float(cell) > 0 for cells in found.values() for cell in cells[:2])
    assert all(float(cells[column]) > 0 for cells in found.values() for column in (3, 5))


def test_a_way_with_other_figures_stops_it(told: list[str], postgresql: str) -> None:
    whole = Case(
        "loans",
        select(func.count(loan_fact.c.loan_no).label("loans")),
        by_hand="SELECT count(*) AS loans FROM loan_fact WHERE channel <> 'partner'",
        in_pandas=None,
        compared=["loans"],
    )
    with snapshots.cursor(snapshots.current()) as cursor, rivals.postgresql(postgresql) as server:
        with pytest.raises(SystemExit, match="loans: loans is"):
            timing.time_part(Part("", [whole], []), snapshots.current(), cursor, server, runs=1)
        [(expected,)] = cursor.execute("SELECT count(*) FROM loan_fact").fetchall()
        right = replace(whole, by_hand="SELECT count(*) AS loans FROM loan_fact", ms={})
        assert len(timing.time_part(Part("", [right], []), snapshots.current(), cursor, server, runs=4)) == 4
    assert {way: len(ms) for way, ms in right.ms.items()} == {timing.OURS: 4, timing.HAND: 4, timing.POSTGRESQL: 2}
    assert 1_800 < expected < 2_200


def test_a_statement_that_takes_too_long_is_told_so(
    told: list[str], postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rivals, "TIMEOUT_SECONDS", 0.05)
    slow = Case("slow", select(func.count().label("n")), "SELECT 1 AS n", None, [])
    with snapshots.cursor(snapshots.current()) as cursor, rivals.postgresql(postgresql) as server:
        asked = replace(slow, by_hand="SELECT count(*) AS n FROM range(1)")
        monkeypatch.setattr(timing, "_asked", lambda _case, given: given.execute("SELECT pg_sleep(1)"))
        at_once = timing.time_part(Part("by segment", [asked], []), snapshots.current(), cursor, server, runs=2)
    assert asked.ms[timing.POSTGRESQL] == [timing.TOO_SLOW]
    line = next(line for line in table.table(Part("by segment", [asked], []), 1, at_once) if line.startswith("| slow"))
    assert line.split("|")[-3].strip() == "> 60 s"
