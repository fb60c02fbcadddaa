"""Invitations by members and by opinion leaders, sent, opened, and answered by those who came."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, NONE, Ints, Streams, Window
from loanbook.demo.people import People, referral_codes
from loanbook.schema import CHANNELS

CREATORS = tuple(f"creator-{number:02}" for number in range(1, 13))
_CREATOR_CODES = tuple(f"KOL{number:04}" for number in range(1, 13))
_MEDIA = ("link", "qr", "code")
_IDLE_EACH = 1.4  # invitations that bring nobody, for each that does
_IDLE_OPENED = 0.45


def invitation_table(streams: Streams, people: People, window: Window, first_id: int) -> pa.Table:
    """One row per invitation: of everyone who came by one, and of more that brought nobody."""
    rng = streams("invitations")
    referee = np.flatnonzero(people.referrer >= 0)
    referrer = people.referrer[referee]
    known = people.registered[referee] - people.registered[referrer]
    delay = np.minimum(rng.exponential(2 * DAY, len(referee)).astype(np.int64) + 300, known // 2)
    came = people.registered[referee] - delay
    idle = referrer[rng.integers(0, max(len(referrer), 1), int(_IDLE_EACH * len(referrer)))]
    room = np.minimum(window.end - 1 - people.registered[idle], 200 * DAY)
    sent_idle = people.registered[idle] + (rng.random(len(idle)) * room).astype(np.int64)
    opened_idle = sent_idle + rng.exponential(0.4 * DAY, len(idle)).astype(np.int64) + 20
    opens = (rng.random(len(idle)) < _IDLE_OPENED) & (opened_idle < window.end)

    followed = np.flatnonzero(people.channel == CHANNELS.index("opinion_leader"))
    watched = people.registered[followed] - 30 - rng.exponential(0.1 * DAY, len(followed)).astype(np.int64)
    watched = np.maximum(watched, window.start_day * DAY)
    parts = [
        (referrer, referee, came, came + delay // 2, np.full(len(referee), NONE)),
        (idle, np.full(len(idle), -1), sent_idle, np.where(opens, opened_idle, NONE), np.full(len(idle), NONE)),
        (np.full(len(followed), -1), followed, watched, watched + 10, people.campaign[followed] + 1),
    ]
    by, brought, sent, opened, campaign = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(sent, kind="stable")
    by, brought = by[order], brought[order]
    creator = np.where(by < 0, campaign[order] % len(CREATORS), -1)
    return table("invitation", {
        "id": first_id + np.arange(len(order)), "referrer_id": _ids(people, by), "creator": Coded(creator, CREATORS),
        "code": _codes(people, by, creator),
        "medium": Coded(np.searchsorted([0.55, 0.85], rng.random(len(order))), _MEDIA),
        "campaign_id": campaign[order], "sent_at": sent[order], "opened_at": opened[order],
        "referee_id": _ids(people, brought),
    })  # fmt: skip


def _ids(people: People, rows: Ints) -> Ints:
    return np.where(rows < 0, NONE, people.first_id + rows)


def _codes(people: People, by: Ints, creator: Ints) -> pa.Array:
    """The code of the member who invites, or the opinion leader's."""
    own = referral_codes(people.first_id + by.clip(0))
    return pc.if_else(pa.array(by >= 0), own, pa.array(_CREATOR_CODES).take(pa.array(creator.clip(0))))
