"""The ledger of rewards in figures: what each rule has cost, what is owed for how long, whether it came in time."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from rules.intervals import rate, wilson
from rules.movement import Movement, movement

RULE = ("rule_id", "kind", "trigger", "level", "threshold", "side")
STATES = ("paid", "open", "reversed")  # each reward is in one of them
MONTHS_BEFORE = 12

_AMOUNTS = ("rewards", "fen", *(f"{state}_fen" for state in STATES), "taken_back_fen")


@dataclass(frozen=True)
class Totals:
    """The whole ledger of a selection. The three parts sum to what was accrued."""

    rewards: int
    fen: int
    paid_fen: int
    open_fen: int
    reversed_fen: int
    taken_back_fen: int  # of reversed_fen, what had been paid before
    beyond_fen: int  # for referees further away than direct ones, whatever became of it


@dataclass(frozen=True)
class Owed:
    """What is accrued, neither paid nor reversed."""

    rewards: int
    fen: int
    overdue: int
    overdue_fen: int


def totals(parts: pd.DataFrame) -> Totals:
    """The sums over `queries.rewards.ledger`."""
    sums = {name: int(parts[name].sum()) for name in _AMOUNTS}
    return Totals(**sums, beyond_fen=int(parts.loc[(parts["level"] > 1).fillna(False), "fen"].sum()))


def by_rule(parts: pd.DataFrame) -> pd.DataFrame:
    """The ledger by rule and side, the dearest first.

    parts: `queries.rewards.ledger`. Grain: one row per rule, level and side. Columns: those of `RULE`; rewards; fen
    and its parts paid_fen, open_fen, reversed_fen; taken_back_fen; share (of all that was accrued; nan where nothing).
    Source: metrics.md, "reward liability".
    """
    summed = parts.groupby(list(RULE), dropna=False, sort=False)[list(_AMOUNTS)].sum().reset_index()
    return summed.assign(share=rate(summed["fen"], summed["fen"].sum())).sort_values(
        "fen", ascending=False, kind="stable", ignore_index=True
    )


def by_age(parts: pd.DataFrame, edges: Sequence[int]) -> pd.DataFrame:
    """What is owed by how long it has been.

    parts: `queries.rewards.liability`; edges: the policy's. Grain: one row per band, those without anything too.
    Columns: from_days, until_days (the last day; <NA> in the last band); rewards, fen, overdue, overdue_fen.
    Source: metrics.md, "reward liability".
    """
    amounts = ["rewards", "fen", "overdue", "overdue_fen"]
    bands = pd.DataFrame({"from_days": list(edges), "until_days": [*(edge - 1 for edge in edges[1:]), pd.NA]})
    summed = parts.groupby("from_days")[amounts].sum().reset_index()
    found = bands.merge(summed, on="from_days", how="left").fillna(dict.fromkeys(amounts, 0))
    return found.astype({**dict.fromkeys(amounts, "int64"), "until_days": "Int64"})


def owed(parts: pd.DataFrame) -> Owed:
    """The sums over `queries.rewards.liability`."""
    return Owed(*(int(parts[name].sum()) for name in ("rewards", "fen", "overdue", "overdue_fen")))


def promises(parts: pd.DataFrame, *, significance: float, thin_rewards: int) -> pd.DataFrame:
    """The share of rewards that was not paid in time, by month of accrual.

    parts: `queries.rewards.promises`. Grain: one row per month; the parts' columns are kept.
    Columns added: missed (late or unpaid); rate, low, high (0-1); thin. Formula: missed / due, Wilson interval.
    """
    missed, due = (parts["late"] + parts["unpaid"]).to_numpy(), parts["due"].to_numpy(float)
    low, high = wilson(missed, due, 1 - significance)
    return parts.assign(missed=missed, rate=rate(missed, due), low=low, high=high, thin=due < thin_rewards)


def change(found: pd.DataFrame, significance: float) -> tuple[str, Movement] | None:
    """The newest month against the twelve before it; None without a month. found: `promises`."""
    if found.empty:
        return None
    newest, before = found.iloc[-1], found.iloc[-1 - MONTHS_BEFORE : -1]
    moved = movement(int(newest["missed"]), int(newest["due"]), before["missed"], before["due"], significance)
    return str(newest["month"]), moved
