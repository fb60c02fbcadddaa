import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from rules.survival import at_risk, cumulative_incidence, influence, kaplan_meier, median_time
from tests import vectors

TIMES = 7
COUNTS = st.lists(st.integers(0, 4), min_size=TIMES, max_size=TIMES).map(np.array)
LEAVING = st.tuples(COUNTS, COUNTS, COUNTS).filter(lambda counts: sum(c.sum() for c in counts) > 0)


def each_time(kind, other, censored):
    """One (time, status) for everybody: 0 last seen there, 1 left in this way, 2 in another."""
    found = [
        (t, status) for t in range(TIMES) for status, c in ((1, kind), (2, other), (0, censored)) for _ in range(c[t])
    ]
    return tuple(np.array(found).T)


def test_the_leukemia_patients_survive_as_published():
    case = vectors.case("km_leukemia_6mp")
    with vectors.path("leukemia_6mp.csv").open() as rows:
        treated = [(int(row["t"]), int(row["status"])) for row in csv.DictReader(rows) if row["Rx"] == "0"]
    last = max(t for t, _ in treated)
    events, censored = (np.bincount([t for t, s in treated if s == kind], minlength=last + 1) for kind in (1, 0))
    followed = at_risk(events, censored)
    survival = kaplan_meier(followed, events)
    assert {t: round(survival[int(t)], 4) for t in case["S"]} == case["S"]
    assert median_time(np.arange(last + 1), survival) == case["median"]
    assert cumulative_incidence(followed, events, events)[-1] == pytest.approx(case["one_minus_KM"], abs=5e-5)
    assert events.sum() / followed[0] == pytest.approx(case["naive_event_share"], abs=5e-5)


def test_incidence_by_hand_with_a_tie_and_a_gap():
    # Ten loans. At 1: two default, one is paid off, one is last seen (it is at risk at 1). Nothing at 2. At 3: of the
    # six left one defaults and two are paid off.
    kind, other, censored = np.array([0, 2, 0, 1]), np.array([0, 1, 0, 2]), np.array([0, 1, 0, 3])
    followed = at_risk(kind + other, censored)
    assert followed.tolist() == [10, 10, 6, 6]
    stays = 1 - 3 / 10
    assert cumulative_incidence(followed, kind, kind + other) == pytest.approx(
        [0, 2 / 10, 2 / 10, 2 / 10 + stays * 1 / 6]
    )
    assert kaplan_meier(followed, kind + other) == pytest.approx([1, stays, stays, stays * 3 / 6])


def test_payoff_as_censoring_would_overstate():
    kind, other = np.array([0, 1]), np.array([2, 0])
    followed = at_risk(kind + other, np.array([0, 1]))
    assert cumulative_incidence(followed, kind, kind + other)[-1] == pytest.approx(1 / 4)  # of the four loans, one
    assert 1 - kaplan_meier(at_risk(kind, np.array([2, 1])), kind)[-1] == pytest.approx(1 / 2)  # trap 2


def test_nobody_left_and_nobody_at_all():
    assert at_risk([2, 0], [0, 0]).tolist() == [2, 0]
    assert cumulative_incidence([2, 0], [2, 0], [2, 0]).tolist() == [1, 1]
    assert np.isfinite(influence([2, 0], [2, 0], [2, 0])).all()
    assert cumulative_incidence([], [], []).tolist() == []
    assert np.isnan(median_time([0, 1], np.array([1.0, 0.6])))


@settings(deadline=None)
@given(LEAVING)
def test_incidence_agrees_with_statsmodels_and_sums_with_survival_to_one(counts):
    kind, other, censored = counts
    followed = at_risk(kind + other, censored)
    ours = [cumulative_incidence(followed, way, kind + other) for way in (kind, other)]
    assert ours[0] + ours[1] + kaplan_meier(followed, kind + other) == pytest.approx(np.ones(TIMES), abs=1e-12)
    assert (np.diff(ours[0]) >= 0).all()
    time, status = each_time(*counts)
    if status.max() == 2:
        with np.errstate(divide="ignore", invalid="ignore"):  # in its standard errors, which are not compared
            theirs = CumIncidenceRight(time + 1, status)
        for way, incidence in zip(ours, theirs.cinc, strict=True):
            assert way[np.unique(time)] == pytest.approx(incidence, abs=1e-12)


@settings(deadline=None)
@given(LEAVING)
def test_influence_is_what_a_little_more_of_one_would_move(counts):
    def incidence(weights):
        kind, other, censored = weights
        followed = (kind + other + censored)[::-1].cumsum()[::-1]
        return cumulative_incidence(followed, kind, kind + other)

    moved = influence(at_risk(counts[0] + counts[1], counts[2]), counts[0], counts[0] + counts[1])
    tiny = 1e-6
    for way, row in ((0, 1), (1, 2), (2, 0)):  # as counted here, and as the influence names them
        for t in np.flatnonzero(counts[way]):
            more, less = (np.array(counts, dtype=float) for _ in range(2))
            more[way][t] += tiny
            less[way][t] -= tiny
            slope = (incidence(more) - incidence(less)) / (2 * tiny)
            assert moved[row, t] == pytest.approx(slope, abs=1e-6)


@settings(deadline=None)
@given(LEAVING)
def test_influences_sum_to_nothing_and_their_squares_to_greenwoods_variance(counts):
    kind, other, censored = counts
    followed = at_risk(kind + other, censored)
    moved = influence(followed, kind, kind + other)
    summed = np.einsum("km,kmt->t", np.array([censored, kind, other], dtype=float), moved)
    assert summed == pytest.approx(np.zeros(TIMES), abs=1e-12)
    alone = at_risk(kind, other + censored)  # without competitors
    squares = np.einsum(
        "km,kmt->t", np.array([other + censored, kind], dtype=float), influence(alone, kind, kind)[:2] ** 2
    )
    time, status = each_time(kind, np.zeros(TIMES, dtype=int), other + censored)
    if 0 < status.sum() < len(status):
        theirs = SurvfuncRight(time + 1, status)
        seen = theirs.surv_times - 1
        errors = np.where(np.isnan(theirs.surv_prob_se), 0.0, theirs.surv_prob_se)
        assert np.sqrt(squares[seen]) == pytest.approx(errors, abs=1e-12)


@settings(deadline=None)
@given(LEAVING, st.integers(0, TIMES - 1))
def test_without_competitors_one_more_censored_never_raises_the_incidence(counts, t):
    # With competitors it can: who stays where others are paid off leaves more to default later.
    kind, _, censored = counts
    more = censored.copy()
    more[t] += 1
    before, after = (cumulative_incidence(at_risk(kind, c), kind, kind) for c in (censored, more))
    assert (after <= before + 1e-12).all()
