"""What will be lost of the balance that is out now, by two methods: straight down the ladder, and to the very end."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.ageing import BUCKETS, PAID_OFF, STATES, WRITTEN_OFF
from rules.intervals import Floats, rate

_LAST = len(BUCKETS) - 1


def losses(balances: npt.ArrayLike, loss_factors: npt.ArrayLike) -> Floats:
    """The expected loss of each balance; of no balance there is none, whatever its factor.

    Source: OCC, Retail Lending Examination Procedures, appendix G, step 3; vector "occ_roll_rate_step3".
    """
    held, factors = np.asarray(balances, dtype=float), np.asarray(loss_factors, dtype=float)
    expected: Floats = np.where(held == 0, 0.0, held * factors)
    return expected


def forecast(parts: pd.DataFrame, months: Sequence[date]) -> pd.DataFrame:
    """The loss to be expected from forward rolls: what share of a bucket's balance goes on down the ladder each month.

    parts: `queries.months.transitions`; months: the month ends whose rolls are taken together.
    Grain: one row per bucket, M0 to M3+.
    Columns: bucket; balance_fen (at the newest of the months); forward_roll, loss_factor (0-1, nan where the months
    hold no such balance); expected_loss_fen (nan where the factor is and there is a balance).
    Formula: forward_roll = balance that was in the bucket and is in a later one or written off / balance that was in
    it; for M3+, below which there is none, written off / all that left M3+. What stays, cures or is paid off is taken
    not to be lost: it has no second way down. loss_factor = product of the forward rolls from the bucket on.
    Excludes: loans without a bucket at the month end before. A balance roll is no probability.
    Source: metrics.md, "loss forecast", trap 7; OCC, Retail Lending Examination Procedures, appendix G.
    """
    moved = _square(parts, months, "previous_outstanding_fen")
    out = moved.sum(axis=1)
    forward = rate([_later(moved, place) for place in range(_LAST)], out[:_LAST])
    left = out[_LAST] - moved[_LAST, _LAST]
    rolls = np.append(forward, rate(moved[_LAST, STATES.index(WRITTEN_OFF)], left))
    factors = np.cumprod(rolls[::-1])[::-1]
    balance = _balance(parts, months)
    return pd.DataFrame(
        {
            "bucket": BUCKETS,
            "balance_fen": balance,
            "forward_roll": rolls,
            "loss_factor": factors,
            "expected_loss_fen": losses(balance, factors),
        }
    )


def absorbing(parts: pd.DataFrame, months: Sequence[date]) -> pd.DataFrame:
    """The loss to be expected when every loan goes on rolling by the months' rates until it has left for good.

    Grain: one row per bucket, M0 to M3+.
    Columns: bucket; balance_fen (at the newest of the months); of_loans (rolls seen from the bucket); expected_months
    until the loan leaves; paid_off, written_off: the probability that it leaves so (they sum to 1); expected_loss_fen.
    All nan where the months don't tell: a state that can be reached from the bucket has never been left.
    Formula: N = (I - Q)^-1 of the roll rates Q between buckets, by loans; months N 1, probabilities N R; loss =
    P(written off) x balance. The horizon is the end of every loan. It assumes that the rates stay as they are, that
    where a loan goes next depends on its bucket alone, and that the balance of now is what is lost.
    Source: metrics.md, "loss forecast"; Kemeny and Snell 1960, chapter 3.
    """
    counts = _square(parts, months, "loans")
    of_loans = counts.sum(axis=1)
    rates = np.nan_to_num(rate(counts, of_loans[:, None]))
    told = _always_leaves(rates)
    months_until, outcomes = np.full(len(BUCKETS), np.nan), np.full((len(BUCKETS), 2), np.nan)
    if told.any():
        staying = rates[told][:, np.flatnonzero(told)]
        leaving = rates[told][:, [STATES.index(PAID_OFF), STATES.index(WRITTEN_OFF)]]
        answers = np.linalg.solve(np.eye(int(told.sum())) - staying, np.column_stack([np.ones(len(leaving)), leaving]))
        months_until[told], outcomes[told] = answers[:, 0], answers[:, 1:]
    balance = _balance(parts, months)
    return pd.DataFrame(
        {
            "bucket": BUCKETS,
            "balance_fen": balance,
            "of_loans": of_loans.astype(np.int64),
            "expected_months": months_until,
            "paid_off": outcomes[:, 0],
            "written_off": outcomes[:, 1],
            "expected_loss_fen": losses(balance, outcomes[:, 1]),
        }
    )


def total_fen(found: pd.DataFrame) -> float:
    """The expected loss of all buckets; nan where that of some balance can't be told. found: either forecast."""
    return float(found["expected_loss_fen"].sum(skipna=False))


def _square(parts: pd.DataFrame, months: Sequence[date], column: str) -> Floats:
    """Sums of a column by bucket before and state after, as `rules.roll_rates.matrix` counts."""
    rolled = parts.loc[parts["month_end"].isin(pd.to_datetime(list(months)))]
    before, after = (
        pd.Index(states).get_indexer(pd.Index(rolled[name]))
        for states, name in ((BUCKETS, "previous_bucket"), (STATES, "bucket"))
    )
    counted = (before >= 0) & (after >= 0)  # not in a first month, nor after a gap
    square = np.zeros((len(BUCKETS), len(STATES)))
    np.add.at(square, (before[counted], after[counted]), rolled[column].to_numpy(float)[counted])
    return square


def _later(moved: Floats, place: int) -> float:
    return float(moved[place, place + 1 : len(BUCKETS)].sum() + moved[place, STATES.index(WRITTEN_OFF)])


def _balance(parts: pd.DataFrame, months: Sequence[date]) -> npt.NDArray[np.int64]:
    newest = parts.loc[parts["month_end"] == pd.Timestamp(max(months))] if months else parts.iloc[:0]
    place = pd.Index(BUCKETS).get_indexer(pd.Index(newest["bucket"]))
    balance = np.zeros(len(BUCKETS), dtype=np.int64)
    np.add.at(balance, place[place >= 0], newest["outstanding_fen"].to_numpy(np.int64)[place >= 0])
    return balance


def _always_leaves(rates: Floats) -> npt.NDArray[np.bool_]:
    """From which buckets an exit is certain: every state that can be reached can itself reach one."""
    size = len(BUCKETS)
    reach = (rates[:, :size] > 0) | np.eye(size, dtype=bool)
    for _ in BUCKETS:
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    exits = (reach & (rates[:, size:].sum(axis=1) > 0)).any(axis=1)
    certain: npt.NDArray[np.bool_] = ~(reach & ~exits).any(axis=1)
    return certain
