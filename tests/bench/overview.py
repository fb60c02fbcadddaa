"""`python -m tests.bench.overview`: what only the overview asks, over generated rows, beside DuckDB by hand."""

from datetime import date

import duckdb
from sqlalchemy.schema import CreateTable

from loanbook import constructs
from loanbook.members.movement_schema import member_state
from loanbook.snapshot_schema import STATES, loan_fact, loan_month, member_journey
from queries import months, moved, overview
from rules.book import Book, Evidence
from rules.delinquency import Late
from rules.filters import Choice, DateRange, Definition, Horizon, Selection
from rules.member_filters import MemberSelection
from tests.bench import both_ways
from tests.bench.both_ways import Case, Grouped

TITLE = "Overview, {members} generated members with a loan each"
AS_OF, NEWEST, FIRST = date(2026, 6, 30), date(2026, 5, 31), date(2021, 7, 1)
_CODES = ("tier", "channel", "province")
_VALUES = {
    "tier": ("ordinary", "bronze", "silver", "gold", "platinum"),
    "channel": ("advertising", "offline", "organic", "partner", "referral"),
    "province": tuple(f"p{number:02}" for number in range(31)),
}
_PERIOD = DateRange(date(2024, 6, 1), date(2025, 5, 31))
_CHOSEN: tuple[Choice, ...] = (("channel", ("advertising",)), ("tier", ("bronze", "silver")))
_KEPT = "channel = 'advertising' AND tier IN ('bronze', 'silver')"
BOOK = Book(
    snapshot_id="bench", name="Bench", as_of=AS_OF, built_at=None, loans=1, evidence=frozenset({Evidence.INSTALMENTS}),
    imputed_dates=0, first_disbursed_on=FIRST, last_disbursed_on=AS_OF, longest_term_months=24, values=(),
    varying=frozenset(), missing_tables=frozenset(),
)  # fmt: skip


