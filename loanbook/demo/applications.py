"""Applications: what is asked for, at what price, and how rules, model and manual review decide."""

from dataclasses import dataclass, fields
from hashlib import sha256
from typing import TypeVar

import numpy as np

from loanbook.demo import pricing
from loanbook.demo.draw import (
    DAY,
    HOUR,
    NEVER,
    NONE,
    Bools,
    Floats,
    Ints,
    Streams,
    Window,
    office_instant,
    pick_by_row,
    take,
    visit_seconds,
)
from loanbook.demo.offers import VALID_DAYS
from loanbook.demo.people import People
from loanbook.demo.reference import PRODUCTS, TIER_LIMIT_CNY, TIERS
from loanbook.demo.tiers import Standing
from loanbook.demo.truth import TRUTH
from loanbook.schema import CHANNELS

STATUSES = ("open", "approved", "declined", "withdrawn", "disbursed")
OPEN, APPROVED, DECLINED, WITHDRAWN, DISBURSED = range(5)
RULES, MODEL, MANUAL = range(3)
RULE_CODES = ("blacklist", "court_enforcement", "many_lenders", "shared_device")
LARGE_FEN = 5_000_000
CUT_OFF = 550
AVERAGE_SCORE = 625
TERMS = (3, 6, 12, 24, 36)
PURPOSES = ("daily_spending", "home_improvement", "education", "medical", "electronics", "travel", "business")

# Rows: tiers. Silver members mostly buy by instalments, gold members mostly take cash: the mix behind the Simpson pair.
_PRODUCT_SHARES = ((0.5, 0.34, 0.16), (0.46, 0.38, 0.16), (0.15, 0.85, 0.0), (0.86, 0.14, 0.0), (0.4, 0.3, 0.3))
# Rows: products; columns: TERMS.
_TERM_SHARES = ((0.2, 0.36, 0.36, 0.08, 0.0), (0.06, 0.26, 0.46, 0.16, 0.06), (0.3, 0.4, 0.3, 0.0, 0.0))
_PURPOSE_SHARES = (
    (0.42, 0.08, 0.06, 0.1, 0.08, 0.1, 0.16),
    (0.02, 0.3, 0.14, 0.04, 0.42, 0.08, 0.0),
    (0.7, 0.02, 0.02, 0.06, 0.06, 0.08, 0.06),
)
_RUNNING_DAYS = 3  # of arrivals come on the running day: a campaign has just begun
_BACKLOG_DAYS = 3  # before it, of which people have left much lying
_LARGEST, _MOST_INCOMES = 5.2, 20  # what is asked for on the running day, in review amounts and monthly incomes
_DRAWS = 18

T = TypeVar("T")


@dataclass(frozen=True)
class Applications:
    """One row per application."""

    member: Ints  # row
    at: Ints
    tier: Ints
    product: Ints
    amount: Ints
    term: Ints
    purpose: Ints
    debt: Ints
    score: Floats
    rate: Floats
    upfront: Ints
    monthly: Ints
    over_cap: Bools
    failed_rule: Ints  # -1: none
    status: Ints
    decided_at: Ints  # NONE while open
    decided_by: Ints  # -1 while open
    approved: Ints  # NONE unless approved
    disbursed_at: Ints  # NONE unless disbursed
    again_at: Ints  # when a declined or withdrawn applicant comes again (NEVER: not)
    referred: Bools  # to a person, by the rules

    def fingerprint(self) -> str:
        """Tells these applications from others."""
        told = sha256()
        for column in (self.member, self.at, self.amount, self.status):
            told.update(column.astype("<i8").tobytes())
        return told.hexdigest()[:16]


def joined(parts: list[T]) -> T:
    """The rows of several parts of one kind, one part after another."""
    kind = type(parts[0])
    return kind(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(kind)})  # type: ignore[arg-type]


def kept(rows: T, chosen: Bools | Ints) -> T:
    """The chosen rows of columns."""
    return type(rows)(**{f.name: getattr(rows, f.name)[chosen] for f in fields(rows)})  # type: ignore[arg-type]


