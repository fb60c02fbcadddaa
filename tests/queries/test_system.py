"""What the System page asks, on a drawn snapshot."""

from datetime import date

import duckdb
import pytest
from sqlalchemy import insert

from loanbook.constructs import compiled
from loanbook.finding import SENTENCES
from loanbook.snapshot_schema import broken_invariant, broken_row, rejected_row
from queries import system
from tests.queries import drawn

BROKEN = [
    ("negative", "repayment", "amount", "", 12),
    ("orphan", "loan", "tier_code", "tier", 1),
    ("duplicate_key", "instalment", "", "", 1),
    ("orphan", "repayment", "loan_id", "loan", 12),
]
ROWS = [
    *(("negative", "repayment", "amount", str(number)) for number in (100, 9, 20, 11)),
    ("orphan", "loan", "tier_code", "L2"),
    ("duplicate_key", "instalment", "", "21, 2"),
]


@pytest.fixture
def snapshot():
    connection = duckdb.connect()
    loans = [drawn.Loan(1, date(2024, 1, 5))]
    drawn.fill(connection, loans, drawn.book_of(loans))
    names = ("kind", "table_name", "column_name", "expected", "rows")
    told = [{"severity": "broken", **dict(zip(names, row, strict=True))} for row in BROKEN]
    connection.execute(*compiled(insert(broken_invariant).values(told)))
    listed = [dict(zip(broken_row.c.keys(), row, strict=True)) for row in ROWS]
    connection.execute(*compiled(insert(broken_row).values(listed)))
    refused = {"table_name": "loan", "key": "7", "reason": "its key is repeated"}
    connection.execute(*compiled(insert(rejected_row).values([refused, refused])))
    return connection


def test_tables_say_what_was_there_and_how_much_of_it_can_not_be_used(snapshot):
    rows = drawn.run(snapshot, system.tables()).set_index("name")
    assert list(rows.index) == ["contact", "loan"]
    assert list(rows["present"]) == [False, True]
    assert list(rows["rejected"]) == [0, 2]


def test_broken_rules_come_most_rows_first_with_the_first_keys_in_their_order(snapshot):
    rows = drawn.run(snapshot, system.broken_invariants())
    assert list(rows[["kind", "table_name", "rows", "examples"]].itertuples(index=False, name=None)) == [
        ("negative", "repayment", 12, "9; 11; 20"),
        ("orphan", "repayment", 12, ""),
        ("duplicate_key", "instalment", 1, "21, 2"),
        ("orphan", "loan", 1, "L2"),
    ]
    assert set(rows["severity"]) == {"broken"}
    assert list(drawn.run(snapshot, system.broken_invariants(examples=1))["examples"]) == ["9", "", "21, 2", "L2"]


def test_the_rows_of_a_rule_are_its_own(snapshot):
    assert list(drawn.run(snapshot, system.broken_rows("negative", "repayment", "amount"))["key"]) == [
        "9", "11", "20", "100",
    ]  # fmt: skip
    assert list(drawn.run(snapshot, system.broken_rows("orphan", "loan", "tier_code"))["key"]) == ["L2"]
    assert drawn.run(snapshot, system.broken_rows("orphan", "loan", "member_id")).empty


def test_every_kind_has_its_sentence():
    assert system.sentences() == SENTENCES
