"""`python -m tests.bench.growth`: growth, quality and the tree over a generated forest, beside DuckDB by hand.

The forest is laid out by the product itself and its branches are also counted by networkx where that fits; both ways
give the same sums, or the benchmark stops; no time is asserted.
"""

import time
from collections.abc import Mapping

import duckdb
import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa

from loanbook.referrals import growth_schema, tree_node
from loanbook.referrals.generations import NOBODY, Ints
from loanbook.referrals.preorder import lay_out
from loanbook.working import create_tables
from queries import growth, quality, tree
from rules import growth as growth_rules
from rules import policy, trees, virality
from rules import quality as quality_rules
from rules.filters import DateRange, Definition, Horizon
from rules.member_filters import MemberSelection
from rules.trees import MOST_NODES, Scope
from tests.bench import both_ways
from tests.bench.both_ways import Case, Change, Grouped
from tests.queries.drawn import AS_OF

SELECTED = "offline"
ROOTS = 0.58  # share of members
NETWORKX_MEMBERS = 1_000_000  # more would not fit beside the rest

FORECAST_DAYS = 1095
LEVELS = ("0", "1", "2", "3", "4", "5")
RULE = policy.load()[-1]

_EVERYBODY = MemberSelection(DateRange(), None, ())
_CHANNELS = "['advertising', 'offline', 'organic', 'partner', 'referral']"
_RULE = (Definition.DPD90, Horizon.M12)

_DESCRIBED = (growth_schema.member_outcome.name, growth_schema.member_referring.name, growth_schema.referral_delay.name)
_FILLED = (*_DESCRIBED, growth_schema.invitation_journey.name)

TITLE = "Growth, quality and tree, {members} generated members"


def _of_selected(frame: pd.DataFrame) -> "pd.Series[bool]":
    return frame["channel"] == SELECTED


def cases() -> list[Case]:
    """Every statement of the parts over all members, and the same for one channel."""
    found = []
    for name, selection, where in (
        ("all members", _EVERYBODY, "true"),
        ("one channel", _EVERYBODY.narrowed("channel", SELECTED), f"j.channel = '{SELECTED}'"),
    ):
        found += [
            Case(f"members by week and level, {name}", growth.weeks(selection),
                 "SELECT date_trunc('week', registered_on), referral_level, count(*) FROM member_journey j "
                 f"WHERE {where} GROUP BY 1, 2", (2,),
                 Grouped("member_journey", ("registered_on", "referral_level"), ("",),
                         None if where == "true" else _of_selected)),
            Case(f"K by cohort, {name}", growth.cohorts(selection),
                 "SELECT j.registered_month, count(*), count(*) FILTER (WHERE referees > 0), "
                 "coalesce(sum(referees), 0)::BIGINT, coalesce(sum(referees * referees), 0)::BIGINT "
                 f"FROM member_journey j LEFT JOIN member_referring USING (member_no) WHERE {where} GROUP BY 1",
                 (1, 2, 3, 4)),
            Case(f"days to referees, {name}", growth.referrals(selection, AS_OF),
                 "SELECT e.registered_on - j.registered_on, count(*) FROM member_journey e "
                 f"JOIN member_journey j ON j.member_no = e.referrer_no WHERE {where} GROUP BY 1", (0, 1)),
            Case(f"trees by size, {name}", growth.trees(selection),
                 "SELECT count(*), 0, sum(coalesce(t.members, 1))::BIGINT FROM member_journey j "
                 f"LEFT JOIN referral_tree t ON t.root_no = j.member_no WHERE j.level = 0 AND {where}", (2,)),
            Case(f"quality by channel, {name}", quality.by_group(selection, "channel", *_RULE),
                 "SELECT j.channel, count(*), count(*) FILTER (observed_months >= 12 AND default_month_90 <= 12), "
                 "sum(value_fen)::BIGINT FROM member_journey j JOIN member_outcome USING (member_no) "
                 f"WHERE {where} GROUP BY 1", (1,)),
            Case(f"referrers' moments, {name}", quality.moments(selection),
                 "SELECT n, count(*), sum(s)::BIGINT FROM (SELECT j.referrer_no, count(value_fen) AS n, "
                 "round(sum(value_fen) / 100.0)::BIGINT AS s FROM member_journey j "
                 f"JOIN member_outcome USING (member_no) WHERE j.referrer_no IS NOT NULL AND {where} "
                 "GROUP BY 1 HAVING count(value_fen) > 0) GROUP BY 1",
                 (0, 1, 2)),
        ]  # fmt: skip
    largest = f"SELECT position FROM tree_node ORDER BY members DESC, position LIMIT {MOST_NODES}"
    found.append(
        Case("the largest branches of all trees", tree.nodes(Scope(), *_RULE, most=MOST_NODES),
             f"SELECT n.*, member_id FROM tree_node n JOIN ({largest}) USING (position) "
             "JOIN member_journey USING (member_no)", (0,))
    )  # fmt: skip
    return found


