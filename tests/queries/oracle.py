"""The definition of the default rate in plain Python, loan by loan, to hold statements against."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rules.filters import Selection

Row = dict[str, Any]


@dataclass
class Oracle:
    """Rows of loan_fact under one selection."""

    rows: Sequence[Row]
    selection: Selection

    def passing(self) -> list[Row]:
        first, last = self.selection.disbursed.first, self.selection.disbursed.last
        return [
            row
            for row in self.rows
            if (first is None or row["disbursed_on"] >= first)
            and (last is None or row["disbursed_on"] <= last)
            and all(row[code] in values for code, values in self.selection.choices)
        ]

    def earliest(self, segment: Sequence[str] = ()) -> dict[tuple[Any, ...], Row]:
        """(segment values, borrower) -> that borrower's earliest passing loan there."""
        found: dict[tuple[Any, ...], Row] = {}
        for row in sorted(self.passing(), key=lambda row: row["loan_no"]):
            found.setdefault((tuple(row[code] for code in segment), row["borrower_no"]), row)
        return found

    def is_mature(self, row: Row) -> bool:
        months = self.selection.horizon.months
        return row["final_observed"] if months is None else row["observed_months"] >= months

    def has_defaulted(self, row: Row) -> bool:
        month, months = row[f"default_month_{self.selection.definition}"], self.selection.horizon.months
        return month is not None and (months is None or month <= months)

    def parts(self, segment: Sequence[str] = ()) -> dict[tuple[str, ...], Counter[str]]:
        """Segment values -> all columns of `by_segment`."""
        firsts = {row["loan_no"] for row in self.earliest().values()}
        found: dict[tuple[str, ...], Counter[str]] = {}
        for (values, _), row in self.earliest(segment).items():
            counted = found.setdefault(values, Counter())
            for prefix in ["", "first_"] if row["loan_no"] in firsts else [""]:
                if not self.is_mature(row):
                    counted[f"{prefix}immature"] += 1
                    continue
                counted[f"{prefix}borrowers"] += 1
                counted[f"{prefix}principal_fen"] += row["principal_fen"]
                counted[f"{prefix}imputed"] += row["dates_imputed"]
                if self.has_defaulted(row):
                    counted[f"{prefix}defaulted"] += 1
                    counted[f"{prefix}defaulted_principal_fen"] += row["principal_fen"]
        return found
