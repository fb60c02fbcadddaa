"""Parts of month ends as `queries.months.transitions` returns them, drawn by hand."""

import pandas as pd

COLUMNS = [
    "month_end",
    "previous_bucket",
    "bucket",
    "loans",
    "previous_outstanding_fen",
    "outstanding_fen",
    "rescheduled",
]


def parts(*rows):
    """rows: month end ("2026-03-31"), bucket before ("" without) and now, loans; fen before and now, if any."""
    filled = [(*row, *[0] * (len(COLUMNS) - len(row))) for row in rows]
    return pd.DataFrame(filled, columns=COLUMNS).astype({"month_end": "datetime64[us]"})
