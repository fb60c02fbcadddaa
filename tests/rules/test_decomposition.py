import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.decomposition import OTHER, change, explained, split, steps, tells_most
from tests import vectors


def parts(**segments):
    """One row per segment: (k, n)."""
    return pd.DataFrame(
        {
            "segment": pd.Series(list(segments), dtype="str"),
            "k": [k for k, _n in segments.values()],
            "n": [n for _k, n in segments.values()],
        }
    )


def test_berkeley_by_department():
    """Men's against women's admissions of 1973: the departments were worse to men, who applied to the easier ones."""
    worked, counts = vectors.case("simpson_ucb"), pd.read_csv(vectors.path("UCBAdmissions.csv"))
    table = counts.pivot_table(index="Dept", columns=["Gender", "Admit"], values="Freq", aggfunc="sum")
    men, women = (
        pd.DataFrame({"segment": table.index, "k": table[sex]["Admitted"], "n": table[sex].sum(axis=1)})
        for sex in ("Male", "Female")
    )
    whole = change(split(women, men))
    assert whole.difference == pytest.approx(worked["gap"], abs=1e-6)
    assert whole.mix_effect == pytest.approx(worked["kitagawa_composition_effect"], abs=1e-6)
    assert whole.rate_effect == pytest.approx(worked["kitagawa_rate_effect"], abs=1e-6)


def test_a_split_by_hand():
    # a: 1/10 of 1/4 -> 2/10 of 1/2; b: 3/10 of 3/4 -> 4/10 of 1/2. Whole: 1/4 -> 3/10, their mean 0.275.
    found = split(parts(a=(1, 10), b=(9, 30)), parts(a=(2, 10), b=(4, 10))).set_index("segment")
    assert found["rate_effect"].to_list() == pytest.approx([0.1 * 0.375, 0.1 * 0.625])
    assert found["mix_effect"].to_list() == pytest.approx([0.25 * (0.15 - 0.275), -0.25 * (0.35 - 0.275)])
    whole = change(found.reset_index())
    assert (whole.before, whole.after) == (pytest.approx(0.25), pytest.approx(0.3))
    assert whole.mix_effect + whole.rate_effect == pytest.approx(0.05)


def test_a_segment_that_appears_or_vanishes_is_mix_alone():
    found = split(parts(stays=(1, 10), goes=(5, 10)), parts(stays=(1, 10), comes=(3, 10))).set_index("segment")
    assert found["rate_effect"].to_list() == [0, 0, 0]
    assert found.loc["comes", "mix_effect"] == pytest.approx(0.5 * (0.3 - 0.25))
    assert found.loc["goes", "mix_effect"] == pytest.approx(-0.5 * (0.5 - 0.25))
    assert math.isnan(found.loc["goes", "after_rate"])
    assert math.isnan(found.loc["comes", "before_rate"])


def test_an_empty_period_says_nothing():
    for found in (split(parts(), parts(a=(1, 2))), split(parts(a=(1, 2)), parts()), split(parts(), parts())):
        whole = change(found)
        assert math.isnan(whole.difference)
        assert tells_most({"tier": found}) is None
    assert steps(split(parts(), parts()), 5).empty


@st.composite
def books(draw):
    """Two periods of a book: counts of some segments, missing ones among them, up to billions of fen."""
    most = draw(st.sampled_from([20, 100_000, 10**12]))
    names = draw(st.lists(st.text("abcdef", min_size=1, max_size=3), min_size=1, max_size=12, unique=True))
    sides = []
    for _side in range(2):
        kept = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        sizes = {name: draw(st.integers(0, most)) for name in kept}
        sizes[kept[0]] += 1
        sides.append(parts(**{name: (draw(st.integers(0, size)), size) for name, size in sizes.items()}))
    return sides


@settings(deadline=None)
@given(books())
def test_effects_sum_to_the_change(sides):
    before, after = sides
    found = split(before, after)
    exact = after["k"].sum() / after["n"].sum() - before["k"].sum() / before["n"].sum()
    assert math.fsum([*found["mix_effect"], *found["rate_effect"]]) == pytest.approx(exact, abs=1e-12)
    assert change(found).difference == pytest.approx(exact, abs=1e-15)


@settings(deadline=None)
@given(books(), st.integers(1, 6))
def test_steps_lead_from_the_rate_before_to_the_rate_after(sides, most):
    found = split(*sides)
    shown, whole = steps(found, most), change(found)
    assert len(shown) <= most + 1
    at = whole.before
    for step in shown.itertuples():
        assert step.start == pytest.approx(at, abs=1e-12)
        at += step.effect
    assert at == pytest.approx(whole.after, abs=1e-12)


def test_the_largest_steps_stand_alone():
    found = split(parts(a=(10, 100), b=(10, 100), c=(10, 100)), parts(a=(40, 100), b=(11, 100), c=(9, 100)))
    shown = steps(found, 1)
    assert shown["segment"].to_list() == ["a", OTHER]
    assert shown["kind"].to_list() == ["rate", ""]
    assert steps(found, 9)["segment"].to_list() == ["a", "b", "c"]  # effects of nothing are no steps


def test_the_dimension_in_which_one_segment_changed_tells_most():
    rng = np.random.default_rng(7)
    province = split(parts(x=(400, 10_000), y=(400, 10_000)), parts(x=(800, 10_000), y=(400, 10_000)))
    even = split(parts(m=(400, 10_000), f=(400, 10_000)), parts(m=(600, 10_000), f=(600, 10_000)))
    many = [f"s{number}" for number in range(200)]
    noise = split(
        parts(**{name: (int(rng.binomial(100, 0.04)), 100) for name in many}),
        parts(**{name: (int(rng.binomial(100, 0.06)), 100) for name in many}),
    )
    assert tells_most({"even": even, "many": noise, "province": province}) == "province"
    assert explained(even) == pytest.approx(0, abs=1e-12)
    assert explained(noise) < 0.01 < explained(province)


def test_the_dimension_whose_mix_moved_tells_most():
    mix = split(parts(low=(10, 1000), high=(100, 1000)), parts(low=(4, 400), high=(160, 1600)))
    assert change(mix).mix_effect == pytest.approx(0.3 * 0.09)
    assert tells_most({"mix": mix, "none": split(parts(a=(110, 2000)), parts(a=(164, 2000)))}) == "mix"
