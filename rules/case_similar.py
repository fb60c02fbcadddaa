"""What makes past applications alike, and what became of those that were granted."""

import math
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

FEATURES = ("amount", "term", "income", "debt", "score")  # what applications are compared by


@dataclass(frozen=True)
class Asked:
    """An application by its features, in the scale in which they are compared; those it lacks are left out."""

    values: dict[str, float]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Features that the application lacks."""
        return tuple(name for name in FEATURES if name not in self.values)


def asked(
    *, amount_fen: int, term_months: int, income_fen: int | None, declared_fen: int | None, score: float | None
) -> Asked:
    """The features of an application: amount and income as logarithms, debt elsewhere in monthly incomes."""
    values = {"amount": math.log(amount_fen), "term": float(term_months)}
    if income_fen:
        values["income"] = math.log(income_fen)
        if declared_fen is not None:
            values["debt"] = declared_fen / income_fen
    if score is not None:
        values["score"] = score
    return Asked(values)


class Became(StrEnum):
    """What has become of a loan by now; a default counts whatever followed."""

    REPAID = "repaid"
    RUNNING = "running"  # on time
    LATE = "late"
    DEFAULTED = "defaulted"
    WRITTEN_OFF = "written_off"


def became(loans: pd.DataFrame) -> list[Became]:
    """What has become of each loan. loans: `queries.case_similar.nearest`."""
    columns = loans["status"], loans["default_month"].notna(), loans["days_past_due"].fillna(0)
    return [_became(status, defaulted, late) for status, defaulted, late in zip(*columns, strict=True)]


def _became(status: str, defaulted: bool, days_past_due: int) -> Became:
    if status == "written_off":
        return Became.WRITTEN_OFF
    if defaulted:
        return Became.DEFAULTED
    if status == "paid_off":
        return Became.REPAID
    return Became.LATE if days_past_due > 0 else Became.RUNNING
