"""`python -m tests.bench.acquisition`: the part on cost over generated bookings, beside DuckDB by hand.

The rows are made by arithmetic in the shape that a refresh gives them: two bookings a member, and of each day, way of
coming and age of the first loan a row. Both ways give the same sums, or the benchmark stops; no time is asserted.
"""

from collections.abc import Callable
from datetime import date

import duckdb
import pandas as pd
from sqlalchemy.schema import CreateTable

from loanbook import constructs
from loanbook.referrals.acquisition_schema import COHORT, acquired, acquisition_cost
from loanbook.snapshot_schema import member_journey
from queries import acquisition
from queries.acquisition import By
from rules.acquisition import PARTS
from rules.filters import DateRange, Definition
from rules.member_filters import MemberSelection
from tests.bench import both_ways
from tests.bench.both_ways import Case, Grouped

AS_OF = date(2026, 6, 30)
YEAR = DateRange(date(2025, 4, 1), date(2026, 3, 31))
_CHANNELS = ("advertising", "offline", "organic", "partner", "referral", "unknown")
_CAMPAIGNS = (*(str(number) for number in range(1, 29)), "unknown")
_DAYS = 1_000
_TOLD = {"definition": Definition.DPD90, "horizon_months": 12}

TITLE = "Part on cost, {members} generated members"


def cases() -> list[Case]:
    """The statements that read most, over a year and over everything."""
    found = []
    for name, registered in (("a year", YEAR), ("everything", DateRange())):
        selection = MemberSelection(registered, None, ())
        days = (
            "" if registered.first is None else f"{{}} BETWEEN DATE '{registered.first}' AND DATE '{registered.last}'"
        )
        spent, came = (days.format(day) or "true" for day in ("day", "registered_on"))
        found += [
            Case(
                f"costs by channel, {name}",
                acquisition.costs(selection, By.CHANNEL),
                f"SELECT channel, part, count(*), sum(fen) FROM acquisition_cost WHERE {spent} GROUP BY 1, 2",
                (2, 3),
                Grouped("acquisition_cost", ("channel", "part"), ("", "fen"), _within(registered)),
            ),
            Case(
                f"costs by campaign inherited, farmed apart, {name}",
                acquisition.costs(selection, By.CAMPAIGN, inherit=True, farmed=("M1", "M77")),
                "SELECT inherited_campaign, CASE WHEN part <> 'reversal' AND (member_no IN (1, 77) OR "
                "beneficiary_no IN (1, 77)) THEN 'farmed' ELSE part::VARCHAR END, count(*), sum(fen) "
                f"FROM acquisition_cost WHERE {spent} GROUP BY 1, 2",
                (2, 3),
            ),
            Case(
                f"costs by month, {name}",
                acquisition.costs(selection, By.MONTH),
                "SELECT strftime(day, '%Y-%m'), part, count(*), sum(fen) FROM acquisition_cost "
                f"WHERE {spent} GROUP BY 1, 2",
                (2, 3),
            ),
            Case(
                f"ages of first loans by campaign, {name}",
                acquisition.ages(selection, By.CAMPAIGN, **_TOLD),
                "SELECT campaign, loan_months, sum(borrowers), sum(bad_90_12) FROM acquired "
                f"WHERE loan_months IS NOT NULL AND {came} GROUP BY 1, 2",
                (2, 3),
            ),
        ]
    return found


def _within(registered: DateRange) -> Callable[[pd.DataFrame], "pd.Series[bool]"] | None:
    if registered.first is None:
        return None
    first, last = pd.Timestamp(registered.first), pd.Timestamp(registered.last)
    return lambda frame: frame["day"].between(first, last)


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables, empty, with their enums."""
    made = duckdb.connect()
    for table in (acquisition_cost, acquired, member_journey):
        made.execute(str(CreateTable(table).compile(dialect=constructs.DUCKDB)))
    enums = {"channel": _CHANNELS, "campaign": _CAMPAIGNS, "part": [part.value for part in PARTS]}
    for name, values in enums.items():
        listed = ", ".join(f"'{value}'" for value in values)
        made.execute(f"CREATE TYPE way_{name} AS ENUM ({listed})")
    for table in ("acquisition_cost", "acquired"):
        for name in COHORT:
            made.execute(f"ALTER TABLE {table} ALTER COLUMN {name} TYPE way_{name.removeprefix('inherited_')}")
    made.execute("ALTER TABLE acquisition_cost ALTER COLUMN part TYPE way_part")
    return made


def fill(made: duckdb.DuckDBPyConnection, members: int) -> None:
    """Two bookings for each of so many members, in the order of days, and their counts."""
    day = f"DATE '{AS_OF}' - {_DAYS} + CAST(i * {_DAYS} // (2 * $1) AS INTEGER)"
    channels, campaigns, parts = (
        "[" + ", ".join(f"'{value}'" for value in values) + "]"
        for values in (_CHANNELS, _CAMPAIGNS, [part.value for part in PARTS])
    )
    made.execute(
        f"INSERT INTO acquisition_cost SELECT {day}, {channels}[1 + i % 6], {campaigns}[1 + i % 29], "
        f"{channels}[1 + i % 5], {campaigns}[1 + i % 28], {parts}[1 + i % 9], 'S' || i, i // 2, i % 1000, i % 400, "
        "CASE WHEN i % 9 = 8 THEN -i % 9000 ELSE i % 9000 END FROM range(2 * $1) t(i)",
        [members],
    )
    made.execute("INSERT INTO member_journey (member_no, member_id) SELECT i, 'M' || i FROM range($1) t(i)", [members])
    counts = ", ".join(
        f"i % 7 AS {name}" for name in ("members", "borrowers", "bad_90_12", "first_due", "first_missed")
    )
    made.execute(
        f"INSERT INTO acquired BY NAME SELECT DATE '{AS_OF}' - CAST(i % {_DAYS} AS INTEGER) AS registered_on, "
        f"{channels}[1 + i % 6] AS channel, {campaigns}[1 + i % 29] AS campaign, "
        f"CASE WHEN i % 3 > 0 THEN i % 30 END AS loan_months, {counts} FROM range($1) t(i)",
        [min(members, 400_000)],  # days, ways and ages are so many at most, however many members there are
    )


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases)
