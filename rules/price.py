"""What a loan costs in a year with every fee inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyxirr


@dataclass(frozen=True)
class AllInRate:
    """The yearly rate of a loan, both ways in which it is quoted; nan where no rate makes the flows even."""

    nominal: float  # the periods' rate times the periods of a year
    effective: float  # the periods' rate compounded over a year


def all_in_rate(flows: Sequence[float | Decimal], periods_a_year: int = 12) -> AllInRate:
    """The internal rate of return of what a borrower gets and pays.

    flows: one per period from the disbursement on, what is got positive and what is paid negative (or the other way
    round): principal less upfront fees, then instalments with all fees.
    Formula: the rate at which the flows' present value is 0, x12 (or the periods of a year) and effective.
    Source: metrics.md, "all-in annual rate", trap 16; vector "apr".
    """
    found = pyxirr.irr([float(flow) for flow in flows]) if _both_ways(flows) else None
    if found is None:
        return AllInRate(float("nan"), float("nan"))
    return AllInRate(found * periods_a_year, (1 + found) ** periods_a_year - 1)


def _both_ways(flows: Sequence[float | Decimal]) -> bool:
    return any(flow > 0 for flow in flows) and any(flow < 0 for flow in flows)
