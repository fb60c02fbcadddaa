"""What a member brings in and costs: the parts of contribution, and who really earns."""

from enum import StrEnum

import numpy as np
import pandas as pd
from scipy import stats

from rules.intervals import Floats, normal_quantile, rate


class Part(StrEnum):
    """One part of contribution. Its column in `member_value` is `<part>_fen`, an amount that is 0 or more, but losses
    and rewards, which fall below 0 in a month that takes back more than it adds.
    """

    INTEREST = "interest"
    FEE = "fee"
    MEMBERSHIP_FEE = "membership_fee"
    FUNDING = "funding"
    LOSS = "loss"
    PERK = "perk"
    CONTACT = "contact"
    REWARD = "reward"

    @property
    def column(self) -> str:
        """Its column in the tables and in what statements return."""
        return f"{self.value}_fen"


INCOME = (Part.INTEREST, Part.FEE, Part.MEMBERSHIP_FEE)
COSTS = (Part.FUNDING, Part.LOSS, Part.PERK, Part.CONTACT, Part.REWARD)
PARTS = (*INCOME, *COSTS)
COLUMNS = tuple(part.column for part in PARTS)


class Verdict(StrEnum):
    """What may be said of a group's contribution."""

    EARNS = "earns"  # the whole interval is above 0
    LOSES = "loses"  # the whole interval is below 0
    UNSURE = "unsure"
    THIN = "thin"  # too few members to say


def contribution(parts: pd.DataFrame, *, leave_out: frozenset[Part] = frozenset()) -> "pd.Series[float]":
    """Income less costs, row by row. leave_out: parts that are not counted, such as rewards where the cost of
    acquisition holds them already.

    Source: metrics.md, "Lifetime value".
    """
    signed = [(part.column, 1 if part in INCOME else -1) for part in PARTS if part not in leave_out]
    return sum((parts[name] * sign for name, sign in signed), start=pd.Series(0, index=parts.index))


def per_member_month(parts: pd.DataFrame, *, significance: float, thin_members: int) -> pd.DataFrame:
    """Contribution per member and month of each group, with every part of it.

    parts: `queries.worth.by_tier`, or the like of any dimension.
    Grain: one row per row of the parts, in their order; their columns are kept.
    Columns added: contribution_fen (sum); each part's column with `_each`, contribution_each, low, high (fen per member
    and month, nan without months); verdict.
    Formula: sum of contributions / sum of members' months: a ratio of sums. Its interval is clustered by member, whose
    months are not independent: variance = sum over members of (C - r N)^2 / (sum of N)^2, widened by n / (n - 1).
    Source: metrics.md, "Lifetime value" and trap 15.
    """
    months, members = parts["months"].to_numpy(float), parts["members"].to_numpy(float)
    total = contribution(parts).to_numpy(float)
    each = rate(total, months)
    error = _clustered_error(parts, each, months, members)
    reach = normal_quantile(1 - significance) * error
    low, high = each - reach, each + reach
    verdicts = np.select(
        [members < thin_members, low > 0, high < 0], [Verdict.THIN, Verdict.EARNS, Verdict.LOSES], Verdict.UNSURE
    )
    return parts.assign(
        contribution_fen=total,
        **{f"{name}_each": rate(parts[name], months) for name in COLUMNS},
        contribution_each=each,
        error_each=error,
        low=low,
        high=high,
        verdict=[Verdict(str(verdict)) for verdict in verdicts],
    )


def differs(first: pd.Series, second: pd.Series, significance: float) -> bool:
    """Whether two rows of `per_member_month` differ by more than noise.

    Formula: two-sided normal test of the difference over the root of the squared errors' sum.
    """
    error = float(np.hypot(first["error_each"], second["error_each"]))
    gap = abs(float(first["contribution_each"] - second["contribution_each"]))
    return bool(error > 0 and 2 * stats.norm.sf(gap / error) <= significance)


def _clustered_error(parts: pd.DataFrame, each: Floats, months: Floats, members: Floats) -> Floats:
    """The error of sums over members: what is squared is in CNY."""
    ratio = each / 100
    squares = (
        parts["cny_squared"].to_numpy(float)
        - 2 * ratio * parts["cny_months"].to_numpy(float)
        + ratio**2 * parts["months_squared"].to_numpy(float)
    )
    spread = np.sqrt(np.clip(squares, 0, None) * rate(members, members - 1))
    error: Floats = 100 * rate(spread, months)
    return error
