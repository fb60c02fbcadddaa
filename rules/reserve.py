"""Whether what is set aside holds what will be lost: against lending, and against two forecasts of the loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from rules import calendar, loss_forecast
from rules.ageing import BUCKETS
from rules.intervals import rate
from rules.roll_rates import MONTHS_BEFORE

MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class SetAside:
    """What was set aside of what was lent in twelve months."""

    first: date
    last: date
    set_aside_fen: int
    lent_fen: int
    ratio: float  # nan where nothing was lent


def covers(transitions: pd.DataFrame, held: pd.DataFrame, ends: Sequence[date], shown: Sequence[date]) -> pd.DataFrame:
    """The reserve at month ends, beside what is expected to be lost by either forecast.

    transitions: `queries.months.transitions` of the whole book, for the reserve is one; held: day, fen of
    `queries.overview.reserve`. ends: every month end of which a roll is known, rising; shown: those that are asked for.
    Grain: one row per month end shown. Columns: month_end; held_fen (sum of movements by then; nan before the first);
    roll_fen, chain_fen (totals of `rules.loss_forecast.forecast` and `absorbing` over the twelve month ends up to
    then; nan where they don't tell); roll_cover, chain_cover (held over each).
    Source: metrics.md, "loss forecast", "expected loss"; "reserve coverage".
    """
    by_day = held.set_index("day")["fen"].sort_index().cumsum().astype("float64")
    rows = []
    for day in shown:
        taken = [each for each in ends if each <= day][-MONTHS_BEFORE:]
        by_then = by_day.loc[by_day.index <= pd.Timestamp(day)]
        reserve = float("nan") if by_then.empty else float(by_then.iloc[-1])
        expected = [
            loss_forecast.total_fen(forecast(transitions, taken))
            for forecast in (loss_forecast.forecast, loss_forecast.absorbing)
        ]
        rows.append((pd.Timestamp(day), reserve, *expected, *(float(rate(reserve, loss)) for loss in expected)))
    names = ["month_end", "held_fen", "roll_fen", "chain_fen", "roll_cover", "chain_cover"]
    return pd.DataFrame(rows, columns=names).astype({"month_end": "datetime64[us]"} if rows else {})


def set_aside(movements: pd.DataFrame, lent: pd.DataFrame, reasons: Sequence[str], last: date) -> SetAside:
    """What was set aside in the twelve months up to a month end, of what was lent in them.

    movements: `queries.reserve.movements`; lent: `queries.overview.lent`; reasons: of the policy, for which an amount
    is set aside rather than used or got back.
    Source: metrics.md, "reserve / disbursed against 2-3 %".
    """
    first = calendar.first_of_month(calendar.add_months(last, 1 - MONTHS_A_YEAR))
    rows = movements.loc[movements["reason"].isin(reasons)].rename(columns={"amount_fen": "fen"})
    aside, out = (_between(each, first, last) for each in (rows, lent))
    return SetAside(first, last, aside, out, float(rate(aside, out)))


def by_month(
    movements: pd.DataFrame, lent: pd.DataFrame, reasons: Sequence[str], shown: Sequence[date]
) -> pd.DataFrame:
    """`set_aside` at each of some month ends. Columns: month_end; set_aside_fen, lent_fen, ratio."""
    found = [set_aside(movements, lent, reasons, day) for day in shown]
    return pd.DataFrame(
        {
            "month_end": pd.to_datetime(list(shown)),
            "set_aside_fen": [each.set_aside_fen for each in found],
            "lent_fen": [each.lent_fen for each in found],
            "ratio": [each.ratio for each in found],
        }
    )


def by_funder(balances: pd.DataFrame, transitions: pd.DataFrame, taken: Sequence[date]) -> pd.DataFrame:
    """What is expected to be lost with each funder's loans, and what of it is the lender's own.

    balances: `queries.reserve.by_funder` at the newest of the months taken; transitions: of the whole book.
    Grain: one row per funder, the one with most out first. Columns: funder; own; loans (count); outstanding_fen,
    own_fen (the part that the lender has lent itself); roll_fen, chain_fen (expected loss); own_roll_fen, own_chain_fen
    (of the lender's part); share (of the whole book's expected loss by the chain).
    Formula: the buckets' balances x the loss factors of the whole book (`rules.loss_forecast`); by its own money the
    lender bears all of it, else what the funder's share leaves.
    Source: metrics.md, "loss forecast".
    """
    down = loss_forecast.forecast(transitions, taken).set_index("bucket")["loss_factor"]
    end = loss_forecast.absorbing(transitions, taken).set_index("bucket")["written_off"]
    bucket = balances["bucket"]
    own = np.where(balances["own"], balances["outstanding_fen"], balances["outstanding_fen"] - balances["funded_fen"])
    rows = balances.assign(own_fen=own)
    for name, factors in (("roll", down), ("chain", end)):
        factor = bucket.map(factors.reindex(BUCKETS)).to_numpy(float)
        rows[f"{name}_fen"] = loss_forecast.losses(rows["outstanding_fen"], factor)
        rows[f"own_{name}_fen"] = loss_forecast.losses(rows["own_fen"], factor)
    sums = ["loans", "outstanding_fen", "own_fen", "roll_fen", "chain_fen", "own_roll_fen", "own_chain_fen"]
    found = rows.groupby(["funder", "own"])[sums].sum(skipna=False).reset_index()
    found = found.assign(share=rate(found["chain_fen"], np.full(len(found), found["chain_fen"].sum(skipna=False))))
    return found.sort_values(["outstanding_fen", "funder"], ascending=[False, True], ignore_index=True)


def _between(days: pd.DataFrame, first: date, last: date) -> int:
    within = (days["day"] >= pd.Timestamp(first)) & (days["day"] <= pd.Timestamp(last))
    return int(days.loc[within, "fen"].sum())
