"""Of what is owed by a loan that has defaulted, the part that is lost in the end."""

from math import isnan

import pandas as pd

from rules.ageing import BUCKETS
from rules.filters import Definition
from rules.intervals import rate

_MILLION = 1_000_000
_WRITTEN_OFF = (Definition.CHARGE_OFF, Definition.RECORDED)
_BUCKET_OF = {Definition.DPD30: BUCKETS[2], Definition.DPD60: BUCKETS[3], Definition.DPD90: BUCKETS[4]}


def by_rolls(lost: pd.DataFrame, definition: str) -> float:
    """The loss ratio by how the book's loans have rolled: all of it once written off; 0: the book does not tell.

    lost: `queries.case.lost`. Formula: P(written off in the end) of the bucket that the definition leads to.
    Source: metrics.md, "expected loss"; `loanbook.members.expected_loss`.
    """
    if definition in _WRITTEN_OFF:
        return 1.0
    ratios = dict(zip(lost["bucket"], lost["millionths"] / _MILLION, strict=True))
    return float(ratios.get(_BUCKET_OF[Definition(definition)], 0.0))


def of_loans(parts: pd.DataFrame, lost: pd.DataFrame, definition: str) -> float:
    """The loss ratio of defaulted loans that are looked at together; nan where nothing tells it.

    parts: `queries.margins.by_segment`.
    Formula: `by_rolls`, but where default is the write-off itself, or the rolls don't tell: principal lost / principal
    of the defaulted loans that have ended, for then it is on record what was lost; those that are still open are not
    among them (trap 9).
    Source: metrics.md, "loss given default".
    """
    rolls = by_rolls(lost, definition)
    seen = float(rate(parts["gone_lost_fen"].sum(), parts["gone_principal_fen"].sum()))
    if definition in _WRITTEN_OFF or not rolls:
        return (rolls or float("nan")) if isnan(seen) else seen
    return rolls
