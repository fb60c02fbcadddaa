"""The policy file: what a lender decides, effective-dated and validated at the start."""

import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from rules.case_policy import CasePolicy
from rules.compliance_policy import Compliance
from rules.filters import Definition, Horizon, Period
from rules.legal_source import LegalSource
from rules.limits import RiskLimit, one_each
from rules.review_policy import ReviewPolicy
from rules.section import Section as _Section

DEFAULT_PATH = Path(__file__).with_name("policy.toml")


class PolicyError(ValueError):
    """The policy file can't be used. The message has a sentence for each fault, for the person who edits the file."""


def _rising(edges: tuple[int, ...]) -> tuple[int, ...]:
    if any(a >= b for a, b in pairwise(edges)):
        raise ValueError("edges must rise from each to the next")
    return edges


def _openable(period: Period) -> Period:
    if period is Period.CUSTOM:
        raise ValueError("choose mature12, mature6 or all")
    return period


Share = Annotated[float, Field(gt=0, lt=1)]
Named = Annotated[str, Field(max_length=200)]
Edges = Annotated[tuple[int, ...], Field(min_length=1, max_length=20), AfterValidator(_rising)]


class DefaultRule(_Section):
    """What counts as default, and how long is waited for it."""

    definition: Definition
    horizon: Horizon
    final_days_after_last_due: Annotated[int, Field(ge=91, le=1000)]


class Display(_Section):
    """When a number is too thin to stand alone, and what the pages open with."""

    thin_borrowers: Annotated[int, Field(ge=1)]
    significance: Annotated[float, Field(gt=0, lt=0.5)]
    opening_period: Annotated[Period, AfterValidator(_openable)]


class Bands(_Section):
    """Lower edges of the bands in which loans are grouped."""

    score: Edges
    age: Edges
    amount: Edges
    term_months: Edges


class Snapshots(_Section):
    """How many snapshots are kept."""

    keep_days: Annotated[int, Field(ge=1)]
    keep_month_ends: Annotated[int, Field(ge=0)]


class Movement(_Section):
    """When a member is dormant, and how far before a move it is looked at what they did."""

    dormant_days: Annotated[int, Field(ge=1, le=3650)]
    days_before_move: Annotated[int, Field(ge=1, le=365)]


class Exposure(_Section):
    """From when on a member is watched for being over-extended."""

    most_monthly_incomes: Annotated[float, Field(gt=0, le=1000)]
    raise_days: Annotated[int, Field(ge=1, le=365)]


class Rewards(_Section):
    """When a reward has to be paid, and how its age is banded while it is not."""

    paid_within_days: Annotated[int, Field(ge=0, le=60)]  # calendar days of Asia/Shanghai after the day of accrual
    liability_days: Edges


class Hits(_Section):
    """Of accounts that were made to earn rewards, the share that is taken to give each signal of abuse."""

    shared_device: Share
    shared_address: Share
    ring: Share
    loop: Share
    burst: Share
    idle: Share
    concentrated: Share


class Abuse(_Section):
    """What counts as a signal of abuse, and how much each weighs."""

    farmed_ratio: Share  # of all members, before anything is known of one
    suspected_ratio: Share  # from this probability on a member is listed
    ring_members: Annotated[int, Field(ge=2)]
    burst_referees: Annotated[int, Field(ge=2)]
    burst_hours: Annotated[int, Field(ge=1)]
    idle_days: Annotated[int, Field(ge=1)]
    concentrated_ratio: Share
    concentrated_people: Annotated[int, Field(ge=2)]
    hits: Hits


class RewardLimits(_Section):
    """From where on rewards and trees are flagged for a person to judge; each limit with its source."""

    deepest_level: Annotated[int, Field(ge=1)]
    deepest_level_source: LegalSource
    tree_people: Annotated[int, Field(ge=2)]
    tree_levels: Annotated[int, Field(ge=2)]
    tree_source: LegalSource
    paid_inviters_ratio: Share
    paid_inviters_source: LegalSource


WindowHours = Annotated[int, Field(ge=1, le=87_600)]


class Funnel(_Section):
    """When a loan is repaid on time, and the hours within which each step of the tier funnel follows the one before."""

    late_days: Annotated[int, Field(ge=0, le=90)]

    verified_hours: WindowHours
    joined_hours: WindowHours
    applied_hours: WindowHours
    approved_hours: WindowHours
    disbursed_hours: WindowHours
    repaid_hours: WindowHours
    again_hours: WindowHours


class Growth(_Section):
    """For how long members are followed before it is said whom they bring, and what those are worth."""

    exposure_days: Annotated[int, Field(ge=7, le=365)]
    cycle_days: Annotated[int, Field(ge=7, le=3650)]
    value_months: Annotated[int, Field(ge=1, le=60)]
    invitation_days: Annotated[int, Field(ge=1, le=365)]


class Acquisition(_Section):
    """Within how many days first loans are waited for, and which channels are paid for."""

    first_loan_days: Annotated[int, Field(ge=1, le=365)]
    early_days: Annotated[int, Field(ge=1, le=60)]
    paid_channels: tuple[str, ...]


class Lifetime(_Section):
    """How far members are followed, and what a later month is worth today."""

    discount_rate: Annotated[float, Field(ge=0, lt=1)]
    observed_months: Annotated[int, Field(ge=1, le=120)]
    months: Annotated[int, Field(ge=1, le=120)]


