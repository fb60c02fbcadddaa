"""Lending Club's file as a book: a drawn one worked by hand, every fault by its row, and the real one."""

import gzip
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Select, func, select

from loanbook import books, check
from loanbook.connection import connect, present_columns
from loanbook.finding import Severity
from loanbook.importers import lending_club
from loanbook.importers.reading import ImportFault
from loanbook.schema import application, loan, member, product, score

REAL = Path(__file__).parents[3] / "shared" / "data" / "lending_club_2007_2011.csv.gz"

HEADER = (
    "id,loan_amnt,funded_amnt,term,int_rate,grade,annual_inc,issue_d,loan_status,purpose,addr_state,fico_range_low,"
    "last_pymnt_d,last_credit_pull_d,total_rec_prncp,total_rec_int,total_rec_late_fee,recoveries,other"
)
GOOD = "7,20000,19999.5,36,0.1122,C,38556,2007-12-01,Fully Paid,car,NM,700,2009-07-01,2010-03-01,19999.5,2583.271,0,0,x"
ROWS = (
    GOOD,
    "9,500,500,60,0.2459,G,,2011-12-01,Charged Off,other,CA,610,2012-01-01,,20.004,9,15,3.5,",
    "8,1000,1000,36,0.06,A,12,2010-02-01,Does not meet the credit policy. Status:Charged Off,car,NY,799,,2010-09-01,"
    "0,0,0,0,",
    "5,1000,1000,36,0.06,A,12,2012-06-01,Does not meet the credit policy. Status:Fully Paid,car,NY,799,2012-07-01,,"
    "1000,5,0,0,",
)


def quiet(stage: str, share: float) -> None:
    assert stage
    assert 0 <= share <= 1


