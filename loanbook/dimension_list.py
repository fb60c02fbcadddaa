"""The list of every dimension's values, by which filters are offered and enums are ordered."""

from collections.abc import Collection, Mapping, Sequence

import duckdb
import pyarrow as pa
from sqlalchemy import column, insert, select, table

from loanbook.snapshot_schema import dimension_value
from loanbook.working import run

Names = Mapping[tuple[str, str], tuple[str, str]]  # of a dimension's value: the lender's English and Chinese name

_LISTED = pa.schema(
    [
        ("subject", pa.string()),
        ("dimension", pa.string()),
        ("position", pa.int32()),
        ("value", pa.string()),
        ("name_en", pa.string()),
        ("name_zh", pa.string()),
        ("varies", pa.bool_()),
    ]
)


def add(
    snapshot: duckdb.DuckDBPyConnection,
    subject: str,
    values: Mapping[str, Sequence[str]],
    names: Names,
    varying: Collection[str] = (),
) -> None:
    """Add the values of dimensions, in their order, to `dimension_value`; `subject` is loan or member."""
    rows = [
        (subject, code, position, value, *names.get((code, value), (None, None)), code in varying)
        for code, held in values.items()
        for position, value in enumerate(held)
    ]
    columns = [column.name for column in dimension_value.columns]
    listed = pa.table({name: [row[place] for row in rows] for place, name in enumerate(columns)}, schema=_LISTED)
    snapshot.register("listed", listed)
    source = table("listed", *(column(name) for name in columns))
    run(snapshot, insert(dimension_value).from_select(columns, select(*source.columns)))
    snapshot.unregister("listed")
