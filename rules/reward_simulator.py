"""Other terms for the rules of rewards: what a person asks to try, kept in a link, and what comes of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote, unquote

import pandas as pd

from rules.text import N_

# What the simulation holds fixed; said on its card.
FIXED = N_(
    "Held fixed: who invites, registers, borrows and repays, as if nobody minded the other terms. A reward of the "
    "ledger keeps its day and whether it was taken back; one that only the other terms would give counts as kept "
    "unless every reward for the same event was taken back."
)

MOST_FEN = 100_000_00
MOST_THRESHOLD = 100_000
DEEPEST = 9

# Where the next band of the change to one beneficiary begins, in fen. No change has a band of its own.
SIZES_FEN = (-500_00, -100_00, -20_00, 0, 1, 20_01, 100_01, 500_01)

_AMOUNT, _THRESHOLD, _LEVEL, _OFF = "a", "t", "l", "off"
_DIGITS = 9  # of a number in a link


@dataclass(frozen=True)
class Rule:
    """One rule of rewards, as it stands or as it is tried."""

    rule_id: str
    kind: str
    trigger: str
    amount_fen: int
    threshold: int | None = None  # of the running count; None: the rule counts nothing
    level: int | None = None  # steps between beneficiary and referee; None: the rewards of the rule have no level
    campaign: str | None = None  # for whose referees alone it holds
    starts_on: date | None = None
    ends_on: date | None = None
    pays: bool = True


@dataclass(frozen=True)
class Change:
    """One rule with other terms."""

    was: Rule
    now: Rule

    @property
    def is_modelled(self) -> bool:
        """Whether others than those in the ledger would be rewarded, so that the rewards are found anew."""
        return self.now.pays and (self.now.threshold, self.now.level) != (self.was.threshold, self.was.level)


@dataclass(frozen=True)
class Plan:
    """What is tried: the rules with other terms, and a cap on what one beneficiary receives in the year."""

    changes: tuple[Change, ...] = ()
    cap_fen: int | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is changed."""
        return not self.changes and self.cap_fen is None


class PlanError(ValueError):
    """Terms that can't be tried. The message is a sentence for people, to be translated."""


def rules(frame: pd.DataFrame) -> tuple[Rule, ...]:
    """The rules as they stand, from `queries.reward_simulation.rules`."""
    return tuple(
        Rule(
            rule_id=str(row["rule_id"]),
            kind=str(row["kind"]),
            trigger=str(row["trigger"]),
            amount_fen=int(row["amount_fen"]),
            threshold=_whole(row["threshold"]),
            level=_whole(row["level"]),
            campaign=None if pd.isna(row["campaign"]) else str(row["campaign"]),
            starts_on=_day(row["starts_on"]),
            ends_on=_day(row["ends_on"]),
        )
        for row in frame.to_dict("records")
    )


def plan(standing: Sequence[Rule], tried: Sequence[Rule], cap_fen: int | None = None) -> Plan:
    """What differs from the rules as they stand, in the same order; `PlanError` where something can't be tried."""
    changes = tuple(Change(was, now) for was, now in zip(standing, tried, strict=True) if now != was)
    for change in changes:
        _refuse(change)
    if cap_fen is not None and cap_fen < 0:
        raise PlanError(N_("Write the cap as an amount of 0 or more."))
    return Plan(changes, cap_fen)


def written(changed: Plan) -> str:
    """The rules with other terms as a link holds them: 3:a5000:t5;7:off. The cap is not among them."""
    return ";".join(":".join([quote(each.was.rule_id, safe=""), *_marks(each)]) for each in changed.changes)


def read(text: str, standing: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that a link asks for, in their order; what it says wrongly, or of no rule, is left out."""
    known = {rule.rule_id: rule for rule in standing}
    asked: dict[str, Rule] = {}
    for part in text.split(";"):
        name, *marks = part.split(":")
        was = known.get(unquote(name))
        if was is not None:
            asked[was.rule_id] = _marked(was, marks)
    return tuple(asked.get(rule.rule_id, rule) for rule in standing)


def outcome(by_campaign: pd.DataFrame) -> Mapping[str, int]:
    """The year's cost as it was and as it would have been, summed: fen, new_fen, of both what was taken back.

    by_campaign: `queries.reward_simulation.by_campaign`.
    """
    names = ("rewards", "new_rewards", "fen", "new_fen", "reversed_fen", "new_reversed_fen")
    return {name: int(by_campaign[name].sum()) for name in names}


def sizes(by_size: pd.DataFrame) -> pd.DataFrame:
    """Beneficiaries by how much the other terms would have changed what they received.

    by_size: `queries.reward_simulation.by_size`. Grain: one row per band of `SIZES_FEN`, from the largest loss to the
    largest gain, those without anybody too. Columns: from_fen, until_fen (exclusive; null at the ends), beneficiaries,
    change_fen.
    """
    edges = [None, *SIZES_FEN, None]
    rows = pd.DataFrame({"band": range(len(edges) - 1), "from_fen": edges[:-1], "until_fen": edges[1:]})
    found = rows.merge(by_size, on="band", how="left").fillna({"beneficiaries": 0, "change_fen": 0})
    return found.astype({"beneficiaries": "int64", "change_fen": "int64", "from_fen": "Int64", "until_fen": "Int64"})


def _refuse(change: Change) -> None:
    was, now = change.was, change.now
    if not 0 <= now.amount_fen <= MOST_FEN:
        raise PlanError(N_("Write an amount between 0 and 100,000 CNY."))
    if (now.threshold is None) != (was.threshold is None):
        raise PlanError(N_("Only a rule that counts referrals has a threshold, and it needs one."))
    if now.threshold is not None and not 1 <= now.threshold <= MOST_THRESHOLD:
        raise PlanError(N_("Write a threshold between 1 and 100,000."))
    if (now.level is None) != (was.level is None):
        raise PlanError(N_("Only a rule that rewards a referrer has a level, and it needs one."))
    if now.level is not None and not 1 <= now.level <= DEEPEST:
        raise PlanError(N_("Write a level between 1 and 9."))
    if now.level != was.level and now.threshold is not None:
        raise PlanError(N_("A rule that counts referrals rewards the direct referrer; change its threshold instead."))


def _marks(change: Change) -> Iterable[str]:
    was, now = change.was, change.now
    if not now.pays:
        yield _OFF
    if now.amount_fen != was.amount_fen:
        yield f"{_AMOUNT}{now.amount_fen}"
    if now.threshold != was.threshold:
        yield f"{_THRESHOLD}{now.threshold}"
    if now.level != was.level:
        yield f"{_LEVEL}{now.level}"


def _marked(was: Rule, marks: Sequence[str]) -> Rule:
    """The rule with the marks of a link; as it stands where they can't be tried."""
    now = was
    for mark in marks:
        kind, number = mark[:1], mark[1:]
        if mark == _OFF:
            now = replace(now, pays=False)
        elif number.isdecimal() and len(number) <= _DIGITS:
            now = _with(now, kind, int(number))
    try:
        _refuse(Change(was, now))
    except PlanError:
        return was
    return now


def _with(rule: Rule, kind: str, number: int) -> Rule:
    if kind == _AMOUNT:
        return replace(rule, amount_fen=number)
    if kind == _THRESHOLD:
        return replace(rule, threshold=number)
    return replace(rule, level=number) if kind == _LEVEL else rule


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _day(value: Any) -> date | None:
    return None if pd.isna(value) else value.date()
