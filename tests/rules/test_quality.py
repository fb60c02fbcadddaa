"""Groups against all others, and referrers in their order: by hand."""

import math

import pandas as pd
import pytest

from rules import quality
from rules.quality import BY_CODE, DEFAULT, VALUE
from tests.rules.test_shrinkage import moments


def parts(**columns):
    return pd.DataFrame({"segment": ["a", "b", "c"], "members": [900, 900, 5], **columns})


def test_a_group_stands_out_where_it_differs_from_all_others_by_more_than_noise():
    rows = quality.measured(
        parts(defaulted=[90, 30, 0], mature=[600, 600, 0]), BY_CODE[DEFAULT], significance=0.05, thin=100
    )
    assert rows["segment"].tolist() == ["a", "b"]  # nobody of c has been observed for long enough
    assert rows["rate"].tolist() == [0.15, 0.05]
    assert rows["stands_out"].tolist() == ["above", "below"]
    assert rows["all_rate"].tolist() == [0.1, 0.1]
    assert rows["low"].iloc[0] == pytest.approx(0.1237, abs=1e-4)  # Wilson of 90 of 600


def test_values_are_means_with_the_spread_of_the_members():
    # a: 100 members of 10 and 30 CNY in equal parts; b: all 10; c: one member, whose spread can't be told.
    rows = quality.measured(
        parts(
            valued=[100, 100, 1],
            value_fen=[200_000, 100_000, 1_000],
            value_cny_squared=[50 * 100 + 50 * 900, 100 * 100, 100],
        ),
        BY_CODE[VALUE],
        significance=0.05,
        thin=50,
    )
    assert rows["rate"].tolist() == [2_000, 1_000, 1_000]
    error = 1_000 * math.sqrt(1 / 99)
    assert rows["high"].iloc[0] - 2_000 == pytest.approx(1.959964 * error, abs=1e-3)
    assert rows["stands_out"].tolist() == ["above", "below", ""]
    assert rows["thin"].tolist() == [False, False, True]


def test_referrers_are_ranked_by_what_is_left_after_shrinkage_not_by_raw_averages():
    groups = {"few": [9_000], "many": [3_000] * 40 + [5_000] * 40, "none": [0, 100] * 30, "usual": [900, 1_100] * 30}
    referrers = pd.DataFrame(
        {
            "member_id": list(groups),
            "referees": [len(group) for group in groups.values()],
            "value_fen": [sum(group) * 100 for group in groups.values()],
        }
    )
    each = quality.ranked(referrers, moments(list(groups.values())), by_total=False, confidence=0.95)
    assert each.set_index("member_id").loc["few", "raw_fen"] == 900_000
    assert each.set_index("member_id").loc["few", "each_fen"] < 900_000
    total = quality.ranked(referrers, moments(list(groups.values())), by_total=True, confidence=0.95)
    assert total["member_id"].iloc[0] == "many"
    assert total.set_index("member_id")["stands_out"].to_dict()["none"] == "below"
    assert total["brought_fen"].tolist() == sorted(total["brought_fen"], reverse=True)
