"""How the balance of each ageing bucket came from one month end to the next, summing exactly."""

from datetime import date

import pandas as pd

from rules import calendar
from rules.ageing import BUCKETS, PAID_OFF, WRITTEN_OFF

FLOWS = ("lent_fen", "came_fen", "left_fen", "paid_off_fen", "written_off_fen", "repaid_fen", "unseen_fen")


def walk(transitions: pd.DataFrame, month_end: date) -> pd.DataFrame:
    """The balance of each bucket at the month end before, what moved it, and at the month end.

    transitions: `queries.months.transitions` of both month ends. Grain: one row per bucket, in their order, those
    without loans too.
    Columns, each in fen with the sign by which it moves the balance: bucket; opening_fen; lent_fen (loans in their
    first month); came_fen, left_fen (principal, as at the month end before, of loans that came from another bucket, or
    went to one); paid_off_fen, written_off_fen (of loans that left the book); repaid_fen (what loans that stayed
    repaid, in the bucket in which they are now); unseen_fen (loans without a row at one of both month ends);
    closing_fen.
    Formula: opening + lent + came + left + paid off + written off + repaid + unseen = closing, in each row; came and
    left sum to 0 over all rows.
    Source: metrics.md, "roll rate", traps 5 and 6.
    """
    before = pd.Timestamp(calendar.last_of_month(calendar.add_months(calendar.first_of_month(month_end), -1)))
    earlier = transitions.loc[transitions["month_end"] == before]
    rows = transitions.loc[transitions["month_end"] == pd.Timestamp(month_end)]
    then, now, was, is_ = "previous_outstanding_fen", "outstanding_fen", rows["previous_bucket"], rows["bucket"]
    here, known = is_.isin(BUCKETS), was.isin(BUCKETS)
    stays, moves = here & known & (was == is_), here & known & (was != is_)
    opening = _by(earlier, "bucket", now)
    found = pd.DataFrame(
        {
            "opening_fen": opening,
            "lent_fen": _by(rows.loc[here & ~known], "bucket", now),
            "came_fen": _by(rows.loc[moves], "bucket", then),
            "left_fen": -_by(rows.loc[moves], "previous_bucket", then),
            "paid_off_fen": -_by(rows.loc[known & (is_ == PAID_OFF)], "previous_bucket", then),
            "written_off_fen": -_by(rows.loc[known & (is_ == WRITTEN_OFF)], "previous_bucket", then),
            "repaid_fen": _by(rows.loc[stays | moves], "bucket", now) - _by(rows.loc[stays | moves], "bucket", then),
            "unseen_fen": _by(rows.loc[known], "previous_bucket", then) - opening,
            "closing_fen": _by(rows, "bucket", now),
        }
    )
    return found.rename_axis("bucket").reset_index()


def _by(rows: pd.DataFrame, bucket: str, fen: str) -> "pd.Series[int]":
    return rows.groupby(bucket)[fen].sum().reindex(list(BUCKETS), fill_value=0).astype("int64")
