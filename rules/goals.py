"""What managers set out to reach: the lender's own targets by period, and the policy's standing ones."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from rules.policy import Target

MILLION = 1_000_000


@dataclass(frozen=True)
class Wanted:
    """A goal in force: its value, in the unit of its metric, and the period it is for; None: it stands."""

    value: float
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Goals:
    """The goals of one book. The lender's own of a period come before the policy's."""

    rows: pd.DataFrame  # `queries.overview.goals`
    standing: tuple[Target, ...] = ()

    def of_period(self, metric: str, first: date, last: date) -> Wanted | None:
        """The goal for exactly these days, else the standing one."""
        own = self._own(metric)
        fitting = own.loc[(own["period_start"] == pd.Timestamp(first)) & (own["period_end"] == pd.Timestamp(last))]
        return self._first(fitting) or self._standing(metric)

    def running(self, metric: str, as_of: date) -> Wanted | None:
        """The lender's goal for a period that has begun and is not over."""
        own, day = self._own(metric), pd.Timestamp(as_of)
        return self._first(own.loc[(own["period_start"] <= day) & (own["period_end"] > day)])

    def newest(self, metric: str, as_of: date) -> Wanted | None:
        """The goal that holds now: of the period that runs, else of the last one that has ended, else the standing."""
        own = self._own(metric)
        begun = own.loc[own["period_start"] <= pd.Timestamp(as_of)].sort_values("period_end", ascending=False)
        return self.running(metric, as_of) or self._first(begun) or self._standing(metric)

    def _own(self, metric: str) -> pd.DataFrame:
        return self.rows.loc[self.rows["metric"] == metric]

    def _first(self, rows: pd.DataFrame) -> Wanted | None:
        if rows.empty:
            return None
        row = rows.iloc[0]
        return Wanted(int(row["millionths"]) / MILLION, row["period_start"].date(), row["period_end"].date())

    def _standing(self, metric: str) -> Wanted | None:
        found = [each for each in self.standing if each.metric == metric]
        return Wanted(found[0].value) if found else None
