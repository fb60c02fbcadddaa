import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.standardise import kitagawa, reversals, standardise
from tests import vectors


@pytest.fixture(scope="module")
def admissions():
    """Berkeley 1973: admitted and applicants of each sex by department."""
    counts = pd.read_csv(vectors.path("UCBAdmissions.csv"))
    table = counts.pivot_table(index="Dept", columns=["Gender", "Admit"], values="Freq", aggfunc="sum")
    men, women = table["Male"], table["Female"]
    return men["Admitted"], men.sum(axis=1), women["Admitted"], women.sum(axis=1)


def test_berkeleys_split_and_standardised_rates(admissions):
    worked = vectors.case("simpson_ucb")
    split, equal = kitagawa(*admissions), standardise(*admissions)
    assert split.difference == pytest.approx(worked["gap"], abs=1e-6)
    assert split.rate_effect == pytest.approx(worked["kitagawa_rate_effect"], abs=1e-6)
    assert split.mix_effect == pytest.approx(worked["kitagawa_composition_effect"], abs=1e-6)
    assert (equal.first, equal.second) == (
        pytest.approx(worked["std_male"], abs=1e-6),
        pytest.approx(worked["std_female"], abs=1e-6),
    )
    assert equal.common_ratio == 1


def test_berkeley_is_a_reversal(admissions):
    strata = pd.concat(
        [
            pd.DataFrame(
                {"group_segment": sex, "stratum": n.index, "borrowers": n.to_numpy(), "defaulted": k.to_numpy()}
            )
            for sex, k, n in (("female", *admissions[2:]), ("male", *admissions[:2]))
        ]
    ).assign(control="department")
    (row,) = reversals(strata, 0.05).itertuples(index=False)
    assert (row.first, row.second, row.control) == ("male", "female", "department")
    assert row.crude_difference == pytest.approx(0.141645, abs=1e-6)
    assert row.standardised_difference == pytest.approx(0.387319 - 0.429955, abs=2e-6)
    assert row.p_value == pytest.approx(0.0203, abs=1e-4)  # the standardised one is the less sure
    assert reversals(strata, 1e-9).empty


def test_a_split_by_hand():
    # Rates 1/10, 4/10 against 2/10, 3/10; shares 1/2, 1/2 against 1/4, 3/4.
    split = kitagawa([1, 4], [10, 10], [2, 9], [10, 30])
    assert split.difference == pytest.approx(5 / 20 - 11 / 40)
    assert split.rate_effect == pytest.approx(-0.1 * (0.5 + 0.25) / 2 + 0.1 * (0.5 + 0.75) / 2)
    assert split.mix_effect == pytest.approx(0.25 * (0.1 + 0.2) / 2 - 0.25 * (0.4 + 0.3) / 2)


def test_a_stratum_of_one_group_alone_counts_as_mix():
    # In the shared stratum both default at 1/10; the first group alone has a second stratum, at 5/10.
    split = kitagawa([1, 5], [10, 10], [1, 0], [10, 0])
    assert split.rate_effect == 0
    assert split.mix_effect == pytest.approx(6 / 20 - 1 / 10)
    equal = standardise([1, 5], [10, 10], [1, 0], [10, 0])
    assert (equal.first, equal.second, equal.difference) == (pytest.approx(0.1), pytest.approx(0.1), pytest.approx(0))
    assert equal.common_ratio == pytest.approx(20 / 30)


def test_the_standard_can_be_the_books_mix():
    equal = standardise([1, 4], [10, 10], [2, 9], [10, 30], mix=[90, 10])
    assert equal.first == pytest.approx(0.1 * 0.9 + 0.4 * 0.1)
    assert equal.second == pytest.approx(0.2 * 0.9 + 0.3 * 0.1)


def test_the_variance_by_hand_and_one_stratum_is_the_plain_difference():
    equal = standardise(30, 100, 60, 400)
    p1, p2 = 30.5 / 101, 60.5 / 401
    assert equal.standard_error == pytest.approx(math.sqrt(p1 * (1 - p1) / 100 + p2 * (1 - p2) / 400))
    assert equal.difference == pytest.approx(0.15)
    assert (equal.low + equal.high) / 2 == pytest.approx(0.15)
    assert equal.high - equal.low == pytest.approx(2 * 1.959964 * equal.standard_error, rel=1e-6)


def test_a_stratum_without_a_case_is_not_certain():
    assert standardise([0], [3], [0], [2000]).p_value > 0.5
    assert standardise([0], [3], [0], [2000]).standard_error > 0.1


def test_groups_that_share_nothing_have_no_standardised_rate():
    equal = standardise([1, 0], [10, 0], [0, 2], [0, 10])
    assert math.isnan(equal.difference)
    assert equal.common_ratio == 0
    empty = kitagawa([0], [0], [1], [4])
    assert math.isnan(empty.difference)
    assert math.isnan(empty.rate_effect)


def test_no_strata_no_reversals():
    columns = ["group_segment", "control", "stratum", "borrowers", "defaulted"]
    found = reversals(pd.DataFrame(columns=columns), 0.05)
    assert found.empty
    assert "q_value" in found.columns


def strata_frame(cells, control="c"):
    """cells: group -> stratum -> (defaulted, borrowers)."""
    rows = [
        {"group_segment": group, "control": control, "stratum": stratum, "defaulted": k, "borrowers": n}
        for group, strata in cells.items()
        for stratum, (k, n) in strata.items()
    ]
    return pd.DataFrame(rows)


def test_a_reversal_that_is_noise_is_not_reported():
    simpson = {"a": {"s": (1, 20), "t": (30, 100)}, "b": {"s": (8, 100), "t": (7, 20)}}
    assert reversals(strata_frame(simpson), 0.05).empty
    hundredfold = {g: {s: (k * 100, n * 100) for s, (k, n) in strata.items()} for g, strata in simpson.items()}
    assert reversals(strata_frame(hundredfold), 0.05)[["first", "second"]].to_numpy().tolist() == [["a", "b"]]


def test_a_difference_that_keeps_its_sign_is_no_reversal():
    plain = {"a": {"s": (100, 1000), "t": (300, 1000)}, "b": {"s": (50, 1000), "t": (200, 1000)}}
    assert reversals(strata_frame(plain), 0.05).empty


CELL = st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
STRATA = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8).filter(
    lambda strata: sum(first[1] for first, _ in strata) > 0 and sum(second[1] for _, second in strata) > 0
)


@given(STRATA)
def test_effects_sum_to_the_difference_and_turn_with_the_groups(strata):
    first, second = zip(*strata, strict=True)
    (k1, n1), (k2, n2) = zip(*first, strict=True), zip(*second, strict=True)
    split, turned = kitagawa(k1, n1, k2, n2), kitagawa(k2, n2, k1, n1)
    crude = sum(k1) / sum(n1) - sum(k2) / sum(n2)
    assert split.difference == pytest.approx(crude, abs=1e-12)
    assert split.rate_effect + split.mix_effect == pytest.approx(crude, abs=1e-12)
    assert (turned.rate_effect, turned.mix_effect) == (
        pytest.approx(-split.rate_effect, abs=1e-12),
        pytest.approx(-split.mix_effect, abs=1e-12),
    )


@given(STRATA)
def test_with_the_same_mix_standardising_changes_nothing(strata):
    first = [cell for cell, _ in strata if cell[1]]
    if not first:
        return
    k1, n1 = zip(*first, strict=True)
    equal = standardise(k1, n1, [0] * len(first), n1)
    assert equal.difference == pytest.approx(sum(k1) / sum(n1), abs=1e-12)
