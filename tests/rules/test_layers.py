"""Risk layers: who enters and passes each, what reasons stop, and how often a cut-off is overridden."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from rules import layers
from rules.review_case import Override

COLUMNS = ["outcome", "decided_by", "judged", "applications", "amount_fen"]


def flows(*rows):
    return pd.DataFrame(rows, columns=COLUMNS).astype({"applications": "int64", "amount_fen": "int64"})


DRAWN = flows(
    ("declined", "rules", "", 10, 1000),
    ("approved", "model", "above", 60, 6000),
    ("declined", "model", "below", 15, 1500),
    ("approved", "manual", "above", 8, 800),
    ("approved", "manual", "below", 2, 200),
    ("declined", "manual", "above", 5, 500),
    ("open", "", "above", 7, 700),
    ("approved", "", "", 3, 300),
)


def test_each_layer_is_entered_by_whom_none_before_it_decided():
    found = layers.passed(DRAWN, significance=0.05).set_index("layer")
    assert found["entered"].to_dict() == {"rules": 100, "model": 90, "manual": 15}
    assert found["passed"].to_dict() == {"rules": 90, "model": 75, "manual": 10}
    assert found["stopped"].to_dict() == {"rules": 10, "model": 15, "manual": 5}
    assert found["reached"].to_dict() == pytest.approx({"rules": 0.90, "model": 0.75, "manual": 0.70})
    assert found["amount_fen"].to_dict() == {"rules": 1000, "model": 1500, "manual": 500}
    assert tuple(found.loc["model", ["low", "high"]]) == pytest.approx(proportion_confint(75, 90, method="wilson"))
    assert layers.left_out(DRAWN) == (7, 3)


def test_nobody_is_in_no_layer():
    found = layers.passed(DRAWN.iloc[:0], significance=0.05)
    assert found["entered"].sum() == 0
    assert found[["rate", "reached"]].isna().all().all()


def test_overrides_are_of_whom_the_model_judged_and_somebody_decided():
    low = layers.overridden(DRAWN, Override.LOW_SIDE, significance=0.05)
    high = layers.overridden(DRAWN, Override.HIGH_SIDE, significance=0.05)
    assert (low.overridden, low.of) == (2, 17)
    assert (high.overridden, high.of) == (5, 73)
    assert (low.low, low.high) == pytest.approx(proportion_confint(2, 17, method="wilson"))
    assert layers.overridden(DRAWN.iloc[:1], Override.LOW_SIDE, significance=0.05).of == 0


def test_what_a_reason_stopped_goes_as_its_later_loans_did():
    stops = pd.DataFrame(
        {
            "layer": ["model", "rules", "rules"],
            "reason": ["score", "many", "few"],
            "applications": [40, 9, 12],
            "alone": [40, 8, 11],
            "amount_fen": [1_000_000, 200_000, 300_000],
            "later": [10, 3, 0],
            "later_observed": [8, 2, 0],
            "later_defaulted": [2, 0, 0],
        }
    )
    found = layers.avoided(stops, 0.6, significance=0.05, thin=5)
    assert list(found["reason"]) == ["few", "many", "score"]  # by layer, then by how many
    score = found.set_index("reason").loc["score"]
    assert score["cost_fen"] == pytest.approx(1_000_000 * 0.25 * 0.6)
    low, high = proportion_confint(2, 8, method="wilson")
    assert (score["cost_low_fen"], score["cost_high_fen"]) == pytest.approx((600_000 * low, 600_000 * high))
    assert list(found["thin"]) == [True, True, False]
    assert found.set_index("reason").loc["few", ["rate", "cost_fen"]].isna().all()
    assert layers.avoided(stops, float("nan"), significance=0.05, thin=5)["cost_fen"].isna().all()


_ROW = st.tuples(
    st.sampled_from(["approved", "declined", "open"]), st.sampled_from(["rules", "model", "manual", ""]),
    st.sampled_from(["below", "above", ""]), st.integers(1, 50), st.integers(0, 1000),
)  # fmt: skip


@given(st.lists(_ROW, max_size=12))
def test_layers_nest_and_lose_nobody(rows):
    table = flows(*rows)
    found = layers.passed(table, significance=0.05)
    decided = [row for row in rows if row[0] != "open" and row[1]]
    entered = list(found["entered"])
    assert entered == sorted(entered, reverse=True)
    assert entered[0] == sum(row[3] for row in decided)
    assert found["stopped"].sum() + found["granted"].sum() == entered[0]
    assert (found["passed"] == found["granted"] + found["entered"].shift(-1, fill_value=0)).all()
    assert sum(layers.left_out(table)) + entered[0] == sum(row[3] for row in rows)
