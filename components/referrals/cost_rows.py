"""The rows behind the cost as files: every booking of the loan database, and what was entered and counts."""

from collections.abc import Iterator
from functools import partial

import pandas as pd
import pyarrow as pa

from components import downloads, export
from components.filters.words import members_in_words
from components.language import _
from components.referrals import cost_choices
from components.referrals.cost_figures import Told
from rules import spend_pace
from rules.metrics import METRICS

_KEY = "cost-bookings"
_TEXTS = ("channel", "campaign", "part", "source_id", "member_id", "beneficiary_id")
_BOOKED = pa.schema([("day", pa.date32()), *((name, pa.string()) for name in _TEXTS), ("amount_fen", pa.int64())])


def buttons(told: Told, stream: downloads.Batches) -> None:
    """The buttons of the files. stream: every row of `queries.acquisition.bookings`."""
    rows = partial(export.in_cny, partial(bookings, told, stream))
    downloads.buttons(_KEY, _KEY, told.shown, partial(facts, told), export.cny_columns(_BOOKED.names), rows)


def bookings(told: Told, stream: downloads.Batches) -> Iterator[pa.RecordBatch]:
    """The rows: they add up to the cost of all channels."""
    yield from stream()
    entered = spend_pace.as_bookings(
        told.own, selection=told.selection, channels=told.channels, as_of=told.shown.book.as_of
    )
    nobody = dict.fromkeys(("member_id", "beneficiary_id"), pd.Series(pd.NA, index=entered.index, dtype="string"))
    rows = entered.rename(columns={"fen": "amount_fen"}).assign(source_id="spend_entry", **nobody)
    yield pa.RecordBatch.from_pandas(rows[_BOOKED.names], schema=_BOOKED, preserve_index=False)


def facts(told: Told) -> export.Header:
    """What a file states of its rows."""
    metric = METRICS["cost_per_acquisition"]
    return [
        (_("Metric"), _(metric.name)),
        (_("Definition"), _(metric.definition)),
        (_("Filters"), members_in_words(told.selection, told.shown.filters, told.shown.book)),
        (_("Descendants"), cost_choices.whose()),
    ]
