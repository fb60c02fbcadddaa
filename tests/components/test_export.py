"""Exports: every row arrives, the header stands above, nothing runs as a formula."""

import csv
import io
from datetime import date

import openpyxl
import pyarrow as pa

from components import export

HEADER = [("Metric", "Default rate"), ("Filters", "bronze,\nsilver")]


def batches(*rows: tuple[str, int | None, date]) -> list[pa.RecordBatch]:
    columns = list(zip(*rows, strict=True)) if rows else ([], [], [])
    return [
        pa.record_batch(
            {
                "loan_id": pa.array(columns[0], pa.string()),
                "principal_fen": pa.array(columns[1], pa.int64()),
                "disbursed_on": pa.array(columns[2], pa.date32()),
            }
        )
    ]


ROWS = [("A-1", 100, date(2026, 1, 31)), ("=1+1", None, date(2024, 2, 29)), ("贷款", 3, date(2026, 2, 1))]
COLUMNS = ["Loan", "Principal", "Disbursed"]


def test_csv_states_its_header_and_holds_every_row():
    text = export.csv_file(HEADER, COLUMNS, batches(*ROWS)).decode("utf-8-sig")
    lines = text.split("\r\n")
    assert lines[:2] == ["# Metric: Default rate", "# Filters: bronze, silver"]
    assert list(csv.reader(io.StringIO("\n".join(lines[2:])))) == [
        COLUMNS,
        ["A-1", "100", "2026-01-31"],
        ["'=1+1", "", "2024-02-29"],
        ["贷款", "3", "2026-02-01"],
    ]


def test_excel_splits_long_lists_over_sheets_and_keeps_types():
    made = export.excel_file(HEADER, COLUMNS, batches(*ROWS), about="About", rows_per_sheet=3)
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["About", "1", "2"]
    assert [cell.value for cell in book["About"]["B"]] == ["Default rate", "bronze,\nsilver"]
    first = list(book["1"].values)
    assert first[0] == tuple(COLUMNS)
    assert first[1][:2] == ("A-1", 100)
    assert first[1][2].date() == date(2026, 1, 31)
    assert book["1"]["A3"].data_type == "s", "a text that looks like a formula stays a text"
    assert first[2][1] is None
    assert [row[0] for row in book["2"].values] == ["Loan", "贷款"]


def test_no_rows_still_gives_columns():
    assert export.csv_file([], COLUMNS, []).decode("utf-8-sig") == "Loan,Principal,Disbursed\r\n"
    book = openpyxl.load_workbook(io.BytesIO(export.excel_file([], COLUMNS, batches(), about="About")))
    assert list(book["1"].values) == [tuple(COLUMNS)]
