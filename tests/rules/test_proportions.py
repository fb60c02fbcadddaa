import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from rules.proportions import benjamini_hochberg, difference

FEW = st.one_of(st.integers(1, 30), st.integers(1, 5000)).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
GROUP = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_newcombes_own_example():
    # Newcombe 1998, Stat Med 17:873, table II, (a) 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    found = difference(56, 70, 48, 80).iloc[0]
    assert found["difference"] == pytest.approx(0.2)
    assert (found["low"], found["high"]) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_a_handful_of_cases_is_tested_exactly():
    # The lady tasting tea: 3 of 4 against 1 of 4, two-sided p = 34/70.
    assert difference(3, 4, 1, 4)["p_value"].item() == pytest.approx(34 / 70)
    # A normal test would call 3 of 12 against none of 30 significant (p = 0.004); Fisher's gives 0.019.
    exact = stats.fisher_exact([[3, 9], [0, 30]]).pvalue
    assert difference(3, 12, 0, 30)["p_value"].item() == pytest.approx(exact)


@given(st.lists(st.tuples(FEW, FEW), min_size=1, max_size=20))
def test_exact_tests_agree_with_scipys(tables):
    k1, n1, k2, n2 = np.array([(*first, *second) for first, second in tables]).T
    found = difference(k1, n1, k2, n2)["p_value"]
    for p, (first, second) in zip(found, tables, strict=True):
        cases, borrowers = first[0] + second[0], first[1] + second[1]
        if min(first[1], second[1]) * min(cases, borrowers - cases) < 5 * borrowers:
            table = [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]
            assert p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6, abs=1e-300)


def test_many_cases_are_tested_by_the_pooled_normal_test():
    _, p = proportions_ztest([81, 15], [263, 148])
    assert difference(81, 263, 15, 148)["p_value"].item() == pytest.approx(p)


def test_exact_and_normal_tests_agree_where_they_meet():
    # Just on each side of five expected cases the two answers tell the same story.
    for k in (2, 3, 4, 5, 9, 14):
        exact = stats.fisher_exact([[k, 100 - k], [50, 950]]).pvalue
        found = difference(k, 100, 50, 1000)["p_value"].item()
        assert (found < 0.05) == (exact < 0.05)


def test_an_empty_group_gives_no_answer_and_leaves_the_others():
    found = difference([0, 56, 3], [0, 70, 10], [48, 48, 0], [80, 80, 0])
    assert found.iloc[[0, 2]].isna().all(axis=None)
    assert found.iloc[1].notna().all()


def test_equal_extremes_differ_by_nothing():
    found = difference([0, 10], [10, 10], [0, 200], [300, 200])
    assert found["difference"].tolist() == [0, 0]
    assert found["p_value"].tolist() == [pytest.approx(1), pytest.approx(1)]


def test_nothing_to_compare_is_an_empty_frame():
    assert list(difference([], [], [], []).columns) == ["difference", "low", "high", "p_value"]


def test_q_values_are_benjamini_and_hochbergs_and_leave_out_what_was_not_tested():
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.5])
    # Sorted 0.01, 0.03, 0.04, 0.5 of four: 0.04, min(0.06, 0.0533), 0.0533, 0.5.
    assert benjamini_hochberg(p) == pytest.approx([0.04, np.nan, 0.16 / 3, 0.16 / 3, 0.5], nan_ok=True)
    assert benjamini_hochberg([]).shape == (0,)
    assert np.isnan(benjamini_hochberg([np.nan])).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_values_agree_with_statsmodels(p):
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])


@given(GROUP, GROUP)
@example((0, 1), (67, 67))  # the sum of squares ends just past 1
def test_a_difference_turns_its_sign_with_its_groups(first, second):
    there, back = difference(*first, *second).iloc[0], difference(*second, *first).iloc[0]
    assert there["difference"] == pytest.approx(-back["difference"])
    assert there["low"] == pytest.approx(-back["high"])
    assert there["p_value"] == pytest.approx(back["p_value"])
    assert -1 <= there["low"] <= there["difference"] <= there["high"] <= 1
    low, high = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff")
    assert (there["low"], there["high"]) == (pytest.approx(low), pytest.approx(high))
