"""`python -m tests.bench.acquisition`: the part on cost over generated bookings, beside DuckDB by hand.

The rows are made by arithmetic in the shape that a refresh gives them: two bookings a member, and of each day, way of
coming and age of the first loan a row. Both ways give the same sums, or the benchmark stops; no time is asserted.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

import duckdb
import pandas as pd
from sqlalchemy.schema import CreateTable

from loanbook import constructs
from loanbook.referrals.acquisition_schema import (
    COHORT,
    acquired,
    acquired_loan,
    acquisition_campaign,
    acquisition_cost,
    acquisition_sum,
    cohort_value,
    creator_use,
)
from loanbook.referrals.growth_schema import member_outcome, member_place
from loanbook.snapshot_schema import member_journey
from queries import acquisition, acquisition_part
from queries.acquisition import By
from rules import acquisition as rules
from rules import (
    acquisition_cells,
    acquisition_forecast,
    acquisition_return,
    acquisition_weeks,
    lifetime_value,
    policy,
    spend_pace,
)
from rules.acquisition import PARTS, Step
from rules.acquisition_weeks import WEEKS
from rules.calendar import newest_month_end
from rules.filters import DateRange, Definition
from rules.member_filters import MemberSelection
from rules.worth import COLUMNS, Part
from tests.bench import both_ways
from tests.bench.both_ways import Case, Change, Grouped

AS_OF = date(2026, 6, 30)
YEAR = DateRange(date(2025, 4, 1), date(2026, 3, 31))
_CHANNELS = ("advertising", "offline", "organic", "partner", "referral", "unknown")
_CAMPAIGNS = (*(str(number) for number in range(1, 29)), "unknown")
_DAYS = 1_000
_WAYS = 40  # pairs of channel and campaign by which members came
_OF_COHORTS = (acquisition_cost, acquisition_sum, acquired, acquired_loan, cohort_value)
RULE = policy.load()[-1]
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
                f"SELECT campaign, loan_months, sum(borrowers), sum(bad_90_12) FROM acquired_loan WHERE {came} "
                "GROUP BY 1, 2",
                (2, 3),
            ),
        ]
    return found


def _within(registered: DateRange) -> Callable[[pd.DataFrame], "pd.Series[bool]"] | None:
    if registered.first is None:
        return None
    first, last = pd.Timestamp(registered.first), pd.Timestamp(registered.last)
    return lambda frame: frame["day"].between(first, last)


def changes() -> list[Change]:
    """A year, and one channel of it."""
    year = MemberSelection(YEAR, DateRange(date(2024, 4, 1), date(2025, 3, 31)), ())
    told = acquisition_part.Asked(
        by=By.CHANNEL, inherit=False, farmed=("M1", "M77"), definition=Definition.DPD90, horizon_months=12, as_of=AS_OF,
        early_days=RULE.acquisition.early_days, value_months=RULE.growth.value_months,
        curve_months=RULE.lifetime.months, entered=None,
    )  # fmt: skip
    return [
        Change(name, acquisition_part.statements(selection, told), partial(_formed, selection))
        for name, selection in (("cost", year), ("cost, one channel", year.narrowed("channel", "advertising")))
    ]


def _formed(selection: MemberSelection, read: Mapping[str, pd.DataFrame]) -> object:
    """What the cards on cost are drawn from."""
    observed = acquisition_return.valued(selection, AS_OF, RULE.growth.value_months)
    frames = acquisition_cells.apart(read, selection, observed, By.CHANNEL)
    judge = {"significance": RULE.display.significance}
    stays = acquisition_forecast.staying(frames["first_loans"], 12)
    lasting = {"missed_ratio": 0.02, "months": 12}
    found = []
    for name in ("", "channel_", "campaign_", "month_"):
        outcomes = acquisition_forecast.repaying(frames[f"{name}outcomes"], frames[f"{name}ages"], stays, **lasting)
        found += [
            rules.per_head(frames[f"{name}costs"], outcomes, step, **judge) for step in (Step.REPAYING, Step.REGISTERED)
        ]
    curve = {
        "registered": YEAR, "newest_month": newest_month_end(AS_OF), "observed_months": RULE.lifetime.observed_months,
        "discount_rate": RULE.lifetime.discount_rate, "leave_out": frozenset({Part.REWARD}),
    }  # fmt: skip
    cells, cohorts = frames["value_cells"], frames["value_cohorts"]
    each = lifetime_value.curves(cells, cohorts, months=RULE.growth.value_months, **curve)
    cells, cohorts = acquisition_return.over_all(cells), acquisition_return.over_all(cohorts)
    whole = lifetime_value.curves(cells, cohorts, months=RULE.lifetime.months, **curve)
    return (
        found,
        each,
        acquisition_return.payback(whole, frames["channel_costs"], frames["channel_outcomes"]),
        acquisition_return.returns(
            frames["return_costs"], frames["return_outcomes"], thin_borrowers=RULE.display.thin_borrowers, **judge
        ),
        acquisition_weeks.by_week(
            frames["week_costs"], frames["week_outcomes"], weeks=WEEKS, early_days=RULE.acquisition.early_days, **judge
        ),
        spend_pace.pacing(frames["campaigns"], frames["campaign_weeks"], AS_OF),
    )


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables, empty, with their enums."""
    made = duckdb.connect()
    for table in (*_OF_COHORTS, acquisition_campaign, creator_use, member_journey, member_outcome, member_place):
        made.execute(str(CreateTable(table).compile(dialect=constructs.DUCKDB)))
    enums = {"channel": _CHANNELS, "campaign": _CAMPAIGNS, "part": [part.value for part in PARTS]}
    for name, values in enums.items():
        listed = ", ".join(f"'{value}'" for value in values)
        made.execute(f"CREATE TYPE way_{name} AS ENUM ({listed})")
    for table in (*_OF_COHORTS, member_journey):
        for name in COHORT:
            if name in table.c:
                kind = name.removeprefix("inherited_")
                made.execute(f"ALTER TABLE {table.name} ALTER COLUMN {name} TYPE way_{kind}")
    for table in (acquisition_cost, acquisition_sum):
        made.execute(f"ALTER TABLE {table.name} ALTER COLUMN part TYPE way_part")
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
    ways, within = ", ".join(COHORT), f"FILTER (after_days <= {RULE.acquisition.first_loan_days})"
    made.execute(
        f"INSERT INTO acquisition_sum SELECT day, {ways}, part, count(*), sum(fen), count(*) {within}, "
        f"coalesce(sum(fen) {within}, 0) FROM acquisition_cost GROUP BY ALL ORDER BY ALL"
    )
    made.execute(
        "INSERT INTO member_journey BY NAME SELECT i AS member_no, 'M' || i AS member_id, day AS registered_on, "
        f"strftime(day, '%Y-%m') AS registered_month, {channels}[1 + i % 6] AS channel, {campaigns}[1 + i % 29] AS "
        f"campaign, {campaigns}[1 + i % 28] AS inherited_campaign FROM (SELECT i, DATE '{AS_OF}' - {_DAYS} + "
        f"CAST(i * {_DAYS} // $1 AS INTEGER) AS day FROM range($1) t(i))",
        [members],
    )
    made.execute("INSERT INTO member_place SELECT member_id, member_no, member_no FROM member_journey ORDER BY 1")
    made.execute(
        "INSERT INTO member_outcome BY NAME SELECT i AS member_no, CASE WHEN i % 3 = 0 THEN i END AS loan_no, "
        "CASE WHEN i % 3 = 0 THEN i % 30 END AS observed_months, CASE WHEN i % 60 = 0 THEN i % 20 END AS "
        "default_month_90 FROM range($1) t(i)",
        [members],
    )
    by_day = (
        f"DATE '{AS_OF}' - CAST(i % {_DAYS} AS INTEGER) AS registered_on, {channels}[1 + i // {_DAYS} % 6] AS channel, "
    )
    by_day += (
        f"{campaigns}[1 + i // {_DAYS} % 29] AS campaign, {campaigns}[1 + i // {_DAYS} % 28] AS inherited_campaign"
    )
    for table, rows, more in (
        (acquired, _DAYS * _WAYS, ""),
        (acquired_loan, _DAYS * _WAYS * 10, ", i % 30 AS loan_months"),  # so many at most, however many members
    ):
        named = {"registered_on", "loan_months", *COHORT}
        counts = ", ".join(f"i % 7 AS {each.name}" for each in table.columns if each.name not in named)
        made.execute(
            f"INSERT INTO {table.name} BY NAME SELECT {by_day}{more}, {counts} FROM range($1) t(i) ORDER BY 1",
            [min(rows, members)],
        )
    worths = ", ".join(f"i % 9999 AS {name}" for name in COLUMNS)
    made.execute(
        f"INSERT INTO cohort_value BY NAME SELECT strftime(DATE '{AS_OF}' - to_months(CAST(i % 32 AS INTEGER)), "
        f"'%Y-%m') AS registered_month, {channels}[1 + i // 32 % 6] AS channel, {campaigns}[1 + i // 32 % 29] AS "
        f"campaign, {campaigns}[1 + i // 32 % 28] AS inherited_campaign, i % 33 AS month, {worths} FROM range($1) t(i)",
        [min(members, 32 * 33 * _WAYS)],
    )
    made.execute(
        "INSERT INTO acquisition_campaign SELECT i::VARCHAR, 'Campaign ' || i, 'advertising', DATE '2024-01-01', NULL, "
        "100000000 FROM range(1, 29) t(i)"
    )


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases, changes=changes)