def changes() -> list[Change]:
    """One channel chosen, on each of the three parts."""
    chosen = _EVERYBODY.narrowed("channel", SELECTED)
    return [
        Change("growth", growth.asked(chosen, as_of=AS_OF, invitation_days=RULE.growth.invitation_days), _grown),
        Change("growth, everybody",
               growth.asked(_EVERYBODY, as_of=AS_OF, invitation_days=RULE.growth.invitation_days), _grown),
        Change("quality", quality.asked(chosen, "referral_level", *_RULE), _brought),
        Change("quality, everybody", quality.asked(_EVERYBODY, "referral_level", *_RULE), _brought),
        Change("tree", tree.asked(Scope(), *_RULE), _explored),
        Change("tree of a member", tree.asked(Scope(member_id="M7"), *_RULE), _explored),
    ]  # fmt: skip


def _grown(frames: Mapping[str, pd.DataFrame]) -> object:
    """What the cards on growth are drawn from."""
    weeks = growth_rules.by_week(frames["weeks"], LEVELS, AS_OF)
    spread, brought = virality.dispersion(frames["cohorts"]), (frames["followed"], frames["referrals"])
    judge = {"confidence": 0.95, "dispersion": spread}
    cycle = virality.cycle(*brought, window_days=RULE.growth.cycle_days, **judge)
    now = virality.cycle(*brought, window_days=FORECAST_DAYS, recent_days=growth_rules.RECENT_DAYS, **judge)
    k = virality.coefficients(
        frames["cohorts"], window_days=RULE.growth.exposure_days, confidence=0.95, thin_members=30
    )
    return cycle, k, growth_rules.forecast(weeks, now, confidence=0.95), growth_rules.shape(frames["trees"])


def _brought(frames: Mapping[str, pd.DataFrame]) -> object:
    """What the cards on quality are drawn from."""
    display = RULE.display
    judge = {"significance": display.significance, "thin": display.thin_borrowers}
    groups = [quality_rules.measured(frames["groups"], measure, **judge) for measure in quality_rules.MEASURES]
    return groups, quality_rules.ranked(frames["referrers"], frames["moments"], by_total=True, confidence=0.95)


def _explored(frames: Mapping[str, pd.DataFrame]) -> object:
    """What the tree is drawn from."""
    rows = trees.judged(trees.drawn(frames["nodes"]), frames["whole"].iloc[0], RULE.display.significance)
    return trees.spans(rows), trees.places(rows)


def forest(members: int) -> Ints:
    """The row of each member's referrer, who came before: half of the time one of the last twentieth."""
    rng = np.random.default_rng(7)
    rows = np.arange(members)
    near = np.maximum(rows - 1 - (rng.random(members) * members / 20).astype(np.int64), 0)
    above = np.where(rng.random(members) < 0.5, (rng.random(members) * rows).astype(np.int64), near)
    return np.where((rng.random(members) < ROOTS) | (rows == 0), NOBODY, above)


def snapshot() -> duckdb.DuckDBPyConnection:
    """The tables that the parts read, empty."""
    made = duckdb.connect(config={"threads": 1})
    create_tables(made, "member_journey", *_FILLED)
    made.execute(f"CREATE TYPE bench_channel AS ENUM ({_CHANNELS[1:-1]})")
    for name in ("member_journey", *_DESCRIBED):
        made.execute(f"ALTER TABLE {name} ALTER COLUMN channel TYPE bench_channel")
    campaigns = ", ".join(f"'C{number}'" for number in range(29))
    made.execute(f"CREATE TYPE bench_campaign AS ENUM ({campaigns})")
    made.execute("ALTER TABLE invitation_journey ALTER COLUMN campaign TYPE bench_campaign")
    return made


