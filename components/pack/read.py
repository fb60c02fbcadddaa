"""A pack as it is read: its figures, and the view in whose words and by whose names it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from components.overview.moved import Split
from components.overview.moved_choices import BEST, LATE, Asked
from components.view import View
from rules import calendar, decomposition
from rules.filters import DateRange, Definition, Horizon
from rules.pack import Pack


@dataclass(frozen=True)
class Read:
    """What the cards of a pack are drawn from. What is told of the month stands in the pack, never in the view."""

    pack: Pack
    view: View
    findings: Mapping[str, str]  # what each kind of finding about rows says: `queries.system.sentences`

    @property
    def end(self) -> date:
        """The month end."""
        return self.pack.month_end

    @property
    def earlier(self) -> date:
        """The month end before."""
        return calendar.last_of_month(calendar.add_months(calendar.first_of_month(self.end), -1))

    @property
    def window(self) -> DateRange:
        """The months of disbursement that tell the default rate."""
        return DateRange(self._day("first"), self._day("last"))

    @property
    def definition(self) -> Definition:
        """What counts as default."""
        return Definition(str(self.pack.about["definition"]))

    @property
    def horizon(self) -> Horizon:
        """For how long is waited for it."""
        return Horizon(str(self.pack.about["horizon"]))

    @property
    def significance(self) -> float:
        """How sure one has to be."""
        return float(str(self.pack.about["significance"]))

    @property
    def thin(self) -> int:
        """Fewer are too few."""
        return int(str(self.pack.about["thin"]))

    @property
    def snapshot_built(self) -> datetime:
        """When the snapshot was built that the figures are from."""
        return datetime.fromisoformat(str(self.pack.about["snapshot_built"]))

    @property
    def at_end(self) -> View:
        """The view with the book as of the month end."""
        return replace(self.view, book=replace(self.view.book, as_of=self.end))

    def table(self, name: str) -> pd.DataFrame:
        """Rows of the pack."""
        return self.pack.tables[name]

    def split(self, name: str) -> Split | None:
        """How a rate moved, "late" or "default"; None where a month says nothing."""
        code, rows = self.pack.about[f"moved_{name}_by"], self.table(f"moved_{name}")
        return None if code is None else Split(str(code), rows, decomposition.change(rows))

    def asked(self, rate: str) -> Asked:
        """The two periods of a split."""
        if rate == LATE:
            return Asked(rate, DateRange(self.earlier, self.earlier), DateRange(self.end, self.end), ("",), BEST)
        return Asked(rate, DateRange(self._day("before_first"), self._day("before_last")), self.window, ("",), BEST)

    def _day(self, name: str) -> date | None:
        told: Any = self.pack.about[name]
        return None if told is None else date.fromisoformat(told)
