"""Decisions and waiting cases as the rows that `rules.review_quality` counts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import numpy as np
import pandas as pd

from desk.review_quality import Made, Pause, Waiting, Work
from rules import review_quality, worked_time
from rules.review_policy import ReviewPolicy

_INSTANTS = ("began_at", "decided_at", "due_at", "until")


def made(work: Work, rule: ReviewPolicy) -> pd.DataFrame:
    """The decisions taken in Loanboard."""
    if not work.made:
        return review_quality.empty()
    rows = _framed(work.made)
    pauses = [_over(each.application_id, each.began_at, each.decided_at, work.pauses) for each in work.made]
    took = worked_time.seconds(rule.hours, rows["began_at"], rows["decided_at"]) - _paused(pauses, rule)
    late = pd.Series(rows["decided_at"] > rows["due_at"], dtype="boolean").mask(rows["due_at"].isna())
    return rows.assign(took_s=took, settled=rows["final"] & ~rows["corrects"], late=late)


def before(decided: pd.DataFrame, rule: ReviewPolicy) -> pd.DataFrame:
    """What persons decided before, as the loan database tells. decided: `queries.review_outcomes.decided`.

    Whether it was late is judged by the deadline that the policy sets now; pauses are not on record.
    """
    if decided.empty:
        return review_quality.empty()
    took = pd.Series(worked_time.seconds(rule.hours, decided["applied_at"], decided["decided_at"]))
    reasons = [() if pd.isna(code) else (f"policy:{code}",) for code in decided["reason"]]
    return decided.rename(columns={"applied_at": "began_at"}).assign(
        external_number="", opened_for="", staff_email="", evidence_hash="", round=1, stage=1, final=True, settled=True,
        due_at=pd.Series(pd.NaT, index=decided.index, dtype="datetime64[us]"), reasons=reasons, took_s=took,
        late=review_quality.is_late(took, rule.deadline_working_hours),
    )  # fmt: skip


def cases(work: Work, rows: pd.DataFrame, since: datetime, rule: ReviewPolicy) -> pd.DataFrame:
    """Cases begun since an instant, decided or not: product, opened_for, staff_email, took_s, decided.

    rows: `made` of the same work.
    """
    begun = pd.Timestamp(since.replace(tzinfo=None))
    decided = rows.loc[rows["settled"] & (rows["began_at"] >= begun)].assign(decided=True)
    waiting = [each for each in work.waiting if each.began_at >= since]
    columns = ["product", "opened_for", "staff_email", "took_s", "decided"]
    if not waiting:
        return decided[columns]
    open_ = _framed(waiting).rename(columns={"hand": "staff_email"})
    pauses = [_over(each.application_id, each.began_at, each.until, work.pauses) for each in waiting]
    took = worked_time.seconds(rule.hours, open_["began_at"], open_["until"]) - _paused(pauses, rule)
    return pd.concat([decided[columns], open_.assign(took_s=took, decided=False)[columns]], ignore_index=True)


def held(waiting: Sequence[Waiting]) -> pd.DataFrame:
    """The officers who have undecided cases in hand, one row a case."""
    return pd.DataFrame({"staff_email": pd.Series([each.hand for each in waiting if each.hand], dtype="str")})


def _framed(found: Sequence[Made] | Sequence[Waiting]) -> pd.DataFrame:
    rows = pd.DataFrame([asdict(each) for each in found])
    told = [name for name in _INSTANTS if name in rows.columns]
    return rows.assign(**{name: _instants(rows[name]) for name in told})


def _instants(values: "pd.Series[datetime]") -> "pd.Series[pd.Timestamp]":
    return pd.to_datetime(values, utc=True).dt.tz_localize(None).astype("datetime64[us]")


def _over(
    application_id: str, began_at: datetime, until: datetime, pauses: Mapping[str, tuple[Pause, ...]]
) -> list[tuple[datetime, datetime]]:
    """The pauses of a case within its time."""
    told = [(max(start, began_at), min(end or until, until)) for start, end in pauses.get(application_id, ())]
    return [(start, end) for start, end in told if start < end]


def _paused(pauses: Sequence[Sequence[tuple[datetime, datetime]]], rule: ReviewPolicy) -> np.ndarray:
    """The working seconds of each case's pauses."""
    spent = [sum((rule.hours.between(start, end).total_seconds() for start, end in each), 0.0) for each in pauses]
    return np.array(spent)
