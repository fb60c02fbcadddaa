"""Files that people take along: CSV and Excel, written batch by batch, with a header that says what the rows are."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

EXCEL_ROWS = 1_048_576  # of one sheet, its head included
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Header = Sequence[tuple[str, str]]  # what is stated about the rows: label, text


def csv_file(header: Header, columns: Sequence[str], batches: Iterable[pa.RecordBatch]) -> bytes:
    """The rows as CSV in UTF-8 with a mark that Excel understands; the header stands above as "# label: text" lines."""
    text = io.StringIO()
    text.write("\ufeff")
    for label, value in header:
        text.write(f"# {label}: {' '.join(value.split())}\r\n")
    writer = csv.writer(text)
    writer.writerow(columns)
    for rows in _rows(batches):
        writer.writerows([_shown(value) for value in row] for row in rows)
    return text.getvalue().encode()


def excel_file(
    header: Header,
    columns: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    *,
    about: str,
    rows_per_sheet: int = EXCEL_ROWS,
) -> bytes:
    """The rows as an Excel workbook: a sheet named by `about` with the header, then as many sheets as it takes."""
    with NamedTemporaryFile(suffix=".xlsx") as file:
        book = xlsxwriter.Workbook(
            file.name, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        cover = book.add_worksheet(about[:31])
        cover.set_column(0, 0, 24)
        cover.set_column(1, 1, 100)
        for place, (label, value) in enumerate(header):
            cover.write_string(place, 0, label, bold)
            cover.write_string(place, 1, value)
        sheet, line, sheets = None, rows_per_sheet, 0
        for rows in _rows(batches):
            for row in rows:
                if line >= rows_per_sheet:
                    sheets, line = sheets + 1, 1
                    sheet = _sheet(book, sheets, columns, bold)
                for place, value in enumerate(row):
                    if isinstance(value, date | datetime):
                        sheet.write_datetime(line, place, value, day)
                    elif value is not None:
                        sheet.write(line, place, value)
                line += 1
        if sheet is None:
            _sheet(book, 1, columns, bold)
        book.close()
        return Path(file.name).read_bytes()


def cny_columns(columns: Iterable[str]) -> list[str]:
    """What columns are called once money is in CNY instead of fen."""
    return [f"{column.removesuffix('_fen')}_cny" if column.endswith("_fen") else column for column in columns]


def in_cny(stream: Callable[[], Iterable[pa.RecordBatch]]) -> Iterator[pa.RecordBatch]:
    """The rows with money in CNY instead of fen."""
    return (_in_cny(batch) for batch in stream())


def _in_cny(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        pc.divide(column.cast(pa.float64()), 100.0) if name.endswith("_fen") else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=cny_columns(batch.schema.names))


def _sheet(book: Any, number: int, columns: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet(str(number))
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, bold)
        sheet.set_column(place, place, max(10, len(column) + 2))
    return sheet


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[list[tuple[Any, ...]]]:
    for batch in batches:
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _shown(value: Any) -> Any:
    """A value as CSV holds it; a text that a spreadsheet would run as a formula is led by an apostrophe."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
