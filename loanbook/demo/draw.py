"""Seeded draws and calendar arithmetic on whole columns.

Within the simulation an instant is seconds since 1970 on the Asia/Shanghai clock, a date is days since 1970, money is
fen and a missing value is `NONE`; `columns` turns them into the contract's types.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from rules import calendar

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NONE = -(2**62)  # a missing instant, date, amount or key
NEVER = 2**61  # an instant that will not come
DAY = 86_400
HOUR = 3_600
HISTORY_MONTHS = 42

# Share of visits by hour of the day: few at night, most around lunch and in the evening.
_VISITS = (2, 1, 1, 1, 1, 2, 6, 14, 28, 42, 50, 48, 52, 46, 42, 44, 44, 40, 42, 50, 58, 54, 34, 12)


class Streams:
    """One independent random stream per purpose, so that a draw more in one place changes no other."""

    def __init__(self, seed: int, chunk: int) -> None:
        self._seed = seed
        self._chunk = chunk

    def __call__(self, *purpose: str | int) -> np.random.Generator:
        """The stream of a purpose; the same purpose always starts anew."""
        name = "/".join(str(part) for part in purpose).encode()
        return np.random.default_rng([self._seed, self._chunk, zlib.crc32(name)])


@dataclass(frozen=True)
class Window:
    """The days that the book covers."""

    as_of: date

    @property
    def start_day(self) -> int:
        """The first day, in days since 1970."""
        return day_number(calendar.add_months(self.as_of, -HISTORY_MONTHS))

    @property
    def end_day(self) -> int:
        """The day after the last closed day: the running day."""
        return day_number(self.as_of) + 1

    @property
    def end(self) -> int:
        """The first second after the last closed day."""
        return self.end_day * DAY


def day_number(day: date) -> int:
    """A date as days since 1970."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def pick(uniform: Floats, shares: Sequence[float] | Floats) -> Ints:
    """The position in `shares` that each uniform number falls on, in proportion to the shares."""
    edges = np.cumsum(np.asarray(shares, dtype=float))
    result: Ints = np.searchsorted(edges[:-1] / edges[-1], uniform, side="right")
    return result


def pick_by_row(uniform: Floats, shares: Sequence[Sequence[float]], rows: Ints) -> Ints:
    """As `pick`, each number by the row of a table of shares that is its own."""
    table = np.asarray(shares, dtype=float)
    edges = np.cumsum(table, axis=1)[:, :-1] / table.sum(axis=1, keepdims=True)
    result: Ints = (uniform[:, None] >= edges[rows]).sum(axis=1)
    return result


def visit_seconds(uniform: Floats) -> Ints:
    """Seconds after midnight at which people use the app."""
    edges = np.concatenate([[0.0], np.cumsum(_VISITS) / sum(_VISITS)])
    return np.interp(uniform, edges, np.arange(25) * HOUR).astype(np.int64)


def office_instant(earliest: Ints, uniform: Floats) -> Ints:
    """The next instant within staffed hours (09:00-18:00, Monday to Saturday) that is later than the earliest."""
    of_day = 9 * HOUR + (uniform * 9 * HOUR).astype(np.int64)
    day = earliest // DAY
    day = day + (day * DAY + of_day <= earliest)
    sunday = (day + 3) % 7 == 6  # 1970-01-01 was a Thursday
    result: Ints = (day + sunday) * DAY + of_day
    return result


def add_months(days: Ints, months: Ints | int) -> Ints:
    """The same day so many months on, or that month's last day where it is shorter."""
    as_days = days.astype("datetime64[D]")
    month = as_days.astype("datetime64[M]")
    of_month = (as_days - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.asarray(months).astype("timedelta64[M]")
    first = target.astype("datetime64[D]").astype(np.int64)
    length = (target + 1).astype("datetime64[D]").astype(np.int64) - first
    result: Ints = first + np.minimum(of_month, length - 1)
    return result


def month_of_year(days: Ints) -> Ints:
    """0 for January to 11 for December."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12


def systematic(probability: Floats, order: Ints, cells: Ints, uniform: Floats) -> Bools:
    """A sample with given inclusion probabilities; its count in any stretch of a cell is within one of expectation.

    Rows are taken in `order` within each cell; `uniform` holds a random start for each cell. So what is planted shows
    in a small book too, while each row's own probability is exactly the one asked for.
    """
    rows = np.lexsort((order, cells))
    cell = cells[rows]
    total = np.cumsum(probability[rows])
    first = np.concatenate([[True], cell[1:] != cell[:-1]]) if len(rows) else np.zeros(0, bool)
    before = (total - probability[rows])[first]
    group = np.cumsum(first) - 1
    within = total - before[group] + uniform[cell]
    taken = np.floor(within) > np.floor(within - probability[rows])
    result = np.zeros(len(rows), dtype=bool)
    result[rows] = taken
    return result


def take(values: Sequence[Any], codes: Ints) -> npt.NDArray[Any]:
    """A small table's entry for each code."""
    return np.asarray(values)[codes]
