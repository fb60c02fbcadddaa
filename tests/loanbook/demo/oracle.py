"""A plain-pandas reading of a book, independent of the product: its defaults from instalments and repayments alone."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa


def frames(tables):
    """Each Arrow table as pandas, money in fen, instants on the Asia/Shanghai clock."""
    result = {}
    for name, table in tables.items():
        frame = pd.DataFrame(index=range(len(table)))
        for column in table.column_names:
            values, kind = table.column(column), str(table.schema.field(column).type)
            if kind.startswith("decimal128"):
                values = values.cast(pa.float64()).to_pandas()
                frame[column] = (values * 100).round() if kind == "decimal128(14, 2)" else values
                continue
            values = values.to_pandas()
            if kind.startswith("timestamp"):
                values = values + pd.Timedelta(hours=8)
            elif kind.startswith("date32"):
                values = pd.to_datetime(values)
            elif kind.startswith("dictionary"):
                values = values.astype(object)
            frame[column] = values
        result[name] = frame
    return result


def settlement(book):
    """Each instalment with the day on which it was settled (NaT: not yet), oldest due paid first."""
    due = book["instalment"].sort_values(["loan_id", "number"]).copy()
    due["owed"] = (due.principal_due + due.interest_due + due.fee_due).groupby(due.loan_id).cumsum()
    paid = book["repayment"][book["repayment"].amount > 0].sort_values(["loan_id", "paid_at"]).copy()
    paid["total"] = paid.groupby("loan_id").amount.cumsum()
    # The first payment that brings the running total up to what was owed through the instalment settles it.
    settled = pd.merge_asof(
        due.sort_values("owed"),
        paid.drop_duplicates(["loan_id", "total"]).sort_values("total")[["loan_id", "total", "paid_at"]],
        left_on="owed", right_on="total", by="loan_id", direction="forward",
    )  # fmt: skip
    closed = settled.loan_id.map(book["loan"].set_index("id").closed_at.dt.normalize())
    settled["settled_on"] = settled.paid_at.dt.normalize().fillna(closed)
    return settled[["loan_id", "number", "due_on", "settled_on"]]


def first_default(book, as_of, days=90):
    """Each loan's first day more than `days` past due (NaT: none by as_of)."""
    settled = settlement(book)
    defaulted_on = settled.due_on + pd.Timedelta(days=days + 1)
    # A payment of that very day still counts: it is dated no later than the day.
    hit = (settled.settled_on.isna() | (settled.settled_on > defaulted_on)) & (defaulted_on <= pd.Timestamp(as_of))
    return defaulted_on.where(hit).groupby(settled.loan_id).min()


def month_states(book, as_of):
    """One row per loan and month end while it is open, by the schedule as it stands: month, days past due."""
    loan = book["loan"]
    last = pd.Period(as_of + timedelta(days=1), "M") - 1
    end = loan.closed_at.fillna(loan.written_off_at).dt.to_period("M") - 1
    first = loan.disbursed_at.dt.to_period("M")
    months = _exploded(loan.id, first, end.fillna(last).where(lambda m: m <= last, last))
    settled = settlement(book)
    due = settled.due_on.dt.to_period("M")
    # At the end of the month in which it is due, unless it is due on that very day; until the month before it is paid.
    first = due.where(settled.due_on.dt.days_in_month > settled.due_on.dt.day, due + 1)
    until = (settled.settled_on.dt.to_period("M") - 1).fillna(last)
    unpaid = _exploded(settled.loan_id, first, until.where(until <= last, last), due_on=settled.due_on)
    late = (unpaid.month.dt.end_time.dt.normalize() - unpaid.due_on).dt.days
    worst = late.groupby([unpaid.loan_id, unpaid.month]).max().rename("days_past_due")
    states = months.merge(worst.reset_index(), on=["loan_id", "month"], how="left")
    return states.fillna({"days_past_due": 0}).sort_values(["loan_id", "month"])


def roll_forward(states):
    """Of the loans in each bucket at a month end, the share that is one bucket worse at the next."""
    bucket = np.searchsorted([0, 30, 60, 90], states.days_past_due.to_numpy(), side="left")
    names = np.array(["M0", "M1", "M2", "M3", "M3+"])
    rows = states.assign(bucket=bucket)
    following = rows.groupby("loan_id").bucket.shift(-1)
    known = rows[rows.month < rows.month.max()]
    worse = (following[known.index] == known.bucket + 1).groupby(known.bucket).mean()
    return {names[k]: rate for k, rate in worse.items() if k < 4}


def _exploded(loan_id, first, last, **columns):
    """One row per month from the first to the last."""
    count = (last.astype("int64") - first.astype("int64") + 1).clip(lower=0).to_numpy()
    row = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    month = pd.PeriodIndex.from_ordinals(first.astype("int64").to_numpy()[row] + step, freq="M")
    kept = {name: column.to_numpy()[row] for name, column in columns.items()}
    return pd.DataFrame({"loan_id": loan_id.to_numpy()[row], "month": month, **kept})


def loans(book, as_of):
    """One row per loan with its segments, observed and defaulted within twelve months."""
    loan = book["loan"].merge(
        book["member"][["id", "province", "referred_by_id"]].rename(columns={"id": "member_id"}), on="member_id"
    )
    loan["product"] = loan.product_id.map(book["product"].set_index("id").code)
    loan["disbursed_on"] = loan.disbursed_at.dt.normalize()
    loan["defaulted_on"] = loan.id.map(first_default(book, as_of))
    year_on = loan.disbursed_on + pd.DateOffset(months=12)
    loan["observed"] = year_on <= pd.Timestamp(as_of)
    loan["defaulted"] = loan.defaulted_on <= year_on
    return loan.sort_values(["disbursed_on", "id"])


def newest_mature_months(loan, as_of, months=12):
    """Loans of the newest whole disbursement months of which every loan was observed twelve months."""
    last = pd.Period(as_of, "M")
    while (last.to_timestamp(how="end").normalize() + pd.DateOffset(months=12)) > pd.Timestamp(as_of):
        last -= 1
    month = loan.disbursed_on.dt.to_period("M")
    return loan[(month <= last) & (month > last - months)]


def rates(loan, by):
    """Borrowers and those who defaulted, on each borrower's earliest loan in the segment."""
    first = loan.drop_duplicates([*by, "member_id"])
    first = first[first.observed]
    if not by:
        return len(first), int(first.defaulted.sum()), float(first.defaulted.mean())
    parts = first.groupby(by).defaulted.agg(["size", "sum"])
    return parts.rename(columns={"size": "borrowers", "sum": "defaulted"}).assign(
        rate=lambda p: p.defaulted / p.borrowers.replace(0, np.nan)
    )
