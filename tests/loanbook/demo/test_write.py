"""The demo book as a file: what SQLAlchemy reads is what was simulated, and a failed build leaves the earlier book."""

import json
import subprocess
import sys
from datetime import date

import pytest
from sqlalchemy import inspect, select, text

from loanbook import books, check, demo
from loanbook.connection import connect
from loanbook.demo.write import write
from loanbook.schema import metadata

AS_OF = date(2025, 3, 31)
MEMBERS = 2_000


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "books" / "demo.sqlite"
    demo.build(path, members=MEMBERS, as_of=AS_OF)
    return path


@pytest.fixture(scope="module")
def engine(path):
    engine = connect(books.address(path), None)
    yield engine
    engine.dispose()


def broken(engine):
    found = check.run(engine, None, lambda _table, _share: None)
    return [(finding.table, finding.column, finding.kind) for finding in found]


def test_it_keeps_the_contract_but_for_payments_that_bounced(engine):
    assert broken(engine) == [("repayment", "amount", "negative")]


def test_sqlalchemy_reads_what_was_simulated(engine):
    tables = demo.generate(MEMBERS, demo.SEED, AS_OF)
    with engine.connect() as connection:
        for name in ("tier", "member", "application", "score", "loan", "instalment", "repayment", "contact", "target"):
            table = metadata.tables[name]
            rows = connection.execute(select(table).order_by(*table.primary_key).limit(3_000)).all()
            expected = tables[name].slice(0, len(rows)).to_pylist()
            if name == "score":
                expected = [{**row, "reasons": _parsed(row["reasons"])} for row in expected]
            if name == "tier":
                expected.sort(key=lambda row: row["code"])
            assert [dict(row._mapping) for row in rows] == expected, name


def _parsed(reasons):
    return json.loads(reasons)


def test_money_is_exact_fen_for_any_driver(engine):
    statement = text("SELECT count(*) FROM repayment WHERE abs(amount * 100 - round(amount * 100)) > 1e-6")
    total = text("SELECT sum(CAST(ROUND(amount * 100) AS INTEGER)) FROM repayment")
    amounts = demo.generate(MEMBERS, demo.SEED, AS_OF)["repayment"]["amount"].to_pylist()
    with engine.connect() as connection:
        assert connection.execute(statement).scalar_one() == 0
        assert connection.execute(total).scalar_one() == sum(int(amount * 100) for amount in amounts)


def test_instants_and_dates_are_stored_as_sqlalchemy_stores_them(engine):
    with engine.connect() as connection:
        paid = connection.execute(text("SELECT paid_at FROM repayment LIMIT 1")).scalar_one()
        due = connection.execute(text("SELECT due_on FROM instalment LIMIT 1")).scalar_one()
    assert len(paid) == len("2025-03-31 08:00:00.000000")
    assert paid[10] == " "
    assert date.fromisoformat(due)


def test_it_says_what_it_is_and_is_indexed(path, engine):
    assert books.note(path) == books.Note("Demo book", AS_OF, True, "simulation")
    assert {"ix_repayment_loan_id", "ix_loan_member_id"} <= {
        index["name"] for name in ("repayment", "loan") for index in inspect(engine).get_indexes(name)
    }


def test_progress_rises_to_one_and_a_failed_build_leaves_the_earlier_book(tmp_path):
    path = tmp_path / "demo.sqlite"
    told = []
    demo.build(path, members=50, as_of=AS_OF, progress=lambda step, share: told.append((step, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)
    before = path.read_bytes()

    def fails(step, _share):
        if step == "indexes":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.build(path, members=60, as_of=AS_OF, progress=fails)
    assert path.read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} <= {"demo.sqlite", ".demo.sqlite.lock"}


def test_a_book_in_parts_is_written_whole_and_keeps_the_contract(tmp_path):
    path = tmp_path / "parts.sqlite"
    told = []
    with books.writable(path) as engine:
        parts = demo.chunks(1_500, 3, AS_OF, members_each=500)
        write(parts, engine, lambda _step, share: told.append(share), parts=3)
    assert told == sorted(told)
    engine = connect(books.address(path), None)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*), max(id) FROM member")).one() == (1_500, 1_500)
    assert broken(engine) == [("repayment", "amount", "negative")]
    engine.dispose()


_ON_A_SMALL_DISK = """
import resource, sys
from datetime import date
from pathlib import Path
from loanbook import (books, demo)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    demo.build(Path(sys.argv[1]), members=500, as_of=date(2025, 3, 31))
except books.BookError as error:
    print(error)
"""


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path):
    path = tmp_path / "demo.sqlite"
    run = subprocess.run([sys.executable, "-c", _ON_A_SMALL_DISK, path], capture_output=True, text=True)
    assert "the disk is full" in run.stdout, run.stderr
    assert {p.name for p in tmp_path.iterdir()} <= {".demo.sqlite.lock"}
