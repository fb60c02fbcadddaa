"""What acquiring members costs: every part of it per registration, approval, first loan and repaying borrower."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy import stats

from rules.default_rates import Verdict, verdict
from rules.dimensions import CAMPAIGN, CHANNEL
from rules.filters import Horizon
from rules.intervals import Floats, normal_quantile, rate
from rules.kept import worked_out_once
from rules.member_filters import MemberSelection

HORIZONS = (6, 12, 24)  # months without default that make a repaying borrower; the last one for the final outcome
_FEWEST_HEADS = 10  # on each side, below which a change of cost is not judged


class Part(StrEnum):
    """One part of what acquisition costs. Each row of the spend table and of the reward ledger is in exactly one."""

    MEDIA = "media"
    AGENCY = "agency"
    PRODUCTION = "production"
    BONUS = "bonus"
    DIRECT = "reward_l1"  # rewards of whoever invited, level 1
    DEEPER = "reward_l2plus"  # of those above them
    TEAM = "team_reward"
    INVITEE = "invitee_benefit"
    REVERSAL = "reversal"  # rewards taken back: below zero
    FARMED = "farmed"  # rewards whose beneficiary or referee is marked as farmed, in place of their own part


SPEND = (Part.MEDIA, Part.AGENCY, Part.PRODUCTION, Part.BONUS)
REWARDS = (Part.DIRECT, Part.DEEPER, Part.TEAM, Part.INVITEE)
PARTS = (*SPEND, *REWARDS, Part.REVERSAL)  # as booked
SHOWN = (*SPEND, *REWARDS, Part.FARMED, Part.REVERSAL)


class Step(StrEnum):
    """Per what a cost is counted."""

    REGISTERED = "registered"
    VERIFIED = "verified"
    APPROVED = "approved"
    FIRST_LOAN = "first_loan"
    REPAYING = "repaying"


@dataclass(frozen=True)
class _Heads:
    """Whom a step counts, and which rewards are theirs."""

    count: str
    reward_fen: str


_HEADS = {
    Step.REGISTERED: _Heads("members", "reward_fen"),
    Step.VERIFIED: _Heads("verified", "verified_reward_fen"),
    Step.APPROVED: _Heads("approved", "approved_reward_fen"),
    Step.FIRST_LOAN: _Heads("borrowers", "borrower_reward_fen"),
}


@dataclass(frozen=True)
class Change:
    """A cost per first loan against the one of the period before, both at the same age; nan where there is none."""

    each_fen: float
    before_each_fen: float
    ratio: float  # now / before
    low: float
    high: float
    p_value: float
    verdict: Verdict


def horizon_months(horizon: Horizon) -> int:
    """For how many months a first loan must have gone without default; the longest for the final outcome."""
    return horizon.months or HORIZONS[-1]


def asked_of(selection: MemberSelection) -> MemberSelection:
    """The choices that cost can be told by: spend is booked by campaign and so by channel, by nothing else."""
    kept = tuple(choice for choice in selection.choices if choice[0] in {CHANNEL.code, CAMPAIGN.code})
    return MemberSelection(selection.registered, selection.compared, kept)


@worked_out_once
def per_head(costs: pd.DataFrame, outcomes: pd.DataFrame, step: Step, *, significance: float) -> pd.DataFrame:
    """What one head of a step costs, with every part of it.

    costs: one row per value and part with fen. outcomes: one row per value with the counts and sums of
    `queries.acquisition.outcomes`; for repaying borrowers with those of `rules.acquisition_forecast.repaying` too.
    Grain: one row per value of either, those of outcomes first.
    Columns: value; a column per part of SHOWN (fen, 0 where nothing is booked); cost_fen; heads; members; each_fen and
    the part's share of it as `<part>_each`; low, high (fen per head); error (relative). nan without heads.
    Formula: cost / heads, a ratio of sums. Spend is taken as given, the members who came as the sample: with r = what
    was rewarded for a member, b = 1 for a head, R = cost per head, the variance is the sum over members of (r - R b)^2
    over heads^2 (for spend alone R^2 / heads, as of a Poisson count); the interval is symmetric in the logarithm.
    Source: metrics.md, "cost per acquisition" and trap 19.
    """
    parts = costs.pivot_table(index="value", columns="part", values="fen", aggfunc="sum", fill_value=0)
    told = outcomes.set_index("value")
    order = [*told.index, *(value for value in parts.index if value not in told.index)]
    parts = parts.reindex(index=order, columns=[str(part) for part in SHOWN], fill_value=0)
    told = told.reindex(order).fillna(0)
    cost = parts.sum(axis=1).to_numpy(float)
    heads, of_heads, extra = _counted(told, step)
    each = rate(cost, heads)
    error = _relative_error(cost, heads, of_heads, told["reward_cny_squared"].to_numpy(float), extra)
    reach = np.exp(normal_quantile(1 - significance) * error)
    found = pd.DataFrame(
        {
            "value": order,
            **{str(part): parts[str(part)].to_numpy() for part in SHOWN},
            "cost_fen": cost,
            "heads": heads,
            "members": told["members"].to_numpy(float),
            "each_fen": each,
            **{f"{part}_each": rate(parts[str(part)].to_numpy(float), heads) for part in SHOWN},
            "low": each / reach,
            "high": each * reach,
            "error": error,
        }
    )
    return found.reset_index(drop=True)


def together(
    costs: pd.DataFrame, outcomes: pd.DataFrame, values: frozenset[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Costs and outcomes of some values, or of all, as one, for `per_head`: ratios are formed from sums.

    Paid: the channels that media is bought for; blended: all of them. Source: metrics.md, "paid and blended apart".
    """
    if values is not None:
        costs, outcomes = costs[costs["value"].isin(values)], outcomes[outcomes["value"].isin(values)]
    summed = outcomes.drop(columns="value").sum(numeric_only=True)
    return costs.assign(value=""), summed.to_frame().T.assign(value="")


