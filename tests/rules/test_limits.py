"""Limits by hand: what is past a threshold, what is on it, and what a policy may not say."""

import math

import pytest

from rules import limits, metrics, policy
from rules.kpi import Good
from rules.limits import KINDS, Light, RiskLimit, Told

SOURCE = {"name_en": "Board", "name_zh": "董事会", "dated": "2026-01-01"}


def limit(metric, amber, red):
    return RiskLimit(metric=metric, amber=amber, red=red, source=SOURCE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, Light.GREEN),
        (0.07, Light.GREEN),  # on the threshold is not past it
        (7 / 100, Light.GREEN),
        (math.nextafter(0.07, 1), Light.AMBER),
        (0.09, Light.AMBER),
        (math.nextafter(0.09, 1), Light.RED),
        (float("inf"), Light.RED),
        (float("nan"), Light.UNTOLD),
    ],
)
def test_where_more_is_worse_a_value_is_past_a_threshold_above_it(value, expected):
    assert limits.light(value, limit("late_30", 0.07, 0.09)) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, Light.GREEN),
        (math.nextafter(1.0, 0), Light.AMBER),
        (0.8, Light.AMBER),
        (math.nextafter(0.8, 0), Light.RED),
        (0.0, Light.RED),
        (-1.0, Light.RED),
    ],
)
def test_where_less_is_worse_a_value_is_past_a_threshold_below_it(value, expected):
    assert limits.light(value, limit("reserve_cover", 1.0, 0.8)) is expected


@pytest.mark.parametrize(
    ("metric", "amber", "red"),
    [
        ("late_30", 0.09, 0.07),
        ("late_30", 0.07, 0.07),
        ("late_30", 7, 9),
        ("reserve_cover", 0.8, 1.0),
        ("late_1", 0, 1),
    ],
)  # fmt: skip
def test_thresholds_the_wrong_way_round_are_refused(metric, amber, red):
    with pytest.raises(ValueError, match=r"amber|0-1|Input should be"):
        limit(metric, amber, red)


def test_standings_are_listed_worst_first_and_what_is_not_told_is_never_green():
    given = (limit("late_30", 0.1, 0.2), limit("late_90", 0.1, 0.2), limit("risk_cost", 0.1, 0.2),
             limit("reserve_cover", 1, 0.5), limit("overrides", 0.1, 0.2))  # fmt: skip
    told = {
        "late_30": Told(0.05), "late_90": Told(0.15, 0.1, 0.2), "risk_cost": Told(0.3), "reserve_cover": Told(0.4),
        "quota_used": Told(1.0),
    }  # fmt: skip
    found = limits.standings(given, told)
    assert list(zip(found["code"], found["light"], strict=True)) == [
        ("risk_cost", "red"), ("reserve_cover", "red"), ("late_90", "amber"), ("overrides", "untold"),
        ("late_30", "green"),
    ]  # fmt: skip
    assert found.loc[2, ["low", "high", "amber", "red"]].tolist() == [0.1, 0.2, 0.1, 0.2]
    assert limits.standings((), told).empty


def test_every_limit_is_of_a_registered_metric_and_the_shipped_policy_has_one_each():
    assert {kind.metric for kind in KINDS.values()} <= set(metrics.METRICS)
    assert {each.metric for each in policy.load()[-1].limits} == set(KINDS)
    assert [code for code, kind in KINDS.items() if kind.good is Good.MORE] == ["reserve_cover"]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('metric = "late_30"\namber = 0.07', 'metric = "late_30"\namber = 0.5', "amber must be below red"),
        ('metric = "lagged_30"', 'metric = "late_30"', "each metric has one limit"),
        ('metric = "late_90"', 'metric = "late_89"', "version 1, limits.2.metric"),
    ],
)
def test_a_wrong_limit_is_named_at_the_start(tmp_path, before, after, sentence):
    text = policy.DEFAULT_PATH.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "policy.toml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(policy.PolicyError, match=sentence):
        policy.load(path)
