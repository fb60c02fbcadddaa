"""What is expected to be lost of loans that are late, by how late they are: from how the book's loans have rolled."""

from datetime import date

import duckdb
import pandas as pd
from sqlalchemy import String, cast, func, insert, select

from loanbook.constructs import compiled
from loanbook.members.worth_schema import loss_expected
from loanbook.snapshot_schema import BUCKETS, loan_month
from loanbook.working import create_tables, run
from rules import calendar
from rules.calendar import newest_month_end
from rules.loss_forecast import absorbing
from rules.roll_rates import MONTHS_BEFORE

MILLION = 1_000_000


def fill(snapshot: duckdb.DuckDBPyConnection, as_of: date) -> dict[str, int]:
    """Fill `loss_expected`; the millionths of each bucket.

    Formula: P(written off in the end) of a loan in the bucket, by the rolls of the newest twelve month ends, as
    `rules.loss_forecast.absorbing`; of a loan that is not late nothing is expected to be lost yet, and nothing where
    the rolls don't tell.
    Source: metrics.md, "expected loss".
    """
    create_tables(snapshot, loss_expected.name)
    newest = newest_month_end(as_of)
    months = [calendar.last_of_month(calendar.add_months(newest, -back)) for back in range(MONTHS_BEFORE)]
    month = loan_month.c
    rolls = (
        select(
            month.month_end,
            cast(month.previous_bucket, String).label("previous_bucket"),
            cast(month.bucket, String).label("bucket"),
            func.count().label("loans"),
        )
        .where(month.month_end >= min(months), month.previous_bucket.is_not(None))
        .group_by(month.month_end, month.previous_bucket, month.bucket)
    )
    text, values = compiled(rolls)
    parts: pd.DataFrame = snapshot.execute(text, values).df()
    found = absorbing(parts.assign(previous_outstanding_fen=0, outstanding_fen=0, rescheduled=0), months)
    lost = found.set_index("bucket")["written_off"].fillna(0.0)
    millionths = {bucket: 0 if bucket == BUCKETS[0] else round(float(lost[bucket]) * MILLION) for bucket in BUCKETS}
    rows = [{"bucket": bucket, "millionths": each} for bucket, each in millionths.items()]
    run(snapshot, insert(loss_expected).values(rows))
    return millionths
