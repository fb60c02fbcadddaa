"""Files of spend as people send them: the texts of a CSV or Excel sheet, whatever the program that wrote it."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import PurePath

import openpyxl

from rules.spend import COLUMNS, MOST_ROWS
from rules.text import N_

MOST_BYTES = 5 * 1024 * 1024
_ENCODINGS = ("utf-8-sig", "gb18030")

Table = tuple[list[str], list[list[str]]]  # the first row, and those below it


class SpendFileError(ValueError):
    """A file that can't be read. The message is a sentence for people, to be translated."""


def table(name: str, content: bytes) -> Table:
    """The first sheet of a file as texts; `SpendFileError` where it is none."""
    if len(content) > MOST_BYTES:
        raise SpendFileError(N_("The file is larger than 5 MB; divide it."))
    kind = PurePath(name).suffix.lower()
    if kind == ".csv":
        rows = _csv(content)
    elif kind == ".xlsx":
        rows = _excel(content)
    else:
        raise SpendFileError(N_("Send a CSV or an Excel file (.csv, .xlsx)."))
    rows = [row for row in rows if not (row and row[0].startswith("#"))] if kind == ".csv" else rows
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise SpendFileError(N_("The first row of the file is empty; it has to name the columns."))
    heads = rows[0]
    while heads and not heads[-1].strip():
        heads = heads[:-1]
    return heads, [row[: len(heads)] for row in rows[1:]]


def template() -> bytes:
    """A file with the heads and a row as an example."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerow(["2026-11-20", "7", "creator-08", "post-1", "KOL0008", "media", "estimated", "1200.50", "340"])
    return text.getvalue().encode("utf-8-sig")


def _csv(content: bytes) -> list[list[str]]:
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        separator = max(",;\t", key=text.partition("\n")[0].count)
        try:
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except csv.Error as error:
            raise SpendFileError(N_("The file is no CSV that can be read; save it anew.")) from error
    raise SpendFileError(N_("The file is no CSV that can be read; save it anew."))


def _excel(content: bytes) -> list[list[str]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2, max_col=len(COLUMNS) * 4)
        return [_texts(row) for row in rows]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError) as error:
        raise SpendFileError(N_("The file is no Excel file that can be read; save it anew as .xlsx.")) from error


def _texts(row: Sequence[object]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(round(cell, 6))
    return str(cell)
