"""Survival from counts: how many are left, and how many have left in one way among several, after each time."""

import numpy as np
import numpy.typing as npt

from rules.intervals import Counts, Floats, normal_quantile, rate


def at_risk(left: Counts, censored: Counts) -> npt.NDArray[np.int64]:
    """How many are still followed at each time, given how many leave and how many are last seen at each.

    Formula: all, less those who left or were last seen at an earlier time; at a tie the censored are still at risk.
    """
    gone = np.asarray(left, dtype=np.int64) + np.asarray(censored, dtype=np.int64)
    followed: npt.NDArray[np.int64] = gone[::-1].cumsum()[::-1]
    return followed


def kaplan_meier(followed: Counts, events: Counts) -> Floats:
    """The share that has not had the event after each time.

    followed, events: how many were at risk and how many had the event at each time, in rising order.
    Formula: product of (1 - d / n); a time at which nobody is followed changes nothing.
    Source: Kaplan and Meier 1958; vector "km_leukemia_6mp".
    """
    hazard = np.nan_to_num(rate(events, followed))
    return np.cumprod(1 - hazard, dtype=np.float64)


def mean_cumulative(followed: Counts, events: Counts) -> Floats:
    """How many events each one has had on average after each time, where one may have several.

    followed, events: how many were at risk and how many events there were at each time, in rising order.
    Formula: sum of d / n; a time at which nobody is followed adds nothing.
    Source: Nelson 2003, Recurrent Events Data Analysis; for the first event alone it is Nelson and Aalen's estimate.
    """
    return np.cumsum(np.nan_to_num(rate(events, followed)), dtype=np.float64)


def median_time(times: npt.ArrayLike, survival: Floats) -> float:
    """The first time at which no more than half are left; nan where more than half stay to the end."""
    reached = np.flatnonzero(survival <= 0.5)
    return float(np.asarray(times)[reached[0]]) if len(reached) else float("nan")


def cumulative_incidence(followed: Counts, of_kind: Counts, of_any: Counts) -> Floats:
    """The share that has left in one way after each time, the other ways competing.

    followed, of_kind, of_any: at risk, leaving in this way, and leaving in any way at each time, in rising order.
    Formula: CIF_k = sum S(t-) d_k / n, S of leaving in any way; over all ways they sum to 1 - S.
    Source: metrics.md, "vintage curve"; Aalen and Johansen 1978.
    """
    survival = kaplan_meier(followed, of_any)
    before = np.concatenate([[1.0], survival[:-1]])
    incidence: Floats = np.cumsum(before * np.nan_to_num(rate(of_kind, followed)))
    return incidence


def influence(followed: Counts, of_kind: Counts, of_any: Counts) -> Floats:
    """How much one more of those who were last seen at a time, in a way, would move the incidence at every time.

    Shape: (3, times, times): first axis 0 last seen while still there, 1 left in this way, 2 left in another;
    second the time of it; third the time at which the incidence is read.
    Formula: the derivative of `cumulative_incidence` by the observation's weight. With h = d / n and h_k = d_k / n,
    sum over v <= t of (S(v-) m_k(v) - (F(t) - F(v)) m(v) / (1 - h(v))) / n(v), where m_k = dN_k - Y h_k and m likewise
    of leaving in any way. Over all who are counted it sums to 0, and its squares to the estimate's variance.
    Source: Efron 1982, infinitesimal jackknife; without competitors the squares sum to Greenwood's variance.
    """
    n = np.asarray(followed, dtype=float)
    any_hazard, kind_hazard = np.nan_to_num(rate(of_any, n)), np.nan_to_num(rate(of_kind, n))
    incidence = cumulative_incidence(n, of_kind, of_any)
    before = np.concatenate([[1.0], kaplan_meier(n, of_any)[:-1]])
    per_head = np.nan_to_num(rate(1.0, n))
    stays = 1 - any_hazard
    # Where everybody leaves nothing comes after, F(t) - F(v) is 0, and so is what it is multiplied by.
    onward = np.divide(1.0, stays, out=np.zeros_like(stays), where=stays > 0)
    exposed = np.cumsum((before * kind_hazard + incidence * any_hazard * onward) * per_head)
    exposed_slope = np.cumsum(any_hazard * onward * per_head)
    times = np.arange(len(n))
    seen = np.minimum(times[:, None], times[None, :])
    at_risk_term = -(exposed[seen] - incidence[None, :] * exposed_slope[seen])
    has_left = times[:, None] <= times[None, :]
    leaving = -(incidence[None, :] - incidence[:, None]) * (onward * per_head)[:, None]
    in_this_way = (before * per_head)[:, None] + leaving
    moved: Floats = np.stack(
        [at_risk_term, at_risk_term + np.where(has_left, in_this_way, 0), at_risk_term + np.where(has_left, leaving, 0)]
    )
    return moved


def band(followed: Counts, events: Counts, confidence: float) -> tuple[Floats, Floats]:
    """The interval of the share that has not had the event after each time; both ends nan where none or all are left.

    Formula: of log(-log S) with Greenwood's variance, so that it stays within 0 and 1.
    Source: Kalbfleisch and Prentice 1980.
    """
    survival = kaplan_meier(followed, events)
    inner = (survival > 0) & (survival < 1)
    log = np.log(survival, out=np.full(survival.shape, np.nan), where=inner)
    reach = normal_quantile(confidence) * np.sqrt(np.cumsum(_greenwood(followed, events))) / np.abs(log)
    with np.errstate(over="ignore"):
        return survival ** np.exp(reach), survival ** np.exp(-reach)


def median_interval(times: npt.ArrayLike, followed: Counts, events: Counts, confidence: float) -> tuple[float, float]:
    """The interval of the median: the times at which a half lies within the band of what is left.

    nan where an end is not reached. Source: Brookmeyer and Crowley 1982.
    """
    low, high = band(followed, events, confidence)
    survival = kaplan_meier(followed, events)
    ends = (np.where(np.isnan(end), survival, end) for end in (low, high))
    first, last = (median_time(times, end) for end in ends)
    return first, last


def restricted_mean(followed: Counts, events: Counts, horizon: int) -> tuple[float, float]:
    """How much of the first `horizon` times is spent without the event on average, and its standard error.

    followed, events: at the times 0, 1, 2, ...
    Formula: the area under S up to the horizon; variance sum over events of A^2 d / (n (n - d)), A the area still to
    come. Source: Royston and Parmar 2013; Klein and Moeschberger 2003, section 4.5.
    """
    survival = kaplan_meier(followed, events)[:horizon]
    ahead = survival[::-1].cumsum()[::-1]
    variance = (ahead**2 * _greenwood(followed, events)[:horizon]).sum()
    return float(survival.sum()), float(np.sqrt(variance))


def _greenwood(followed: Counts, events: Counts) -> Floats:
    """D / (n (n - d)) at each time; 0 where all leave, for nothing comes after."""
    n, d = np.asarray(followed, dtype=float), np.asarray(events, dtype=float)
    return np.nan_to_num(rate(d, n * (n - d)))
