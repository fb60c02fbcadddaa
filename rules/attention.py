"""What needs somebody today: what has crossed a threshold by more than noise, is late, broken, stale or suspicious."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

import numpy as np
import pandas as pd
from scipy import stats

from rules.default_rates import Verdict
from rules.kpi import Kpi, Outlook
from rules.monitoring import Stability, population_stability
from rules.policy import Attention

LONGEST_KEY = 200
_FEWEST_MONTHS = 5  # of a series, below which a crossing is not told from noise
Said = Mapping[str, str | float | int]

_MISSED = frozenset({Outlook.MISSED, Outlook.WILL_MISS})


class Kind(StrEnum):
    """What there is to see."""

    CASES_LATE = "cases_late"
    CASES_DUE = "cases_due"
    REFRESH_FAILED = "refresh_failed"
    STALE = "stale"
    INCOMPLETE = "incomplete"  # the last closed day
    BROKEN = "broken"  # invariants of the loan database
    GOAL = "goal"
    SEGMENT = "segment"
    ABUSE = "abuse"
    DRIFT = "drift"
    QUOTA = "quota"


class Level(IntEnum):
    """How much it presses; the highest comes first."""

    NOTE = 1
    WARNING = 2
    ALARM = 3


@dataclass(frozen=True)
class Item:
    """One thing that needs somebody. `of` tells several of a kind apart, `size` how bad it is in a unit of its kind."""

    kind: Kind
    level: Level
    size: float
    of: str = ""
    said: Said = field(default_factory=dict)  # what its sentence needs

    @property
    def key(self) -> str:
        """By which it is known again."""
        return (f"{self.kind.value}:{self.of}" if self.of else self.kind.value)[:LONGEST_KEY]


@dataclass(frozen=True)
class Acknowledged:
    """What somebody has said that they know of, how bad it was then, and when."""

    size: float
    at: datetime


def ranked(items: Iterable[Item]) -> list[Item]:
    """What presses most first; alike, in the order of kinds, the worst first."""
    order = list(Kind)
    return sorted(items, key=lambda item: (-item.level, order.index(item.kind), -item.size, item.of))


def told(
    items: Iterable[Item], known: Mapping[str, Acknowledged], rule: Attention, now: datetime
) -> tuple[list[Item], list[Item]]:
    """What is told, and what is not because it is acknowledged.

    Formula: acknowledged is silent for the policy's days, unless it has grown by the policy's ratio since. Each key is
    told once.
    """
    loud: list[Item] = []
    silent: list[Item] = []
    seen: set[str] = set()
    for item in ranked(items):
        if item.key in seen:
            continue
        seen.add(item.key)
        kept = known.get(item.key)
        is_silent = (
            kept is not None
            and now - kept.at < timedelta(days=rule.silent_days)
            and item.size <= kept.size + abs(kept.size) * rule.worse_ratio
        )
        (silent if is_silent else loud).append(item)
    return loud, silent


def cases(late: int, late_seconds: float, due: int, due_seconds: float) -> list[Item]:
    """Cases past their deadline, and cases near it. *_seconds: since the oldest deadline, and until the next one."""
    found = []
    if late:
        found.append(Item(Kind.CASES_LATE, Level.ALARM, late, said={"cases": late, "seconds": late_seconds}))
    if due:
        found.append(Item(Kind.CASES_DUE, Level.WARNING, due, said={"cases": due, "seconds": due_seconds}))
    return found


def of_data(age: timedelta, failure: str | None, complete: Kpi, broken: pd.DataFrame, rule: Attention) -> list[Item]:
    """A refresh that failed, data that is stale, a last day that looks incomplete, invariants that rows break.

    broken: `queries.system.broken_invariants`.
    """
    hours, found = age.total_seconds() / 3600, []
    if failure is not None:
        found.append(Item(Kind.REFRESH_FAILED, Level.ALARM, 1, said={"reason": failure}))
    if hours > rule.stale_hours:
        found.append(Item(Kind.STALE, Level.ALARM, hours, said={"hours": hours}))
    if complete.change.verdict is Verdict.LOWER:
        found.append(
            Item(Kind.INCOMPLETE, Level.WARNING, -complete.change.amount, said={"change": complete.change.amount})
        )
    rows = int(broken["rows"].sum()) if len(broken) else 0
    if rows:
        said = {"rows": rows, "rules": len(broken)}
        found.append(Item(Kind.BROKEN, Level.WARNING, rows, said=said))
    return found


def goals(figures: Iterable[Kpi], significance: float) -> list[Item]:
    """Figures that miss their goal by more than noise; size: by how many times their own noise."""
    found = []
    for figure in figures:
        if figure.goal is None or figure.goal.outlook not in _MISSED:
            continue
        value = figure.value if figure.goal.expected is None else figure.goal.expected
        by = _beyond_noise(figure, value - figure.goal.value, significance)
        if by is not None:
            said = {"value": value, "goal": figure.goal.value, "will": int(figure.goal.outlook is Outlook.WILL_MISS)}
            found.append(Item(Kind.GOAL, Level.WARNING, by, of=figure.code, said=said))
    return found


def segments(code: str, found: pd.DataFrame, book_rate: float) -> list[Item]:
    """The segment of a dimension whose default rate is above the rest by more than noise, the worst one.

    found: `rules.default_rates.segment_rates`.
    """
    out = found.loc[(found["stands_out"] == "above") & ~found["thin"]]
    if out.empty:
        return []
    row = out.iloc[int(out["rate"].to_numpy(float).argmax())]
    said: Said = {
        "dimension": code, "segment": str(row["segment"]), "rate": float(row["rate"]),
        "above": float(row["rate"]) - book_rate, "borrowers": int(row["borrowers"]), "others": len(out) - 1,
    }  # fmt: skip
    return [Item(Kind.SEGMENT, Level.WARNING, float(row["rate"]) - book_rate, of=f"{code}:{row['segment']}", said=said)]


def abuse(suspects: pd.DataFrame, judged: frozenset[str]) -> list[Item]:
    """Members suspected of abuse whom nobody has judged yet. suspects: `queries.attention.suspects`."""
    left = suspects.loc[~suspects["member_id"].isin(judged)]
    if left.empty:
        return []
    said = {"members": len(left), "fen": int(left["reward_fen"].sum())}
    return [Item(Kind.ABUSE, Level.WARNING, len(left), said=said)]


def drift(scores: pd.DataFrame, rule: Attention, significance: float) -> list[Item]:
    """A score whose newest population has shifted by more than the policy's index and more than chance.

    scores: `queries.attention.scores`; of several models the one that scored most in the year before is looked at.
    Formula: `rules.monitoring.population_stability` of the newest days against the year before them.
    """
    before = scores.loc[~scores["recent"]].groupby("model")["scored"].sum()
    if before.empty:
        return []
    model = str(before.idxmax())
    found = stability(scores.loc[scores["model"] == model])
    if not (found.psi > rule.score_shift and found.p_value <= significance):
        return []
    said: Said = {"model": model, "psi": found.psi, "null_mean": found.null_mean, "threshold": rule.score_shift}
    return [Item(Kind.DRIFT, Level.WARNING, found.psi, of=model, said=said)]


def stability(scores: pd.DataFrame) -> Stability:
    """How far one model's newest scores have shifted. scores: its rows of `queries.attention.scores`."""
    bands = sorted(scores["band"].unique())
    actual, expected = (
        scores.loc[scores["recent"] == recent].groupby("band")["scored"].sum().reindex(bands, fill_value=0)
        for recent in (True, False)
    )
    n, m = int(expected.sum()), int(actual.sum())
    return population_stability(expected / max(n, 1), actual / max(m, 1), n, m)


def quota(tightest: "pd.Series[float] | None", rule: Attention) -> list[Item]:
    """The funder whose quota is nearly used. tightest: `rules.overview_risk.tightest`."""
    if tightest is None or tightest["used_ratio"] < rule.quota_used_ratio:
        return []
    used = float(tightest["used_ratio"])
    level = Level.ALARM if used >= 1 else Level.WARNING
    return [Item(Kind.QUOTA, level, used, of=str(tightest["funder"]), said={"used": used})]


def _beyond_noise(figure: Kpi, gap: float, significance: float) -> float | None:
    """How many times its own noise a figure lies from its goal; None where it is no more than noise.

    Formula: noise is the standard deviation of the changes from month to month of its series, and t times that.
    """
    known: Sequence[float] = [each for each in figure.series if not np.isnan(each)]
    if len(known) < _FEWEST_MONTHS or not np.isfinite(gap):
        return None
    changes = np.diff(np.asarray(known, dtype=float))
    spread = float(changes.std(ddof=1))
    if spread == 0:
        return float("inf") if gap else None
    reach = float(stats.t.ppf(1 - significance / 2, len(changes) - 1))
    return abs(gap) / spread if abs(gap) > reach * spread else None
