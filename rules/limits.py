"""Limits of a month end, red, amber or green: from where on the risk committee has to talk about a figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from rules.kpi import Good
from rules.legal_source import LegalSource
from rules.section import Section
from rules.text import N_


class Light(StrEnum):
    """How a figure stands to its limit."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    UNTOLD = "untold"  # the book does not tell the figure: never green


@dataclass(frozen=True)
class Kind:
    """A figure that may have a limit."""

    name: str
    metric: str  # in the registry
    good: Good = Good.LESS
    ratio: bool = True  # else a plain number


KINDS = {
    "late_30": Kind(N_("Late 30+"), "current_late_ratio"),
    "lagged_30": Kind(N_("Late 30+, lagged"), "lagged_late_ratio"),
    "late_90": Kind(N_("Late 90+"), "current_late_ratio"),
    "lagged_90": Kind(N_("Late 90+, lagged"), "lagged_late_ratio"),
    "default_rate": Kind(N_("Default rate"), "default_rate"),
    "first_payment": Kind(N_("First-payment default"), "first_payment_default"),
    "risk_cost": Kind(N_("Cost of risk"), "cost_of_risk"),
    "reserve_cover": Kind(N_("Reserve cover"), "reserve_cover", Good.MORE, ratio=False),
    "quota_used": Kind(N_("Quota used of the tightest funder"), "quota_used"),
    "largest_province": Kind(N_("Largest province"), "concentration"),
    "largest_channel": Kind(N_("Largest channel"), "concentration"),
    "overrides": Kind(N_("Granted despite a failed check"), "override_rate"),
    "decided_late": Kind(N_("Decided late"), "decided_late"),
}
Code = Literal[
    "late_30", "lagged_30", "late_90", "lagged_90", "default_rate", "first_payment", "risk_cost", "reserve_cover",
    "quota_used", "largest_province", "largest_channel", "overrides", "decided_late",
]  # fmt: skip


class RiskLimit(Section):
    """From where on a figure is amber, from where on red, and who says so. Exactly on a threshold is not past it."""

    metric: Code
    amber: Annotated[float, Field(ge=0, le=100)]
    red: Annotated[float, Field(ge=0, le=100)]
    source: LegalSource

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        kind = KINDS[self.metric]
        if kind.ratio and max(self.amber, self.red) > 1:
            raise ValueError("shares are 0-1")
        if kind.good is Good.LESS and not self.amber < self.red:
            raise ValueError("amber must be below red, for more is worse")
        if kind.good is Good.MORE and not self.amber > self.red:
            raise ValueError("amber must be above red, for less is worse")
        return self


def one_each(limits: tuple[RiskLimit, ...]) -> tuple[RiskLimit, ...]:
    """The limits, where no figure has two."""
    names = [each.metric for each in limits]
    if len(set(names)) < len(names):
        raise ValueError("each metric has one limit")
    return limits


@dataclass(frozen=True)
class Told:
    """A figure that is held against its limit; nan where nothing tells it."""

    value: float
    low: float = float("nan")  # interval of a rate, where its cases allow for one
    high: float = float("nan")
    who: str = ""  # whose it is: the funder, the province, the channel


def light(value: float, limit: RiskLimit) -> Light:
    """How a value stands to its limit.

    Formula: red where it is past the red threshold, else amber where it is past the amber one, else green; past is
    above, or below where less is worse. Both edges are exclusive: exactly on a threshold is not past it, as every
    threshold of the product is ">". Whether a value is past it by chance, its interval beside it tells.
    """
    if value != value:  # noqa: PLR0124 (nan is not itself)
        return Light.UNTOLD
    less_is_worse = KINDS[limit.metric].good is Good.MORE
    for threshold, found in ((limit.red, Light.RED), (limit.amber, Light.AMBER)):
        if value < threshold if less_is_worse else value > threshold:
            return found
    return Light.GREEN


def standings(limits: tuple[RiskLimit, ...], told: Mapping[str, Told]) -> pd.DataFrame:
    """How the figures stand to their limits: the red ones first, then amber, untold, green, each as the policy lists.

    Grain: one row per limit of the policy. Columns: code; light; value, low, high (nan where nothing tells); who;
    amber, red; source_en, source_zh, dated.
    """
    order = {Light.RED: 0, Light.AMBER: 1, Light.UNTOLD: 2, Light.GREEN: 3}
    rows = []
    for limit in limits:
        found = told.get(limit.metric, Told(float("nan")))
        rows.append(
            {
                "code": limit.metric, "light": light(found.value, limit).value, "value": found.value, "low": found.low,
                "high": found.high, "who": found.who, "amber": limit.amber, "red": limit.red,
                "source_en": limit.source.name_en, "source_zh": limit.source.name_zh,
                "dated": limit.source.dated.isoformat(),
            }
        )  # fmt: skip
    columns = ["code", "light", "value", "low", "high", "who", "amber", "red", "source_en", "source_zh", "dated"]
    listed = pd.DataFrame(rows, columns=columns)
    ranks = [order[Light(each)] for each in listed["light"]]
    return listed.assign(rank=ranks).sort_values("rank", kind="stable", ignore_index=True).drop(columns="rank")
