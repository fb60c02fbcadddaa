"""Campaigns of the paid channels, one after another, and what was spent on them for whom they brought."""

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, NONE, Ints, Streams, Window, take
from loanbook.demo.people import CAMPAIGNS_PER_CHANNEL, PAID_CHANNELS, People
from loanbook.schema import CHANNELS

_LABELS = ("Creator videos", "News feed", "Home stores", "Partner apps")
_CNY_PER_REGISTRATION = (150, 180, 130, 95)
_DEAR_CNY_PER_REGISTRATION = 70
_KINDS = ("media", "agency", "production", "bonus")
_KIND_SHARES = (0.74, 0.1, 0.1, 0.06)
_CAMPAIGNS = len(PAID_CHANNELS) * CAMPAIGNS_PER_CHANNEL


def starts(window: Window) -> Ints:
    """The first day of each of a channel's campaigns, and the day after the last one."""
    days = window.end_day - window.start_day
    return window.start_day + np.ceil(np.arange(CAMPAIGNS_PER_CHANNEL + 1) * days / CAMPAIGNS_PER_CHANNEL).astype(int)


def campaign_table(window: Window) -> pa.Table:
    """One row per campaign; the last of each channel is still running."""
    first = starts(window)
    lane, turn = np.divmod(np.arange(_CAMPAIGNS), CAMPAIGNS_PER_CHANNEL)
    months = first[turn].astype("datetime64[D]").astype("datetime64[M]").astype(str)
    return table("campaign", {
        "id": np.arange(1, _CAMPAIGNS + 1),
        "name": pa.array([f"{_LABELS[k]} {month}" for k, month in zip(lane, months, strict=True)]),
        "channel": Coded(take([CHANNELS.index(name) for name in PAID_CHANNELS], lane), CHANNELS),
        "starts_on": first[turn],
        "ends_on": np.where(turn == CAMPAIGNS_PER_CHANNEL - 1, NONE, first[turn + 1] - 1),
        "budget": (120_000_00 + 30_000_00 * turn) * (1 + lane % 2),
    })  # fmt: skip


def spend_table(streams: Streams, people: People, first_id: int) -> pa.Table:
    """One row per campaign, week and kind: so much for each registration, more or less."""
    rng = streams("campaign spend")
    rows = np.flatnonzero(people.campaign >= 0)
    week = people.registered[rows] // DAY // 7
    key, position, brought = np.unique(people.campaign[rows] * 10_000 + week, return_index=True, return_counts=True)
    campaign, week = np.divmod(key, 10_000)
    dear = people.dear[rows[position]]
    price = np.where(dear, _DEAR_CNY_PER_REGISTRATION, take(_CNY_PER_REGISTRATION, campaign // CAMPAIGNS_PER_CHANNEL))
    fen = brought * price * 100 * rng.uniform(0.8, 1.2, len(key))
    # Booked on the day of the week's first registration, so never outside the campaign or the book.
    day = people.registered[rows[position]] // DAY
    amounts = np.rint(fen[:, None] * np.array(_KIND_SHARES)).astype(np.int64)
    return table("campaign_spend", {
        "id": first_id + np.arange(amounts.size), "campaign_id": np.repeat(campaign + 1, len(_KINDS)),
        "spent_on": np.repeat(day, len(_KINDS)), "kind": Coded(np.tile(np.arange(4), len(key)), _KINDS),
        "amount": amounts.ravel(),
    })  # fmt: skip
