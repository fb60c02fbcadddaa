"""Drawn members: how far each came and when, as rows of `member_journey`; and the funnel in plain Python."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy.schema import CreateTable

from loanbook import constructs, snapshots
from loanbook.snapshot_schema import UNREACHED, dimension_value, member_journey
from rules.dimensions import MEMBER, UNKNOWN
from rules.funnel_steps import CODES, Windows
from tests.queries import drawn
from tests.queries.drawn import AS_OF

MEMBER_CODES = tuple(dimension.code for dimension in MEMBER)
DAY, HOUR = 86_400, 3_600


@dataclass(frozen=True)
class Journey:
    """One drawn member: the steps reached, in seconds after registration, in their order."""

    registered_on: date = date(2025, 3, 5)
    steps: tuple[int, ...] = ()
    dims: dict[str, str] = field(default_factory=dict)
    registered_s: int = 0


def rows(journeys: Sequence[Journey], as_of: date = AS_OF) -> list[dict[str, Any]]:
    """The members as rows of member_journey, in order of registration."""
    ordered = sorted(journeys, key=lambda each: (each.registered_on, each.registered_s))
    return [
        {
            "member_no": number,
            "member_id": f"M{number}",
            "registered_on": each.registered_on,
            "registered_month": f"{each.registered_on:%Y-%m}",
            "registered_s": each.registered_s,
            **{f"{code}_s": at for code, at in zip(CODES[1:], each.steps, strict=False)},
            **{f"{code}_gap_s": gap for code, gap in zip(CODES[1:], _gaps(each.steps), strict=True)},
            "observed_days": (as_of - each.registered_on).days,
            **{code: each.dims.get(code, UNKNOWN) for code in MEMBER_CODES},
        }
        for number, each in enumerate(ordered, start=1)
    ]


def _gaps(steps: tuple[int, ...]) -> list[int]:
    gaps = [at - before for before, at in pairwise((0, *steps))]
    return gaps + [UNREACHED] * (len(CODES) - 1 - len(gaps))


def connection(journeys: Sequence[Journey], as_of: date = AS_OF) -> duckdb.DuckDBPyConnection:
    """A snapshot in memory with the members alone."""
    made = duckdb.connect(config={"threads": 1})
    made.execute(str(CreateTable(member_journey).compile(dialect=constructs.DUCKDB)))
    refill(made, journeys, as_of)
    return made


def refill(made: duckdb.DuckDBPyConnection, journeys: Sequence[Journey], as_of: date = AS_OF) -> None:
    """Write other members in place of those there."""
    made.execute("DELETE FROM member_journey")
    drawn._insert(made, member_journey, rows(journeys, as_of))


def publish(folder: Path, journeys: Sequence[Journey], loans: Sequence[drawn.Loan] = (), taken: int = 0) -> str:
    """Publish a drawn book with members as the newest snapshot of a folder; its id."""
    snapshot_id = drawn.snapshot(folder, loans, taken)
    with duckdb.connect(str(snapshots.path(folder, snapshot_id))) as made:
        members = rows(journeys)
        drawn._insert(made, member_journey, members)
        for code in (*MEMBER_CODES, "registered_month"):
            held = sorted({row[code] for row in members}) or [UNKNOWN]
            drawn._as_enum(made, "member_journey", code, held)
            listed = [{"subject": "member", "dimension": code, "position": p, "value": v, "varies": False}
                      for p, v in enumerate(held)]  # fmt: skip
            if code in MEMBER_CODES and members:
                drawn._insert(made, dimension_value, listed)
    return snapshot_id


def last_step(journey: Journey, windows: Windows) -> int:
    """The place of the last step that a member reached in order and in time, in plain Python."""
    before = 0
    for place, (at, window) in enumerate(zip(journey.steps, windows.seconds, strict=False)):
        if at - before > window:
            return place
        before = at
    return len(journey.steps)


def reached(journeys: Iterable[Journey], windows: Windows) -> dict[int, int]:
    """Members by their last step."""
    return dict(Counter(last_step(each, windows) for each in journeys))
