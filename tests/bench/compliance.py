"""`python -m tests.bench.compliance`: the page on compliance over generated rows, beside DuckDB by hand.

The rows are made by arithmetic in the shape that a refresh gives them, as many as a book of so many members leaves,
with so many contacts (`--contacts 60000000`), of which one in a hundred breaks a rule; both ways give the same sums, or
the benchmark stops; no time is asserted.
"""

from datetime import date

import duckdb

from loanbook.compliance import compliance_schema  # noqa: F401 - its tables are created by name
from loanbook.working import create_tables
from queries import collections, compliance
from rules.adverse_impact import Attribute
from rules.compliance import Rule
from rules.filters import DateRange
from tests.bench import both_ways
from tests.bench.both_ways import Case, Grouped

AS_OF = date(2026, 6, 30)
MONTHS, DAYS = 60, 1826
BREACHES_PER_CONTACT = 0.01
TITLE = "Page on compliance, {members} generated members, {contacts} contacts"

_EVER, _YEAR = DateRange(None, AS_OF), DateRange(date(2025, 7, 1), AS_OF)
_FIRST = "DATE '2021-07-01'"
_RULES = "[" + ", ".join(f"'{rule.value}'" for rule in Rule) + "]"
_CLASS = (
    "CASE WHEN days_past_due > 360 THEN 'loss' WHEN days_past_due > 270 THEN 'doubtful' WHEN days_past_due > 90 "
    "THEN 'substandard' WHEN days_past_due > 0 THEN 'special_mention' ELSE 'normal' END"
)
_LISTED = ", ".join(compliance.LISTED)
_TABLES = ("rule_month", "rule_breach", "planned_count", "planned_breach", "approval_count", "loan_state")


def cases() -> list[Case]:
    """Every statement of the page for a year, and for all of the book."""
    found = []
    for name, period, first in (("a year", _YEAR, _YEAR.first), ("all of the book", _EVER, date.min)):
        month, day = (f"{row} BETWEEN DATE '{first}' AND DATE '{AS_OF}'" for row in ("month", "happened_on"))
        counted = f"FROM rule_month WHERE rule = 'contact_hours' AND {month}"
        found += [
            Case(f"what was judged, {name}", compliance.judged(period),
                 f"SELECT rule, sum(judged)::BIGINT FROM rule_month WHERE {month} GROUP BY 1", (1,)),
            Case(f"what was found, {name}", compliance.breaches(period),
                 f"SELECT rule, count(*), max(happened_on) FROM rule_breach WHERE {day} GROUP BY 1", (1,),
                 Grouped("rule_breach", ("rule",), ("",)) if name != "a year" else None),
            Case(f"one rule by month, {name}", compliance.by_month(period, Rule.CONTACT_HOURS),
                 "WITH b AS (SELECT date_trunc('month', happened_on)::DATE AS month, count(*) AS n FROM rule_breach "
                 "WHERE rule = 'contact_hours' GROUP BY 1), "
                 f"j AS (SELECT month, sum(judged)::BIGINT AS n {counted} GROUP BY 1) "
                 "SELECT j.month, j.n, coalesce(b.n, 0) FROM j LEFT JOIN b ON b.month = j.month ORDER BY 1", (1, 2)),
            Case(f"its first 250 breaches, {name}", compliance.behind(period, Rule.CONTACT_HOURS).limit(250),
                 f"SELECT {_LISTED} FROM rule_breach WHERE rule = 'contact_hours' AND {day} "
                 "ORDER BY happened_on DESC, happened_at DESC, subject_id LIMIT 250", (6,)),
            Case(f"approvals by province, {name}", compliance.approvals(period, Attribute.PROVINCE),
                 "SELECT value, sum(decided)::BIGINT, sum(approved)::BIGINT FROM approval_count WHERE attribute = "
                 f"'province' AND {month} GROUP BY 1 ORDER BY 1", (1, 2)),
        ]  # fmt: skip
    return [
        *found,
        Case("classes", compliance.classes(),
             f"SELECT {_CLASS}, count(*), sum(outstanding_fen)::BIGINT FROM loan_state WHERE outstanding_fen > 0 "
             "GROUP BY 1", (1, 2)),
        Case("planned contacts by rule", collections.planned(),
             "SELECT rule, sum(judged)::BIGINT FROM planned_count GROUP BY 1", (1,)),
        Case("planned breaches", collections.planned_breaches(),
             "SELECT rule, happened_at, subject_id, loan_id, observed FROM planned_breach ORDER BY 2, 3, 1", (4,)),
    ]  # fmt: skip


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables that the page reads, empty."""
    made = duckdb.connect(config={"threads": 1})
    create_tables(made, *_TABLES)
    return made


def fill(made: duckdb.DuckDBPyConnection, members: int) -> None:
    """A loan for each member, every tenth of them late, and approvals by month and group."""
    made.execute(
        "INSERT INTO loan_state BY NAME SELECT i AS loan_no, i::VARCHAR AS loan_id, CASE WHEN i % 10 = 0 THEN i % 500 "
        "ELSE 0 END AS days_past_due, CASE WHEN i % 3 > 0 THEN 100000 + i % 900000 ELSE 0 END AS outstanding_fen "
        "FROM range($1) t(i)",
        [members],
    )
    made.execute(
        f"INSERT INTO approval_count SELECT ({_FIRST} + to_months(m::INTEGER))::DATE, a, 'group ' || g, "
        "1000 + (m * g) % 97, 700 + (m * g) % 89 FROM range($1) x(m), range(31) y(g), "
        "(SELECT unnest(['gender', 'age_band', 'income_band', 'province']) AS a)",
        [MONTHS],
    )


def contacts(made: duckdb.DuckDBPyConnection, many: int) -> None:
    """What judging so many contacts leaves: counts by month, breaches in the order of their rules and days."""
    found = int(many * BREACHES_PER_CONTACT)
    made.execute(
        f"INSERT INTO rule_month SELECT r, ({_FIRST} + to_months(m::INTEGER))::DATE, $1 // $2 FROM range($2) x(m), "
        f"(SELECT unnest({_RULES}) AS r)",
        [many, MONTHS],
    )
    breach = (
        f"SELECT {_RULES}[1 + i % {len(Rule)}] AS rule, ({_FIRST} + (i * $2 // $1)::INTEGER)::DATE AS happened_on, "
        f"{_FIRST} + to_seconds(i * 86400 * $2 // $1) AS happened_at, 'C' || i, 'M' || i % 1000000, 'L' || i % 999983, "
        "(i % 1440) / 1440, 3 FROM range($1) t(i)"
    )
    made.execute(f"INSERT INTO rule_breach {breach} ORDER BY rule, happened_on DESC", [found, DAYS])
    made.execute(f"INSERT INTO planned_breach {breach}", [found // DAYS, DAYS])
    made.execute(f"INSERT INTO planned_count SELECT r, DATE '2026-07-01', $1 FROM (SELECT unnest({_RULES}) AS r)",
                 [many // DAYS])  # fmt: skip


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases, contacts)
