"""What moved a rate between two periods: each segment's part by its weight (mix) and by its own rate."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rules.intervals import Floats, rate
from rules.kept import worked_out_once

OTHER = "other"  # the segments that a figure takes together


@dataclass(frozen=True)
class Change:
    """How a rate went from one period to another, and what of it was mix and what was rate."""

    before: float
    after: float
    mix_effect: float
    rate_effect: float  # the two sum to the difference

    @property
    def difference(self) -> float:
        """After less before."""
        return self.after - self.before


def effects(k1: npt.ArrayLike, n1: npt.ArrayLike, k2: npt.ArrayLike, n2: npt.ArrayLike) -> tuple[Floats, Floats]:
    """The mix and the rate effect of each segment on the difference of two rates, the first less the second.

    k, n: what is counted and of how many, a value per segment, the same segments in the same order on both sides.
    Formula: with r a segment's rate, w its share of the whole and R the mean of the two whole rates, rate effect =
    (r1 - r2)(w1 + w2) / 2 and mix effect = (w1 - w2)((r1 + r2) / 2 - R): Kitagawa's symmetric split without an
    interaction. Taking R off leaves the sum as it is, for shares sum to 1 on both sides, and gives each segment's part
    a meaning of its own: more of a segment that is worse than the whole raises the rate. A segment that one side lacks
    shows nothing about rates: it is given the other side's rate, so that it counts wholly as mix.
    All effects sum to the difference. nan where a side is empty.
    Source: Kitagawa 1955; metrics.md, trap 11; vector "simpson_ucb".
    """
    arrays = (np.asarray(counts, dtype=float) for counts in (k1, n1, k2, n2))
    a, m, b, n = (np.atleast_1d(each) for each in np.broadcast_arrays(*arrays))
    first, second = rate(a, m), rate(b, n)
    first, second = np.where(m > 0, first, second), np.where(n > 0, second, first)
    first, second = np.nan_to_num(first), np.nan_to_num(second)  # segments that neither side has
    first_share, second_share = rate(m, m.sum()), rate(n, n.sum())
    middle = (rate(a.sum(), m.sum()) + rate(b.sum(), n.sum())) / 2
    mix: Floats = (first_share - second_share) * ((first + second) / 2 - middle)
    own: Floats = (first - second) * (first_share + second_share) / 2
    return mix, own


@worked_out_once
def split(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """A rate's change between two periods by segment.

    before, after: one row per segment with segment, k, n.
    Grain: one row per segment of either period, those of `after` first, in their order.
    Columns: segment; before_k, before_n, after_k, after_n; before_rate, after_rate (nan where the segment is missing);
    before_share, after_share; mix_effect, rate_effect: all of them sum to the difference of the two whole rates.
    Source: as `effects`.
    """
    order = {segment: place for place, segment in enumerate(dict.fromkeys([*after["segment"], *before["segment"]]))}
    earlier, later = (_summed(rows, order) for rows in (before, after))
    mix, own = effects(*later, *earlier)
    (before_k, before_n), (after_k, after_n) = earlier, later
    return pd.DataFrame(
        {
            "segment": list(order),
            "before_k": before_k,
            "before_n": before_n,
            "after_k": after_k,
            "after_n": after_n,
            "before_rate": rate(before_k, before_n),
            "after_rate": rate(after_k, after_n),
            "before_share": rate(before_n, before_n.sum()),
            "after_share": rate(after_n, after_n.sum()),
            "mix_effect": mix,
            "rate_effect": own,
        }
    )


def _summed(rows: pd.DataFrame, order: Mapping[str, int]) -> tuple[Floats, Floats]:
    """Both counts by segment; 0 where there is none."""
    place = np.array([order[segment] for segment in rows["segment"]], dtype=np.intp)
    k, n = np.zeros(len(order)), np.zeros(len(order))
    np.add.at(k, place, rows["k"].to_numpy(float))
    np.add.at(n, place, rows["n"].to_numpy(float))
    return k, n


def change(found: pd.DataFrame) -> Change:
    """The whole change that a split explains. found: `split`."""
    return Change(
        before=float(rate(found["before_k"].sum(), found["before_n"].sum())),
        after=float(rate(found["after_k"].sum(), found["after_n"].sum())),
        mix_effect=float(found["mix_effect"].sum()),
        rate_effect=float(found["rate_effect"].sum()),
    )


def explained(found: pd.DataFrame) -> float:
    """How much of a change a dimension tells, in the unit of the rate; nan where a period is empty.

    A dimension tells nothing where its mix stayed and all its segments changed alike; it tells more, the more its mix
    moved the rate, and the farther apart its segments' own changes lie.
    Formula: |mix effect| + the standard deviation of the segments' changes, weighted by their mean shares, with the
    variance taken off that chance alone would give (binomial, at the segment's pooled rate), not below 0: many small
    segments differ by chance.
    """
    column = {name: found[name].to_numpy(float) for name in found.columns if name != "segment"}
    both = (column["before_n"] > 0) & (column["after_n"] > 0)
    k1, n1, k2, n2 = (column[name][both] for name in ("after_k", "after_n", "before_k", "before_n"))
    share = (column["before_share"] + column["after_share"])[both]
    share = rate(share, share.sum())
    gap = rate(k1, n1) - rate(k2, n2)
    pooled = np.clip(rate(k1 + k2, n1 + n2), 0, 1)
    chance = pooled * (1 - pooled) * (rate(1.0, n1) + rate(1.0, n2))
    spread = float((share * (gap - (share * gap).sum()) ** 2).sum() - (share * (1 - share) * chance).sum())
    return abs(float(column["mix_effect"].sum())) + float(np.sqrt(max(spread, 0.0)))


def tells_most(splits: Mapping[str, pd.DataFrame]) -> str | None:
    """The dimension that explains most of a change, the first of several; None where none explains anything.

    splits: dimension -> `split` of the same change by it.
    """
    told = {code: explained(found) for code, found in splits.items()}
    known = {code: much for code, much in told.items() if not np.isnan(much) and much > 0}
    return max(known, key=lambda code: known[code]) if known else None


def steps(found: pd.DataFrame, most: int) -> pd.DataFrame:
    """The effects as the steps of a waterfall: the largest by themselves, all others taken together.

    found: `split`. Grain: one row per step, mix before rate, within each in the order of the segments, others last.
    Columns: segment (OTHER for those taken together); kind ("mix", "rate", or "" for others); effect; start: where it
    begins, the rate before plus the steps before. The last step ends at the rate after.
    """
    long = pd.concat(
        [found[["segment"]].assign(kind=kind, effect=found[f"{kind}_effect"]) for kind in ("mix", "rate")],
        ignore_index=True,
    )
    kept = long.index if len(long) <= most + 1 else long["effect"].abs().nlargest(most).index
    single = long.loc[long.index.isin(kept) & (long["effect"] != 0)]
    others = float(long.loc[~long.index.isin(kept), "effect"].sum())
    rows = [single, pd.DataFrame({"segment": [OTHER], "kind": [""], "effect": [others]})] if others else [single]
    shown = pd.concat(rows, ignore_index=True)
    starts = change(found).before + shown["effect"].cumsum().shift(fill_value=0.0)
    return shown.assign(start=starts)
