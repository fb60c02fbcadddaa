"""A whole simulated book, every table of the contract, gives the same snapshot whatever engine holds it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import Engine, create_engine, select

from loanbook import demo, schema, snapshot
from tests.loanbook.built import build
from tests.loanbook.engines import LoanDatabase, Rows

AS_OF = date(2026, 6, 30)
OF_THE_BUILD = {"snapshot_note", "source_table"}  # when it was built, and how each engine's sums are written


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """A small demo book."""
    file = tmp_path_factory.mktemp("simulated") / "book.sqlite"
    demo.build(file, members=250, as_of=AS_OF)
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as reading:
        found = {
            table.name: [
                {name: json.dumps(value) if isinstance(value, list) else value for name, value in row.items()}
                for row in reading.execute(select(table)).mappings()
            ]
            for table in schema.metadata.sorted_tables
        }
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def expected(book: dict[str, Rows], sqlite: LoanDatabase, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return content(build(sqlite.write(book), tmp_path_factory.mktemp("expected"), as_of=AS_OF))


def content(built: snapshot.Built) -> dict[str, Any]:
    """Every row of every table of a snapshot."""
    with duckdb.connect(str(built.path), read_only=True) as opened:
        names = [name for (name,) in opened.execute("show tables").fetchall() if name not in OF_THE_BUILD]
        return {name: sorted(map(repr, opened.table(name).fetchall())) for name in names}


def test_a_simulated_book_on_every_engine(
    database: LoanDatabase, book: dict[str, Rows], expected: dict[str, Any], tmp_path: Path
) -> None:
    engine: Engine = database.write(book)
    found = content(build(engine, tmp_path, as_of=AS_OF))
    engine.dispose()
    assert found.keys() == expected.keys()
    for name, rows in found.items():
        assert rows == expected[name], name
    filled = {"loan_fact", "loan_month", "member_journey", "reward_fact", "instalment_state"}
    assert filled <= {name for name, rows in found.items() if rows}