def loaded(folder: Path, *lines: str, header: str = HEADER) -> Path:
    (folder / "loans.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    lending_club.load(folder / "loans.csv", folder / "book.sqlite", quiet)
    return folder / "book.sqlite"


def fault(folder: Path, *lines: str, header: str = HEADER) -> str:
    with pytest.raises(ImportFault) as raised:
        loaded(folder, *lines, header=header)
    assert not (folder / "book.sqlite").exists()
    return str(raised.value)


def asked(book: Path, statement: Select[Any]) -> list[Row[Any]]:
    engine = connect(books.address(book), None)
    with engine.connect() as connection:
        rows = list(connection.execute(statement).all())
    engine.dispose()
    return rows


def test_each_row_is_an_application_a_loan_and_a_borrower_of_its_own(tmp_path: Path) -> None:
    book = loaded(tmp_path, *ROWS)
    assert asked(book, select(application.c.id, application.c.member_id, application.c.amount,
                              application.c.approved_amount, application.c.term_months, application.c.annual_rate,
                              application.c.grade, application.c.purpose, application.c.within_policy,
                              application.c.status).order_by(application.c.id)) == [
        (5, 5, 1000, 1000, 36, Decimal("0.06"), "A", "car", False, "disbursed"),
        (7, 7, 20000, Decimal("19999.50"), 36, Decimal("0.1122"), "C", "car", True, "disbursed"),
        (8, 8, 1000, 1000, 36, Decimal("0.06"), "A", "car", False, "disbursed"),
        (9, 9, 500, 500, 60, Decimal("0.2459"), "G", "other", True, "disbursed"),
    ]  # fmt: skip
    assert asked(book, select(member.c.id, member.c.province, member.c.monthly_income, member.c.full_name,
                              member.c.acquisition_channel, member.c.birth_year).order_by(member.c.id)) == [
        (5, "NY", 1, "", None, None),
        (7, "NM", 3213, "", None, None),  # 38,556 / 12
        (8, "NY", 1, "", None, None),
        (9, "CA", None, "", None, None),
    ]  # fmt: skip
    scored = select(score.c.application_id, score.c.score, score.c.model_version)
    assert asked(book, scored.where(score.c.model_version == "FICO")) == [
        (7, 700, "FICO"), (9, 610, "FICO"), (8, 799, "FICO"), (5, 799, "FICO"),
    ]  # fmt: skip
    assert asked(book, scored.where(score.c.model_version == "Grade")) == [
        (7, 650, "Grade"), (9, 300, "Grade"), (8, 750, "Grade"), (5, 750, "Grade"),
    ]  # fmt: skip
    assert asked(book, select(func.count(score.c.id.distinct()))) == [(8,)]
    assert asked(book, select(product.c.code, product.c.name_en, product.c.name_zh)) == [
        ("personal_loan", "Personal loan", "个人贷款")
    ]


def test_dates_are_the_beginning_of_the_business_day_and_what_is_guessed_is_marked(tmp_path: Path) -> None:
    rows = asked(
        loaded(tmp_path, *ROWS),
        select(
            loan.c.id, loan.c.disbursed_at, loan.c.status, loan.c.closed_at, loan.c.written_off_at, loan.c.dates_imputed
        ).order_by(loan.c.id),
    )
    assert rows == [
        (5, datetime(2012, 5, 31, 16), "paid_off", datetime(2012, 6, 30, 16), None, True),
        (7, datetime(2007, 11, 30, 16), "paid_off", datetime(2009, 6, 30, 16), None, True),
        # No payment was made: 1 February 2010 + 150 days = 1 July 2010.
        (8, datetime(2010, 1, 31, 16), "written_off", None, datetime(2010, 6, 30, 16), True),
        # 1 January 2012 + 150 days = 30 May 2012, before the newest month of the file ends.
        (9, datetime(2011, 11, 30, 16), "written_off", None, datetime(2012, 5, 29, 16), True),
    ]


def test_what_came_in_is_principal_with_recoveries_and_interest_with_fees(tmp_path: Path) -> None:
    received = select(loan.c.id, loan.c.principal_received, loan.c.charges_received).order_by(loan.c.id)
    assert asked(loaded(tmp_path, *ROWS), received) == [
        (5, 1000, 5), (7, Decimal("19999.50"), Decimal("2583.27")), (8, 0, 0), (9, Decimal("23.50"), 24),
    ]  # fmt: skip


def test_the_book_closes_with_the_newest_month_of_the_file(tmp_path: Path) -> None:
    note = books.note(loaded(tmp_path, *ROWS))
    assert note == books.Note("Lending Club 2007–2012", date(2012, 7, 31), True, "Lending Club public download")


def test_a_charge_off_is_not_later_than_the_book(tmp_path: Path) -> None:
    book = loaded(tmp_path, ROWS[1])  # paid last on 1 January 2012; the file knows nothing later
    assert asked(book, select(loan.c.written_off_at)) == [(datetime(2012, 1, 30, 16),)]


def test_only_the_tables_that_the_file_fills_are_there(tmp_path: Path) -> None:
    book = loaded(tmp_path, GOOD)
    with connect(books.address(book), None).connect() as connection:
        assert set(present_columns(connection, None)) == {
            "application", "book_note", "loan", "member", "product", "score",
        }  # fmt: skip


def test_the_book_keeps_the_contract(tmp_path: Path) -> None:
    findings = check.run(connect(books.address(loaded(tmp_path, *ROWS)), None), None, quiet)
    assert {finding.severity for finding in findings} == {Severity.MISSING}


def changed(column: str, value: str) -> str:
    cells = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | {"id": "8", column: value}
    return ",".join(cells.values())


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("id", "", "is empty"),
        ("id", "A8", "'A8' is not a number"),
        ("id", "8.5", "'8.5' is not a whole number"),
        ("id", "7", "'7' already stands in row 2"),
        ("loan_amnt", "", "is empty"),
        ("loan_amnt", "1e15", "'1e15' is too large"),
        ("loan_amnt", "inf", "'inf' is not a number"),
        ("loan_amnt", "-20000", "'-20000' is negative"),
        ("funded_amnt", "19.999,50", "'19.999 is not a number"),
        ("funded_amnt", "20000.01", "'20000.01' is more than was applied for"),
        ("term", "0", "'0' is less than 1"),
        ("term", "36 months", "'36 months' is not a number"),
        ("int_rate", "11.22", "'11.22' is not a yearly fraction such as 0.1149"),
        ("int_rate", "11.22%", "'11.22%' is not a number"),
        ("annual_inc", "-1", "'-1' is negative"),
        ("issue_d", "", "is empty"),
        ("issue_d", "Dec-2007", "'Dec-2007' is not a date such as 2011-12-31"),
        ("issue_d", "2007-02-30", "'2007-02-30' is not a date such as 2011-12-31"),
        ("last_pymnt_d", "2007-11-30", "'2007-11-30' is before the loan was issued"),
        ("last_credit_pull_d", "soon", "'soon' is not a date such as 2011-12-31"),
        ("loan_status", "Current", "'Current' is none of: Fully Paid; Charged Off; Does not meet"),
        ("grade", "", "is empty"),
        ("recoveries", "", "is empty"),
        ("fico_range_low", "good", "'good' is not a number"),
    ],
)
def test_each_fault_is_told_with_its_row_and_column_and_nothing_is_written(
    tmp_path: Path, column: str, value: str, told: str
) -> None:
    if "," in value:
        value, told = f'"{value}"', "'19.999,50' is not a number"
    message = fault(tmp_path, GOOD, changed(column, value))
    assert "has 1 fault(s), so nothing was imported" in message
    assert f"row 3, column {column}: {told}" in message


