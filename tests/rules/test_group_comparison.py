"""Two groups beside each other: worked by hand, and what the page opens with."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import group_comparison
from tests import vectors


def strata(*rows: tuple[str, str, str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["group_segment", "control", "stratum", "borrowers", "defaulted"])


DRAWN = strata(
    ("silver", "product", "cash", 100, 20),
    ("silver", "product", "instalment", 900, 18),
    ("gold", "product", "cash", 900, 90),
    ("gold", "product", "instalment", 100, 1),
    ("silver", "term", "12", 1000, 38),
    ("gold", "term", "12", 1000, 91),
)


def compare(rows=DRAWN, first="silver", second="gold", control="product"):
    return group_comparison.compare(rows, first=first, second=second, control=control, significance=0.05)


def test_a_pair_that_turns_round_is_split_by_hand():
    found = compare()
    assert (found.first_rate, found.second_rate) == ((20 + 18) / 1000, (90 + 1) / 1000)
    # Rates differ by 0.20 - 0.10 (cash) and 0.02 - 0.01 (instalment), both at an average share of one half.
    assert found.split.rate_effect == pytest.approx(0.10 * (0.1 + 0.9) / 2 + 0.01 * (0.9 + 0.1) / 2)
    assert found.split.mix_effect == pytest.approx((0.1 - 0.9) * (0.20 + 0.10) / 2 + (0.9 - 0.1) * (0.02 + 0.01) / 2)
    assert found.split.difference == pytest.approx(0.038 - 0.091)
    # Both groups together: half cash, half instalment.
    assert found.equal.first == pytest.approx(0.5 * 0.20 + 0.5 * 0.02)
    assert found.equal.second == pytest.approx(0.5 * 0.10 + 0.5 * 0.01)
    assert found.reversed
    assert found.strata["stratum"].tolist() == ["cash", "instalment"]
    assert found.strata["first_share"].tolist() == [0.1, 0.9]
    assert found.strata["difference"].tolist() == pytest.approx([0.10, 0.01])


def test_a_control_with_one_value_holds_nothing_equal():
    found = compare(control="term")
    assert found.equal.difference == pytest.approx(found.split.difference)
    assert found.split.mix_effect == 0
    assert not found.reversed


def test_a_stratum_that_one_group_lacks_counts_nobody_there():
    rows = strata(("a", "c", "x", 10, 1), ("b", "c", "x", 20, 2), ("b", "c", "y", 5, 5))
    found = compare(rows, "a", "b", "c")
    assert found.strata["first_borrowers"].tolist() == [10, 0]
    assert math.isnan(found.strata["first_rate"].iloc[1])
    assert found.equal.common_ratio == pytest.approx(30 / 35)


def test_the_page_opens_with_the_reversal():
    assert group_comparison.opening(DRAWN, significance=0.05, thin_borrowers=120) == ("gold", "silver", "product")


def test_without_a_reversal_it_opens_with_the_extremes_that_are_not_thin():
    rows = strata(
        ("thin", "term", "12", 10, 9),
        ("unknown", "term", "12", 900, 800),
        ("worst", "term", "12", 500, 100),
        ("middle", "term", "12", 500, 50),
        ("best", "term", "12", 500, 5),
    )
    assert group_comparison.opening(rows, significance=0.05, thin_borrowers=120) == ("worst", "best", "term")


@pytest.mark.parametrize("rows", [DRAWN.iloc[:0], DRAWN.iloc[:2]])
def test_fewer_than_two_groups_open_with_nothing(rows):
    assert group_comparison.opening(rows, significance=0.05, thin_borrowers=120) is None


COUNTS = st.integers(0, 50).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=6))
def test_the_split_sums_to_the_difference(cells):
    rows = strata(
        *(("a", "c", str(place), *first) for place, (first, _) in enumerate(cells)),
        *(("b", "c", str(place), *second) for place, (_, second) in enumerate(cells)),
    )
    found = compare(rows, "a", "b", "c")
    effects = found.split.rate_effect + found.split.mix_effect
    if math.isnan(found.split.difference):
        assert 0 in {rows.loc[rows["group_segment"] == group, "borrowers"].sum() for group in "ab"}
    else:
        assert effects == pytest.approx(found.first_rate - found.second_rate, abs=1e-12)


def test_berkeleys_admissions_turn_round():
    expected = vectors.case("simpson_ucb")
    table = pd.read_csv(vectors.path("UCBAdmissions.csv"))
    wide = table.pivot_table(index=["Gender", "Dept"], columns="Admit", values="Freq").reset_index()
    rows = pd.DataFrame(
        {
            "group_segment": wide["Gender"],
            "control": "dept",
            "stratum": wide["Dept"],
            "borrowers": (wide["Admitted"] + wide["Rejected"]).astype(int),
            "defaulted": wide["Admitted"].astype(int),
        }
    )
    found = compare(rows, "Male", "Female", "dept")
    assert found.first_rate == pytest.approx(expected["male"], abs=1e-6)
    assert found.second_rate == pytest.approx(expected["female"], abs=1e-6)
    assert found.split.difference == pytest.approx(expected["gap"], abs=1e-6)
    assert found.split.rate_effect == pytest.approx(expected["kitagawa_rate_effect"], abs=1e-6)
    assert found.split.mix_effect == pytest.approx(expected["kitagawa_composition_effect"], abs=1e-6)
    assert found.equal.first == pytest.approx(expected["std_male"], abs=1e-6)
    assert found.equal.second == pytest.approx(expected["std_female"], abs=1e-6)
