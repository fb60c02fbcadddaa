"""What managers keep beside the loans: the reserve, and targets."""

import numpy as np
import pyarrow as pa

from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, NONE, Ints, Window
from loanbook.demo.payments import RECOVERY
from loanbook.demo.rounds import History

_RESERVE_SHARE = 0.025  # of what is lent
_TARGET_MONTHS = 13


def reserve_table(history: History, window: Window, first_id: int) -> pa.Table:
    """One row per month and reason: set aside of each closed month's lending, used for write-offs, got back later."""
    loans, outcome, plan, paid = history.loans, history.outcome, history.plan, history.repayments
    repaid = plan.number < outcome.gives_up_at[plan.loan]
    lost = np.bincount(plan.loan, np.where(repaid, 0, plan.principal), len(loans.term))
    written = outcome.written_off_at != NONE
    lent_day, lost_day = loans.disbursed_day, outcome.written_off_at[written] // DAY
    ends = _month_ends(window)
    set_aside = np.bincount(np.searchsorted(ends, lent_day), loans.principal, len(ends) + 1)[:-1] * _RESERVE_SHARE
    used = np.bincount(np.searchsorted(ends, lost_day), lost[written], len(ends) + 1)[:-1]
    back = paid.kind == RECOVERY
    got_back = np.bincount(np.searchsorted(ends, paid.at[back] // DAY), paid.amount[back], len(ends) + 1)[:-1]
    amount = np.rint(np.stack([set_aside, -used, got_back], axis=1)).astype(np.int64).ravel()
    day, reason = np.repeat(ends, 3), np.tile([0, 1, 2], len(ends))
    moved = amount != 0
    return table("reserve_movement", {
        "id": first_id + np.arange(moved.sum()), "moved_on": day[moved], "amount": amount[moved],
        "reason": Coded(reason[moved], ("provision", "write_off", "recovery")),
    })  # fmt: skip


def target_table(history: History, window: Window) -> pa.Table:
    """One row per month and metric of the last thirteen closed months: lending to grow, defaults and cost to fall."""
    ends = _month_ends(window)[-_TARGET_MONTHS:]
    starts = ends.astype("datetime64[D]").astype("datetime64[M]")
    ends = (starts + 1).astype("datetime64[D]").astype(np.int64) - 1
    first = starts.astype("datetime64[D]").astype(np.int64)
    usual = history.loans.principal.sum() / 100 / ((window.end_day - window.start_day) / 30.4)
    months = len(ends)
    values = {
        "principal": np.round(usual * np.linspace(1.05, 1.35, months), -4),
        "default_rate": np.linspace(0.052, 0.046, months),
        "cost_per_acquisition": np.linspace(260, 220, months),
        "reserve_to_disbursed": np.full(months, _RESERVE_SHARE),
    }
    return table("target", {
        "id": np.arange(1, len(values) * months + 1),
        "metric": Coded(np.repeat(np.arange(len(values)), months), tuple(values)),
        "period_start": np.tile(first, len(values)), "period_end": np.tile(ends, len(values)),
        "value": np.concatenate(list(values.values())),
    })  # fmt: skip


def _month_ends(window: Window) -> Ints:
    """The last day of each calendar month that has ended within the window."""
    first = np.int64(window.start_day).astype("datetime64[D]").astype("datetime64[M]")
    last = np.int64(window.end_day).astype("datetime64[D]").astype("datetime64[M]")
    ends: Ints = np.arange(first + 1, last + 1).astype("datetime64[D]").astype(np.int64) - 1
    return ends
