"""`python -m tests.bench.collections`: the page on collections over generated months, beside DuckDB by hand.

The rows are made by arithmetic in the shape that a refresh gives them, as many as a book of so many members leaves,
with so many contacts (`--contacts 60000000`); both ways give the same sums, or the benchmark stops; no time is
asserted.
"""

from datetime import date

import duckdb
from sqlalchemy.schema import CreateTable

from loanbook import copied
from loanbook.collections import collections_schema  # noqa: F401 - its tables are created by name
from loanbook.constructs import compiled
from loanbook.working import create_tables
from queries import collections
from rules.collections import BEHIND, CONTACT_PARTS
from rules.filters import DateRange
from rules.reminders import COVARIATES, LATE_DAYS
from tests.bench import both_ways
from tests.bench.both_ways import Case, Grouped

AS_OF = date(2026, 6, 30)
MONTHS, AGENTS = 60, 400

_EVER, _YEAR = DateRange(None, AS_OF), DateRange(date(2025, 7, 1), AS_OF)
_FIRST_MONTH = "DATE '2021-07-01'"
_SUMS = ", ".join(f"sum({part})::BIGINT" for part in CONTACT_PARTS)
_BUCKETS = "['M1', 'M2', 'M3', 'M3+']"
_TOLD = ", ".join(BEHIND[2:])
_TABLES = ("contact_month", "agent_month", "agent", "overdue_month", "reminder_cell", "message_cell", "complaint_month",
           "loan_state")  # fmt: skip

TITLE = "Page on collections, {members} generated members, {contacts} contacts"


