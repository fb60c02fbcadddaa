import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rules import policy
from rules.adverse_impact import judged, ratios
from tests import vectors

RULE = policy.load()[-1].compliance.adverse_impact  # below 0.8, from 30 on, the highest of 2 % at least


def counts(**groups):
    return pd.DataFrame(
        {"value": list(groups), "decided": [n for _, n in groups.values()], "approved": [k for k, _ in groups.values()]}
    )


def test_the_four_fifths_rule_as_it_was_explained():
    worked = vectors.case("eeoc_air")
    found = ratios(worked["rates"])
    for group, ratio in worked["ratio"].items():
        assert found[group] == pytest.approx(ratio)
    rows = judged(counts(**{group: (rate * 10_000, 10_000) for group, rate in worked["rates"].items()}), RULE, 0.05)
    assert rows.loc[rows["flagged"], "value"].to_list() == worked["flag"]
    assert rows.loc[rows["is_reference"], "value"].to_list() == ["White"]


def test_a_ratio_on_a_handful_of_cases_is_no_flag():
    rows = judged(counts(a=(25, 40), b=(14, 30)), RULE, 0.05).set_index("value")  # 62.5 and 46.7 %: 0.75
    assert rows.loc["b", "impact"] == pytest.approx(14 / 30 / 0.625)
    assert rows.loc["b", "p_value"] > 0.05
    assert not rows["flagged"].any()


def test_few_are_tested_exactly():
    rows = judged(counts(a=(40, 40), b=(25, 31)), RULE, 0.05).set_index("value")
    exact = stats.fisher_exact([[25, 6], [40, 0]]).pvalue
    assert rows.loc["b", "p_value"] == pytest.approx(exact)


def test_small_groups_and_those_not_recorded_are_not_compared():
    rows = judged(counts(a=(50, 100), tiny=(29, 29), unknown=(100, 100), b=(20, 100)), RULE, 0.05).set_index("value")
    assert rows["is_reference"].to_dict() == {"a": True, "tiny": False, "unknown": False, "b": False}
    assert np.isnan(rows.loc[["tiny", "unknown"], "impact"]).all()
    assert rows["flagged"].to_dict() == {"a": False, "tiny": False, "unknown": False, "b": True}


def test_a_tiny_group_is_not_held_up_as_the_highest():
    rows = judged(counts(a=(780, 1000), b=(800, 1000), tiny=(40, 40)), RULE, 0.05).set_index("value")  # 1.96 %
    assert rows["is_reference"].to_dict() == {"a": False, "b": True, "tiny": False}
    assert rows.loc["tiny", "impact"] == pytest.approx(1.25)
    assert not rows["flagged"].any()


@pytest.mark.parametrize("groups", [{}, {"a": (0, 0)}, {"a": (0, 50), "b": (0, 60)}, {"a": (5, 50)}])
def test_nothing_to_compare(groups):
    assert not judged(counts(**groups), RULE, 0.05)["flagged"].any()
