"""What importers read with: a CSV all of whose faults are told at once, each with its row and column."""

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

SHOWN_FAULTS = 20
_SHOWN_CHARACTERS = 40
_GZIP_MAGIC = b"\x1f\x8b"
_OFFSET = r"T\d.*(?:Z|[+-]\d\d:?\d\d)$"  # an instant that says which zone its clock shows
_LARGEST = 1e12  # money has twelve digits before the point


class ImportFault(ValueError):  # noqa: N818, the word of the trade: the fault is the file's
    """A file can't be imported. The message has a sentence for each fault, by row; nothing was written."""


@dataclass
class Sheet:
    """The rows of a CSV as text. Reading a column notes its faults; `finish` raises them all."""

    file: Path
    rows: pd.DataFrame  # indexed by row as a spreadsheet counts: the header is row 1
    _faults: list[tuple[int, str]] = field(default_factory=list)
    _count: int = 0

    def text(self, column: str, *, optional: bool = False) -> "pd.Series[Any]":
        """The values of a column; null where empty."""
        values = self.rows[column]
        if not optional:
            self.note(values.isna(), column, "is empty")
        return values

    def number(self, column: str, *, optional: bool = False, negative: bool = False) -> "pd.Series[Any]":
        """The numbers of a column; null where empty or faulty."""
        values = self.text(column, optional=optional)
        numbers = pd.to_numeric(values, errors="coerce").astype("float64")
        odd = values.notna() & ~np.isfinite(numbers)
        large = ~odd & (numbers.abs() >= _LARGEST)
        below_zero = ~odd & (numbers < 0) & (not negative)
        self.note(odd, column, "{value} is not a number")
        self.note(large, column, "{value} is too large")
        self.note(below_zero, column, "{value} is negative")
        return numbers.mask(odd | large | below_zero)

    def whole(self, column: str, *, optional: bool = False, minimum: int = 0) -> "pd.Series[Any]":
        """The whole numbers of a column; null where empty or faulty."""
        numbers = self.number(column, optional=optional)
        broken, small = numbers % 1 > 0, numbers < minimum
        self.note(broken, column, "{value} is not a whole number")
        self.note(small & ~broken, column, f"{{value}} is less than {minimum}")
        return numbers.mask(broken | small).astype("Int64")

    def day(self, column: str, *, optional: bool = False) -> "pd.Series[Any]":
        """The dates of a column, written as 2011-12-31; null where empty or faulty."""
        values = self.text(column, optional=optional)
        days = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
        self.note(values.notna() & days.isna(), column, "{value} is not a date such as 2011-12-31")
        return days

    def instant(self, column: str, *, optional: bool = False) -> "pd.Series[Any]":
        """The instants of a column, written with their offset, as 2011-12-31T23:59:00+08:00, in naive UTC."""
        values = self.text(column, optional=optional)
        told = values.where(values.str.contains(_OFFSET, na=False))
        instants = pd.to_datetime(told, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
        self.note(
            values.notna() & instants.isna(), column, "{value} is not an instant such as 2011-12-31T23:59:00+08:00"
        )
        return instants

    def code(self, column: str, meanings: Mapping[str, Any]) -> "pd.Series[Any]":
        """What the values of a column mean; null where empty or unknown."""
        values = self.text(column)
        unknown = values.notna() & ~values.isin(list(meanings))
        self.note(unknown, column, f"{{value}} is none of: {'; '.join(meanings)}")
        return values.map(meanings)

    def key(self, column: str) -> "pd.Series[Any]":
        """The whole numbers of a column that names each row; none twice."""
        keys = self.whole(column)
        first = keys.drop_duplicates().dropna()
        earlier = keys.map(pd.Series(first.index, index=first.to_numpy())).astype("Int64")
        self.note(keys.duplicated() & keys.notna(), column, "{value} already stands in row {other}", other=earlier)
        return keys

    def note(
        self, faulty: "pd.Series[bool]", column: str, sentence: str, *, other: "pd.Series[Any] | None" = None
    ) -> None:
        """Add a fault for each row that is faulty; `{value}` stands for what the file says there."""
        rows = self.rows.index[faulty.fillna(value=False)]
        self._count += len(rows)
        for row in rows[:SHOWN_FAULTS]:  # no more than these can be shown
            value = repr(str(self.rows.loc[row, column])[:_SHOWN_CHARACTERS])
            told = sentence.format(value=value, other=None if other is None else other[row])
            self._faults.append((row, f"row {row}, column {column}: {told}"))

    def finish(self) -> None:
        """Raise what has been noted, by row."""
        if not self._count:
            return
        told = [sentence for _, sentence in sorted(self._faults)[:SHOWN_FAULTS]]
        more = [f"and {self._count - len(told)} more"] if self._count > len(told) else []
        listed = "".join(f"\n  {sentence}." for sentence in told + more)
        raise ImportFault(f"The file {self.file} has {self._count} fault(s), so nothing was imported:{listed}")


def open_csv(file: Path, columns: tuple[str, ...]) -> Sheet:
    """The named columns of a CSV, plain or gzipped, in UTF-8 with one header line; `ImportFault` where it isn't one."""
    odd: dict[int, str] = {}  # rows with too few or too many values

    def skip(row: Any) -> str:
        odd[row.number] = f"{row.actual_columns} values where the header has {row.expected_columns}"
        return "skip"

    try:
        _check_header(file, columns)
        with pa.input_stream(str(file), compression="gzip" if _is_gzip(file) else None) as stream:
            table = pa.csv.read_csv(
                stream,
                pa.csv.ReadOptions(use_threads=False),  # row numbers are counted only so
                pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip),
                pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()),
                    include_columns=list(columns),
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
    except FileNotFoundError:
        raise ImportFault(f"The file {file} does not exist.") from None
    except IsADirectoryError:
        raise ImportFault(f"{file} is a directory; name the CSV file in it.") from None
    except pa.ArrowInvalid as error:
        raise ImportFault(f"The file {file} is not a CSV in UTF-8: {_first_line(error)}.") from None
    except (OSError, EOFError) as error:
        raise ImportFault(f"The file {file} can't be read: {_first_line(error)}.") from None
    faults = [(number, f"row {number}: {told}") for number, told in odd.items()]
    if not table.num_rows and not faults:
        raise ImportFault(f"The file {file} has a header and no rows.")
    numbers = np.setdiff1d(np.arange(2, table.num_rows + len(odd) + 2), list(odd))
    rows = table.to_pandas().set_index(numbers).dropna(how="all")  # blank lines
    return Sheet(file, rows, faults, len(faults))


def _check_header(file: Path, columns: tuple[str, ...]) -> None:
    opened = gzip.open if _is_gzip(file) else Path.open
    with opened(file, "rt", encoding="utf-8-sig", errors="replace", newline="") as stream:
        header = next(csv.reader(stream), [])
    if missing := [name for name in columns if name not in header]:
        raise ImportFault(f"The file {file} lacks the column(s) {', '.join(missing)}; is it the right file?")
    if twice := [name for name in columns if header.count(name) > 1]:
        raise ImportFault(f"The file {file} has more than one column named {', '.join(twice)}.")


def _is_gzip(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(2) == _GZIP_MAGIC


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
