"""How much each signal of abuse weighs, from how common it is: likelihood ratios as points that add up."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rules.policy import Abuse
from rules.text import N_

# What makes a member suspect. The place of a signal is its bit in a pattern: 5 is the first and the third.
SIGNALS = ("shared_device", "shared_address", "ring", "loop", "burst", "idle", "concentrated")

NAMES = {
    "shared_device": N_("Shared device"),
    "shared_address": N_("Shared address"),
    "ring": N_("Ring over devices"),
    "loop": N_("Self-referral or loop"),
    "burst": N_("Burst"),
    "idle": N_("Idle after the reward"),
    "concentrated": N_("Payouts in one hand"),
}
DEFINITIONS = {
    "shared_device": N_("Seen on one device with the own referrer or with somebody whom the member referred."),
    "shared_address": N_(
        "Seen at one address with the own referrer or with somebody whom the member referred; families do that too."
    ),
    "ring": N_("Linked by shared devices, one through another, to so many others that it is a ring."),
    "loop": N_("Referred by themselves, or on a closed loop of referrals."),
    "burst": N_("Among several members whom one referrer brought within hours, or the referrer."),
    "idle": N_("The account earned a reward and has done nothing since."),
    "concentrated": N_("Receives most of what a whole tree has earned."),
}
# Signals that tell the same thing count once: the one that weighs most.
_SAME = (("shared_device", "ring"),)

MOST_POINTS = 20  # of one signal: none alone makes a suspect of an ordinary member
_WEAK_POINTS = {"shared_address": 10}  # families and flat-shares have one address too

_HALF = 0.5  # a case that was not seen, so that a signal without any other case has a weight


@dataclass(frozen=True)
class Rate:
    """How common one signal is. Counts of members."""

    signal: str
    suspected: int  # with the signal
    of_suspected: int
    others: int
    of_others: int
    points: int


@dataclass(frozen=True)
class Weighed:
    """What all signals weigh, and what every pattern of them comes to."""

    rates: tuple[Rate, ...]
    points: Mapping[int, int]  # by pattern
    suspected: frozenset[int]  # patterns


def in_points(ratio: float) -> int:
    """A likelihood ratio as points: ten make a suspicion ten times as likely."""
    return round(10 * math.log10(ratio))


def needed(policy: Abuse) -> int:
    """The points from which on a member is listed: those that lift the share of all members to the policy's."""
    return in_points(_odds(policy.suspected_ratio) / _odds(policy.farmed_ratio))


def given(pattern: int) -> tuple[str, ...]:
    """The signals of a pattern."""
    return tuple(signal for place, signal in enumerate(SIGNALS) if pattern >> place & 1)


def weigh(counts: Mapping[int, int], members: int, policy: Abuse) -> Weighed:
    """The points of each signal and pattern.

    counts: members by pattern, at least those with any signal; `members` in all.
    Formula: points = 10 lg (share of farmed accounts that give the signal, of the policy / share of the members not
    suspected that do), none below 0, at most `MOST_POINTS` (a weak signal
    half of it); of signals that tell the same the heaviest counts; their
    sum is held against `needed`. Who is suspected is left out of the shares, which are counted anew until nobody is
    added or dropped. A signal that is missing says nothing.
    Source: metrics.md, "abuse signals".
    """
    suspected: frozenset[int] = frozenset()
    seen: set[frozenset[int]] = set()
    while suspected not in seen:
        seen.add(suspected)
        rates = tuple(_rate(place, counts, members, suspected, policy) for place in range(len(SIGNALS)))
        points = {pattern: _sum(pattern, rates) for pattern in counts}
        suspected = frozenset(pattern for pattern in points if points[pattern] >= needed(policy))
    return Weighed(rates, points, suspected)


def _rate(place: int, counts: Mapping[int, int], members: int, suspected: frozenset[int], policy: Abuse) -> Rate:
    signal = SIGNALS[place]
    of_suspected = sum(counts[pattern] for pattern in suspected)
    with_it = {pattern: count for pattern, count in counts.items() if pattern >> place & 1}
    among = sum(count for pattern, count in with_it.items() if pattern in suspected)
    others, of_others = sum(with_it.values()) - among, members - of_suspected
    base = (others + _HALF) / (of_others + 2 * _HALF)
    most = _WEAK_POINTS.get(signal, MOST_POINTS)
    points = min(max(in_points(getattr(policy.hits, signal) / base), 0), most)
    return Rate(signal, among, of_suspected, others, of_others, points)


def _sum(pattern: int, rates: tuple[Rate, ...]) -> int:
    points = {rate.signal: rate.points for rate in rates if rate.signal in given(pattern)}
    for same in _SAME:
        for lighter in sorted((signal for signal in same if signal in points), key=points.__getitem__)[:-1]:
            del points[lighter]
    return sum(points.values())


def _odds(ratio: float) -> float:
    return ratio / (1 - ratio)
