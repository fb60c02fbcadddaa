"""Buttons that hand rows over as files, built when they are asked for, each stating what its rows are."""

from collections.abc import Callable, Iterable, Sequence

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


def buttons(key: str, name: str, shown: View, facts: Facts, columns: Sequence[str], stream: Batches) -> None:
    """Draw a button for each kind of file. `name` begins the file's name; `stream` checks the role first.

    A file holds the rows of the snapshot that is on the screen, whose id its name and its head carry.
    """
    for kind, (label, mime) in _KINDS.items():
        st.download_button(
            label,
            data=lambda kind=kind: file(kind, shown, facts, columns, stream),
            file_name=f"{name}-{shown.book.snapshot_id}.{kind}",
            mime=mime,
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"{key}-{kind}",
        )


def file(kind: str, shown: View, facts: Facts, columns: Sequence[str], stream: Batches) -> bytes:
    """The file, in the language of the screen on which it was asked for."""
    batches = stream()
    with speaking(shown.language):
        header = [*facts(), *origin(shown)]
        if kind == "csv":
            return export.csv_file(header, columns, batches)
        return export.excel_file(header, columns, batches, about=_("About"))


def origin(shown: View) -> export.Header:
    """Where rows come from: the book, its day, the snapshot, and a link that opens the page on it again."""
    return [
        (_("Book"), shown.book.name),
        (_("As of"), shown.book.as_of.isoformat()),
        (_("Snapshot"), shown.book.snapshot_id),
        (_("Opens again at"), shown.link),
    ]
