"""Perks against like members granted none: a perk that helps, an idle one, groups that differ, nobody to compare."""

import pandas as pd
import pytest

from rules import perks
from rules.default_rates import Verdict
from rules.perks import COVARIATES, NONE, STRATA, Occasion

JUDGE = {"significance": 0.05, "thin_members": 10}


def cell(kind, tier, members, again, *, occasion=Occasion.FIRST_REPAID, redeemed=0, age=30):
    strata = dict.fromkeys(STRATA, "same") | {"tier": tier}
    row = {"occasion": occasion.value, "kind": kind, **strata, "members": members, "redeemed": redeemed, "again": again}
    row |= {"redeemed_again": redeemed, "valued": members, "value_fen": members * 100, "value_cny_squared": 2 * members}
    for name in COVARIATES:
        row |= {f"known_{name}": 0, f"sum_{name}": 0, f"squared_{name}": 0}
    return row | {
        "known_age_years": members, "sum_age_years": members * age, "squared_age_years": members * (age * age + 25),
    }  # fmt: skip


def test_granted_counts_whether_redeemed_or_not():
    rows = [
        cell("helping", "gold", 1000, 600, redeemed=550), cell("idle", "gold", 1000, 500, redeemed=500),
        cell(NONE, "gold", 1000, 500), cell(perks.SEVERAL, "gold", 10, 10),
    ]  # fmt: skip
    found = perks.compare(pd.DataFrame(rows), **JUDGE).set_index("kind")
    assert list(found.index) == ["helping", "idle"]
    assert found.loc["helping", "difference"] == pytest.approx(0.1)
    assert found.loc["helping", "verdict"] == Verdict.HIGHER
    assert found.loc["idle", "verdict"] == Verdict.NOISE  # though all who redeemed it came back
    assert found.loc["idle", "redeemed_again"] == found.loc["idle", "redeemed"] == 500
    assert found.loc["helping", "value_difference_fen"] == 0
    assert not found["thin"].any()


def test_a_difference_that_is_mix_is_none():
    # Gold comes back twice as often, and the granted are mostly gold.
    rows = [
        cell("perk", "gold", 900, 720), cell("perk", "silver", 100, 40), cell(NONE, "gold", 100, 80),
        cell(NONE, "silver", 900, 360), cell("perk", "bronze", 250, 200),
    ]  # fmt: skip
    found = perks.compare(pd.DataFrame(rows), **JUDGE).iloc[0]
    assert found["difference"] == pytest.approx(0)
    assert (found["granted_rate"], found["none_rate"]) == (pytest.approx(0.76), pytest.approx(0.76))
    assert found["matched_ratio"] == pytest.approx(0.8)
    assert found["verdict"] == Verdict.NOISE


def test_groups_that_differed_before_are_told():
    rows = [cell("perk", "gold", 500, 300, age=40), cell(NONE, "gold", 500, 250, age=30)]
    found = perks.compare(pd.DataFrame(rows), **JUDGE).iloc[0]
    assert found["unlike"] == ("age_years",)
    assert found["distance"] == pytest.approx(2, rel=0.01)  # ten years at a standard deviation of five
    alike = perks.compare(pd.DataFrame([cell("perk", "gold", 500, 300), rows[1]]), **JUDGE).iloc[0]
    assert alike["unlike"] == ()


def test_nobody_like_them():
    rows = [cell("coupon", "gold", 500, 300, occasion=Occasion.FIRST_TIER), cell(NONE, "gold", 500, 300)]
    found = perks.compare(pd.DataFrame(rows), **JUDGE).iloc[0]
    assert found["none"] == 0
    assert found["verdict"] == Verdict.NOT_COMPARED
    assert found["thin"]
    nothing = pd.DataFrame(rows).iloc[:0]
    assert perks.compare(nothing, **JUDGE).empty