def cases() -> list[Case]:
    """Every statement of the page for a year, and for all of the book."""
    found = []
    for name, period, where, before in (
        ("a year", _YEAR, f"month >= DATE '{_YEAR.first}'", f"previous_month < DATE '{_YEAR.first}'"),
        ("all of the book", _EVER, "true", "false"),
    ):
        first = f"(previous_month IS NULL OR {before})"
        kept = ", ".join(f"coalesce(sum({part}) FILTER (WHERE {first}), 0)::BIGINT" for part in CONTACT_PARTS)
        found += [
            Case(f"contacts up the ladder, {name}", collections.ladder(period),
                 f"SELECT purpose, channel, {_SUMS} FROM contact_month WHERE {where} GROUP BY 1, 2",
                 tuple(range(2, 2 + len(CONTACT_PARTS))),
                 None if where != "true" else Grouped("contact_month", ("purpose", "channel"), CONTACT_PARTS)),
            Case(f"contacts by month, {name}", collections.ladder_by_month(period),
                 f"SELECT month, purpose, channel, {_SUMS} FROM contact_month WHERE {where} GROUP BY 1, 2, 3",
                 tuple(range(3, 3 + len(CONTACT_PARTS)))),
            Case(f"late loans, {name}", collections.overdue(period),
                 "SELECT bucket, days, exit, sum(loans)::BIGINT, sum(principal_fen)::BIGINT FROM overdue_month "
                 f"WHERE {where} AND {first} GROUP BY 1, 2, 3", (1, 3, 4)),
            Case(f"agents by key, {name}", collections.agents(period, named=True),
                 f"SELECT agent_id, bucket, sum(sent)::BIGINT, {kept} FROM agent_month JOIN agent USING (agent_no) "
                 f"WHERE {where} GROUP BY 1, 2", (2, 3, 10)),
            Case(f"agents by number, {name}", collections.agents(period, named=False),
                 f"SELECT agent_no::VARCHAR, bucket, sum(sent)::BIGINT, {kept} FROM agent_month WHERE {where} "
                 "GROUP BY 1, 2", (2, 3, 10)),
            Case(f"complaints, {name}", collections.complaints(period),
                 "SELECT topic, days, sum(resolved)::BIGINT, sum(waiting)::BIGINT FROM complaint_month "
                 f"WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2", (1, 2, 3)),
        ]  # fmt: skip
    found.append(Case("reminders by stratum", collections.reminded(), "FROM reminder_cell", (7, 8, 9)))
    found.append(Case("messages by stratum", collections.messaged(), "FROM message_cell", (8, 9, 10)))
    joined = "contact c JOIN loan_state l ON l.loan_id = c.loan_id::VARCHAR"
    about = "purpose IN ('due_reminder', 'overdue_reminder', 'collection') AND contacted_at < '2026-06-30 16:00'"
    for name, period, where in (
        ("a year", _YEAR, "contacted_at >= '2025-06-30 16:00'"), ("all of the book", _EVER, "true")
    ):  # fmt: skip
        found.append(
            Case(f"the newest 250 contacts, {name}", collections.behind(period, AS_OF).limit(250),
                 f"SELECT c.id::VARCHAR, l.loan_id, {_TOLD} FROM {joined} WHERE {about} AND {where} "
                 "ORDER BY contacted_at DESC, c.id LIMIT 250", (8,))
        )  # fmt: skip
    return found


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables that the page reads, empty."""
    made = duckdb.connect(config={"threads": 1})
    create_tables(made, *_TABLES)
    return made


def contacts(made: duckdb.DuckDBPyConnection, many: int) -> None:
    """So many contacts in the order of their time, each with one of the loans."""
    made.execute(*compiled(CreateTable(copied.TABLES["contact"])))
    made.execute("CREATE TABLE stored.contact AS FROM contact")
    made.execute("DROP TABLE contact")
    made.execute(
        "INSERT INTO stored.contact BY NAME SELECT i AS id, i % $2 AS member_id, i % $2 AS loan_id, 'debtor' AS party, "
        "['due_reminder', 'overdue_reminder', 'collection', 'reborrow'][1 + i % 4] AS purpose, "
        "['push', 'sms', 'automatic_call', 'agent_call'][1 + i % 4] AS channel, CASE WHEN i % 9 > 3 THEN 'delivered' "
        "ELSE 'promised' END AS outcome, TIMESTAMP '2021-07-01' + to_seconds(i * 157680000 // $1) AS "
        "contacted_at, 1 + i % 350 AS cost_fen FROM range($1) t(i)",
        [many, len(made.table("loan_state"))],
    )
    made.execute("CREATE VIEW contact AS FROM stored.contact")


def fill(made: duckdb.DuckDBPyConnection, members: int) -> None:
    """Months of contacts in ranges of a million loans; agents' calls, late loans, complaints and strata by cell."""
    month = f"({_FIRST_MONTH} + to_months(CAST(%s AS INTEGER)))::DATE"
    parts = ", ".join(f"(i * {31 + place}) % 997" for place in range(len(CONTACT_PARTS)))
    made.execute(
        f"INSERT INTO contact_month SELECT {month % 'm'}, ['due_reminder', 'overdue_reminder', 'collection'][1 + p], "
        f"['push', 'sms', 'automatic_call', 'agent_call'][1 + c], {parts} FROM (SELECT *, m * 12 + p * 4 + c + r AS i "
        "FROM range($1) a(m), range(3) b(p), range(4) d(c), range($2) e(r))",
        [MONTHS, 1 + members // 1_000_000],
    )
    made.execute(f"INSERT INTO agent SELECT a, 'K' || a FROM range(1, {AGENTS} + 1) t(a)")
    before = f"CASE WHEN i % 3 > 0 THEN {month % 'greatest(m - 1 - i % 9, 0)'} END"
    made.execute(
        f"INSERT INTO agent_month SELECT 1 + i % {AGENTS}, {month % 'm'}, {before}, {_BUCKETS}[1 + i % 4], {parts} "
        "FROM (SELECT i, i * 7 % $2 AS m FROM range($1) t(i)) ORDER BY 1, 2",
        [members // 20, MONTHS],
    )
    made.execute(
        f"INSERT INTO overdue_month SELECT {_BUCKETS}[1 + i % 4], {month % 'm'}, {before}, i % 91, "
        "['cured', 'moved', 'written_off', ''][1 + i % 4], 1 + i % 40, 1000 * i FROM "
        "(SELECT i, i * 7 % $2 AS m FROM range($1) t(i)) ORDER BY 1, 2",
        [members // 10, MONTHS],
    )
    made.execute(
        f"INSERT INTO complaint_month SELECT 'cause ' || (i % 6), {month % '(i * 7 % $2)'}, i % 60, i % 9, i % 2 "
        "FROM range($1) t(i)",
        [members // 100, MONTHS],
    )
    like = "'tier ' || (i % 5), 'channel ' || (i % 6), 'band ' || (i % 8), '2024Q' || (i % 4)"
    for table, design, moment, parts in (
        ("reminder_cell", "'matched'", "i % 8", 1 + 2 * len(LATE_DAYS)),
        ("message_cell", "'limit_raise', 'matched'", "'4 ' || (i % 8)", 3),
    ):
        counts = ", ".join(f"(i * {7 + place}) % 500" for place in range(parts + 3 * len(COVARIATES)))
        made.execute(
            f"INSERT INTO {table} SELECT {design}, ['treated', 'held_out'][1 + i % 2], {like}, {moment}, {counts} "
            "FROM range($1) t(i)",
            [min(members // 100, 10_000)],
        )
    made.execute(
        "INSERT INTO loan_state BY NAME SELECT i AS loan_no, i::VARCHAR AS loan_id FROM range($1) t(i)", [members]
    )


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases, contacts)