def cases() -> list[Case]:
    """The statements that read most."""
    selection = Selection(_PERIOD, None, Definition.DPD90, Horizon.M12, ())
    members = MemberSelection(DateRange(), None, ())
    chosen = Selection(DateRange(), None, Definition.DPD90, Horizon.M12, _CHOSEN)
    sets = ", ".join(_CODES)
    return [
        Case(
            "lent by day",
            overview.lent(selection, FIRST),
            f"SELECT disbursed_on, count(*), sum(principal_fen) FROM loan_fact WHERE disbursed_on >= DATE '{FIRST}' "
            "GROUP BY 1 ORDER BY 1",
            (1, 2),
            Grouped("loan_fact", ("disbursed_on",), ("", "principal_fen")),
        ),
        Case(
            "registered by day",
            overview.registered(members, FIRST),
            f"SELECT registered_on, count(*) FROM member_journey WHERE registered_on >= DATE '{FIRST}' "
            "GROUP BY 1 ORDER BY 1",
            (1,),
        ),
        Case(
            "members by state over time",
            overview.standings(members),
            "SELECT kind, state, month, count(*) FROM (SELECT 'begun' AS kind, state, date_trunc('month', from_on) AS "
            "month FROM member_state UNION ALL SELECT 'left', state, date_trunc('month', last_on + 1) FROM "
            "member_state) GROUP BY ALL ORDER BY ALL",
            (-1,),
        ),
        Case(
            "what moved the default rate, by three dimensions",
            moved.defaults(selection, _CODES, BOOK),
            f"SELECT {sets}, count(*) FILTER (WHERE default_month_90 <= 12), count(*) FROM loan_fact WHERE "
            f"disbursed_on BETWEEN DATE '{_PERIOD.first}' AND DATE '{_PERIOD.last}' AND (previous_on IS NULL OR "
            f"previous_on < DATE '{_PERIOD.first}') AND observed_months >= 12 GROUP BY GROUPING SETS ({sets})",
            (-2, -1),
        ),
        Case(
            "what moved the late ratio, by three dimensions",
            moved.late(selection, _CODES, Late.DPD30, NEWEST),
            f"SELECT {sets}, sum(outstanding_fen) FILTER (WHERE bucket IN ('M2', 'M3', 'M3+')), sum(outstanding_fen) "
            f"FROM loan_month WHERE month_end = DATE '{NEWEST}' AND bucket IN ('M0', 'M1', 'M2', 'M3', 'M3+') "
            f"GROUP BY GROUPING SETS ({sets})",
            (-2, -1),
        ),
        Case(
            "income of two choices by month",
            months.income(chosen),
            "SELECT month_end, sum(previous_outstanding_fen), sum(outstanding_fen), sum(interest_fen), sum(fee_fen), "
            f"sum(lost_fen) FROM loan_month WHERE {_KEPT} GROUP BY 1 ORDER BY 1",
            (1, 2, 3),
        ),
    ]


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables, empty, with their enums."""
    made = duckdb.connect()
    for table in (loan_fact, loan_month, member_journey, member_state):
        made.execute(str(CreateTable(table).compile(dialect=constructs.DUCKDB)))
    enums = {**_VALUES, "month_state": STATES, "standing": ("none", *_VALUES["tier"])}
    for name, values in enums.items():
        listed = ", ".join(f"'{value}'" for value in values)
        made.execute(f"CREATE TYPE bench_{name} AS ENUM ({listed})")
    for table in ("loan_fact", "loan_month"):
        for code in _CODES:
            made.execute(f"ALTER TABLE {table} ALTER COLUMN {code} TYPE bench_{code}")
    for column in ("previous_bucket", "bucket"):
        made.execute(f"ALTER TABLE loan_month ALTER COLUMN {column} TYPE bench_month_state")
    made.execute("ALTER TABLE member_state ALTER COLUMN state TYPE bench_standing")
    return made


def fill(made: duckdb.DuckDBPyConnection, members: int) -> None:
    """A member, a loan, eight month ends and two states for each of so many, in the order of days."""
    days = (AS_OF - FIRST).days
    day = f"DATE '{FIRST}' + CAST(i * {days} // $1 AS INTEGER)"
    picked = ", ".join(
        f"[{', '.join(repr(value) for value in values)}][1 + i * {7 + 2 * place} % {len(values)}] AS {code}"
        for place, (code, values) in enumerate(_VALUES.items())
    )
    made.execute(
        f"INSERT INTO loan_fact BY NAME SELECT i AS loan_no, i AS borrower_no, {day} AS disbursed_on, {picked}, "
        f"100 * (i % 90) AS principal_fen, CASE WHEN i % 5 = 0 THEN {day} - 200 END AS previous_on, "
        f"CAST((DATE '{AS_OF}' - ({day})) / 31 AS INTEGER) AS observed_months, CASE WHEN i % 20 = 0 THEN i % 24 END AS "
        "default_month_90 FROM range($1) t(i)",
        [members],
    )
    made.execute(
        f"INSERT INTO loan_month BY NAME SELECT i // 8 AS loan_no, last_day(DATE '{NEWEST}' - 30 * CAST(i * 40 // "
        f"(8 * $1) AS INTEGER)) AS month_end, {picked}, ['M0', 'M0', 'M0', 'M1', 'M2', 'M3', 'M3+', 'paid_off'][1 + "
        "i % 8] AS bucket, 100 * (i % 70) AS outstanding_fen, 100 * (i % 60) AS previous_outstanding_fen, i % 50 AS "
        "interest_fen, i % 9 AS fee_fen, i % 3 AS lost_fen FROM range(8 * $1) t(i) ORDER BY month_end",
        [members],
    )
    made.execute(
        f"INSERT INTO member_journey BY NAME SELECT i AS member_no, {day} AS registered_on FROM range($1) t(i)",
        [members],
    )
    made.execute(
        f"INSERT INTO member_state SELECT i // 2, ['none', 'ordinary', 'bronze', 'gold'][1 + i % 4], "
        f"DATE '{FIRST}' + CAST(i * {days} // (2 * $1) AS INTEGER), DATE '{AS_OF}' FROM range(2 * $1) t(i)",
        [members],
    )


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases)
