"""Members: when and how they came, who they are, and how likely each is to repay."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loanbook.demo import names, referrals
from loanbook.demo.columns import Coded, fixed_text, table
from loanbook.demo.draw import DAY, NONE, Bools, Floats, Ints, Streams, Window, pick, take, visit_seconds
from loanbook.demo.reference import PROVINCE_NAMES, PROVINCES
from loanbook.demo.truth import TRUTH
from loanbook.schema import CHANNELS

PAID_CHANNELS = ("opinion_leader", "advertising", "offline", "partner")
CAMPAIGNS_PER_CHANNEL = 7
_CHANNEL_SHARES = (0.36, 0.0, 0.14, 0.26, 0.12, 0.12)  # of those who come without a referrer
_DEAR_CAMPAIGN = PAID_CHANNELS.index(TRUTH.dear_campaign_channel) * CAMPAIGNS_PER_CHANNEL + 4
_BAD, _SMALL = PROVINCE_NAMES.index(TRUTH.bad_province), PROVINCE_NAMES.index(TRUTH.looks_bad_province)
_SMALL_BORROWERS = 38
_SMALL_DAYS_BACK = (735, 425)  # they registered then, so that their first loans lie in the newest mature twelve months
_CONSENT_VERSIONS = ("2023-1", "2025-1")
_SECOND_VERSION = 0.6  # of the members, by registration, consented to the first version
_UNCONSENTED = 25
_CODE = np.frombuffer(b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789", dtype=np.uint8)


@dataclass(frozen=True)
class People:
    """One row per member, in order of registration."""

    first_id: int
    registered: Ints
    verified: Ints
    female: Bools
    birth_year: Ints
    province: Ints
    income: Ints
    channel: Ints
    campaign: Ints  # position, -1: none
    referrer: Ints  # row, -1: none
    level: Ints
    risk: Floats  # unseen by anybody: standard normal, higher repays worse
    ring: Ints  # rows of the farmed ring, the farmer first
    planned_borrower: Ints  # number among the borrowers of the small province, -1: not one of them
    dear: Bools  # came by the campaign that is dear per repaying borrower

    @property
    def ids(self) -> Ints:
        """The members' ids."""
        return self.first_id + np.arange(len(self.registered))

    @property
    def in_ring(self) -> Bools:
        """Whether each is one of the farmed ring."""
        return referrals.in_rows(self.ring, len(self.registered))

    @property
    def bad_province(self) -> Bools:
        """Whether each lives in the province whose loans really default more."""
        result: Bools = self.province == _BAD
        return result