class Perks(_Section):
    """Which perks are judged, and by what."""

    granted_within_days: Annotated[int, Field(ge=0, le=60)]
    again_days: Annotated[int, Field(ge=1, le=1000)]
    value_months: Annotated[int, Field(ge=1, le=60)]


class Price(_Section):
    """The caps of the all-in rate, and which membership fees count into it."""

    cap_ratio: Annotated[float, Field(gt=0, lt=10)]
    prime_multiple: Annotated[float, Field(gt=0, le=100)]
    membership_fee_days: Annotated[int, Field(ge=0, le=1000)]


class Collections(_Section):
    """How long is waited for what reminders, collection and answers to complaints lead to."""

    reminder_days: Annotated[int, Field(ge=1, le=27)]  # less than a month, so that one due date is meant
    cured_days: Annotated[int, Field(ge=1, le=365)]
    followed_days: Annotated[int, Field(ge=30, le=365)]
    complaint_days: Annotated[int, Field(ge=1, le=365)]


class Target(_Section):
    """A standing goal of a key figure, in CNY or as a ratio; the lender's own of a period come before it."""

    metric: Literal[
        "current_late_ratio", "lagged_late_ratio", "default_rate", "all_in_yield", "cost_of_risk", "reserve_cover",
        "approval_rate", "paid_tier_share", "repeat_rate", "cost_per_acquisition", "value_over_cost",
    ]  # fmt: skip
    value: Annotated[float, Field(gt=0, le=1e9)]


def _in_order(shares: tuple[float, float]) -> tuple[float, float]:
    if shares[0] >= shares[1]:
        raise ValueError("the second share must be above the first")
    return shares


class Reserve(_Section):
    """How much of what is lent is to be set aside."""

    set_aside_ratios: Annotated[tuple[Share, Share], AfterValidator(_in_order)]  # from, to
    set_aside_reasons: Annotated[tuple[Named, ...], Field(min_length=1, max_length=20)]  # of reserve movements


class Attention(_Section):
    """From where on somebody has to look today."""

    due_within_hours: Annotated[float, Field(gt=0, le=1000)]  # working hours to a case's deadline
    stale_hours: Annotated[int, Field(ge=1, le=1000)]  # of the data
    quota_used_ratio: Annotated[float, Field(gt=0, le=1)]  # of a funder
    score_shift: Annotated[float, Field(gt=0, le=10)]  # population stability index
    shift_days: Annotated[int, Field(ge=7, le=365)]  # newest scores, held against those of the year before them
    silent_days: Annotated[
        int, Field(ge=1, le=365)
    ]  # what was acknowledged is not told again for so long, unless worse
    worse_ratio: Annotated[float, Field(gt=0, le=10)]  # worse: grown by so much since


def _one_each(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    names = [each.metric for each in targets]
    if len(set(names)) < len(names):
        raise ValueError("each metric has one target")
    return targets


class Policy(_Section):
    """One version of the policy, in force from its date."""

    effective_from: date
    changed_by: Named = ""
    approved_by: Named = ""
    default: DefaultRule
    display: Display
    bands: Bands
    snapshots: Snapshots
    lifetime: Lifetime
    perks: Perks
    price: Price
    funnel: Funnel
    growth: Growth
    acquisition: Acquisition
    movement: Movement
    exposure: Exposure
    rewards: Rewards
    abuse: Abuse
    reward_limits: RewardLimits
    case: CasePolicy
    review: ReviewPolicy
    attention: Attention
    reserve: Reserve
    compliance: Compliance
    collections: Collections
    targets: Annotated[tuple[Target, ...], AfterValidator(_one_each)] = ()
    limits: Annotated[tuple[RiskLimit, ...], AfterValidator(one_each)] = ()

    @model_validator(mode="after")
    def _by_two(self) -> Self:
        if self.approved_by and self.approved_by.casefold() == self.changed_by.casefold():
            raise ValueError("approved_by must be somebody else than changed_by")
        return self


class _File(_Section):
    version: tuple[Policy, ...]


def load(path: Path = DEFAULT_PATH) -> tuple[Policy, ...]:
    """All versions of a policy file, oldest first; `PolicyError` with a sentence for each fault."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(f"The policy file {path} can't be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"The policy file {path} is not valid TOML: {error}.") from error
    try:
        versions = _File.model_validate(raw).version
    except ValidationError as error:
        faults = [f"  {_place(fault['loc'])}: {fault['msg']}." for fault in error.errors()]
        raise PolicyError("\n".join([f"The policy file {path} has {len(faults)} fault(s):", *faults])) from error
    if not versions:
        raise PolicyError(f"The policy file {path} has no [[version]].")
    dates = [version.effective_from for version in versions]
    if sorted(set(dates)) != dates:
        raise PolicyError(f"The policy file {path}: each version's effective_from must be later than the one before.")
    return versions


def in_force(versions: tuple[Policy, ...], day: date) -> Policy:
    """The version in force on a day; before the first version's date, the first."""
    past = [version for version in versions if version.effective_from <= day]
    return past[-1] if past else versions[0]


def _place(location: tuple[int | str, ...]) -> str:
    """('version', 0, 'bands', 'age') as "version 1, bands.age"."""
    if len(location) >= 2 and isinstance(location[1], int):
        return f"version {location[1] + 1}, {'.'.join(str(part) for part in location[2:])}"
    return ".".join(str(part) for part in location)
