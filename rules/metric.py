"""What the registry says of a metric."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a metric counts in."""

    COUNT = "count"
    CNY = "cny"
    RATIO = "ratio"  # shown as percent
    POINTS = "points"  # a difference of two ratios
    INDEX = "index"  # a plain number


@dataclass(frozen=True)
class Metric:
    """One number that Loanboard shows."""

    code: str
    name: str
    definition: str  # one sentence
    unit: Unit
    parts: tuple[str, ...]  # the additive integer columns that statements return for it: numerator, denominator
    calendar: str  # which dates it counts, and as of when
    interval: str | None  # how its 95 % interval is made; None: it is a count of everything, not an estimate
    noise_test: str | None  # how a difference is judged; None: no claim about differences is made
    source: str  # where the definition comes from
