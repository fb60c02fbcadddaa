"""Where members stand on a day, and how they move between two days.

On a day a registered member is in exactly one of these states:

- a tier: the membership in force at the end of the day, unless one of the states below holds;
- NONE: no membership has begun yet;
- LAPSED: the newest membership is a lapse, or has ended and none follows it;
- DORMANT: on a tier or NONE, and for more than the policy's days without a sign of life: a registration, verification,
  membership that the member took (not a lapse or downgrade), application, running loan, redeemed perk, invitation, the
  registration of somebody they referred, or having been seen on a device. Who has lapsed is LAPSED, dormant or not.

Who registers after the first of two days is ENTERED there; who registers after the second is not counted.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from rules.default_rates import Verdict, verdict
from rules.intervals import rate, wilson
from rules.kept import worked_out_once
from rules.proportions import difference

NONE, LAPSED, DORMANT, ENTERED = "none", "lapsed", "dormant", "entered"

# What a membership changes: STARTED on the lowest tier; JOINED above it for the first time; ROSE, FELL between tiers;
# RENEWED on the same one; LAPSED; RETURNED above the lowest after a lapse.
STARTED, JOINED, ROSE, FELL, RENEWED, RETURNED = "started", "joined", "rose", "fell", "renewed", "returned"
CHANGES = (STARTED, JOINED, ROSE, FELL, RENEWED, LAPSED, RETURNED)
UPGRADES = (JOINED, ROSE, RETURNED)

LOWEST = 2  # place of the lowest tier among the states; entered is 0, none 1


@dataclass(frozen=True)
class Moves:
    """How many members moved which way between two days; all of them sum to `members`."""

    members: int  # registered by the last day
    entered: int
    stayed: int
    started: int  # from none to the lowest tier
    rose: int
    fell: int
    lapsed: int
    fell_dormant: int
    came_back: int  # from lapsed or dormant to a tier or none

    @property
    def before(self) -> int:
        """Members on the first day."""
        return self.members - self.entered


@dataclass(frozen=True)
class Climb:
    """The share of members who moved up, against the days before; nan where there is nobody to divide by."""

    rate: float
    low: float
    high: float
    before_rate: float
    difference: float
    verdict: Verdict


@worked_out_once
def matrix(flows: pd.DataFrame, *, significance: float, thin_members: int) -> pd.DataFrame:
    """Of the members in each state on the first day, the share in each state on the last.

    flows: `queries.migration.flows`.
    Grain: one row per state before that has members and state after that has some, in their order. Columns: from_state,
    to_state, from_place, to_place; members, of_members (count; the members of a state sum to of_members); rate, low,
    high; thin.
    Formula: members / of_members, Wilson interval of each cell; who entered in between is a row of its own.
    Source: metrics.md, "Tier migration".
    """
    rows = flows[["from_place", "from_state"]].drop_duplicates().sort_values("from_place")
    columns = flows[["to_place", "to_state"]].drop_duplicates().sort_values("to_place")
    found = rows.merge(columns, how="cross").merge(flows, on=[*rows.columns, *columns.columns], how="left")
    found["members"] = found["members"].fillna(0).astype("int64")
    of_members = found.groupby("from_state")["members"].transform("sum")
    low, high = wilson(found["members"], of_members, 1 - significance)
    return found.assign(
        of_members=of_members,
        rate=rate(found["members"], of_members),
        low=low,
        high=high,
        thin=of_members < thin_members,
    )


def ends(flows: pd.DataFrame) -> pd.DataFrame:
    """Members in each state on both days.

    Grain: one row per state that has members on either day, in their order. Columns: state, place; before, after
    (count): before leaves out who entered, after counts all; each sums to the members of its day.
    """
    sides = [
        flows.groupby([f"{side}_place", f"{side}_state"])["members"].sum().rename_axis(["place", "state"]).rename(name)
        for side, name in (("from", "before"), ("to", "after"))
    ]
    both = pd.concat(sides, axis=1).fillna(0).astype("int64").sort_index().reset_index()
    return both.loc[both["state"] != ENTERED, ["state", "place", "before", "after"]].reset_index(drop=True)


def moves(flows: pd.DataFrame) -> Moves:
    """How many moved which way."""
    way = _ways(flows)

    def count(name: str) -> int:
        return int(flows.loc[way == name, "members"].sum())

    return Moves(
        members=int(flows["members"].sum()),
        entered=count("entered"),
        stayed=count("stayed"),
        started=count("started"),
        rose=count("rose"),
        fell=count("fell"),
        lapsed=count("lapsed"),
        fell_dormant=count("fell_dormant"),
        came_back=count("came_back"),
    )


@worked_out_once
def climb(flows: pd.DataFrame, before: pd.DataFrame, significance: float) -> Climb:
    """The share of those who were members on the first day and moved up by the last, against the days before.

    flows, before: `queries.migration.flows` of the days chosen and of as many days before them.
    Formula: rose / members on the first day, Wilson interval; `rules.proportions.difference`. Mostly the same members
    are counted both times.
    """
    now, then = moves(flows), moves(before)
    low, high = wilson(now.rose, now.before, 1 - significance)
    gap = difference(now.rose, now.before, then.rose, then.before, 1 - significance).iloc[0]
    return Climb(
        rate=float(rate(now.rose, now.before)),
        low=float(low),
        high=float(high),
        before_rate=float(rate(then.rose, then.before)),
        difference=float(gap["difference"]),
        verdict=verdict(float(gap["difference"]), float(gap["p_value"]), significance),
    )


def busiest_rise(cells: pd.DataFrame, flows: pd.DataFrame) -> "pd.Series[Any] | None":
    """The step from tier to tier that the largest share takes; None where nobody rose from a tier that is not thin."""
    up = flows.loc[(_ways(flows) == "rose") & (flows["from_state"] != NONE), ["from_state", "to_state"]]
    rising = cells.merge(up, on=["from_state", "to_state"])
    rising = rising.loc[~rising["thin"]]
    return None if rising.empty else rising.sort_values("rate").iloc[-1]


@worked_out_once
def upgrade_ways(parts: pd.DataFrame, *, significance: float) -> pd.DataFrame:
    """Upgrades to each tier, paid for or reached by tasks.

    parts: `queries.migration.upgrades`.
    Grain: one row per tier that somebody rose to, in the tiers' order. Columns: tier; upgrades, paid, task; joined,
    rose, returned (count; by way and by change they sum to upgrades); fee_fen; paid_rate, low, high.
    """
    tiers = list(dict.fromkeys(parts["tier"]))
    found = pd.DataFrame({"tier": tiers})
    for column, values in (("way", ("paid", "task")), ("change", UPGRADES)):
        for value in values:
            summed = parts.loc[parts[column] == value].groupby("tier")["upgrades"].sum()
            found[value] = summed.reindex(tiers, fill_value=0).to_numpy("int64")
    found["upgrades"] = found["paid"] + found["task"]
    found["fee_fen"] = parts.groupby("tier")["fee_fen"].sum().reindex(tiers).to_numpy("int64")
    low, high = wilson(found["paid"], found["upgrades"], 1 - significance)
    return found.assign(paid_rate=rate(found["paid"], found["upgrades"]), low=low, high=high)


def _ways(flows: pd.DataFrame) -> "pd.Series[str]":
    """Which way each flow goes, in the names of `Moves`."""
    start, end = flows["from_state"], flows["to_state"]
    way = pd.Series("fell", index=flows.index, dtype="str")
    way[flows["to_place"] > flows["from_place"]] = "rose"
    way[(start == NONE) & (flows["to_place"] == LOWEST)] = "started"
    way[start.isin([LAPSED, DORMANT])] = "came_back"
    way[end == DORMANT] = "fell_dormant"
    way[end == LAPSED] = "lapsed"
    way[start == end] = "stayed"
    way[start == ENTERED] = "entered"
    return way
