"""Days and months as integers, as settlement and ageing count them in numpy, and the way back to dates."""

import numpy as np
import pyarrow as pa

from loanbook.settlement import Ints

_ORDINAL_OF_1970 = 719_163  # `constructs.ordinal` of 1970-01-01, from which numpy and Arrow count


def dates(ordinals: Ints, none: int | None = None) -> pa.Array:
    """Days as dates; the day `none` is null."""
    days = pa.array((ordinals - _ORDINAL_OF_1970).astype(np.int32), mask=None if none is None else ordinals == none)
    return days.view(pa.date32())


def month_ends(month_no: Ints) -> Ints:
    """The last days of months, which are counted from the year 0 (`constructs.month_number`)."""
    if not len(month_no):
        return month_no
    first = int(month_no.min())
    following = np.arange(first + 1, int(month_no.max()) + 2) - 1970 * 12
    days = following.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + _ORDINAL_OF_1970 - 1
    return days[month_no - first]


def month_numbers(day: Ints) -> Ints:
    """The months of days, counted from the year 0."""
    each = (day - _ORDINAL_OF_1970).astype("datetime64[D]")
    return each.astype("datetime64[M]").astype(np.int64) + 1970 * 12
