"""How well scores rank and what they promise, against scikit-learn, scipy and a plain walk over pairs."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from rules import score_power
from rules.default_rates import Verdict
from tests import vectors

BANDS = [300, 500, 600]


def outcomes(people, promise=None):
    """people: score and whether defaulted, one by one."""
    frame = pd.DataFrame(people, columns=["score", "defaulted"]).astype({"score": float, "defaulted": int})
    frame["probability"] = promise if promise is not None else np.nan
    told = frame["probability"].notna()
    return (
        frame.assign(
            borrowers=1, told=told.astype(int), told_defaulted=(told & (frame["defaulted"] == 1)).astype(int),
            expected_millionths=(frame["probability"].fillna(0) * 1_000_000).round().astype(int),
        )
        .drop(columns="probability").groupby("score").sum().reset_index()
    )  # fmt: skip


def pairs(people):
    frame = pd.DataFrame(people, columns=["first_step", "second_step", "defaulted"]).astype(int)
    return frame.assign(borrowers=1).groupby(["first_step", "second_step"]).sum().reset_index()


def delong(first, second, bad):
    """AUCs and their covariance, pair by pair, as DeLong, DeLong and Clarke-Pearson write them."""
    bads, goods = [i for i, each in enumerate(bad) if each], [i for i, each in enumerate(bad) if not each]

    def won(score, b, g):
        return 1.0 if score[b] < score[g] else 0.5 if score[b] == score[g] else 0.0

    v10 = np.array([[np.mean([won(score, b, g) for g in goods]) for b in bads] for score in (first, second)])
    v01 = np.array([[np.mean([won(score, b, g) for b in bads]) for g in goods] for score in (first, second)])
    return v10.mean(axis=1), np.cov(v10) / len(bads) + np.cov(v01) / len(goods)


def test_the_worked_case():
    case = vectors.case("auc_ks")
    found = score_power.power(outcomes(zip([-s for s in case["score"]], case["y"], strict=True)), significance=0.05)
    assert found.found.auc == pytest.approx(case["auc"])
    assert found.found.gini == pytest.approx(case["gini"])
    assert found.found.ks == pytest.approx(case["ks"])


_PEOPLE = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), st.booleans()), min_size=6, max_size=40)


@settings(max_examples=60, deadline=None)
@given(_PEOPLE)
def test_rank_and_interval_are_those_of_scikit_learn_and_of_a_walk_over_pairs(people):
    first, second, bad = zip(*people, strict=True)
    assume(2 <= sum(bad) <= len(bad) - 2)
    found = score_power.compared(pairs(people), significance=0.05)
    auc, covariance = delong(first, second, bad)
    assert (found.first.found.auc, found.second.found.auc) == pytest.approx(tuple(auc))
    assert found.first.found.auc == pytest.approx(roc_auc_score(bad, [-each for each in first]))
    error = 2 * math.sqrt(max(0.0, covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
    assert found.difference == pytest.approx(2 * (auc[1] - auc[0]), abs=1e-12)
    assert found.high - found.low == pytest.approx(2 * stats.norm.ppf(0.975) * error, abs=1e-9)
    alone = score_power.power(outcomes([(one, b) for one, _, b in people]), significance=0.05)
    reach = stats.norm.ppf(0.975) * 2 * math.sqrt(covariance[0, 0])
    assert (alone.low, alone.high) == pytest.approx(
        (max(-1, alone.found.gini - reach), min(1, alone.found.gini + reach)), abs=1e-9
    )


def test_a_model_that_sees_more_is_told_from_one_that_sees_less_and_noise_is_none():
    rng = np.random.default_rng(5)
    risk = rng.normal(size=3000)
    bad = rng.random(3000) < stats.norm.cdf(risk - 1.6)
    sharp, blunt, other = (np.rint(100 - 20 * (risk + noise * rng.normal(size=3000))) for noise in (0.2, 2.0, 2.0))
    better = score_power.compared(pairs(zip(blunt, sharp, bad, strict=True)), significance=0.05)
    assert better.verdict is Verdict.HIGHER
    assert better.low > 0
    same = score_power.compared(pairs(zip(blunt, other, bad, strict=True)), significance=0.01)
    assert same.verdict is Verdict.NOISE


def test_one_kind_of_borrower_tells_nothing():
    found = score_power.power(outcomes([(500, 0), (600, 0)]), significance=0.05)
    assert math.isnan(found.found.gini)
    assert math.isnan(found.low)


def test_a_promise_is_held_against_what_came_by_band():
    people = [(550, k < 30) for k in range(200)] + [(650, k < 4) for k in range(100)] + [(200, 0)]
    promise = [0.05] * 200 + [0.04] * 100 + [0.5]
    found = score_power.calibration(outcomes(people, promise), BANDS, significance=0.05, thin=50).set_index("band")
    assert list(found.index) == [300, 500, 600]  # 200 lies in the first band
    assert found.loc[500, "rate"] == pytest.approx(0.15)
    assert found.loc[500, "expected"] == pytest.approx(0.05)
    assert found.loc[500, "underestimates"] == pytest.approx(stats.beta.cdf(0.05, 30.5, 170.5))
    assert found.loc[500, "stands_out"] == "above"
    assert found.loc[600, "stands_out"] == ""
    assert (found.loc[600, "low"], found.loc[600, "high"]) == pytest.approx(
        (stats.beta.ppf(0.025, 4.5, 96.5), stats.beta.ppf(0.975, 4.5, 96.5))
    )
    assert list(found["thin"]) == [True, False, False]


def test_a_promise_that_is_too_high_stands_out_below_and_none_is_no_row():
    found = score_power.calibration(outcomes([(550, k < 2) for k in range(300)], [0.08] * 300), BANDS,
                                    significance=0.05, thin=50)  # fmt: skip
    assert list(found["stands_out"]) == ["below"]
    assert score_power.calibration(outcomes([(550, 1), (600, 0)]), BANDS, significance=0.05, thin=50).empty


def test_promises_kept_are_called_broken_no_oftener_than_asked_for():
    rng = np.random.default_rng(7)
    broken = 0
    for _ in range(300):
        k = rng.binomial(400, 0.06, size=3)
        rows = pd.DataFrame(
            {"score": [350.0, 550, 650], "borrowers": 400, "defaulted": k, "told": 400, "told_defaulted": k,
             "expected_millionths": [24_000_000] * 3}
        )  # fmt: skip
        found = score_power.calibration(rows, BANDS, significance=0.05, thin=1)
        broken += bool((found["stands_out"] != "").any())
    assert broken / 300 < 0.09


@given(st.lists(st.floats(0, 999), min_size=1, max_size=20))
def test_a_score_is_in_the_last_band_that_it_reaches(scores):
    found = score_power.band_of(pd.Series(scores), BANDS)
    for score, band in zip(scores, found, strict=True):
        assert band == max([edge for edge in BANDS if edge <= score], default=300)


def test_pairs_that_never_occur_don_t_count():
    assert math.isnan(score_power.compared(pairs([(1, 1, 0), (2, 1, 0)]), significance=0.05).difference)
