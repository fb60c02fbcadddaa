"""`python -m tests.bench.rewards`: the parts on rewards and abuse over generated rewards, beside DuckDB by hand.

The rows are made by arithmetic in the shape that a refresh gives them: half a reward a member over three years, in the
order of accrual, and a member in four hundred who gives a signal. Both ways give the same sums, or the benchmark stops;
no time is asserted.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
from sqlalchemy.schema import CreateTable

from loanbook import constructs, copied
from loanbook.referrals.growth_schema import referral_tree
from loanbook.referrals.reward_schema import abuse_signal, inviter, referral_place, reward_fact, signal_rate
from loanbook.snapshot_schema import member_journey
from queries import abuse, reward_part, reward_simulation, rewards
from queries.rewards import Behind
from rules import policy, reward_limits, reward_simulator
from rules import rewards as rules
from rules.abuse import SIGNALS
from rules.filters import DateRange
from rules.member_filters import MemberSelection
from rules.reward_limits import Question
from rules.reward_simulator import Change as Changed
from rules.reward_simulator import Plan, Rule
from tests.bench import both_ways
from tests.bench.both_ways import Case, Change, Grouped
from tests.bench.overview import BOOK

AS_OF = date(2026, 6, 30)
RULE = policy.load()[-1]
_DAYS = 1_095
_CHANNELS = ("advertising", "offline", "organic", "partner", "referral", "unknown")
_CAMPAIGNS = tuple(str(number) for number in range(1, 30))
_ENUMS = {
    "channel": _CHANNELS,
    "inherited_campaign": _CAMPAIGNS,
    "kind": ("one_off", "levelled", "stepped"),
    "trigger": ("first_loan", "registered", "referral_count"),
    "side": ("referrer", "invitee"),
    "form": ("cash", "points"),
}
EVERYTHING = MemberSelection(DateRange(), None, ())
PARTNERS = MemberSelection(DateRange(date(2025, 4, 1), date(2026, 3, 31)), None, (("channel", ("partner",)),))
STEP = Rule("3", "stepped", "referral_count", 20_000, threshold=10, level=1)
FIRST = Rule("1", "one_off", "first_loan", 8_000, level=1)
DEARER = Plan((Changed(FIRST, Rule("1", "one_off", "first_loan", 9_000, level=1)),))
SOONER = Plan((Changed(STEP, Rule("3", "stepped", "referral_count", 20_000, threshold=5, level=1)),), cap_fen=50_000)
_LEDGER = ("rule_id", "kind", "trigger", "level", "threshold", "side", "form")
_WITH = ", ".join(f"count(*) FILTER ({signal} > 0)" for signal in SIGNALS)
_YEAR = "accrued_on > DATE '2025-06-30'"
_NEW = "CASE WHEN rule_id = '1' THEN 9000 ELSE fen END"

TITLE = "Parts on rewards and abuse, {members} generated members"


def _of_partners(frame: pd.DataFrame) -> "pd.Series[bool]":
    year = PARTNERS.registered
    within = frame["registered_on"].between(pd.Timestamp(year.first), pd.Timestamp(year.last))
    return within & (frame["channel"] == "partner")


def cases() -> list[Case]:
    """The statements that read most, over everything and over a filter."""
    found = []
    for name, selection, kept in (
        ("everything", EVERYTHING, "true"),
        ("a channel's year", PARTNERS, "registered_on BETWEEN '2025-04-01' AND '2026-03-31' AND channel = 'partner'"),
    ):
        found.append(
            Case(
                f"ledger, {name}",
                rewards.ledger(selection),
                "SELECT rule_id, kind, trigger, level, threshold, side, form, count(*), sum(fen) FROM reward_fact "
                f"WHERE {kept} GROUP BY ALL",
                (7, 8),
                Grouped("reward_fact", _LEDGER, ("", "fen"), None if kept == "true" else _of_partners),
            )
        )
    return [
        *found,
        Case(
            "promises by month",
            rewards.promises(EVERYTHING, AS_OF),
            "SELECT strftime(accrued_on, '%Y-%m'), count(*), count(*) FILTER (paid_on <= due_on) FROM reward_fact "
            "WHERE due_on <= '2026-06-30' AND (paid_on IS NOT NULL OR coalesce(reversed_on > due_on, true)) GROUP BY 1",
            (1, 2),
        ),
        Case(
            "the first 250 not paid in time",
            rewards.behind(EVERYTHING, Behind.LATE, AS_OF, first=250),
            "SELECT *, fen FROM (SELECT * FROM reward_fact WHERE due_on <= '2026-06-30' AND coalesce(paid_on > due_on, "
            "coalesce(reversed_on > due_on, true)) ORDER BY reward_no LIMIT 250) ORDER BY reward_no",
            (-1,),
        ),
        Case(
            "other amounts by campaign",
            reward_simulation.by_campaign(EVERYTHING, DEARER, AS_OF),
            f"SELECT inherited_campaign, count(*) FILTER (fen > 0), count(*) FILTER ({_NEW} > 0), sum(fen), "
            f"sum({_NEW}) FROM reward_fact WHERE {_YEAR} GROUP BY 1",
            (1, 2, 3, 4),
        ),
        Case(
            "other amounts by size of the change",
            reward_simulation.by_size(EVERYTHING, DEARER, AS_OF),
            f"SELECT 0, count(*), sum(change) FROM (SELECT sum({_NEW} - fen) FILTER (reversed_on IS NULL) AS change "
            f"FROM reward_fact WHERE {_YEAR} GROUP BY beneficiary_no)",
            (1, 2),
        ),
        Case(
            "another threshold and a cap by campaign",
            reward_simulation.by_campaign(EVERYTHING, SOONER, AS_OF),
            _CAPPED,
            (1, 2, 3, 4),
        ),
        Case(
            "in how few hands",
            abuse.concentration(EVERYTHING),
            "WITH p AS (SELECT sum(fen) AS fen FROM reward_fact WHERE side <> 'invitee' AND reversed_on IS NULL "
            "GROUP BY beneficiary_no) SELECT count(*), sum(fen), max(fen) FROM p",
            (0, 1, 2),
        ),
        Case(
            "cases of suspicion",
            abuse.cases(EVERYTHING),
            f"SELECT case_no, count(*), sum(points), {_WITH}, sum(rewards), sum(reward_fen), sum(reversed_fen), "
            "min(registered_on), max(registered_on) FROM abuse_signal WHERE suspected GROUP BY 1 "
            "ORDER BY sum(points) / count(*) DESC, sum(reward_fen) DESC, 1",
            (0, 1, 2),
        ),
    ]


def changes() -> list[Change]:
    """A channel's year, and everybody, as the rules stand and under other terms."""
    book = replace(BOOK, as_of=AS_OF)
    found = []
    for name, selection in (("a channel's year", PARTNERS), ("everybody", EVERYTHING)):
        for terms, plan in (("as they stand", Plan()), ("other terms", SOONER)):
            statements = reward_part.ledger(selection, plan, Behind.LEDGER, book, RULE)
            found.append(Change(f"rewards, {name}, {terms}", statements, _rewarded))
        statements = reward_part.suspicion(selection, None, Question.LEVELS, frozenset(), RULE)
        found.append(Change(f"abuse, {name}", statements, _judged))
    return found


