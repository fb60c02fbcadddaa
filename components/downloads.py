"""Buttons that hand rows over as files, built when they are asked for, each stating what its rows are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa
import streamlit as st

from components import export
from components.language import _, speaking
from components.view import View

_KINDS = {
    "csv": ("CSV", "text/csv"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}

Facts = Callable[[], export.Header]  # what is stated of the rows, in the language of the moment
Batches = Callable[[], Iterable[pa.RecordBatch]]


Record = Callable[[str, str, dict[str, str | int]], None]  # whose file, what its rows are, what else is known of it

_records: list[Record] = []


def use(record: Record) -> None:
    """Put every file on record by this before it is handed over."""
    _records[:] = [record]


def buttons(
    key: str, name: str, shown: View, facts: Facts, columns: Sequence[str], stream: Batches, *, of_snapshot: bool = True
) -> None:
    """Draw a button for each kind of file. `name` begins the file's name; `stream` checks the role first.

    A file holds the rows of the snapshot that is on the screen, whose id its name and its head carry; what is not of
    the book says so by `of_snapshot`.
    """
    for kind, (label, mime) in _KINDS.items():
        st.download_button(
            label,
            data=lambda kind=kind: file(kind, name, shown, facts, columns, stream, of_snapshot=of_snapshot),
            file_name=f"{name}-{shown.book.snapshot_id}.{kind}" if of_snapshot else f"{name}.{kind}",
            mime=mime,
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"{key}-{kind}",
        )


def table_button(key: str, shown: View, facts: Facts, rows: pd.DataFrame, check: Callable[[], None]) -> None:
    """Draw the button that hands over a table as Excel as it stands on the screen. check: raises for who may not."""

    def batches() -> Iterator[pa.RecordBatch]:
        check()
        yield pa.RecordBatch.from_pandas(rows, preserve_index=False)

    name = f"{shown.page}-{key}"
    st.download_button(
        _("This table"),
        data=lambda: file("xlsx", name, shown, facts, list(rows.columns), batches),
        file_name=f"{name}-{shown.book.snapshot_id}.xlsx",
        mime=_KINDS["xlsx"][1],
        icon=":material/table_view:",
        help=_("This table as it stands here, as Excel"),
        type="tertiary",
        on_click="ignore",
        key=f"table-file-{key}",
    )


def file(
    kind: str,
    name: str,
    shown: View,
    facts: Facts,
    columns: Sequence[str],
    stream: Batches,
    *,
    of_snapshot: bool = True,
) -> bytes:
    """The file, in the language of the screen on which it was asked for; it is on record when it is handed over."""
    counted = _Counted(stream())
    with speaking(shown.language):
        header = [*facts(), *(origin(shown) if of_snapshot else [])]
        if kind == "csv":
            made = export.csv_file(header, columns, counted)
        else:
            made = export.excel_file(header, columns, counted, about=_("About"))
    if not _records:
        raise RuntimeError("components.downloads.use(record) was not called")
    about = {"file": kind, "rows": counted.rows, "snapshot": shown.book.snapshot_id, "link": shown.link}
    _records[0](shown.staff_email, name, about)
    return made


@dataclass
class _Counted:
    """Batches, and how many rows have gone through."""

    batches: Iterable[pa.RecordBatch]
    rows: int = field(default=0)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self.batches:
            self.rows += batch.num_rows
            yield batch


def origin(shown: View) -> export.Header:
    """Where rows come from: the book, its day, the snapshot, and a link that opens the page on it again."""
    return [
        (_("Book"), shown.book.name),
        (_("As of"), shown.book.as_of.isoformat()),
        (_("Snapshot"), shown.book.snapshot_id),
        (_("Opens again at"), shown.link),
    ]
