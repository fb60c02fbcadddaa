"""Drawn rewards, members and rules as the snapshot's tables, in memory; and other terms in plain Python."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import Select
from sqlalchemy.schema import CreateTable

from loanbook import copied
from loanbook.constructs import compiled
from loanbook.referrals.reward_schema import referral_place, reward_fact
from loanbook.snapshot_schema import member_journey
from rules import calendar
from rules.filters import DateRange
from rules.member_filters import MemberSelection
from rules.reward_simulator import SIZES_FEN, Plan, Rule
from tests.queries import drawn

AS_OF = date(2026, 6, 30)
SINCE = calendar.add_months(AS_OF, -12)
EVERYBODY = MemberSelection(DateRange(), None, ())


@dataclass(frozen=True)
class Member:
    """One drawn member, numbered as drawn."""

    referrer_no: int | None = None
    campaign: str = "unknown"
    registered_on: date = date(2025, 1, 1)
    first_disbursed_on: date | None = None
    channel: str = "referral"


@dataclass(frozen=True)
class Reward:
    """One drawn reward, numbered as drawn."""

    rule: Rule | None
    beneficiary_no: int | None
    referee_no: int | None
    accrued_on: date
    fen: int
    reversed_on: date | None = None
    paid_on: date | None = None
    side: str = "referrer"
    form: str = "cash"
    level: int | None = 1


class Book:
    """A drawn book, to ask statements of."""

    def __init__(self) -> None:
        self._made = duckdb.connect(config={"threads": 1})
        for table in (member_journey, reward_fact, referral_place, copied.TABLES["reward_rule"]):
            self._made.execute(*compiled(CreateTable(table)))

    def draw(self, members: Sequence[Member], rewards: Sequence[Reward], rules: Sequence[Rule] = ()) -> "Book":
        """Write these in place of what is there."""
        self._made.execute("DELETE FROM member_journey; DELETE FROM reward_fact; DELETE FROM referral_place")
        self._made.execute("DELETE FROM reward_rule")
        drawn._insert(self._made, member_journey, member_rows(members))
        drawn._insert(self._made, reward_fact, [_reward_row(each, no, members) for no, each in enumerate(rewards, 1)])
        drawn._insert(self._made, referral_place, place_rows(members))
        drawn._insert(self._made, copied.TABLES["reward_rule"], [_rule_row(rule) for rule in rules])
        return self

    def ask(self, statement: Select[Any]) -> list[dict[str, Any]]:
        """The rows of a statement, by column."""
        found = self._made.execute(*compiled(statement))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def member_rows(members: Sequence[Member]) -> list[dict[str, Any]]:
    return [
        {
            "member_no": number,
            "member_id": f"M{number}",
            "registered_on": each.registered_on,
            "channel": each.channel,
            "inherited_campaign": each.campaign,
            "referrer_no": each.referrer_no,
            "root_no": above(members, number)[-1],
            "first_disbursed_on": each.first_disbursed_on,
        }
        for number, each in enumerate(members, start=1)
    ]


def place_rows(members: Sequence[Member]) -> list[dict[str, Any]]:
    """The borrowers who were referred, each with the place among those of the referrer and of the tree."""
    borrowers = [(no, each) for no, each in enumerate(members, 1) if each.first_disbursed_on and each.referrer_no]
    borrowers.sort(key=lambda pair: (pair[1].first_disbursed_on, pair[0]))
    direct: dict[int, int] = defaultdict(int)
    tree: dict[int, int] = defaultdict(int)
    rows = []
    for number, each in borrowers:
        root = above(members, number)[-1]
        direct[each.referrer_no] += 1
        tree[root] += 1
        rows.append(
            {
                "referee_no": number, "first_disbursed_on": each.first_disbursed_on, "referrer_no": each.referrer_no,
                "root_no": root, "direct_place": direct[each.referrer_no], "tree_place": tree[root],
            }
        )  # fmt: skip
    return rows


def above(members: Sequence[Member], number: int) -> list[int]:
    """The member and everybody above, to the root."""
    path = [number]
    while (referrer := members[path[-1] - 1].referrer_no) is not None:
        path.append(referrer)
    return path


def _reward_row(each: Reward, number: int, members: Sequence[Member]) -> dict[str, Any]:
    referee = None if each.referee_no is None else members[each.referee_no - 1]
    rule = each.rule
    return {
        "reward_no": number, "reward_id": f"R{number}", "side": each.side, "form": each.form, "level": each.level,
        "rule_id": rule and rule.rule_id, "kind": rule and rule.kind, "trigger": rule and rule.trigger,
        "threshold": rule and rule.threshold, "beneficiary_no": each.beneficiary_no, "referee_no": each.referee_no,
        "registered_on": referee and referee.registered_on, "channel": referee and referee.channel,
        "inherited_campaign": referee and referee.campaign, "accrued_on": each.accrued_on,
        "due_on": calendar.add_days(each.accrued_on, 1), "paid_on": each.paid_on, "reversed_on": each.reversed_on,
        "fen": each.fen,
    }  # fmt: skip


def _rule_row(rule: Rule) -> dict[str, Any]:
    return {
        "id": int(rule.rule_id), "kind": rule.kind, "trigger": rule.trigger, "level": rule.level or 0,
        "threshold": rule.threshold, "amount_fen": rule.amount_fen, "starts_on": rule.starts_on or date(2020, 1, 1),
        "ends_on": rule.ends_on,
    }  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One reward of the year, as it was and as it would have been."""

    beneficiary_no: int | None
    campaign: str | None
    rule_id: str | None
    is_reversed: bool
    fen: int
    new_fen: int
    order: tuple[Any, ...]


