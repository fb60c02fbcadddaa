"""How well review works: what is decided a day, whether deadlines are kept, who decides how much.

Decisions come as rows, one each. Columns: application_id, external_number, product, opened_for, amount_fen; round,
stage; staff_email (empty where it is not recorded), outcome, override (empty where none), reasons (tuple of codes);
began_at, decided_at, due_at (UTC without a zone; due_at missing where it was not recorded); took_s (working seconds
outside of pauses); settled (the case was decided by it, and it corrects no other decision); late (missing where no
deadline is known); evidence_hash (of what was seen).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
import pandas as pd

from rules.intervals import rate, wilson
from rules.proportions import difference

ALL = ""  # stands for everybody
_ZONE = pd.Timedelta(hours=8)
_NEWEST = 0.3  # of the period: what is held against the days before


class By(StrEnum):
    """What decisions are counted by over time."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True)
class Kept:
    """How many decisions came by their deadline."""

    decided: int  # with a known deadline
    late: int
    rate: float  # late / decided; nan without decisions
    low: float
    high: float
    newest_days: int  # the newest of the period, held against the days before
    newest_decided: int
    newest_late: int
    p_value: float  # of the difference between them; nan where either has none


def business_days(instants: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    """The Asia/Shanghai days of UTC instants without a zone."""
    return (instants + _ZONE).dt.floor("D")


def throughput(made: pd.DataFrame, first: date, last: date, by: By) -> pd.DataFrame:
    """What was decided a day or a week.

    Grain: one row per day, or week from Monday, from the first to the last, those without decisions too.
    Columns: start (its first day); decided, late, unknown (count: of those without a known deadline); running (the last
    day lies within it, so it is not whole yet).
    Source: metrics.md, trap 21.
    """
    settled = made.loc[made["settled"]]
    days = business_days(settled["decided_at"])
    starts = _starts(days, by)
    begin, end = (_starts(pd.Series([pd.Timestamp(day)]), by).iloc[0] for day in (first, last))
    every = pd.date_range(begin, end, freq="D" if by is By.DAY else "7D")
    counted = pd.DataFrame({"start": starts, "late": settled["late"].eq(True), "unknown": settled["late"].isna()})
    parts = counted.groupby("start").agg(decided=("late", "size"), late=("late", "sum"), unknown=("unknown", "sum"))
    rows = parts.reindex(every, fill_value=0).astype("int64").rename_axis("start").reset_index()
    return rows.assign(running=rows["start"] == end)


def deadlines_kept(made: pd.DataFrame, last: date, days: int, confidence: float) -> Kept:
    """Whether deadlines are kept over so many days up to the last, and whether the newest of them differ.

    Formula: late / decided, Wilson interval; the newest three tenths of the days against those before, two-sided.
    Source: metrics.md, "rate interval".
    """
    known = made.loc[made["settled"] & made["late"].notna()]
    newest_days = max(1, round(days * _NEWEST))
    newest = business_days(known["decided_at"]) > pd.Timestamp(last - timedelta(days=newest_days))
    late = known["late"].eq(True)
    n, k, n2, k2 = len(known), int(late.sum()), int(newest.sum()), int((late & newest).sum())
    low, high = wilson(k, n, confidence)
    test = difference(k2, n2, k - k2, n - n2, confidence).iloc[0]
    return Kept(n, k, float(rate(k, n)), float(low), float(high), newest_days, n2, k2, float(test["p_value"]))


def load(made: pd.DataFrame, held: pd.DataFrame, working_days: int) -> pd.DataFrame:
    """How much each officer decides and has in hand.

    held: staff_email of each undecided case that somebody holds or was given.
    Grain: one row per officer, the one with the most decisions first. Columns: staff_email; decisions, first, second
    (count: as the first person, as a further one); a_day (decisions per working day); in_hand.
    """
    parts = made.groupby("staff_email").agg(
        decisions=("stage", "size"), first=("stage", lambda stage: (stage == 1).sum())
    )
    in_hand = held.groupby("staff_email").size().rename("in_hand")
    rows = parts.join(in_hand, how="outer").fillna(0).astype("int64").reset_index(names="staff_email")
    rows = rows.assign(second=rows["decisions"] - rows["first"], a_day=rate(rows["decisions"], working_days))
    return rows.sort_values(["decisions", "in_hand", "staff_email"], ascending=[False, False, True], ignore_index=True)


def pairs(made: pd.DataFrame) -> list[tuple[str, str]]:
    """The outcomes of first and second decisions on the same case and the same evidence, by two people."""
    keys = ["application_id", "round", "evidence_hash"]
    first, second = (made.loc[made["stage"] == stage, [*keys, "outcome"]] for stage in (1, 2))
    both = first.merge(second, on=keys, suffixes=("_first", "_second"))
    return list(zip(both["outcome_first"], both["outcome_second"], strict=True))


def of_officer(made: pd.DataFrame, officer: str) -> pd.DataFrame:
    """The decisions of one officer; all where none is named."""
    return made if officer == ALL else made.loc[made["staff_email"] == officer]


def _starts(days: "pd.Series[pd.Timestamp]", by: By) -> "pd.Series[pd.Timestamp]":
    if by is By.DAY:
        return days
    return days - pd.to_timedelta(days.dt.day_of_week, unit="D")


def empty() -> pd.DataFrame:
    """No decisions, with all columns."""
    texts = ["application_id", "external_number", "product", "opened_for", "staff_email", "outcome", "override",
             "evidence_hash"]  # fmt: skip
    instants = ["began_at", "decided_at", "due_at"]
    return pd.DataFrame(
        {
            **{name: pd.Series(dtype="str") for name in texts},
            **{name: pd.Series(dtype="datetime64[us]") for name in instants},
            **{name: pd.Series(dtype="int64") for name in ("amount_fen", "round", "stage")},
            "reasons": pd.Series(dtype=object),
            "took_s": pd.Series(dtype="float64"),
            "settled": pd.Series(dtype=bool),
            "late": pd.Series(dtype="boolean"),
            "final": pd.Series(dtype=bool),
        }
    )


def is_late(took_s: "pd.Series[float]", span_hours: float) -> "pd.Series[bool]":
    """Whether working time outside of pauses passed a span; missing where it is not known."""
    late = pd.Series(np.asarray(took_s) > span_hours * 3600, index=took_s.index, dtype="boolean")
    return late.mask(took_s.isna())
