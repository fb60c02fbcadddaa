"""How a network spreads: how many each member brings, how soon, what that grows into, and the shape of its trees."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from rules.default_rates import Verdict, verdict
from rules.intervals import Counts, Floats, normal_quantile, rate
from rules.survival import at_risk, mean_cumulative


@dataclass(frozen=True)
class Change:
    """The viral coefficient of the newest mature cohort against those before it; nan where there is none before."""

    cohort: str
    k: float
    low: float
    high: float
    before_k: float
    cohorts: int  # how many before
    p_value: float
    verdict: Verdict


@dataclass(frozen=True)
class Cycle:
    """How soon referees follow their referrer; days are nan where nobody was referred."""

    curve: (
        pd.DataFrame
    )  # one row per day from 0: day, followed, referred, brought, low, high (members brought per member)
    days: float  # by when half of those have come whom a member brings within the window
    low: float
    high: float
    coefficient: float  # members brought per member within the window
    coefficient_low: float
    coefficient_high: float


def structural_virality(distances: Counts, pairs: Counts) -> Floats:
    """The mean distance of two members of one tree; nan where no tree has two.

    distances, pairs: the distances of all unordered pairs of a tree's members summed, and how many pairs there are;
    parts of several trees may be summed.
    Formula: 2 x sum over non-root v of s_v (n - s_v) / (n (n - 1)), s_v the size of v's subtree.
    Source: metrics.md, "structural virality"; Goel et al. 2016; vector "structural_virality".
    """
    return rate(distances, pairs)


def coefficients(parts: pd.DataFrame, *, window_days: int, confidence: float, thin_members: int) -> pd.DataFrame:
    """The viral coefficient of each cohort, every member followed for the same number of days.

    parts: one row per cohort in time order with members, youngest_days (how long the youngest has been followed),
    referrers, referees, referees_squared (of each member's number of referees within the window, squared and summed),
    invitations (sent within the window).
    Columns added: k; low, high; invited (invitations per member), converted (referees per invitation); maturing (the
    youngest has not been followed for the whole window); thin.
    Formula: k = referees / members = invited x converted. Interval: normal, with the spread of the members' own
    numbers, for a few bring very many and a Poisson interval would be too narrow; never below 0.
    Source: metrics.md, "viral coefficient K" and trap 1.
    """
    n, brought = parts["members"].to_numpy(float), parts["referees"].to_numpy(float)
    k = rate(brought, n)
    error = standard_error(n, brought, parts["referees_squared"].to_numpy(float))
    reach = normal_quantile(confidence) * error
    invitations = parts["invitations"].to_numpy(float)
    return parts.assign(
        k=k,
        low=np.maximum(k - reach, 0.0),
        high=k + reach,
        invited=rate(invitations, n),
        converted=rate(brought, invitations),
        maturing=parts["youngest_days"].to_numpy(float) < window_days,
        thin=n < thin_members,
    )


def change(found: pd.DataFrame, *, significance: float, most_before: int = 12) -> Change | None:
    """Whether the newest mature cohort brings more or fewer than those before it; None where no cohort is mature.

    found: `coefficients`.
    Formula: the cohorts before are summed; the test is of two means with the members' own spread, raised by how much
    more than that the cohorts before differ among themselves (Cochran's Q over its degrees of freedom, above 1), by
    the t distribution then.
    Source: metrics.md, "viral coefficient K", traps 19 and 20.
    """
    mature = found.loc[~found["maturing"] & (found["members"] > 0)]
    if mature.empty:
        return None
    newest, before = mature.iloc[-1], mature.iloc[:-1].tail(most_before)
    sums = before[["members", "referees", "referees_squared"]].sum()
    before_k = float(rate(sums["referees"], sums["members"]))
    own, others = (
        float(standard_error(part["members"], part["referees"], part["referees_squared"])) for part in (newest, sums)
    )
    errors = standard_error(before["members"], before["referees"], before["referees_squared"])
    freedom = int((errors > 0).sum()) - 1
    apart = float(np.nansum(rate((before["k"].to_numpy(float) - before_k) ** 2, errors**2)))
    spread = max(1.0, apart / freedom) if freedom > 0 else 1.0
    error = float(np.sqrt(spread * (own**2 + others**2)))
    gap = float(newest["k"]) - before_k
    away = abs(gap) / error if error > 0 else float("nan")
    p_value = float(2 * (stats.t.sf(away, freedom) if spread > 1 else stats.norm.sf(away)))
    return Change(
        cohort=str(newest["month"]),
        k=float(newest["k"]),
        low=float(newest["low"]),
        high=float(newest["high"]),
        before_k=before_k,
        cohorts=len(before),
        p_value=p_value,
        verdict=verdict(gap, p_value, significance),
    )


def dispersion(parts: pd.DataFrame) -> float:
    """How many times as much as by chance alone members' numbers of referees vary; 1 at least, and without referees.

    parts: as `coefficients` takes them. Formula: variance / mean of the members' numbers; 1 is Poisson.
    """
    members, brought, squared = (float(parts[name].sum()) for name in ("members", "referees", "referees_squared"))
    if not brought:
        return 1.0
    mean = brought / members
    return max(1.0, (squared / members - mean**2) / mean)


def standard_error(n: Counts, total: Counts, squared: Counts) -> Floats:
    """The standard error of a mean, from how many there are, their sum and the sum of their squares; nan below two."""
    count = np.asarray(n, dtype=float)
    mean = rate(total, count)
    spread = np.maximum(np.asarray(squared, dtype=float) - count * mean**2, 0.0)
    return np.sqrt(rate(spread, count * (count - 1)))


def cycle(
    members: pd.DataFrame,
    referrals: pd.DataFrame,
    *,
    window_days: int,
    confidence: float,
    dispersion: float = 1.0,
    recent_days: int | None = None,
) -> Cycle:
    """How many members a member has brought after each day, and by when half of them have come.

    members: observed_days, members: how many have been followed for so many days. referrals: day, referees: how many
    came so many days after their referrer, later ones than the window are not counted; recent: how many of them in the
    last `recent_days`. With `recent_days` only those are counted, and members by the days on which they were of that
    age in that time: what members bring now, whenever they registered.
    Formula: the mean cumulative function, sum of d_t / n_t over the days, n_t who have been followed for t days: whom a
    member may yet bring is censored, not counted as nobody. The cycle is the first day at which it reaches half of
    its value at the window. Interval of the curve: variance sum of d_t / n_t^2 times `dispersion`, how much more than
    Poisson the members' numbers vary; of the cycle: the days at which the curve's ends reach the half.
    Source: metrics.md, "cycle time"; Nelson 2003, Recurrent Events Data Analysis.
    """
    came = _counted(referrals["day"], referrals["recent" if recent_days else "referees"], window_days, beyond=False)
    followed = _followed(members, window_days)
    if recent_days:
        followed = followed - _followed(members, window_days + recent_days)[recent_days:]
    brought = mean_cumulative(followed, came)
    error = np.sqrt(np.cumsum(np.nan_to_num(rate(came, followed.astype(float) ** 2))) * dispersion)
    reach = normal_quantile(confidence) * error
    low, high = np.maximum(brought - reach, 0.0), brought + reach
    half = brought[-1] / 2
    curve = pd.DataFrame(
        {
            "day": np.arange(window_days + 1),
            "followed": followed,
            "referred": came,
            "brought": brought,
            "low": low,
            "high": high,
        }
    )
    # The ends of the curve move the half with them: only the shape before and after it leaves the day in doubt.
    doubt = normal_quantile(confidence) * _error_of_half(came, followed, brought, dispersion)
    return Cycle(
        curve=curve,
        days=_first_day(brought, half),
        low=_first_day(brought, half - doubt),
        high=_first_day(brought, half + doubt),
        coefficient=float(brought[-1]),
        coefficient_low=float(low[-1]),
        coefficient_high=float(high[-1]),
    )


def customers(first: float, k: Counts, cycles: Counts) -> Floats:
    """How many a first group has grown into after so many cycles, each member bringing k others in one cycle.

    Formula: c0 (k^(t+1) - 1) / (k - 1); c0 (t + 1) where k is 1.
    Source: Skok, "Lessons learned: viral marketing"; vector "viral_growth_skok".
    """
    each, passed = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(cycles, dtype=float))
    same = np.isclose(each, 1.0, rtol=0, atol=1e-9)
    with np.errstate(invalid="ignore", divide="ignore"):
        grown = (each ** (passed + 1) - 1) / (each - 1)
    result: Floats = first * np.where(same, passed + 1, grown)
    return result


def _followed(members: pd.DataFrame, days: int) -> npt.NDArray[np.int64]:
    """How many have been followed for each number of days from 0 to the last."""
    last = _counted(members["observed_days"], members["members"], days, beyond=True)
    return at_risk(np.zeros_like(last), last)


def _counted(days: "pd.Series[int]", counts: "pd.Series[int]", most: int, *, beyond: bool) -> npt.NDArray[np.int64]:
    """Counts by day from 0 to the last; later days count at the last one, or not at all. Days before 0 count at 0."""
    at, times = days.to_numpy(np.int64), counts.to_numpy(np.int64)
    if not beyond:
        at, times = at[at <= most], times[at <= most]
    return np.bincount(np.clip(at, 0, most), weights=times, minlength=most + 1).astype(np.int64)


def _error_of_half(came: Counts, followed: Counts, brought: Floats, dispersion: float) -> float:
    """The standard error of what has come by the half, less half of all: M(t) - M(w) / 2 at the day t of the half."""
    each = np.nan_to_num(rate(came, np.asarray(followed, dtype=float) ** 2)) * dispersion
    reached = brought >= brought[-1] / 2
    day = int(np.argmax(reached)) if reached.any() else 0
    before, after = float(each[: day + 1].sum()), float(each[day + 1 :].sum())
    return float(np.sqrt(before + after) / 2)


def _first_day(brought: Floats, height: float) -> float:
    if not brought[-1] > 0:
        return float("nan")
    return float(np.argmax(brought >= height)) if (brought >= height).any() else float(len(brought) - 1)
