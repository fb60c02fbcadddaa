"""Reminders and collection: how far contacts get, what they cost, how loans come back, how agents and complaints go."""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pandas as pd

from rules import incidence
from rules.ageing import BUCKETS
from rules.intervals import rate, wilson
from rules.movement import Movement, movement
from rules.proportions import benjamini_hochberg
from rules.standardise import standardise
from rules.survival import at_risk, kaplan_meier, median_interval, median_time

# What is counted of contacts; each with the part that it is a share of.
CONTACT_PARTS = (
    "sent",  # made
    "reached",  # neither unreachable nor without an outcome
    "answered",  # a message read, a call answered
    "promised",
    "promises_due",  # of those promised, for a day that as_of has closed and for an amount
    "kept",  # of those: so much was paid by that day
    "followed",  # of those sent, about something that was unpaid, and followed for long enough
    "cured",  # of those: all that was late was paid in time after them, before another contact
    "cured_fen",  # what was due of that
    "followed_cost_fen",  # what those followed cost
    "cost_fen",  # what all of them cost
)
SHARES = {
    "reached": "sent",
    "answered": "sent",
    "promised": "sent",
    "kept": "promises_due",
    "cured": "followed",
}
# What is told of each contact that is counted; who was contacted, and by whom, is not.
BEHIND = ("contact_id", "loan_id", "purpose", "channel", "contacted_at", "outcome", "promised_on",
          "promised_amount_fen", "cost_fen")  # fmt: skip
REMINDER = "due_reminder"
PURPOSES = (REMINDER, "overdue_reminder", "collection")  # up the ladder
CHANNELS = ("push", "sms", "automatic_call", "agent_call")
LATE_BUCKETS = BUCKETS[1:]
CURED, MOVED, WRITTEN_OFF = "cured", "moved", "written_off"


class Measure(StrEnum):
    """By what agents are looked at."""

    ANSWERED = "answered"
    PROMISED = "promised"
    KEPT = "kept"
    CURED = "cured"


def ladder(parts: pd.DataFrame) -> pd.DataFrame:
    """How far contacts get at each step and by each channel.

    parts: `queries.collections.ladder`.
    Grain: one row per step and channel that was used, up the ladder, from the cheapest channel to the dearest; where
    parts are by month, per month of these too.
    Columns added: <part>_ratio for each of SHARES (0-1, nan where there is nothing to be a share of); cost_ratio: cost
    per yuan cured, nan where nothing was.
    Formula: sums over sums, never a mean of ratios.
    """
    places = {name: place for order in (PURPOSES, CHANNELS) for place, name in enumerate(order)}
    rows = parts.assign(step=parts["purpose"].map(places), by=parts["channel"].map(places))
    rows = rows.sort_values(["step", "by", *({"month"} & set(rows))], ignore_index=True).drop(columns=["step", "by"])
    shares = {f"{part}_ratio": rate(rows[part], rows[whole]) for part, whole in SHARES.items()}
    return rows.assign(**shares, cost_ratio=rate(rows["followed_cost_fen"], rows["cured_fen"]))


def ladder_moved(parts: pd.DataFrame, part: str, *, significance: float) -> tuple[pd.Timestamp, Movement] | None:
    """The newest month in which a share of contacts can be told, beside the months before it; None without one.

    parts: `queries.collections.ladder_by_month`; part: one of SHARES.
    Formula: `rules.movement.movement`, over all steps and channels together.
    Source: metrics.md, traps 19 and 20.
    """
    whole = SHARES[part]
    months = parts.groupby("month")[[part, whole]].sum()
    told = months.loc[months[whole] > 0]
    if told.empty:
        return None
    *_before, newest = told.index
    now, before = told.loc[newest], told.iloc[:-1]
    return newest, movement(int(now[part]), int(now[whole]), before[part], before[whole], significance)


def cures(cells: pd.DataFrame, *, thin_loans: int, confidence: float) -> pd.DataFrame:
    """The share of loans that were cured within so many days of coming into a bucket.

    cells: `queries.collections.overdue`: bucket, days, exit ("" while it lasts), loans, principal_fen.
    Grain: one row per bucket and day from 0 to the last, buckets by lateness. Columns: those of `incidence.curves`, its
    cohort as bucket, its month as days.
    Formula: cumulative incidence; moved and written off compete, what lasts is censored. Each borrower counts once in
    a bucket, so that the sample is one of borrowers. drawn: so many at risk.
    Source: metrics.md, "cure", traps 1, 2, 8 and 15.
    """
    ended = cells.rename(columns={"bucket": "cohort", "days": "month"})
    alone = pd.DataFrame(columns=["cohort", "month_a", "exit_a", "month_b", "exit_b", "pairs"])
    found = incidence.curves(ended, alone, CURED, thin_loans=thin_loans, confidence=confidence)
    found = found.rename(columns={"cohort": "bucket", "month": "days"})
    found = found.assign(drawn=found["at_risk"] >= thin_loans)
    order = found["bucket"].map({bucket: place for place, bucket in enumerate(LATE_BUCKETS)})
    return found.assign(order=order).sort_values(["order", "days"], ignore_index=True).drop(columns="order")