def _rewarded(frames: Mapping[str, pd.DataFrame]) -> object:
    """What the cards on rewards are drawn from."""
    judge = {"significance": RULE.display.significance, "thin_rewards": RULE.display.thin_borrowers}
    return (
        rules.by_rule(frames["ledger"]),
        rules.totals(frames["ledger"]),
        rules.by_age(frames["liability"], RULE.rewards.liability_days),
        rules.promises(frames["promises"], **judge),
        reward_simulator.outcome(frames["by_campaign"]),
        reward_simulator.sizes(frames["by_size"]),
    )


def _judged(frames: Mapping[str, pd.DataFrame]) -> object:
    """What the cards on abuse are drawn from."""
    return reward_limits.flags(frames["counts"].iloc[0].to_dict(), RULE.reward_limits)


_CAPPED = f"""
WITH r AS (
  SELECT reward_no, rule_id, beneficiary_no, referee_no, inherited_campaign AS campaign, accrued_on,
    reversed_on IS NOT NULL AS undone, fen, CASE WHEN rule_id = '3' THEN 0 ELSE fen END AS new
  FROM reward_fact WHERE {_YEAR}
  UNION ALL
  SELECT NULL, '3', p.referrer_no, p.referee_no, m.inherited_campaign, p.first_disbursed_on, false, 0, 20000
  FROM referral_place p JOIN member_journey m ON m.member_no = p.referee_no
  WHERE direct_place = 5 AND p.first_disbursed_on > DATE '2025-06-30'),
b AS (SELECT *, sum(CASE WHEN undone THEN 0 ELSE new END) OVER (PARTITION BY beneficiary_no ORDER BY accrued_on,
  reward_no NULLS LAST, rule_id, referee_no ROWS UNBOUNDED PRECEDING)
  - CASE WHEN undone THEN 0 ELSE new END AS before FROM r),
c AS (SELECT *, CASE WHEN undone THEN new ELSE greatest(least(new, 50000 - before), 0) END AS kept FROM b)
SELECT campaign, count(*) FILTER (fen > 0), count(*) FILTER (kept > 0), sum(fen), sum(kept) FROM c GROUP BY 1
"""


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables, empty, with their enums."""
    made = duckdb.connect()
    more = signal_rate, inviter, referral_tree, copied.TABLES["reward_rule"]
    for table in (reward_fact, referral_place, abuse_signal, member_journey, *more):
        made.execute(str(CreateTable(table).compile(dialect=constructs.DUCKDB)))
    for name, values in _ENUMS.items():
        listed = ", ".join(f"'{value}'" for value in values)
        made.execute(f"CREATE TYPE of_{name} AS ENUM ({listed})")
        made.execute(f"ALTER TABLE reward_fact ALTER COLUMN {name} TYPE of_{name}")
    for name in ("channel", "inherited_campaign"):
        made.execute(f"ALTER TABLE member_journey ALTER COLUMN {name} TYPE of_{name}")
    return made


def fill(made: duckdb.DuckDBPyConnection, members: int) -> None:
    """Half a reward for each of so many members, and the members themselves; every third has borrowed."""
    day = f"DATE '{AS_OF}' - {_DAYS} + CAST(i * {_DAYS} // ($1 // 2) AS INTEGER)"
    one_of = {name: "[" + ", ".join(f"'{value}'" for value in values) + "]" for name, values in _ENUMS.items()}
    made.execute(
        "INSERT INTO member_journey BY NAME SELECT i AS member_no, 'M' || i AS member_id, "
        f"DATE '{AS_OF}' - CAST(i % {_DAYS} AS INTEGER) AS registered_on, {one_of['channel']}[1 + i % 6] AS channel, "
        f"{one_of['inherited_campaign']}[1 + i % 29] AS inherited_campaign FROM range(1, $1 + 1) t(i)",
        [members],
    )
    made.execute(
        f"INSERT INTO reward_fact BY NAME SELECT i + 1 AS reward_no, 'R' || i AS reward_id, CAST(1 + i % 3 AS VARCHAR) "
        f"AS rule_id, {one_of['kind']}[1 + i % 3] AS kind, {one_of['trigger']}[1 + i % 3] AS trigger, "
        f"{one_of['side']}[1 + CAST(i % 7 = 0 AS INTEGER)] AS side, {one_of['form']}[1 + i % 2] AS form, 1 AS level, "
        "1 + i * 7919 % $1 AS beneficiary_no, 1 + i * 104729 % $1 AS referee_no, "
        f"DATE '{AS_OF}' - CAST(i % {_DAYS} AS INTEGER) AS registered_on, {one_of['channel']}[1 + i % 6] AS channel, "
        f"{one_of['inherited_campaign']}[1 + i % 29] AS inherited_campaign, {day} AS accrued_on, {day} + 1 AS due_on, "
        f"CASE WHEN i % 50 > 0 THEN {day} + 1 + CAST(i % 97 = 0 AS INTEGER) END AS paid_on, "
        f"CASE WHEN i % 41 = 0 THEN {day} + 40 END AS reversed_on, 100 * (1 + i % 90) AS fen FROM range($1 // 2) t(i)",
        [members],
    )
    made.execute(
        f"INSERT INTO referral_place BY NAME SELECT i AS referee_no, DATE '{AS_OF}' - CAST(i % {_DAYS} AS INTEGER) AS "
        "first_disbursed_on, 1 + i // 9 AS referrer_no, 1 + i // 99 AS root_no, 1 + i % 9 AS direct_place, "
        "1 + i % 99 AS tree_place FROM range(1, $1, 3) t(i)",
        [members],
    )
    made.execute(
        "INSERT INTO abuse_signal BY NAME SELECT i AS member_no, 'M' || i AS member_id, "
        f"DATE '{AS_OF}' - CAST(i % {_DAYS} AS INTEGER) AS registered_on, 30 + i % 40 AS points, "
        "i % 800 = 0 AS suspected, CASE WHEN i % 800 = 0 THEN 1 + i // 8000 END AS case_no, 100 AS reward_fen, 1 AS "
        "rewards, 0 AS reversed_fen, 1 AS ring FROM range(400, $1, 400) t(i)",
        [members],
    )


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases, changes=changes)
