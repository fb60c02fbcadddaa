"""Whether those whom a member referred repay: a mark that may let the next of them pass faster, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rules.intervals import rate
from rules.shrinkage import prior, shrunk


@dataclass(frozen=True)
class Line:
    """How those turned out whom one member referred. Nothing is ever held against anybody by it.

    low, high: of the default rate, drawn towards that of all referred borrowers the more the fewer there are.
    """

    observed: int  # referees whose first loan has been observed for the horizon
    defaulted: int  # of them, within it
    rate: float  # drawn towards all
    low: float
    high: float
    all_rate: float  # of all referred borrowers
    good: bool  # they repay better than referred borrowers do, by more than noise; else it is not known


def lines(referrers: pd.DataFrame, moments: pd.DataFrame, *, significance: float, fewest: int) -> Mapping[str, Line]:
    """How the referees of some members turned out, by the member's id; members without such referees are left out.

    referrers, moments: `queries.review_marks`. fewest: of fewer referees nothing is said.
    Formula: empirical Bayes, each rate drawn towards that of all; good where the whole interval lies below it.
    Source: metrics.md, trap 20; `rules.shrinkage`.
    """
    known = prior(moments)
    n, k = referrers["observed"].to_numpy(float), referrers["defaulted"].to_numpy(float)
    found = shrunk(n, k, known, 1 - significance)
    low, high = np.clip(found.low, 0, 1), np.clip(found.high, 0, 1)
    good = (n >= fewest) & (found.high < known.mean)
    return {
        str(member_id): Line(int(count), int(bad), float(mean), float(from_), float(to), known.mean, bool(is_good))
        for member_id, count, bad, mean, from_, to, is_good in zip(
            referrers["member_id"], n, k, found.mean, low, high, good, strict=True
        )
    }


def observed_rate(line: Line) -> float:
    """The default rate as it is, before it is drawn towards that of all."""
    return float(rate(line.defaulted, line.observed))