def simulated(members: Sequence[Member], rewards: Sequence[Reward], plan: Plan) -> list[Line]:
    """The year under other terms, one reward at a time."""
    changes = {change.was.rule_id: change for change in plan.changes}
    lines = []
    for number, each in enumerate(rewards, start=1):
        if not SINCE < each.accrued_on <= AS_OF:
            continue
        change = changes.get(each.rule.rule_id) if each.rule else None
        new_fen = each.fen
        if change is not None:
            if not change.now.pays or change.is_modelled:
                new_fen = 0
            elif change.now.amount_fen != change.was.amount_fen:
                new_fen = change.now.amount_fen
        campaign = members[each.referee_no - 1].campaign if each.referee_no else None
        rule_id = each.rule.rule_id if each.rule else None
        order = (each.accrued_on, 0, number)
        lines.append(
            Line(each.beneficiary_no, campaign, rule_id, each.reversed_on is not None, each.fen, new_fen, order)
        )
    for change in plan.changes:
        if change.is_modelled:
            model = _counted if change.now.threshold is not None else _moved
            lines += model(members, rewards, change.now)
    return lines if plan.cap_fen is None else _capped(lines, plan.cap_fen)


def _counted(members: Sequence[Member], _rewards: Sequence[Reward], rule: Rule) -> list[Line]:
    lines = []
    for row in place_rows(members):
        team = rule.kind == "team"
        reached = row["tree_place"] % rule.threshold == 0 if team else row["direct_place"] == rule.threshold
        if reached and _in_force(rule, row["first_disbursed_on"]):
            to, referee = row["root_no" if team else "referrer_no"], row["referee_no"]
            lines.append(_new(members, rule, to, referee, row["first_disbursed_on"], False))
    return lines


def _moved(members: Sequence[Member], rewards: Sequence[Reward], rule: Rule) -> list[Line]:
    events: dict[tuple[int, date], list[bool]] = defaultdict(list)
    for each in rewards:
        known = each.rule is not None and each.rule.trigger == rule.trigger and each.side == "referrer"
        if known and each.level is not None and each.referee_no is not None and _in_force(rule, each.accrued_on):
            events[each.referee_no, each.accrued_on].append(each.reversed_on is not None)
    lines = []
    for (referee, on), undone in events.items():
        path = above(members, referee)
        if len(path) > rule.level:
            lines.append(_new(members, rule, path[rule.level], referee, on, all(undone)))
    return lines


def _new(members: Sequence[Member], rule: Rule, to: int, referee: int, on: date, is_reversed: bool) -> Line:
    order = (on, 1, rule.rule_id, referee)
    return Line(to, members[referee - 1].campaign, rule.rule_id, is_reversed, 0, rule.amount_fen, order)


def _in_force(rule: Rule, on: date) -> bool:
    return SINCE < on <= AS_OF and (rule.starts_on or on) <= on <= (rule.ends_on or on)


def _capped(lines: list[Line], cap_fen: int) -> list[Line]:
    spent: dict[int, int] = defaultdict(int)
    capped = []
    for line in sorted(lines, key=lambda line: line.order):
        new_fen = line.new_fen
        if not line.is_reversed and line.beneficiary_no is not None:
            new_fen = max(0, min(new_fen, cap_fen - spent[line.beneficiary_no]))
            spent[line.beneficiary_no] += line.new_fen
        capped.append(Line(line.beneficiary_no, line.campaign, line.rule_id, line.is_reversed, line.fen, new_fen, ()))
    return capped


def by_key(lines: Sequence[Line], key: str) -> dict[Any, dict[str, int]]:
    """What `by_campaign` and `by_rule` return, by their key."""
    found: dict[Any, dict[str, int]] = {}
    for line in lines:
        row = found.setdefault(getattr(line, key), dict.fromkeys(
            ("rewards", "new_rewards", "fen", "new_fen", "reversed_fen", "new_reversed_fen"), 0
        ))  # fmt: skip
        row["rewards"] += line.fen > 0
        row["new_rewards"] += line.new_fen > 0
        row["fen"] += line.fen
        row["new_fen"] += line.new_fen
        row["reversed_fen"] += line.fen * line.is_reversed
        row["new_reversed_fen"] += line.new_fen * line.is_reversed
    return found


def changes(lines: Sequence[Line]) -> dict[int, int]:
    """How much more each beneficiary would have kept."""
    found: dict[int, int] = defaultdict(int)
    for line in lines:
        if line.beneficiary_no is not None:
            found[line.beneficiary_no] += 0 if line.is_reversed else line.new_fen - line.fen
    return dict(found)


def band(change_fen: int) -> int:
    """The place of a change among the bands."""
    return sum(change_fen >= edge for edge in SIZES_FEN)
