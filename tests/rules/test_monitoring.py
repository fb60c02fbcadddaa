import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.monitoring import discrimination, population_stability
from tests import vectors


def test_the_published_shift():
    case = vectors.case("psi")
    found = population_stability(case["expected"], case["actual"], 1000, 500)
    assert found.psi == pytest.approx(case["psi"], abs=5e-8)
    assert found.null_mean == pytest.approx(3 * (1 / 1000 + 1 / 500))
    assert found.p_value < 1e-6


def test_nothing_moved_and_nobody_there():
    assert population_stability([0.5, 0.5], [0.5, 0.5], 10, 10).psi == 0
    assert population_stability([0.5, 0.5], [0.5, 0.5], 10, 10).p_value == 1
    assert np.isnan(population_stability([0.5, 0.5], [0, 0], 10, 0).psi)
    assert np.isnan(population_stability([], [], 10, 10).psi)


def test_an_empty_band_counts_half_a_case_and_one_empty_on_both_sides_none():
    found = population_stability([0.5, 0.5, 0], [1, 0, 0], 100, 50)
    empty = 0.5 / 50
    assert found.psi == pytest.approx(0.5 * np.log(2) + (empty - 0.5) * np.log(empty / 0.5))
    assert found.null_mean == pytest.approx(1 / 100 + 1 / 50)


def test_chance_alone_moves_it_by_its_null_mean():
    generator, law = np.random.default_rng(7), [0.1, 0.2, 0.3, 0.4]
    found = [
        population_stability(generator.multinomial(400, law) / 400, generator.multinomial(900, law) / 900, 400, 900)
        for _ in range(2_000)
    ]
    assert np.mean([one.psi for one in found]) == pytest.approx(found[0].null_mean, rel=0.06)
    assert np.mean([one.p_value < 0.05 for one in found]) == pytest.approx(0.05, abs=0.015)


def test_the_published_ranking():
    case = vectors.case("auc_ks")
    found = discrimination(case["y"], case["score"])
    assert (found.auc, found.gini, found.ks) == (case["auc"], case["gini"], case["ks"])


def test_all_scores_alike_tell_nothing():
    found = discrimination([0, 1, 0, 1], [5, 5, 5, 5])
    assert (found.auc, found.gini, found.ks) == (0.5, 0, 0)


def test_the_negative_of_a_score_ranks_the_other_way():
    found = discrimination([1, 0], [-700, -300])
    assert (found.auc, found.gini, found.ks) == (0, -1, 1)


@pytest.mark.parametrize("y", [[], [0, 0], [1, 1]])
def test_one_kind_of_people_cannot_be_told_apart(y):
    assert np.isnan(discrimination(y, [1.0, 2.0][: len(y)]).auc)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=30))
def test_ranking_is_what_all_pairs_say_and_counts_say_the_same(people):
    y, score = zip(*people, strict=True)
    bad, good = ([s for d, s in people if d == kind] for kind in (1, 0))
    found = discrimination(y, score)
    if not bad or not good:
        assert np.isnan(found.ks)
        return
    wins = sum((b > g) + (b == g) / 2 for b in bad for g in good)
    assert found.auc == pytest.approx(wins / (len(bad) * len(good)))
    below = [(sum(b <= s for b in bad) / len(bad), sum(g <= s for g in good) / len(good)) for s in range(6)]
    assert found.ks == pytest.approx(max(abs(b - g) for b, g in below))
    counts = discrimination([bad.count(s) for s in range(6)], range(6), [score.count(s) for s in range(6)])
    assert (counts.auc, counts.ks) == pytest.approx((found.auc, found.ks))