def first_instants(streams: Streams, people: People) -> Ints:
    """When each member applies first (NEVER: not): most within days of verification."""
    rng = streams("first application")
    members = len(people.registered)
    willing = rng.random(members) < np.where(people.dear, 0.16, 0.86)
    delay = np.exp(rng.normal(1.0, 1.3, members)).clip(0.01, 300)
    planned, ring = people.planned_borrower >= 0, people.in_ring
    delay = np.where(planned, 2 + delay.clip(0, 4), np.where(ring, 0.02, delay))
    applies = (willing | planned | ring) & (people.verified != NONE)
    return np.where(applies, people.verified + (delay * DAY).astype(np.int64), NEVER)


def submit(
    streams: Streams, window: Window, people: People, standing: Standing, *, next_at: Ints, cut_until: Ints, number: int
) -> Applications:
    """The next application of each member who makes one, decided; `cut_until`: when each one's rate cut expires."""
    draws = streams("application", number).random((_DRAWS, len(next_at)))
    normal = streams("application score", number).normal(size=(2, len(next_at)))
    rows = np.flatnonzero(next_at < window.end + _RUNNING_DAYS * DAY)
    u, normal = draws[:, rows], normal[:, rows]
    ring = people.in_ring[rows]
    planned = people.planned_borrower[rows] >= 0
    at = next_at[rows]
    # Night-time arrivals of a computed delay are moved to when people use the app.
    moved = at // DAY * DAY + visit_seconds(u[0])
    at = np.where((number > 0) & (moved >= at), moved, at)
    running = at >= window.end
    at = np.where(running, window.end + 5 * 60 + (u[0] * 8.8 * HOUR).astype(np.int64), at)

    tier = standing.at(rows, at)
    product = np.where(ring, 0, pick_by_row(u[1], _PRODUCT_SHARES, tier))
    term = take(TERMS, np.where(ring, 0, pick_by_row(u[2], _TERM_SHARES, product)))
    term = np.where(planned, np.where(term < 12, 6, 12), term)
    amount = _amounts(u[3], take(TIER_LIMIT_CNY, tier), product, people.income[rows] / 100)
    amount = np.where(ring, 100_000, np.where(planned, np.minimum(amount, 1_200_000), amount))
    # The running day shows what waits for a person only, so more of it is large than on other days.
    promoted = running & (tier >= TIERS.index("silver")) & (u[3] > 0.35)
    amount = np.where(promoted, np.maximum(amount, _large(u[13], people.income[rows])), amount)
    score = _scores(people.risk[rows], normal, at >= window.end - TRUTH.drift_days * DAY)
    score = np.where(ring | planned, np.maximum(score, CUT_OFF + 5.0), score)
    over_cap = (product == 0) & (people.channel[rows] == CHANNELS.index("offline"))
    over_cap &= (at >= window.end - 330 * DAY) & (at < window.end - 240 * DAY)
    rate = pricing.yearly_rate(score, tier, product, at // DAY, _is_cut(at, cut_until[rows]))
    upfront, monthly = pricing.fee_shares(rate, product, term, over_cap)

    failed = np.where((u[4] < 0.07) & ~ring & ~planned, (u[5] * len(RULE_CODES)).astype(np.int64), -1)
    low = (score < CUT_OFF) & (failed < 0)
    rescued = low & (u[6] < 0.06)
    referred = running & ~low & (u[17] > 0.75)
    manual = (failed < 0) & (((amount >= LARGE_FEN) & ~low) | rescued | referred)
    refused = manual & (u[7] < np.where(score < 600, 0.34, 0.16)) & ~rescued
    declined = (failed >= 0) | (low & ~rescued) | refused
    withdrawn = ~declined & (u[8] < 0.03) & ~ring & ~planned
    decided_by = np.where(failed >= 0, RULES, np.where(manual, MANUAL, MODEL))
    left_lying = (at >= window.end - _BACKLOG_DAYS * DAY) & (u[13] > 0.4)
    slow = np.where(left_lying, 40 + 64 * u[9], 64 * u[9])
    decided_at = np.where(
        manual, office_instant(at + (slow * HOUR).astype(np.int64), u[10]), at + 15 + (u[9] * 120).astype(np.int64)
    )
    signed_at = decided_at + (u[11] * 20 * HOUR).astype(np.int64)
    disbursed_at = np.where(manual, office_instant(signed_at, u[15]), decided_at + 40 + (u[11] * 900).astype(np.int64))
    cut = np.where(manual & (u[12] < 0.25), 0.5 + 0.4 * u[13], 1.0)
    approved = np.rint(amount * cut / 10_000).astype(np.int64) * 10_000

    is_open = decided_at >= window.end
    status = np.select(
        [is_open, declined, withdrawn, disbursed_at >= window.end], [OPEN, DECLINED, WITHDRAWN, APPROVED], DISBURSED
    )
    returns = ((status == DECLINED) & (u[14] < 0.35)) | ((status == WITHDRAWN) & (u[14] < 0.3))
    again = at + ((60 + 140 * u[15]) * DAY).astype(np.int64)
    result = Applications(
        member=rows, at=at, tier=tier, product=product, amount=amount, term=term,
        purpose=pick_by_row(u[16], _PURPOSE_SHARES, product),
        debt=np.rint(people.income[rows] * 9 * u[17] ** 3 / 10_000).astype(np.int64) * 10_000,
        score=score, rate=rate, upfront=np.rint(amount * upfront).astype(np.int64),
        monthly=np.rint(amount * monthly).astype(np.int64), over_cap=over_cap, failed_rule=failed, status=status,
        decided_at=np.where(is_open, NONE, decided_at), decided_by=np.where(is_open, -1, decided_by),
        approved=np.where((status == OPEN) | (status == DECLINED), NONE, approved),
        disbursed_at=np.where(status == DISBURSED, disbursed_at, NONE), again_at=np.where(returns, again, NEVER),
        referred=referred & (failed < 0),
    )  # fmt: skip
    # Of the running day only what waits for a person is known.
    return kept(result, ~running | manual)


def _is_cut(at: Ints, until: Ints) -> Bools:
    result: Bools = (at < until) & (at >= until - VALID_DAYS * DAY)
    return result


def _amounts(uniform: Floats, limit_cny: Ints, product: Ints, income_cny: Floats) -> Ints:
    """Fen, in hundreds of yuan: cash up to the line, purchases by their own size, draws on a line a part of it."""
    asked = np.select(
        [product == PRODUCTS.index("cash"), product == PRODUCTS.index("instalment")],
        [limit_cny * (0.12 + 0.88 * uniform**1.7), np.minimum(1_500 * np.exp(4.2 * uniform), limit_cny)],
        limit_cny * (0.1 + 0.35 * uniform),
    )
    within = np.minimum(asked, 14 * income_cny).clip(1_000)
    result: Ints = np.rint(within / 100).astype(np.int64) * 10_000
    return result


def _large(uniform: Floats, income: Ints) -> Ints:
    """Fen, in hundreds of yuan: from the review amount on, the more the rarer, and within reach of the income."""
    asked = np.minimum(LARGE_FEN * _LARGEST ** (uniform**1.5), _MOST_INCOMES * income)
    result: Ints = np.rint(asked.clip(LARGE_FEN) / 10_000).astype(np.int64) * 10_000
    return result


def _scores(risk: Floats, normal: Floats, drifting: Bools) -> Floats:
    """Higher repays better; lately too high and noisier."""
    seen = 0.75 * risk + 0.66 * normal[0]
    drift = np.where(drifting, TRUTH.drift_points + 30 * normal[1], 0.0)
    result: Floats = np.rint(10 * (AVERAGE_SCORE - 70 * seen + drift)).clip(3000, 8500) / 10
    return result