def arrive(streams: Streams, window: Window, members: int, first_id: int, planted: bool) -> People:
    """Members as they register over the history, more and more of them each month."""
    rng = streams("people")
    days = window.end_day - window.start_day
    share = np.sqrt(1 + 3 * rng.random(members)) - 1
    registered = (window.start_day + (share * days).astype(np.int64)) * DAY + visit_seconds(rng.random(members))
    registered = np.sort(registered)
    ring = referrals.ring_rows(registered, window.end, planted)
    referrer, level = referrals.tree(streams, registered, ring)
    channel = pick(rng.random(members), _CHANNEL_SHARES)
    channel[ring] = 0
    channel[level > 0] = CHANNELS.index("referral")
    campaign = _campaigns(channel, registered, window)
    dear = campaign == _DEAR_CAMPAIGN
    small = _small_province(registered, window, referrals.in_rows(ring, members) | dear, planted)
    province = pick(rng.random(members), [weight for _, _, weight in PROVINCES])
    near = rng.random(members) < 0.4
    for generation in range(1, referrals.LEVELS):
        rows = np.flatnonzero((level == generation) & near)
        province[rows] = province[referrer[rows]]
    province[small >= 0] = _SMALL
    delay = np.where(rng.random(members) < 0.7, rng.exponential(600, members) + 60, rng.exponential(2 * DAY, members))
    verified = registered + delay.astype(np.int64) + 30
    unverified = (rng.random(members) > 0.92) & (small < 0)
    age = 19 + (rng.beta(1.8, 3.6, members) * 44).astype(np.int64)
    income = np.exp(rng.normal(8.95, 0.45, members)).clip(2_500, 80_000)
    return People(
        first_id=first_id,
        registered=registered,
        verified=np.where(unverified | (verified >= window.end), NONE, verified),
        female=rng.random(members) < 0.44,
        birth_year=(registered // DAY).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970 - age,
        province=province,
        income=np.rint(income / 100).astype(np.int64) * 10_000,
        channel=channel,
        campaign=campaign,
        referrer=referrer,
        level=level,
        risk=rng.normal(size=members) + 0.3 * dear,
        ring=ring,
        planned_borrower=small,
        dear=dear,
    )


def member_table(streams: Streams, people: People, unconsented: Ints) -> pa.Table:
    """The members as the contract has them; what an identity check would tell is missing of those not verified.

    `unconsented`: the rows of those whose sensitive data is used without consent.
    """
    rng = streams("identity")
    members = len(people.registered)
    unknown = people.verified == NONE
    consented = np.where(unknown, NONE, people.verified - 20)
    consented[unconsented] = NONE
    newer = people.registered >= np.quantile(people.registered, _SECOND_VERSION) if members else unknown
    agrees = rng.random(members) < 0.64
    return table(
        "member",
        {
            "id": people.ids,
            "registered_at": people.registered,
            "verified_at": people.verified,
            "full_name": names.full_names(rng, people.female),
            "phone": names.phones(rng, members),
            "id_number": names.id_numbers(
                rng, take([code for _, code, _ in PROVINCES], people.province), people.birth_year, people.female
            ),
            "birth_year": np.where(unknown, NONE, people.birth_year),
            "gender": Coded(np.where(unknown, -1, people.female), ("male", "female")),
            "province": Coded(np.where(unknown, -1, people.province), PROVINCE_NAMES),
            "monthly_income": np.where(unknown, NONE, people.income),
            "acquisition_channel": Coded(people.channel, CHANNELS),
            "campaign_id": np.where(people.campaign < 0, NONE, people.campaign + 1),
            "referred_by_id": np.where(people.referrer < 0, NONE, people.first_id + people.referrer),
            "referral_code": referral_codes(people.ids),
            "sensitive_data_consent_at": consented,
            "consent_version": Coded(np.where(consented == NONE, -1, newer), _CONSENT_VERSIONS),
            "marketing_consent_at": np.where(agrees, people.registered, NONE),
        },
    )


def unconsented_rows(people: People, *, planted: bool) -> Ints:
    """Verified members without consent to the use of their sensitive data, evenly over the book."""
    verified = np.flatnonzero(people.verified != NONE)
    count = min(_UNCONSENTED, len(verified) // 20) if planted else 0
    return verified[np.linspace(0, len(verified) - 1, count + 2)[1:-1].astype(np.int64)] if count else verified[:0]


def referral_codes(member_ids: Ints) -> pa.Array:
    """A code of seven letters and digits of each member's own: their id, scrambled without collision."""
    scrambled = member_ids * 19_999_999 % (32**7)  # the factor is odd, so no two ids meet
    return fixed_text(_CODE[scrambled[:, None] // 32 ** np.arange(6, -1, -1) % 32])


def _campaigns(channel: Ints, registered: Ints, window: Window) -> Ints:
    """The campaign that was running in the member's channel, -1 for channels without."""
    share = (registered // DAY - window.start_day) / (window.end_day - window.start_day)
    running = np.minimum((share * CAMPAIGNS_PER_CHANNEL).astype(np.int64), CAMPAIGNS_PER_CHANNEL - 1)
    lane = take([PAID_CHANNELS.index(c) if c in PAID_CHANNELS else -1 for c in CHANNELS], channel)
    return np.where(lane < 0, -1, lane * CAMPAIGNS_PER_CHANNEL + running)


def _small_province(registered: Ints, window: Window, taken: Bools, planted: bool) -> Ints:
    """Numbers the members who will be the small province's borrowers, evenly over the months where they must lie."""
    number = np.full(len(registered), -1, dtype=np.int64)
    since, until = (np.searchsorted(registered, window.end - days * DAY) for days in _SMALL_DAYS_BACK)
    free = np.flatnonzero(~taken[since:until]) + since
    count = min(_SMALL_BORROWERS, len(free) // 20) if planted else 0
    number[free[np.linspace(0, len(free) - 1, count).astype(np.int64)]] = np.arange(count)
    return number
