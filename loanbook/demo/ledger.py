"""What managers keep beside the loans: the reserve, coupons given with a tier, and targets."""

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, NEVER, NONE, Ints, Window
from loanbook.demo.people import People
from loanbook.demo.rounds import History
from loanbook.demo.tiers import Standing

_RESERVE_SHARE = 0.025  # of what is lent
_COUPON_DAYS = 60
_COUPON_MOST_FEN = 5_000
_TARGET_MONTHS = 13


def reserve_table(history: History, window: Window, first_id: int) -> pa.Table:
    """One row per month and reason: set aside of the lending of each closed month, used for what was written off."""
    loans, outcome, plan = history.loans, history.outcome, history.plan
    repaid = plan.number < outcome.stops_at[plan.loan]
    lost = np.bincount(plan.loan, np.where(repaid, 0, plan.principal), len(loans.term))
    written = outcome.written_off_at != NONE
    lent_day, lost_day = loans.disbursed_day, outcome.written_off_at[written] // DAY
    ends = _month_ends(window)
    set_aside = np.bincount(np.searchsorted(ends, lent_day), loans.principal, len(ends) + 1)[:-1] * _RESERVE_SHARE
    used = np.bincount(np.searchsorted(ends, lost_day), lost[written], len(ends) + 1)[:-1]
    amount = np.rint(np.stack([set_aside, -used], axis=1)).astype(np.int64).ravel()
    day, reason = np.repeat(ends, 2), np.tile([0, 1], len(ends))
    moved = amount != 0
    return table("reserve_movement", {
        "id": first_id + np.arange(moved.sum()), "moved_on": day[moved], "amount": amount[moved],
        "reason": Coded(reason[moved], ("provision", "write_off")),
    })  # fmt: skip


def perk_table(people: People, standing: Standing, history: History, first_ids: tuple[int, int], end: int) -> pa.Table:
    """One row per coupon: joining a tier gives one month of a first loan free of interest; `first_ids`: perk, loan."""
    loans = history.loans
    members = len(people.registered)
    by_member = np.full(members, -1)
    by_member[loans.member[::-1]] = np.arange(len(loans.term))[::-1]  # the earliest loan is written last
    row, stage = np.nonzero((standing.starts < NEVER) & (standing.tier > 0))
    granted = standing.starts[row, stage]
    loan = by_member[row]
    lent_at = np.where(loan >= 0, loans.disbursed_at[loan], NONE)
    used = (lent_at > granted) & (lent_at <= granted + _COUPON_DAYS * DAY) & (lent_at < end)
    saved = np.minimum(loans.principal[loan] * loans.rate[loan] / 12, _COUPON_MOST_FEN).astype(np.int64)
    return table("perk", {
        "id": first_ids[0] + np.arange(len(row)), "member_id": people.first_id + row,
        "kind": Coded(np.zeros(len(row)), ("interest_free_coupon",)), "granted_at": granted,
        "expires_at": granted + _COUPON_DAYS * DAY, "redeemed_at": np.where(used, lent_at, NONE),
        "loan_id": np.where(used, first_ids[1] + loan, NONE), "cost": np.where(used, saved, 0),
    })  # fmt: skip


def target_table(history: History, window: Window) -> pa.Table:
    """One row per month and metric of the last thirteen closed months: lending to grow, defaults to fall."""
    ends = _month_ends(window)[-_TARGET_MONTHS:]
    starts = ends.astype("datetime64[D]").astype("datetime64[M]")
    ends = (starts + 1).astype("datetime64[D]").astype(np.int64) - 1
    first = starts.astype("datetime64[D]").astype(np.int64)
    usual = history.loans.principal.sum() / 100 / ((window.end_day - window.start_day) / 30.4)
    lending = np.round(usual * np.linspace(1.05, 1.35, len(ends)), -4)
    rate = np.linspace(0.052, 0.046, len(ends))
    return table("target", {
        "id": np.arange(1, 2 * len(ends) + 1),
        "metric": Coded(np.repeat([0, 1], len(ends)), ("principal", "default_rate")),
        "period_start": np.tile(first, 2), "period_end": np.tile(ends, 2), "value": np.concatenate([lending, rate]),
    })  # fmt: skip


def _month_ends(window: Window) -> Ints:
    """The last day of each calendar month that has ended within the window."""
    first = np.int64(window.start_day).astype("datetime64[D]").astype("datetime64[M]")
    last = np.int64(window.end_day).astype("datetime64[D]").astype("datetime64[M]")
    ends: Ints = np.arange(first + 1, last + 1).astype("datetime64[D]").astype(np.int64) - 1
    return ends
