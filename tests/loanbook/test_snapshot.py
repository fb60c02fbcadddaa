"""A refresh from a loan database on each engine to a snapshot that is served."""

import stat
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from loanbook import closed_day, snapshots
from loanbook.snapshot_schema import FORMAT
from tests.loanbook.built import NOW, build, refused, rows
from tests.loanbook.derived import copies
from tests.loanbook.drawn_book import CLEAN
from tests.loanbook.drawn_book import rows as drawn
from tests.loanbook.engines import LoanDatabase

BOOK_NAMES = {"sqlite": "book", "postgresql": "postgres", "mariadb": "lender"}


def test_a_clean_book_is_copied_derived_and_served(database: LoanDatabase, tmp_path: Path) -> None:
    heard: list[tuple[str, float]] = []
    book = database.write(drawn(CLEAN))
    built = build(book, tmp_path, progress=lambda stage, done: heard.append((stage, done)))
    assert snapshots.current(tmp_path) == built.snapshot_id
    assert built.path == tmp_path / f"snapshot-{built.snapshot_id}.duckdb"
    assert built.snapshot_id.startswith("20240611T010000Z-")
    assert stat.S_IMODE(built.path.stat().st_mode) == 0o600
    assert (built.loans, built.rejected_loans) == (2, 0)
    # 21: paid 450 of 450 + 449.99's interest and fee of 1 each; its closing settles it. 22: nothing paid of 500.01 + 2.
    found = rows(built, "SELECT loan_id, principal_fen, outstanding_fen, overdue_fen, status FROM loan_fact ORDER BY 1")
    assert found == [("21", 90000, 0, 0, "paid_off"), ("22", 50001, 50001, 50201, "active")]
    note = rows(built, "SELECT format, book_name, as_of, built_at, evidence, source_rows FROM snapshot_note")
    name = BOOK_NAMES[database.name]
    assert note == [(FORMAT, name, date(2024, 5, 1), NOW.replace(tzinfo=None), "instalments", built.rows)]
    checks = dict(rows(built, "SELECT name, checksum FROM source_table"))
    assert checks["loan"] == (
        "principal_fen 140001, upfront_fee_fen 0, monthly_fee_fen 0, principal_received_fen 0, charges_received_fen 0"
    )
    done = [share for _, share in heard]
    assert done == sorted(done)
    assert 0 <= done[0] <= done[-1] <= 1
    assert set(built.seconds) == {stage for stage, _ in heard}


def test_the_day_is_the_given_else_the_noted_else_yesterday_at_the_latest() -> None:
    events = {name: CLEAN[name] for name in ("loan", "repayment", "application")}  # the newest event: 2024-05-01

    def day(given: date | None, now: datetime, **more: str) -> date:
        return closed_day.of(copies({**events, **more}), given, now)

    assert day(date(2024, 4, 2), NOW) == date(2024, 4, 2)
    assert day(None, NOW, book_note="name as_of public\ndemo 2024-04-15 1") == date(2024, 4, 15)
    assert day(None, NOW) == date(2024, 5, 1)
    assert day(None, datetime(2024, 4, 30, 15, 59, tzinfo=UTC)) == date(2024, 4, 29)
    assert day(None, datetime(2024, 4, 30, 16, 0, tzinfo=UTC)) == date(2024, 4, 30)


def test_direct_identifiers_are_in_no_table_and_nowhere_in_the_file(database: LoanDatabase, tmp_path: Path) -> None:
    secrets = {"full_name": "Zhaoxiaoming", "phone": "13912345678", "id_number": "420106199001011234"}
    book = drawn(CLEAN)
    book["member"] = [{**member, **secrets, "province": "Hubeisheng"} for member in book["member"]]
    built = build(database.write(book), tmp_path)
    columns = {name for (name,) in rows(built, "SELECT column_name FROM duckdb_columns()")}
    assert not columns & set(secrets)
    content = built.path.read_bytes()
    assert b"Hubeisheng" in content
    assert not [value for value in secrets.values() if value.encode() in content]


def test_a_book_with_only_loans(database: LoanDatabase, tmp_path: Path) -> None:
    built = build(database.write(drawn({"loan": CLEAN["loan"]})), tmp_path)
    assert built.loans == 2
    assert rows(built, "SELECT DISTINCT evidence FROM loan_state") == [("outcomes",)]
    assert rows(built, "SELECT name FROM source_table WHERE present") == [("loan",)]
    assert rows(built, "SELECT count(*) FROM instalment") == [(0,)]


@pytest.mark.parametrize("tables", [{name: [] for name in CLEAN}, {}], ids=["empty tables", "no tables"])
def test_an_empty_book(database: LoanDatabase, tmp_path: Path, tables: dict[str, list[dict[str, object]]]) -> None:
    built = build(database.write(tables), tmp_path)
    assert (built.rows, built.loans, built.as_of) == (0, 0, date(2024, 6, 10))


def test_an_optional_column_may_be_missing(database: LoanDatabase, tmp_path: Path) -> None:
    built = build(database.write(drawn(CLEAN), "ALTER TABLE loan DROP COLUMN funder_id"), tmp_path)
    assert rows(built, "SELECT missing_columns FROM source_table WHERE name = 'loan'") == [("funder_id",)]
    assert rows(built, "SELECT DISTINCT funder FROM loan_fact") == [("unknown",)]


def test_a_required_column_may_not_be_missing(database: LoanDatabase, tmp_path: Path) -> None:
    broken = database.write(
        drawn(CLEAN),
        "ALTER TABLE loan DROP COLUMN principal",
        "ALTER TABLE loan DROP COLUMN status",
        "ALTER TABLE member DROP COLUMN registered_at",
        "ALTER TABLE member DROP COLUMN phone",
    )
    assert refused(broken, tmp_path).splitlines() == [
        'The loan database\'s table "loan" lacks the columns "principal", "status"; add it, '
        "or name a view of the contract's shape like the table.",
        'The loan database\'s table "member" lacks the column "registered_at"; add it, '
        "or name a view of the contract's shape like the table.",
    ]


def test_broken_rows_are_listed_and_stop_nothing(database: LoanDatabase, tmp_path: Path) -> None:
    broken = {
        **CLEAN,
        "loan": """
            id  application_id  principal  status
            21  11              100        active
            22  11              -          active
            23  11              -5         active
            24  99              100        active
            25  11              100        active
            25  11              100        active
            26  11              100        sold
            27  11              100        active
            28  11              100        active
            """,
        "instalment": CLEAN["instalment"].rstrip()
        + """
        27       1       2024-04-01  5
        27       1       2024-04-01  5
        77       1       2024-04-01  5
        28       1       -           5
        """,
    }
    built = build(database.write(drawn(broken)), tmp_path)
    assert rows(built, "SELECT loan_id FROM loan_fact") == [("21",)]
    assert built.rejected_loans == 7
    found = rows(built, "SELECT table_name, key, reason, count(*) FROM rejected_row GROUP BY ALL ORDER BY 1, 2, 3")
    assert found == [
        ("instalment", "27, 1", "its number is repeated within the loan", 2),
        ("instalment", "28, 1", "it has no due date, or an amount is missing or negative", 1),
        ("instalment", "77", "its loan does not exist", 1),
        ("loan", "22", "it has no principal above zero", 1),
        ("loan", "23", "it has no principal above zero", 1),
        ("loan", "24", "its application does not exist", 1),
        ("loan", "25", "its key is repeated", 2),
        ("loan", "26", "its status is not active, paid_off or written_off", 1),
        ("loan", "27", "one of its instalments can't be used", 1),
        ("loan", "28", "one of its instalments can't be used", 1),
    ]
