"""The tiers that members stand on over time: joined by fee or task, moved between, let lapse."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, NEVER, NONE, Ints, Streams, Window, pick, take
from loanbook.demo.people import People
from loanbook.demo.reference import TIER_FEE_CNY, TIERS

REASONS = ("paid", "task", "upgrade", "downgrade", "lapse")
_PAID, _TASK, _UPGRADE, _DOWNGRADE, _LAPSE = range(5)
_JOINED = (0.17, 0.14, 0.32, 0.31, 0.06)
_STAGES = 4


@dataclass(frozen=True)
class Standing:
    """Up to four stages per member: when each begins (NEVER: it does not) and the tier it brings."""

    starts: Ints
    tier: Ints
    reason: Ints

    def at(self, members: Ints, instant: Ints) -> Ints:
        """The tier of members at instants; ordinary before their first stage."""
        stage = (self.starts[members] <= instant[:, None]).sum(axis=1) - 1
        return np.where(stage < 0, 0, self.tier[members, stage.clip(0)])


def climb(streams: Streams, people: People, window: Window) -> Standing:
    """Verified members begin as ordinary; most join a tier within days, some move later, some lapse and return."""
    rng = streams("tiers")
    members = len(people.registered)
    starts = np.full((members, _STAGES), NEVER, dtype=np.int64)
    tier = np.zeros((members, _STAGES), dtype=np.int64)
    reason = np.full((members, _STAGES), _TASK, dtype=np.int64)
    verified = people.verified != NONE
    starts[verified, 0] = people.verified[verified]

    joined = pick(rng.random(members), _JOINED)
    tier[:, 1] = joined
    reason[:, 1] = np.where(rng.random(members) < 0.7, _PAID, _TASK)
    delay = (np.exp(rng.normal(-0.5, 1.2, members)) * DAY).astype(np.int64) + 120
    starts[:, 1] = np.where((joined > 0) & verified, starts[:, 0] + delay, NEVER)

    moved = rng.random(members)
    after = (rng.uniform(150, 365, members) * DAY).astype(np.int64)
    year = 365 * DAY + rng.integers(0, DAY, members)
    rises, falls, lapses = moved < 0.12, (moved >= 0.12) & (moved < 0.16), (moved >= 0.16) & (moved < 0.4)
    rises &= joined < len(TIERS) - 1
    falls &= joined > 1
    tier[:, 2] = np.select([rises, falls], [joined + 1, joined - 1], 0)
    reason[:, 2] = np.select([rises, falls], [_UPGRADE, _DOWNGRADE], _LAPSE)
    changes = (rises | falls | lapses) & (starts[:, 1] < NEVER)
    starts[:, 2] = np.where(changes, starts[:, 1] + np.where(rises, after, year), NEVER)

    returns = lapses & changes & (rng.random(members) < 0.35)
    tier[:, 3] = joined
    reason[:, 3] = _PAID
    starts[:, 3] = np.where(returns, starts[:, 2] + (rng.uniform(20, 200, members) * DAY).astype(np.int64), NEVER)
    starts[starts >= window.end] = NEVER
    return Standing(starts, tier, reason)


def membership_table(people: People, standing: Standing, first_id: int) -> pa.Table:
    """One row per member and stage; a stage ends when the next begins."""
    row, stage = np.nonzero(standing.starts < NEVER)
    following = np.concatenate([standing.starts[:, 1:], np.full((len(people.registered), 1), NEVER)], axis=1)
    ended = following[row, stage]
    tier, reason = standing.tier[row, stage], standing.reason[row, stage]
    fee = np.where((reason == _PAID) | (reason == _UPGRADE), take(TIER_FEE_CNY, tier) * 100, 0)
    return table("membership", {
        "id": first_id + np.arange(len(row)), "member_id": people.first_id + row, "tier_code": Coded(tier, TIERS),
        "started_at": standing.starts[row, stage], "ended_at": np.where(ended == NEVER, NONE, ended),
        "reason": Coded(reason, REASONS), "fee_paid": fee,
    })  # fmt: skip