def fill(made: duckdb.DuckDBPyConnection, members: int) -> list[str]:
    """So many members in a forest, with what became of them; how long the layout took, beside networkx."""
    referrers = forest(members)
    started = time.perf_counter()
    laid = lay_out(referrers)
    said = [f"{members:,} members laid out in {time.perf_counter() - started:.1f} s"]
    by_row = np.argsort(laid.rows)
    drawn = {"r": referrers + 1, "level": laid.levels[by_row], "referrals": laid.referrals[by_row]}
    made.register("drawn", pa.table({"m": np.arange(1, members + 1), **drawn}))
    made.execute(
        "INSERT INTO member_journey (member_no, member_id, registered_on, registered_month, channel, referrer_no, "
        "level, referrals, referral_level, observed_days, inherited_campaign) SELECT m, 'M' || m, day, "
        f"strftime(day, '%Y-%m'), {_CHANNELS}[1 + m % 5], nullif(r, 0), level, referrals, least(level, 5)::VARCHAR, "
        "DATE '2026-06-30' - day, 'unknown' "
        "FROM (SELECT *, DATE '2022-01-01' + CAST(m * 1600 // $1 AS INTEGER) AS day FROM drawn) ORDER BY m",
        [members],
    )
    made.unregister("drawn")
    made.execute(
        "INSERT INTO member_outcome BY NAME SELECT member_no, registered_on, channel, inherited_campaign, referrer_no, "
        "m % 2 = 0 AS applied, m % 3 = 0 AS approved, CASE WHEN m % 3 = 0 THEN m END AS loan_no, "
        "CASE WHEN m % 3 = 0 THEN m % 30 END AS observed_months, CASE WHEN m % 60 = 0 THEN m % 20 END AS "
        "default_month_90, m % 90000 AS value_fen, (m % 90000 // 100) ** 2 AS value_cny_squared, m % 90000 AS "
        "value_so_far_fen FROM (SELECT *, member_no AS m FROM member_journey) ORDER BY m"
    )
    made.execute(
        "INSERT INTO member_referring BY NAME SELECT r.member_no, any_value(r.registered_month) AS registered_month, "
        "any_value(r.channel) AS channel, count(*) AS referees, 0 AS invitations FROM member_journey e "
        "JOIN member_journey r ON r.member_no = e.referrer_no WHERE e.registered_on - r.registered_on <= 90 GROUP BY 1 "
        "ORDER BY 1"
    )
    made.execute(
        "INSERT INTO referral_delay BY NAME SELECT r.channel, e.registered_on - r.registered_on AS day, e.registered_on"
        " FROM member_journey e JOIN member_journey r ON r.member_no = e.referrer_no ORDER BY e.member_no"
    )
    made.execute(
        "INSERT INTO invitation_journey BY NAME SELECT r.registered_on AS sent_on, r.observed_days, 'C' || m % 29 AS "
        "campaign, CASE WHEN m % 3 > 0 THEN m % 99999 END AS opened_s, CASE WHEN m % 5 = 1 THEN m % 999999 END AS "
        "registered_s, CASE WHEN m % 10 = 1 THEN m % 999999 END AS verified_s, CASE WHEN m % 20 = 1 THEN m % 9999999 "
        "END AS disbursed_s FROM (SELECT *, member_no AS m FROM member_journey) r ORDER BY m"
    )
    started = time.perf_counter()
    tree_node.build(made, *_RULE)
    said.append(f"branches and trees derived in {time.perf_counter() - started:.1f} s")
    if members <= NETWORKX_MEMBERS:
        said.append(_by_networkx(referrers, laid.sizes[np.argsort(laid.rows)]))
    return said


def _by_networkx(referrers: Ints, sizes: Ints) -> str:
    started = time.perf_counter()
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(referrers)))
    graph.add_edges_from((int(above), row) for row, above in enumerate(referrers) if above != NOBODY)
    counted = np.ones(len(referrers), dtype=np.int64)
    for row in reversed(list(nx.topological_sort(graph))):
        counted[row] += sum(counted[below] for below in graph.successors(row))
    if not (counted == sizes).all():
        raise SystemExit("networkx counts other branches")
    return f"networkx counted the same branches in {time.perf_counter() - started:.1f} s"


if __name__ == "__main__":
    both_ways.main(__spec__.name, TITLE, snapshot, fill, cases, changes=changes)