def deceptive(cheap: pd.DataFrame, dear: pd.DataFrame, whole_cheap: pd.Series, whole_dear: pd.Series) -> str | None:
    """The value that is cheaper than the whole by an early step and surely dearer by a late one; None where none is.

    cheap, dear: `per_head` of the same values by the two steps; whole_cheap, whole_dear: the rows of them together.
    Formula: of those with at least ten heads at the late step whose interval lies above the whole's there and whose
    cost lies below the whole's at the early step, the one whose late cost is the most times the whole's.
    """
    early, late = cheap.set_index("value"), dear.set_index("value")
    below = early["each_fen"] < float(whole_cheap["each_fen"])
    above = (late["low"] > float(whole_dear["high"])) & (late["heads"] >= _FEWEST_HEADS)
    found = late.loc[above & below.reindex(late.index, fill_value=False)]
    return None if found.empty else str(found["each_fen"].idxmax())


def change(
    now: tuple[pd.DataFrame, pd.DataFrame], before: tuple[pd.DataFrame, pd.DataFrame], significance: float
) -> Change:
    """The cost per first loan of a period against the one before, each with what happened in the same days of age.

    now, before: costs (one row per part, those of rewards within the days for a first loan alone) and outcomes (one
    row) of each period.
    Formula: the difference of logarithms over its error, both errors as in `per_head`; not compared where either side
    has fewer than ten first loans within those days, or nothing was spent.
    Source: metrics.md, traps 1, 20 and 21.
    """
    (each, error, heads), (other, other_error, other_heads) = (_at_one_age(*side) for side in (now, before))
    judged = min(heads, other_heads) >= _FEWEST_HEADS and min(each, other) > 0
    if not judged:
        nothing = float("nan")
        return Change(each, other, nothing, nothing, nothing, nothing, Verdict.NOT_COMPARED)
    gap, spread = float(np.log(each / other)), float(np.hypot(error, other_error))
    p_value = float(2 * stats.norm.sf(abs(gap) / spread)) if spread > 0 else float(gap == 0)
    reach = normal_quantile(1 - significance) * spread
    return Change(
        each_fen=each,
        before_each_fen=other,
        ratio=float(np.exp(gap)),
        low=float(np.exp(gap - reach)),
        high=float(np.exp(gap + reach)),
        p_value=p_value,
        verdict=verdict(gap, p_value, significance),
    )


def _at_one_age(costs: pd.DataFrame, outcomes: pd.DataFrame) -> tuple[float, float, float]:
    row = outcomes.iloc[0]
    cost, heads = float(costs["fen"].sum()), float(row["window_borrowers"])
    error = _relative_error(
        np.array([cost]),
        np.array([heads]),
        np.array([float(row["window_borrower_reward_fen"])]),
        np.array([float(row["window_reward_cny_squared"])]),
        np.zeros(1),
    )
    return float(rate(cost, heads)), float(error[0]), heads


def _counted(told: pd.DataFrame, step: Step) -> tuple[Floats, Floats, Floats]:
    """Heads of a step, the rewards that are theirs, and the squared relative error of heads that are forecast."""
    if step is not Step.REPAYING:
        of = _HEADS[step]
        return told[of.count].to_numpy(float), told[of.reward_fen].to_numpy(float), np.zeros(len(told))
    heads = told["repaying"].to_numpy(float)
    shared = told["borrower_reward_fen"].to_numpy(float) * np.nan_to_num(rate(heads, told["borrowers"]))
    return heads, shared, np.nan_to_num(rate(told["repaying_variance"], heads**2))


def _relative_error(cost: Floats, heads: Floats, of_heads: Floats, cny_squared: Floats, extra: Floats) -> Floats:
    """The standard error of the logarithm of cost per head; nan without heads or cost. of_heads: their rewards."""
    each_cny = rate(cost, heads) / 100
    squares = cny_squared - 2 * each_cny * of_heads / 100 + each_cny**2 * heads
    own = rate(np.clip(squares, 0, None), (cost / 100) ** 2)
    error: Floats = np.sqrt(own + extra)
    return error
