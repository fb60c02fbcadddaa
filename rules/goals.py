"""What managers set out to reach: the lender's own targets by period, and the policy's standing ones."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from rules.policy import Target

MILLION = 1_000_000
_COLUMNS = ("metric", "period_start", "period_end", "millionths")


@dataclass(frozen=True)
class Wanted:
    """A goal in force: its value, in the unit of its metric, and the period it is for; None: it stands."""

    value: float
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Goals:
    """The goals of one book. The lender's own of a period come before the policy's."""

    own: tuple[tuple[str, Wanted], ...]  # metric, and what is wanted of it
    standing: tuple[Target, ...] = ()

    def of_period(self, metric: str, first: date, last: date) -> Wanted | None:
        """The goal for exactly these days, else the standing one."""
        fitting = [each for each in self._own(metric) if (each.first, each.last) == (first, last)]
        return fitting[0] if fitting else self._standing(metric)

    def running(self, metric: str, as_of: date) -> Wanted | None:
        """The lender's goal for a period that has begun and is not over."""
        return next((each for each in self._begun(metric, as_of) if each.last is not None and each.last > as_of), None)

    def newest(self, metric: str, as_of: date) -> Wanted | None:
        """The goal that holds now: of the period that runs, else of the last one that has ended, else the standing."""
        begun = self._begun(metric, as_of)
        return self.running(metric, as_of) or (begun[0] if begun else self._standing(metric))

    def _own(self, metric: str) -> list[Wanted]:
        return [wanted for name, wanted in self.own if name == metric]

    def _begun(self, metric: str, as_of: date) -> list[Wanted]:
        """Those whose period has begun, the one that ends last first."""
        begun = [each for each in self._own(metric) if each.first is not None and each.first <= as_of]
        return sorted(begun, key=lambda each: each.last or date.max, reverse=True)

    def _standing(self, metric: str) -> Wanted | None:
        return next((Wanted(each.value) for each in self.standing if each.metric == metric), None)


def goals(rows: pd.DataFrame, standing: tuple[Target, ...]) -> Goals:
    """The goals that a book's table names, and those of the policy. rows: `queries.overview.goals`."""
    own = tuple(
        (metric, Wanted(millionths / MILLION, first.date(), last.date()))
        for metric, first, last, millionths in zip(*(rows[name] for name in _COLUMNS), strict=True)
    )
    return Goals(own, standing)
