"""Whether two people decide the same: raw agreement, and Cohen's kappa, which takes off what chance would give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from statsmodels.stats.inter_rater import cohens_kappa

from rules.intervals import normal_quantile, rate, wilson
from rules.review_case import Outcome

OUTCOMES = tuple(outcome.value for outcome in Outcome)


@dataclass(frozen=True)
class Agreement:
    """How far two people agree over pairs of decisions; nan where the pairs don't tell."""

    pairs: int
    agreed: int
    raw: float
    raw_low: float
    raw_high: float
    kappa: float
    kappa_low: float
    kappa_high: float
    table: npt.NDArray[np.int64]  # first by second, in the order of OUTCOMES


def agreement(pairs: Sequence[tuple[str, str]], confidence: float) -> Agreement:
    """Of pairs of a first and a second decision on the same case, by their outcomes.

    Formula: kappa = (p_o - p_e) / (1 - p_e), its interval by the large-sample variance; nan where one outcome is all
    there is, for then chance alone agrees always. Raw agreement with Wilson's interval.
    Source: Cohen 1960; Fleiss, Cohen, Everitt 1969, Psychological Bulletin 72:323.
    """
    table = np.zeros((len(OUTCOMES), len(OUTCOMES)), dtype=np.int64)
    for first, second in pairs:
        table[OUTCOMES.index(first), OUTCOMES.index(second)] += 1
    return of_table(table, confidence)


def of_table(table: npt.ArrayLike, confidence: float) -> Agreement:
    """The same of a table of counts, first by second."""
    counts = np.asarray(table, dtype=np.int64)
    n, agreed = int(counts.sum()), int(np.trace(counts))
    low, high = wilson(agreed, n, confidence)
    kappa, reach = _kappa(counts, confidence)
    return Agreement(
        pairs=n,
        agreed=agreed,
        raw=float(rate(agreed, n)),
        raw_low=float(low),
        raw_high=float(high),
        kappa=kappa,
        kappa_low=float(np.clip(kappa - reach, -1, 1)),
        kappa_high=float(np.clip(kappa + reach, -1, 1)),
        table=counts,
    )


def _kappa(counts: npt.NDArray[np.int64], confidence: float) -> tuple[float, float]:
    """Kappa and how far its interval reaches to each side."""
    n = counts.sum()
    if not n:
        return float("nan"), float("nan")
    expected = float((counts.sum(0) / n) @ (counts.sum(1) / n))
    if expected >= 1:
        return float("nan"), float("nan")
    with np.errstate(invalid="ignore"):  # the variance of perfect agreement is 0, rounded perhaps below it
        found = cohens_kappa(counts, return_results=True)
    return float(found.kappa), float(np.sqrt(max(0.0, found.var_kappa))) * normal_quantile(confidence)