def by_agent(parts: pd.DataFrame, measure: Measure, *, significance: float, thin: int) -> pd.DataFrame:
    """What comes of each agent's calls, beside those of all others to debtors who were as late.

    parts: `queries.collections.agents`: agent, bucket, calls, and for each part of CONTACT_PARTS its sum over the first
    calls of the period to each debtor.
    Grain: one row per agent, the one with the most calls first.
    Columns: agent; calls, of, hits (count); rate, low, high; expected (0-1, of the others with this agent's mix of
    buckets); difference; p_value, q_value; stands_out; thin.
    Formula: Wilson; `standardise` to the agent's mix; Benjamini-Hochberg over the agents. Each debtor counts once per
    agent. An agent stands out where the q-value says so and enough are counted.
    Source: metrics.md, "stands out", traps 11, 15 and 20.
    """
    hits, of = (
        parts.pivot_table(index="agent", columns="bucket", values=part, aggfunc="sum", fill_value=0)
        for part in (measure.value, SHARES[measure.value])
    )
    k, n = hits.to_numpy(dtype=float), of.to_numpy(dtype=float)
    equal = [
        standardise(own_k, own, k.sum(axis=0) - own_k, n.sum(axis=0) - own, mix=own, confidence=1 - significance)
        for own_k, own in zip(k, n, strict=True)
    ]
    rows = pd.DataFrame(
        {
            "agent": hits.index,
            "calls": parts.groupby("agent")["calls"].sum().reindex(hits.index).to_numpy(),
            "of": n.sum(axis=1).astype(np.int64),
            "hits": k.sum(axis=1).astype(np.int64),
            "expected": [each.second for each in equal],
            "difference": [each.difference for each in equal],
            "p_value": [each.p_value for each in equal],
        }
    )
    low, high = wilson(rows["hits"], rows["of"], 1 - significance)
    q_value = benjamini_hochberg(rows["p_value"].to_numpy(dtype=float))
    is_thin = rows["of"] < thin
    apart = (q_value <= significance) & ~is_thin
    rows = rows.assign(
        rate=rate(rows["hits"], rows["of"]),
        low=low,
        high=high,
        q_value=q_value,
        stands_out=np.where(apart, np.where(rows["difference"] > 0, "above", "below"), ""),
        thin=is_thin,
    )
    return rows.sort_values(["calls", "agent"], ascending=[False, True], ignore_index=True)


def complaints(parts: pd.DataFrame, *, within_days: int, confidence: float) -> pd.DataFrame:
    """How many complaints there are of each cause, and how long they take.

    parts: `queries.collections.complaints`: topic, days, resolved, waiting.
    Grain: one row per cause, the commonest first.
    Columns: topic; received, waiting (count); median_days, low, high (nan where too few are resolved to tell);
    within_ratio: the share resolved within the policy's days.
    Formula: Kaplan-Meier over days waited, complaints still waiting censored; Brookmeyer and Crowley's interval.
    Source: metrics.md, trap 1.
    """
    rows = [_resolved(str(topic), each, within_days, confidence) for topic, each in parts.groupby("topic", sort=True)]
    found = pd.DataFrame(rows, columns=["topic", "received", "waiting", "median_days", "low", "high", "within_ratio"])
    return found.sort_values(["received", "topic"], ascending=[False, True], ignore_index=True)


def complaints_together(parts: pd.DataFrame, *, within_days: int, confidence: float) -> Mapping[str, float]:
    """The same of all causes together."""
    names = ["topic", "received", "waiting", "median_days", "low", "high", "within_ratio"]
    return dict(zip(names, _resolved("", parts, within_days, confidence), strict=True))  # type: ignore[arg-type]


def _resolved(topic: str, parts: pd.DataFrame, within_days: int, confidence: float) -> list[object]:
    by_day = parts.groupby("days")[["resolved", "waiting"]].sum().sort_index()
    days, events = by_day.index.to_numpy(), by_day["resolved"].to_numpy()
    followed = at_risk(events, by_day["waiting"].to_numpy())
    left = kaplan_meier(followed, events)
    low, high = median_interval(days, followed, events, confidence)
    passed = left[days <= within_days]
    waiting = int(by_day["waiting"].sum())
    return [
        topic, int(events.sum()) + waiting, waiting, median_time(days, left), low, high,
        1 - float(passed[-1]) if len(passed) else 0.0,
    ]  # fmt: skip
