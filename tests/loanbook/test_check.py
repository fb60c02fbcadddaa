"""Each way to break the contract is found with its rows, and nothing else is."""

from io import StringIO
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine, text

from loanbook import check, copying, readers, schema, snapshots
from loanbook.books import address
from loanbook.connection import connect, present_columns
from loanbook.finding import SENTENCES, Finding, Severity
from loanbook.working import create_tables
from tests.loanbook.drawn_book import CLEAN, draw


def quiet(_stage: str, _done: float) -> None:
    pass


Brief = tuple[str, str, str, int, tuple[str, ...]]


class Checked:
    """Draws a book and checks it; one place and one engine for all, so that statements are compiled once."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.engine: Engine | None = None

    def __call__(self, *changes: str) -> list[Finding]:
        self.place.unlink(missing_ok=True)
        draw(self.place, *changes)
        self.engine = self.engine or connect(address(self.place), None)
        try:
            return check.run(self.engine, None, quiet)
        finally:
            self.engine.dispose()


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    return Checked(tmp_path_factory.mktemp("check") / "book.sqlite")


def faults(findings: list[Finding]) -> list[Brief]:
    return [
        (finding.kind, finding.table, finding.column, finding.count, finding.examples)
        for finding in findings
        if finding.severity is not Severity.MISSING
    ]


def test_a_clean_book_has_no_fault_and_names_each_missing_table(checked: Checked) -> None:
    findings = checked()
    absent = [table for table in schema.metadata.tables if table not in CLEAN and table != "book_note"]
    assert [(finding.kind, finding.table) for finding in findings] == [("missing_table", table) for table in absent]
    assert findings[0].sentence == "The table perk is missing; pages that need it say so."


BREAKS: list[tuple[str, list[Brief]]] = [
    # single values
    ("update loan set principal = 'much' where id = 21", [
        ("wrong_value_type", "loan", "principal", 1, ("id 21",)),
    ]),
    ("update loan set term_months = 1.5 where id = 22", [
        ("wrong_value_type", "loan", "term_months", 1, ("id 22",)),
    ]),
    ("update member set birth_year = 32768 where id = 3", [
        ("wrong_value_type", "member", "birth_year", 1, ("id 3",)),
    ]),
    ("update instalment set due_on = '2024-02-30' where loan_id = 22", [
        ("wrong_value_type", "instalment", "due_on", 1, ("loan_id 22, number 1",)),
    ]),
    ("update instalment set due_on = '2024-05-01 00:00:00' where number = 2", []),
    ("update member set verified_at = '01/02/2024' where id > 2", [
        ("wrong_value_type", "member", "verified_at", 2, ("id 3", "id 4")),
    ]),
    ("update member set verified_at = '2024-01-02T08:00:00+08:00' where id = 2", []),
    ("update member set verified_at = '2024-01-02 08:00:00+00:00' where id = 2", []),
    ("update member set verified_at = 'infinity' where id = 2", [
        ("wrong_value_type", "member", "verified_at", 1, ("id 2",)),
    ]),
    ("update loan set annual_rate = 5000 where id = 22", [("wrong_value_type", "loan", "annual_rate", 1, ("id 22",))]),
    ("update loan set id = 22.5 where id = 22", [("wrong_value_type", "loan", "id", 1, ("id 22.5",))]),
    ("update member set verified_at = 1704067200 where id = 2", [
        ("wrong_value_type", "member", "verified_at", 1, ("id 2",)),
    ]),
    ("update member set verified_at = '2024-01-02T23:59:59.999999Z' where id = 2", []),
    ("update loan set dates_imputed = 'yes'", [
        ("wrong_value_type", "loan", "dates_imputed", 2, ("id 21", "id 22")),
    ]),
    ("update loan set dates_imputed = 1", []),
    ("update loan set disbursed_at = null where id = 22", [("null", "loan", "disbursed_at", 1, ("id 22",))]),
    ("update repayment set amount = -0.01 where id = 32", [("negative", "repayment", "amount", 1, ("id 32",))]),
    ("update loan set annual_rate = -0.1 where id = 21", [("negative", "loan", "annual_rate", 1, ("id 21",))]),
    ("update loan set principal = 0 where id = 22", [
        ("not_positive", "loan", "principal", 1, ("id 22",)),
        ("instalment_principal", "loan", "", 1, ("id 22",)),
    ]),
    ("update loan set status = 'closed' where id = 21", [("unknown_code", "loan", "status", 1, ("id 21",))]),
    # rows against rows: test_invariants.py has them all
    ("update member set referred_by_id = 3 where id = 1", [
        ("registered_before_referrer", "member", "", 1, ("id 1",)),
        ("referral_cycle", "member", "", 3, ("id 1", "id 2", "id 3")),
    ]),
    ("insert into instalment select * from instalment where number = 2", [
        ("instalment_numbers", "loan", "", 1, ("id 21",)),
        ("instalment_principal", "loan", "", 1, ("id 21",)),
        ("duplicate_key", "instalment", "", 1, ("loan_id 21, number 2",)),
    ]),
    ("delete from campaign", [("orphan", "member", "campaign_id", 1, ("id 1",))]),
    # direct identifiers, which no copy holds
    ("update member set phone = null where id > 2", [("null", "member", "phone", 2, ("id 3", "id 4"))]),
    # what a wrong type keeps from sight is judged once it is mended
    ("update loan set closed_at = 7, principal = 'much'", [
        ("wrong_value_type", "loan", "closed_at", 2, ("id 21", "id 22")),
        ("wrong_value_type", "loan", "principal", 2, ("id 21", "id 22")),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), BREAKS, ids=[change for change, _ in BREAKS])
def test_each_break_is_found_with_its_rows_and_nothing_else(
    checked: Checked, change: str, expected: list[Brief]
) -> None:
    assert sorted(faults(checked(change))) == sorted(expected)


def test_the_first_rows_are_named_and_the_others_counted(checked: Checked) -> None:
    many = [f"insert into repayment (id, loan_id, paid_at, amount, kind) values ({n}, 21, '2024-04-01 02:00:00', -1, "
            "'early')" for n in range(100, 107)]  # fmt: skip
    (finding,) = [f for f in checked(*many) if f.severity is Severity.BROKEN]
    assert finding.sentence == ("repayment.amount is negative in 7 row(s): id 100; id 101; id 102; id 103; id 104; ….")


def test_a_missing_column_makes_its_table_unusable_and_rules_that_need_it_are_left_out(checked: Checked) -> None:
    findings = checked(
        "alter table loan drop column principal",
        "alter table loan drop column closed_at",
        "alter table member drop column phone",
    )
    told = [(f.severity, f.kind, f.table, f.column) for f in findings if f.kind != "missing_table"]
    assert told == [
        (Severity.MISSING, "missing_optional_column", "member", "phone"),
        (Severity.UNUSABLE, "missing_column", "loan", "principal"),
        (Severity.MISSING, "missing_optional_column", "loan", "closed_at"),
    ]


def test_a_view_that_no_longer_works_lacks_its_columns(checked: Checked) -> None:
    kinds = {(f.kind, f.column) for f in checked("create view perk as select * from gone") if f.table == "perk"}
    assert ("missing_column", "kind") in kinds


def test_texts_as_keys_keep_the_contract(checked: Checked) -> None:
    changes = [
        f"update {table} set {column} = 'M-' || {column}"
        for table, column in [
            ("member", "id"), ("member", "referred_by_id"), ("membership", "member_id"), ("application", "member_id"),
            ("loan", "member_id"), ("reward", "beneficiary_id"), ("reward", "referee_id"),
        ]
    ]  # fmt: skip
    assert faults(checked(*changes)) == []


INSTANTS = [
    "2024-01-02 08:00:00", "2024-01-02T08:00:00Z", "2024-01-02 08:00:00+00:00", "2024-01-02 08:00:00.123456+08",
    "2024-01-02", "2024-01-02 08:00", "2024-02-30 08:00:00", "02.01.2024", "infinity", "", "now", 1704067200, None, 1.5,
]  # fmt: skip


@pytest.mark.parametrize("value", INSTANTS, ids=map(repr, INSTANTS))
def test_the_check_accepts_what_a_refresh_accepts(tmp_path: Path, value: object) -> None:
    book = draw(tmp_path / "book.sqlite", f"update member set verified_at = {'null' if value is None else repr(value)}")
    engine = connect(address(book), None)
    unusable = [found for found in check.run(engine, None, quiet) if found.severity is Severity.UNUSABLE]
    with engine.connect() as connection:
        present = present_columns(connection, None)
    refused = False
    with duckdb.connect() as snapshot, readers.opened(engine, None) as reader:
        snapshot.execute("SET TimeZone = 'UTC'")
        create_tables(snapshot, "source_table")
        try:
            copying.copy(reader, present, snapshot, quiet)
        except snapshots.SnapshotError:
            refused = True
    assert [found.column for found in unusable] == (["verified_at"] if refused else [])


def test_all_rows_of_a_kind_are_written_as_csv(tmp_path: Path) -> None:
    many = [f"insert into repayment (id, loan_id, paid_at, amount, kind) values ({n}, 21, '2024-04-01 02:00:00', -1, "
            "'early')" for n in range(100, 1_300)]  # fmt: skip
    book = draw(tmp_path / "book.sqlite", *many, "update loan set annual_rate = -1 where id = 22")
    written = StringIO()
    with check.checked(connect(address(book), None), None, tmp_path / "data", quiet, all_rows=True) as found:
        found.write_rows("negative", written)
        assert faults(found.findings)[0][:4] == ("negative", "loan", "annual_rate", 1)
    lines = written.getvalue().split()
    assert lines[0] == "table,column,key"
    assert sorted(lines[1:]) == sorted(["loan,annual_rate,22", *(f"repayment,amount,{n}" for n in range(100, 1_300))])


def test_the_copy_is_gone_afterwards_and_so_is_what_a_killed_check_has_left(tmp_path: Path) -> None:
    engine, folder = connect(address(draw(tmp_path / "book.sqlite")), None), tmp_path / "data"
    (folder / "check.spill").mkdir(parents=True)
    (folder / "check.spill" / "part").write_text("left")
    (folder / "check.duckdb").write_text("left")
    with check.checked(engine, None, folder, quiet):
        assert (folder / "check.duckdb").stat().st_mode & 0o077 == 0
        with (
            pytest.raises(snapshots.SnapshotError, match="Another check is running"),
            check.checked(engine, None, folder, quiet),
        ):
            pass
    assert [file.name for file in folder.iterdir() if file.suffix != ".lock"] == []


def test_a_folder_that_can_not_hold_the_copy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise duckdb.IOException("Could not write file: No space left on device")

    monkeypatch.setattr(check.invariants, "find", full)
    engine = connect(address(draw(tmp_path / "book.sqlite")), None)
    with pytest.raises(snapshots.SnapshotError, match="needs room for a copy"):
        check.run(engine, None, quiet)


def test_an_empty_book_has_no_fault(checked: Checked) -> None:
    assert faults(checked(*(f"delete from {table}" for table in CLEAN))) == []


def test_personal_values_are_never_told(checked: Checked) -> None:
    findings = checked("update member set full_name = 'Zhang Wei', phone = 13800000000, id = null")
    told = " ".join(finding.sentence for finding in findings)
    assert "Zhang" not in told
    assert "1380" not in told


def test_every_kind_has_a_sentence_whose_places_are_filled() -> None:
    for kind in SENTENCES:
        Finding(Severity.BROKEN, "loan", "id", kind).sentence.format()


def test_the_check_changes_nothing(tmp_path: Path) -> None:
    book = draw(tmp_path / "book.sqlite")
    before = book.read_bytes()
    engine = connect(address(book), None)
    check.run(engine, None, quiet)
    with engine.connect() as connection, pytest.raises(Exception, match="readonly database"):
        connection.execute(text("delete from loan"))
    assert book.read_bytes() == before