def test_all_faults_are_told_at_once_by_row(tmp_path: Path) -> None:
    message = fault(tmp_path, GOOD, "", changed("term", "x"), "1,2,3", changed("loan_amnt", "-1"))
    assert message.splitlines()[1:] == [
        "  row 4, column term: 'x' is not a number.",
        "  row 5: 3 values where the header has 19.",
        "  row 6, column id: '8' already stands in row 4.",
        "  row 6, column loan_amnt: '-1' is negative.",
    ]


def test_of_many_faults_the_first_are_told_and_all_are_counted(tmp_path: Path) -> None:
    message = fault(tmp_path, *(f"{n},{GOOD.partition(',')[2].replace('36', '0', 1)}" for n in range(1, 51)))
    lines = message.splitlines()
    assert lines[0].endswith("has 50 fault(s), so nothing was imported:")
    assert lines[1:21] == [f"  row {row}, column term: '0' is less than 1." for row in range(2, 22)]
    assert lines[21:] == ["  and 30 more."]


def test_an_import_that_fails_leaves_the_earlier_book(tmp_path: Path) -> None:
    book = loaded(tmp_path, GOOD)
    before = book.read_bytes()
    with pytest.raises(ImportFault):
        loaded(tmp_path, changed("term", "x"))
    assert book.read_bytes() == before


def test_the_order_of_the_columns_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    reverse: Callable[[str], str] = lambda line: ",".join(reversed(line.split(",")))  # noqa: E731
    book = loaded(tmp_path, reverse(GOOD), header="\ufeff" + reverse(HEADER))
    assert asked(book, select(loan.c.id, loan.c.principal)) == [(7, Decimal("19999.50"))]


def test_files_that_are_no_such_csv(tmp_path: Path) -> None:
    assert "lacks the column(s) grade; is it the right file?" in fault(tmp_path, header=HEADER.replace("grade,", ""))
    assert "more than one column named id" in fault(tmp_path, header=f"{HEADER},id")
    assert "has a header and no rows" in fault(tmp_path)

    def refusal(content: bytes, name: str = "file.csv") -> str:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ImportFault) as raised:
            lending_club.load(tmp_path / name, tmp_path / "book.sqlite", quiet)
        return str(raised.value)

    good = f"{HEADER}\n{GOOD}\n".encode()
    assert "lacks the column(s) id, loan_amnt" in refusal(b"")
    assert "lacks the column(s) id" in refusal(b"\x00\xff\xfe\x01")
    assert "is not a CSV in UTF-8" in refusal(good.replace(b"car", "车".encode("gb18030")))
    assert "can't be read" in refusal(gzip.compress(good * 50)[:-20], "cut.csv.gz")
    for missing in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(ImportFault, match=r"does not exist|is a directory"):
            lending_club.load(missing, tmp_path / "book.sqlite", quiet)


@pytest.mark.skipif(not REAL.is_file(), reason="the shared Lending Club file is not beside the repository")
def test_the_real_file(tmp_path: Path) -> None:
    book = tmp_path / "book.sqlite"
    lending_club.load(REAL, book, quiet)
    note = books.note(book)
    assert note is not None
    assert (note.name, note.as_of) == ("Lending Club 2007–2011", date(2017, 7, 31))
    totals = select(func.count(), func.sum(application.c.amount), func.sum(loan.c.principal))
    assert asked(book, totals.join_from(application, loan, loan.c.application_id == application.c.id)) == [
        (42_535, 471_701_350, 460_296_150)
    ]
    outcomes = select(application.c.within_policy, loan.c.status, func.count())
    outcomes = outcomes.join_from(application, loan, loan.c.application_id == application.c.id)
    outcomes = outcomes.group_by(application.c.within_policy, loan.c.status)
    assert {(within, status): count for within, status, count in asked(book, outcomes)} == {
        (True, "paid_off"): 34_116,
        (True, "written_off"): 5_670,
        (False, "paid_off"): 1_988,
        (False, "written_off"): 761,
    }
    engine = connect(books.address(book), None)
    assert {finding.severity for finding in check.run(engine, None, quiet)} == {Severity.MISSING}
    engine.dispose()
