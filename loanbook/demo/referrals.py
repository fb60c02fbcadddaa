"""Who was invited by whom: a branching process in which a few members invite very many."""

import numpy as np

from loanbook.demo.draw import DAY, HOUR, Bools, Ints, Streams, pick

LEVELS = 6
_LEVEL_SHARES = (0.58, 0.22, 0.11, 0.055, 0.025, 0.01)
RING_MEMBERS = 24
RING_LEAST_MEMBERS = 2_000  # a book of fewer members has no ring
_RING_BRANCHES = 3
_RING_DAYS_BACK = 120


def tree(streams: Streams, registered: Ints, ring: Ints) -> tuple[Ints, Ints]:
    """The referrer's row (-1: none) and the referral level of each member, who are in order of registration.

    A member of level n is invited by one of level n - 1 who registered at least an hour before; half of the time by
    somebody of the last two months. Where nobody is early enough the member comes without a referrer.
    """
    members = len(registered)
    rng = streams("referrals")
    level = pick(rng.random(members), _LEVEL_SHARES)
    inviting = np.minimum((1 - rng.random(members)) ** (-1 / 1.3), 60.0)
    choice, recent = rng.random(members), rng.random(members) < 0.5
    level[ring] = -1
    referrer = np.full(members, -1, dtype=np.int64)
    for generation in range(1, LEVELS):
        parents = np.flatnonzero(level == generation - 1)
        children = np.flatnonzero(level == generation)
        at = registered[children]
        until = np.searchsorted(registered[parents], at - HOUR)
        since = np.where(recent[children], np.searchsorted(registered[parents], at - 60 * DAY), 0)
        since = np.minimum(since, (until - 1).clip(0))
        found = until > 0
        level[children[~found]] = 0
        total = np.concatenate([[0.0], np.cumsum(inviting[parents])])
        low, high = total[since[found]], total[until[found]]
        position = np.searchsorted(total, low + choice[children[found]] * (high - low), side="right") - 1
        referrer[children[found]] = parents[position.clip(since[found], until[found] - 1)]
    _plant_ring(ring, referrer, level)
    return referrer, level


def ring_rows(registered: Ints, end: int, planted: bool) -> Ints:
    """The rows of the farmed ring: members who registered one after another about four months ago."""
    if not planted or len(registered) < RING_LEAST_MEMBERS:
        return np.zeros(0, dtype=np.int64)
    first = int(np.searchsorted(registered, end - _RING_DAYS_BACK * DAY))
    return np.arange(first, first + RING_MEMBERS)


def in_rows(rows: Ints, members: int) -> Bools:
    """Whether each member is one of the rows."""
    result = np.zeros(members, dtype=bool)
    result[rows] = True
    return result


def _plant_ring(ring: Ints, referrer: Ints, level: Ints) -> None:
    """The first of the ring invites three, each of them three, and so on."""
    for number, row in enumerate(ring):
        parent = (number - 1) // _RING_BRANCHES
        referrer[row] = ring[parent] if number else -1
        level[row] = level[ring[parent]] + 1 if number else 0
