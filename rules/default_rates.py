"""From the additive parts of default rates to what the page says: rates, intervals, what stands out, what changed."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from rules.intervals import rate, wilson
from rules.proportions import benjamini_hochberg, difference

BOOK_PARTS = ("borrowers", "defaulted", "principal_fen", "defaulted_principal_fen", "immature", "imputed")


class Verdict(StrEnum):
    """What may be said of a rate against the one it is compared to."""

    HIGHER = "higher"
    LOWER = "lower"
    NOISE = "noise"  # the difference is no more than chance would give
    NOT_COMPARED = "not compared"  # there is nothing to compare to, or nobody on one side


@dataclass(frozen=True)
class Headline:
    """The answer for a whole selection: its default rate, and how it stands against the comparison."""

    borrowers: int
    defaulted: int
    immature: int  # borrowers left out because their loan has not been observed for the horizon
    imputed: int  # counted loans whose dates are estimates
    rate: float  # nan without borrowers
    low: float
    high: float
    principal_rate: float
    comparison_borrowers: int
    comparison_rate: float  # this and the rest nan where nothing is compared
    difference: float
    difference_low: float
    difference_high: float
    p_value: float
    verdict: Verdict
    thin: bool


def book_parts(parts: pd.DataFrame) -> pd.Series:
    """The parts of the whole selection, from its segments' or pairs': each borrower once, by their first loan."""
    return pd.Series({name: int(parts[f"first_{name}"].sum()) for name in BOOK_PARTS})


def segment_rates(parts: pd.DataFrame, significance: float, thin_borrowers: int) -> pd.DataFrame:
    """Default rate of each segment (or pair of segments), and whether it stands out from the rest of the book.

    Grain: one row per row of the parts, in their order; their columns are kept.
    Columns added: rate, low, high, principal_rate (0-1, nan without borrowers); share_of_defaults; rest_rate (of the
    book without the segment); difference_to_book; p_value, q_value; stands_out ("above", "below" or ""); thin.
    Formula: Wilson interval at 1 - significance; share of all segments' defaulted; p of the two-sided test of the
    segment against the rest, the rest being the book's borrowers less those whose first loan lies in the segment; q by
    Benjamini-Hochberg over all rows, 'unknown' among them, for it is shown and looked at like any other; stands out
    where q <= significance. Call it before any row is left out of the display.
    Excludes: what the parts exclude.
    Source: metrics.md, "default rate at H", "rate interval", "stands out".
    """
    book = book_parts(parts)
    k, n = parts["defaulted"].to_numpy(dtype=float), parts["borrowers"].to_numpy(dtype=float)
    rest_k = float(book["defaulted"]) - parts["first_defaulted"].to_numpy(dtype=float)
    rest_n = float(book["borrowers"]) - parts["first_borrowers"].to_numpy(dtype=float)
    rates, rest_rates = rate(k, n), rate(rest_k, rest_n)
    low, high = wilson(k, n, 1 - significance)
    p_values = difference(k, n, rest_k, rest_n, 1 - significance)["p_value"].to_numpy(dtype=float)
    q_values = benjamini_hochberg(p_values)
    found = q_values <= significance
    return parts.assign(
        rate=rates,
        low=low,
        high=high,
        principal_rate=rate(parts["defaulted_principal_fen"], parts["principal_fen"]),
        share_of_defaults=rate(k, k.sum()),
        rest_rate=rest_rates,
        difference_to_book=rates - rate(book["defaulted"], book["borrowers"]),
        p_value=p_values,
        q_value=q_values,
        stands_out=np.where(found & (rates > rest_rates), "above", np.where(found & (rates < rest_rates), "below", "")),
        thin=n < thin_borrowers,
    )


def headline(parts: pd.Series, compared: pd.Series | None, significance: float, thin_borrowers: int) -> Headline:
    """The default rate of a selection, and whether it differs from the comparison's by more than noise.

    parts, compared: `book_parts`, or the one row of `overall`; compared is None where nothing is compared.
    Formula: Wilson interval; Newcombe interval and two-sided test of the difference; noise where p > significance.
    Source: metrics.md, "default rate at H".
    """
    k, n = int(parts["defaulted"]), int(parts["borrowers"])
    other_k, other_n = (0, 0) if compared is None else (int(compared["defaulted"]), int(compared["borrowers"]))
    low, high = wilson(k, n, 1 - significance)
    gap = difference(k, n, other_k, other_n, 1 - significance).iloc[0]
    return Headline(
        borrowers=n,
        defaulted=k,
        immature=int(parts["immature"]),
        imputed=int(parts["imputed"]),
        rate=float(rate(k, n)),
        low=float(low),
        high=float(high),
        principal_rate=float(rate(parts["defaulted_principal_fen"], parts["principal_fen"])),
        comparison_borrowers=other_n,
        comparison_rate=float(rate(other_k, other_n)),
        difference=float(gap["difference"]),
        difference_low=float(gap["low"]),
        difference_high=float(gap["high"]),
        p_value=float(gap["p_value"]),
        verdict=verdict(float(gap["difference"]), float(gap["p_value"]), significance),
        thin=n < thin_borrowers,
    )


def verdict(gap: float, p_value: float, significance: float) -> Verdict:
    """What may be said of a difference whose test has this p-value."""
    if np.isnan(p_value):
        return Verdict.NOT_COMPARED
    if p_value > significance:
        return Verdict.NOISE
    return Verdict.HIGHER if gap > 0 else Verdict.LOWER
