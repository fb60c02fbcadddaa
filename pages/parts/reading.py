"""How pages read: all that is shown at once, a sentence where that fails, and every row of a statement for a file."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol

import pandas as pd
import pyarrow as pa

from components import access, downloads, parts, states
from components import view as views
from components.language import _
from components.parts import Part
from components.view import View
from queries import exits
from queries.faults import ReadError
from queries.read import Statement, read_all, stream
from queries.running import new_run

Frames = dict[str, pd.DataFrame]


class Drawn(Protocol):
    """A part of a page, such as a module of this folder."""

    def asked(self, shown: View) -> Mapping[str, Statement]:
        """The statements of what is shown."""

    def draw(self, shown: View, frames: Frames) -> None:
        """Draw the part from what they return."""


def one_part(page: str, offered: tuple[Part, ...], note: str, drawn: Mapping[str, Drawn], shown: View) -> None:
    """The switch between the parts of a page, and the part that is chosen, of which alone is read."""
    parts.switch(offered, note)
    part = drawn[parts.chosen(offered)]
    found = frames(page, shown, part.asked(shown))
    if found is not None:
        part.draw(shown, found)


def frames(page: str, shown: View, asked: Mapping[str, Statement]) -> Frames | None:
    """What the statements return under their names; None where they can't be read, and a state says why."""
    try:
        return read_all(asked, shown.book.snapshot_id, new_run(views.session(), page), limit=exits.MOST_CELLS)
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))
        return None


def rows(page: str, shown: View, statement: Statement) -> downloads.Batches:
    """All rows of a statement, read when they are asked for, by who still sees the page then."""
    return partial(checked, statement, shown.book.snapshot_id, access.guard(page))


def checked(statement: Statement, snapshot_id: str, check: Callable[[], None]) -> Iterator[pa.RecordBatch]:
    """All rows of a statement; `check` raises for who may not have them."""
    check()
    return stream(statement, snapshot_id)
