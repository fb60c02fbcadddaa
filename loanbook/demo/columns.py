"""From the simulation's columns to Arrow tables of the contract's types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Numeric, SmallInteger

from loanbook.demo.draw import NONE, Ints
from loanbook.schema import metadata

_SHANGHAI_SECONDS = 8 * 3600  # ahead of UTC all year


@dataclass(frozen=True)
class Coded:
    """A text column as codes into its few values; a negative code is missing."""

    codes: npt.NDArray[Any]
    values: Sequence[str]


Source: TypeAlias = npt.NDArray[Any] | Coded | pa.Array


def table(name: str, columns: Mapping[str, Source]) -> pa.Table:
    """One table of the contract as Arrow; columns that are left out must be optional and are null.

    Money is decimal128(14, 2), rates decimal128(9, 6), instants timestamp[us] in UTC, dates date32, few-valued texts
    dictionaries.
    """
    contract = metadata.tables[name].columns
    unknown = set(columns) - {column.name for column in contract}
    missing = {column.name for column in contract if not column.nullable} - set(columns)
    if unknown or missing:
        raise ValueError(f"{name}: unknown columns {sorted(unknown)}, missing columns {sorted(missing)}")
    rows = max((len(c.codes) if isinstance(c, Coded) else len(c) for c in columns.values()), default=0)
    arrays = {
        column.name: _array(columns[column.name], column.type)
        if column.name in columns
        else pa.nulls(rows, _arrow_type(column.type))
        for column in contract
    }
    return pa.table(arrays)


def empty(name: str) -> pa.Table:
    """A table of the contract without rows."""
    return pa.table({c.name: pa.nulls(0, _arrow_type(c.type)) for c in metadata.tables[name].columns})


def fixed_text(characters: npt.NDArray[np.uint8]) -> pa.Array:
    """Texts of one length from a matrix of character codes, a row each."""
    rows, width = characters.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int64)
    data = np.ascontiguousarray(characters)
    return pa.Array.from_buffers(pa.large_string(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(data)]).cast(
        pa.string()
    )


def digits(numbers: Ints, width: int) -> npt.NDArray[np.uint8]:
    """The decimal digits of numbers, leading zeros kept, as character codes: one row each."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def prefixed(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """Texts such as LA00001234."""
    lead = np.broadcast_to(np.frombuffer(prefix.encode(), dtype=np.uint8), (len(numbers), len(prefix)))
    return fixed_text(np.concatenate([lead, digits(numbers, width)], axis=1))


def fen_of(money: pa.Array) -> Ints:
    """The fen of a money column without nulls; the reverse of what `table` does."""
    combined = money.combine_chunks() if isinstance(money, pa.ChunkedArray) else money
    low = np.frombuffer(combined.buffers()[1], dtype=np.int64)[::2]
    return low[combined.offset : combined.offset + len(combined)]


def _arrow_type(type_: Any) -> pa.DataType:
    if isinstance(type_, Numeric):
        return pa.decimal128(type_.precision, type_.scale)
    for kind, arrow in (
        (SmallInteger, pa.int16()),
        (BigInteger, pa.int64()),
        (Integer, pa.int32()),
        (Boolean, pa.bool_()),
        (DateTime, pa.timestamp("us")),
        (Date, pa.date32()),
    ):
        if isinstance(type_, kind):
            return arrow
    return pa.string()


def _array(source: Source, type_: Any) -> pa.Array:
    if isinstance(source, Coded):
        codes = source.codes.astype(np.int8)
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(source.values, pa.string()))
    if isinstance(source, pa.Array):
        return source.cast(_arrow_type(type_))
    missing = source == NONE if source.dtype.kind == "i" else np.zeros(len(source), dtype=bool)
    mask = missing if missing.any() else None
    known = np.where(missing, 0, source) if mask is not None else source
    if isinstance(type_, Numeric):
        whole = known if source.dtype.kind == "i" else np.rint(known * 10 ** (type_.scale or 0)).astype(np.int64)
        return _decimal(whole, mask, _arrow_type(type_))
    if isinstance(type_, DateTime):
        return pa.array((known - _SHANGHAI_SECONDS) * 1_000_000, mask=mask).view(pa.timestamp("us"))
    if isinstance(type_, Date):
        return pa.array(known.astype(np.int32), mask=mask).view(pa.date32())
    return pa.array(known, mask=mask).cast(_arrow_type(type_))


def _decimal(whole: Ints, mask: npt.NDArray[np.bool_] | None, type_: pa.DataType) -> pa.Array:
    """Scaled integers as decimals: the low word is the integer, the high word its sign."""
    words = np.empty((len(whole), 2), dtype=np.int64)
    words[:, 0] = whole
    words[:, 1] = words[:, 0] >> 63
    valid = None if mask is None else pa.py_buffer(np.packbits(~mask, bitorder="little"))
    return pa.Array.from_buffers(type_, len(whole), [valid, pa.py_buffer(words)])
