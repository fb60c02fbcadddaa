"""First-payment default: what share of new borrowers does not even pay their first instalment."""

import pandas as pd

from rules.intervals import rate, wilson
from rules.movement import Movement, movement

MONTHS_BEFORE = 12


def rates(parts: pd.DataFrame, *, significance: float, thin_borrowers: int) -> pd.DataFrame:
    """First-payment default by the month of disbursement.

    parts: `queries.first_payment.by_month`. Grain: one row per month, in their order; the parts' columns are kept.
    Columns added: rate, low, high (0-1, nan without borrowers); thin; maturing: of some it can't be known yet.
    Formula: missed / borrowers, Wilson interval; borrowers are the sample.
    Source: metrics.md, "first-payment default".
    """
    missed, borrowers = parts["missed"].to_numpy(float), parts["borrowers"].to_numpy(float)
    low, high = wilson(missed, borrowers, 1 - significance)
    return parts.assign(
        rate=rate(missed, borrowers),
        low=low,
        high=high,
        thin=borrowers < thin_borrowers,
        maturing=parts["waiting"].to_numpy() > 0,
    )


def change(found: pd.DataFrame, significance: float) -> tuple[str, Movement] | None:
    """The newest month of which every borrower is known against the twelve before it; None where there is none.

    found: `rates`. Months without new borrowers are no months of the twelve.
    """
    known = found.loc[~found["maturing"] & (found["borrowers"] > 0)]
    if known.empty:
        return None
    newest, before = known.iloc[-1], known.iloc[-1 - MONTHS_BEFORE : -1]
    moved = movement(
        int(newest["missed"]), int(newest["borrowers"]), before["missed"], before["borrowers"], significance
    )
    return str(newest["month"]), moved
