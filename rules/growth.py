"""How the network grows: members by week and level, what referral will bring next, the shape of the trees."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from rules.intervals import Floats, normal_quantile, rate
from rules.virality import Cycle, structural_virality

SIZES = (1, 2, 3, 6, 11, 31, 101)  # where the bands of tree sizes begin
ROOT = "0"  # the level of a root
INVITATION_STEPS = ("sent", "opened", "registered", "verified", "first_loan")
RECENT_DAYS = 52 * 7  # what members bring now is told by so many days
AHEAD_WEEKS = 13
_ROOT_WEEKS = 13  # newest weeks whose roots are taken to go on
_FITTED_WEEKS = 26  # newest weeks by which it is told how much weeks vary
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Forecast:
    """What referral will bring; nan where there is nothing to tell it by."""

    weeks: pd.DataFrame  # one row per week to come: week; roots, referred (expected members); low, high of referred
    referred: float  # in all those weeks
    low: float
    high: float
    past_referred: float  # in as many weeks before
    past_expected: float  # what the same would have said of those weeks, from what had happened before each
    dispersion: float  # how many times as much as chance alone weeks have varied


@dataclass(frozen=True)
class Shape:
    """The trees of a selection as they stand."""

    sizes: pd.DataFrame  # one row per band: size, last (its end, 0: open), trees, members, ..., mean_distance
    trees: int
    members: int
    branching: float  # referees of each member who has any
    leaf_share: float
    mean_level: float
    deepest: int
    largest: int
    mean_distance: float  # of two members of one tree: structural virality over all trees


def by_week(parts: pd.DataFrame, levels: tuple[str, ...], as_of: date) -> pd.DataFrame:
    """Members of each week and level, no week left out, and all who had come by its end.

    parts: one row per week (its Monday) and level with members; a level that is not among `levels` counts as a root.
    Columns: week (date), level, members, so_far; running: the week ends after as_of.
    """
    if parts.empty:
        return pd.DataFrame(columns=["week", "level", "members", "so_far", "running"])
    week = pd.to_datetime(parts["week"])
    first = week.min()
    row = ((week - first).dt.days // 7).to_numpy()
    column = pd.Index(levels).get_indexer(pd.Index(parts["level"])).clip(0)
    counted = np.zeros((int(row.max()) + 1, len(levels)), dtype=np.int64)
    np.add.at(counted, (row, column), parts["members"].to_numpy(np.int64))
    days = [first.date() + _WEEK * place for place in range(len(counted))]
    return pd.DataFrame(
        {
            "week": np.repeat(np.array(days, dtype=object), len(levels)),
            "level": list(levels) * len(days),
            "members": counted.ravel(),
            "so_far": counted.cumsum(axis=0).ravel(),
            "running": np.repeat([day + _WEEK - timedelta(days=1) > as_of for day in days], len(levels)),
        }
    )


def forecast(weeks: pd.DataFrame, found: Cycle, *, confidence: float) -> Forecast:
    """What referral will bring in the weeks to come, from how many each member brings (K) and how soon (the cycle).

    weeks: `by_week`; found: the curve of members brought per member by day.
    Formula: the renewal equation, referred in a week = sum over the weeks before it of all who registered then, times
    what the curve rises at their age; roots go on at the mean of the newest 13 whole weeks. Interval of referred:
    variance = dispersion x referred + (referred x relative standard error of the curve's end)^2, the dispersion being
    Pearson's chi-squared of the newest 26 whole weeks against the same formula, over how many they are, at least 1.
    Source: Feller 1941 (renewal equation); metrics.md, "viral coefficient K", "cycle time".
    """
    whole = weeks.loc[~weeks["running"]]
    days = sorted(whole["week"].unique())
    every = whole.groupby("week")["members"].sum().to_numpy(float)
    roots = whole.loc[whole["level"] == ROOT].groupby("week")["members"].sum().to_numpy(float)
    if len(days) < 2 or not found.coefficient > 0:
        none = pd.DataFrame(columns=["week", "roots", "referred", "low", "high"])
        return Forecast(none, *[float("nan")] * 6)
    rise = weekly_rise(found.curve["brought"].to_numpy(float), len(every) + AHEAD_WEEKS)
    expected = np.array([_referred(every[:week], rise, roots[week]) for week in range(len(every))])
    fitted = slice(max(1, len(every) - _FITTED_WEEKS), None)
    actual = every - roots
    told = expected[fitted] > 0
    surprise = rate((actual[fitted] - expected[fitted]) ** 2, expected[fitted])[told]
    dispersion = max(1.0, float(surprise.mean())) if told.any() else 1.0
    coming = float(roots[-_ROOT_WEEKS:].mean())
    for _ in range(AHEAD_WEEKS):
        every = np.append(every, coming + _referred(every, rise, coming))
    referred = every[-AHEAD_WEEKS:] - coming
    relative = (found.coefficient_high - found.coefficient_low) / 2 / normal_quantile(confidence) / found.coefficient
    reach = normal_quantile(confidence) * np.sqrt(dispersion * referred + (referred * relative) ** 2)
    total = float(referred.sum())
    total_reach = normal_quantile(confidence) * float(np.sqrt(dispersion * total + (total * relative) ** 2))
    ahead = pd.DataFrame(
        {
            "week": [days[-1] + _WEEK * (place + 1) for place in range(AHEAD_WEEKS)],
            "roots": coming,
            "referred": referred,
            "low": np.maximum(referred - reach, 0.0),
            "high": referred + reach,
        }
    )
    past = slice(max(0, len(actual) - AHEAD_WEEKS), None)
    return Forecast(
        weeks=ahead,
        referred=total,
        low=max(0.0, total - total_reach),
        high=total + total_reach,
        past_referred=float(actual[past].sum()),
        past_expected=float(expected[past].sum()),
        dispersion=dispersion,
    )


def weekly_rise(brought: Floats, weeks: int) -> Floats:
    """How many a member brings so many weeks after the week of registration, from 0, for that many weeks.

    brought: the mean cumulative function by day. Formula: within a week members register evenly, so two days that are
    so many weeks apart differ by up to six days more or less: the rise of each day is shared by how often it falls so.
    """
    rise = np.diff(np.concatenate([[0.0], brought]))
    day = np.arange(len(rise))
    first, share = day // 7, (day % 7) / 7
    least = weeks + len(rise) // 7 + 2
    shared = np.bincount(first, rise * (1 - share), least) + np.bincount(first + 1, rise * share, least)
    return np.asarray(shared[:weeks], dtype=np.float64)


def shape(parts: pd.DataFrame) -> Shape:
    """The size distribution of trees and what their shape comes to.

    parts: one row per band of sizes with size, trees, members, leaves, levels, deepest, largest, distances, pairs.
    Formula: branching = members who are not roots / members with referees; leaf share = members without referees /
    members; mean distance = distances / pairs, summed over all trees.
    Source: metrics.md, "level", "structural virality".
    """
    edges = dict(zip(SIZES, [following - 1 for following in SIZES[1:]] + [0], strict=True))
    whole = parts.sum(numeric_only=True)
    members, leaves, trees = int(whole["members"]), int(whole["leaves"]), int(whole["trees"])
    return Shape(
        sizes=parts.assign(
            last=parts["size"].map(edges),
            tree_share=rate(parts["trees"], trees),
            member_share=rate(parts["members"], members),
            mean_distance=structural_virality(parts["distances"], parts["pairs"]),
        ),
        trees=trees,
        members=members,
        branching=float(rate(members - trees, members - leaves)),
        leaf_share=float(rate(leaves, members)),
        mean_level=float(rate(whole["levels"], members)),
        deepest=int(parts["deepest"].max()) if len(parts) else 0,
        largest=int(parts["largest"].max()) if len(parts) else 0,
        mean_distance=float(structural_virality(whole["distances"], whole["pairs"])),
    )


def _referred(before: Floats, rise: Floats, roots: float) -> float:
    """How many the members of earlier weeks bring in the week that follows, and those of that week within it."""
    lagged = float(before @ rise[1 : len(before) + 1][::-1])
    return (lagged + float(rise[0]) * roots) / (1 - float(rise[0]))
