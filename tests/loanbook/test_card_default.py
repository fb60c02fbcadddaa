"""Taiwan's card file as a book: a drawn one worked by hand, faults by their row."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Select, select

from loanbook import books, check
from loanbook.connection import connect, present_columns
from loanbook.finding import Severity
from loanbook.importers import card_default
from loanbook.importers.reading import ImportFault
from loanbook.schema import application, loan, member, month_state, product
from rules.filters import Definition

# The file's own header, with the columns that the book has no place for.
HEADER = (
    "ID,LIMIT_BAL,SEX,EDUCATION,MARRIAGE,AGE,PAY_0,PAY_2,PAY_3,PAY_4,PAY_5,PAY_6,BILL_AMT1,BILL_AMT2,BILL_AMT3,"
    "BILL_AMT4,BILL_AMT5,BILL_AMT6,PAY_AMT1,DEFAULT"
)
#       ID LIMIT  S E M AGE  Sep Aug Jul Jun May Apr  bills Sep .. Apr          DEFAULT
GOOD = "1,20000,2,2,1,24,4,3,2,1,0,-2,3913,3102.5,689,-17,5,0,0,1"
ROWS = (GOOD, "7,500000,1,5,0,60,9,8,-1,-1,-1,-1,1,2,3,4,5,6,0,0")


def quiet(_stage: str, share: float) -> None:
    assert 0 <= share <= 1


def loaded(folder: Path, *lines: str, header: str = HEADER) -> Path:
    (folder / "cards.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    card_default.load(folder / "cards.csv", folder / "book.sqlite", quiet)
    return folder / "book.sqlite"


def asked(book: Path, statement: Select[Any]) -> list[Row[Any]]:
    engine = connect(books.address(book), None)
    with engine.connect() as connection:
        rows = list(connection.execute(statement).all())
    engine.dispose()
    return rows


def test_each_account_is_a_person_an_application_and_a_loan_of_its_limit(tmp_path: Path) -> None:
    book = loaded(tmp_path, *ROWS)
    assert asked(book, select(member.c.id, member.c.gender, member.c.birth_year, member.c.dates_imputed)) == [
        (1, "female", 1981, True), (7, "male", 1945, True),
    ]  # fmt: skip
    applied = select(application.c.id, application.c.member_id, application.c.amount, application.c.approved_amount)
    assert asked(book, applied) == [(1, 1, 20_000, 20_000), (7, 7, 500_000, 500_000)]
    loans = select(loan.c.id, loan.c.member_id, loan.c.principal, loan.c.annual_rate, loan.c.method, loan.c.status)
    assert asked(book, loans) == [(1, 1, 20_000, None, None, "active"), (7, 7, 500_000, None, None, "active")]
    assert asked(book, select(product.c.code, product.c.kind, product.c.name_zh)) == [
        ("credit_card", "revolving", "信用卡")
    ]


def test_the_tape_has_six_month_ends_with_the_bucket_of_the_status_and_what_is_owed(tmp_path: Path) -> None:
    book = loaded(tmp_path, *ROWS)
    tape = select(month_state.c.month_end, month_state.c.days_past_due, month_state.c.outstanding)
    of_account = {
        id_: asked(book, tape.where(month_state.c.loan_id == id_).order_by(month_state.c.month_end)) for id_ in (1, 7)
    }
    assert of_account[1] == [
        (date(2005, 4, 30), 0, 0),  # -2
        (date(2005, 5, 31), 0, 5),  # 0
        (date(2005, 6, 30), 30, 0),  # 1 month: M1; a credit balance of 17 owes nothing
        (date(2005, 7, 31), 60, 689),  # M2
        (date(2005, 8, 31), 90, 3102.5),  # M3: not over 90
        (date(2005, 9, 30), 120, 3913),  # 4 months: M3+
    ]
    assert [days for _, days, _ in of_account[7]] == [0, 0, 0, 0, 240, 270]


def test_dates_that_the_file_lacks_are_estimates_and_marked(tmp_path: Path) -> None:
    opened_at = datetime(2004, 10, 30, 16)  # the beginning of 31 October in Shanghai
    columns = loan.c.id, loan.c.disbursed_at, loan.c.term_months, loan.c.defaulted_on, loan.c.dates_imputed
    assert asked(loaded(tmp_path, *ROWS), select(*columns)) == [
        (1, opened_at, 12, date(2005, 10, 31), True), (7, opened_at, 12, None, True),
    ]  # fmt: skip


def test_the_book_closes_with_the_month_of_the_default_and_opens_with_the_files_own(tmp_path: Path) -> None:
    note = books.note(loaded(tmp_path, GOOD))
    source = "Yeh & Lien 2009, UCI Machine Learning Repository, CC BY 4.0"
    assert note == books.Note("Taiwan card accounts 2005", date(2005, 10, 31), True, source, Definition.RECORDED)


def test_the_book_keeps_the_contract_and_holds_only_what_the_file_fills(tmp_path: Path) -> None:
    engine = connect(books.address(loaded(tmp_path, *ROWS)), None)
    assert {finding.severity for finding in check.run(engine, None, quiet)} == {Severity.MISSING}
    with engine.connect() as connection:
        assert set(present_columns(connection, None)) == {
            "application", "book_note", "loan", "member", "month_state", "product",
        }  # fmt: skip
    engine.dispose()


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("ID", "1", "'1' already stands in row 2"),
        ("LIMIT_BAL", "0", "'0' is less than 1"),
        ("SEX", "3", "'3' is none of: 1; 2"),
        ("AGE", "17", "'17' is less than 18"),
        ("PAY_0", "10", "'10' is none of: -2; -1; 0; 1; 2; 3; 4; 5; 6; 7; 8; 9"),
        ("PAY_6", "", "is empty"),
        ("BILL_AMT4", "much", "'much' is not a number"),
        ("DEFAULT", "yes", "'yes' is none of: 0; 1"),
    ],
)
def test_each_fault_is_told_with_its_row_and_column_and_nothing_is_written(
    tmp_path: Path, column: str, value: str, told: str
) -> None:
    cells = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | {"ID": "2", column: value}
    with pytest.raises(ImportFault) as raised:
        loaded(tmp_path, GOOD, ",".join(cells.values()))
    assert str(raised.value).splitlines()[1:] == [f"  row 3, column {column}: {told}."]
    assert not (tmp_path / "book.sqlite").exists()


def test_another_file_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(ImportFault, match=r"lacks the column\(s\) DEFAULT, PAY_0; is it the right file\?"):
        loaded(tmp_path, GOOD, header=HEADER.replace("PAY_0", "PAY_1").replace("DEFAULT", "default payment next month"))
