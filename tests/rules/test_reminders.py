"""What a reminder changes: by chance, by likeness, and how alike the two groups are; with answers by hand."""

import math

import pandas as pd
import pytest

from rules import reminders
from rules.proportions import difference
from rules.reminders import COVARIATES, LATE_DAYS


def cell(design, arm, tier, members, late, **known):
    row = {"design": design, "arm": arm, "tier": tier, "channel": "organic", "score_band": "600", "quarter": "2026Q1",
           "members": members}  # fmt: skip
    row |= {f"observed_{days}": members for days in LATE_DAYS} | {f"late_{days}": late for days in LATE_DAYS}
    for name in COVARIATES:
        n, total, squared = known.get(name, (0, 0, 0))
        row |= {f"known_{name}": n, f"sum_{name}": total, f"squared_{name}": squared}
    return row


def effect(*cells):
    return reminders.effect(pd.DataFrame(cells), significance=0.05)


def test_by_chance_the_arms_are_compared_as_they_are():
    found = effect(
        cell("planned", "treated", "gold", 600, 60), cell("planned", "treated", "ordinary", 400, 40),
        cell("planned", "held_out", "gold", 100, 20), cell("planned", "held_out", "ordinary", 100, 20),
    ).iloc[0]  # fmt: skip
    assert (found["treated_rate"], found["held_rate"]) == (0.1, 0.2)
    assert found["difference"] == pytest.approx(-0.1)
    expected = difference(100, 1000, 40, 200).iloc[0]
    assert (found["low"], found["high"], found["p_value"]) == tuple(expected[["low", "high", "p_value"]])
    assert (found["stands_out"], found["matched_ratio"]) == ("below", 1)


def test_by_likeness_a_mix_is_not_taken_for_an_effect():
    # The reminded are mostly of the tier that is rarely late; within each tier nothing differs.
    rows = (
        cell("matched", "treated", "gold", 900, 45), cell("matched", "treated", "ordinary", 100, 30),
        cell("matched", "held_out", "gold", 100, 5), cell("matched", "held_out", "ordinary", 900, 270),
    )  # fmt: skip
    found = effect(*rows).iloc[0]
    assert found["difference"] == pytest.approx(0, abs=1e-12)
    assert found["held_rate"] == pytest.approx(0.9 * 0.05 + 0.1 * 0.3)
    assert found["stands_out"] == ""
    raw = 75 / 1000 - 275 / 1000
    assert raw == -0.2  # what a raw difference would claim


def test_those_without_a_like_one_are_left_out_and_it_is_said_how_many():
    found = effect(
        cell("matched", "treated", "gold", 300, 30), cell("matched", "treated", "silver", 100, 90),
        cell("matched", "held_out", "gold", 300, 60),
    ).iloc[0]  # fmt: skip
    assert (found["treated_rate"], found["held_rate"]) == (0.1, 0.2)
    assert found["matched_ratio"] == 0.75


def test_an_arm_without_anybody_gives_no_claim():
    found = effect(cell("planned", "treated", "gold", 300, 30))
    assert found["difference"].isna().all()
    assert (found["stands_out"] == "").all()


def test_balance_names_what_differed_before():
    alike, unlike = (100, 60_000, 36_100_000), (100, 50_000, 25_100_000)
    rows = pd.DataFrame(
        [
            cell("planned", "treated", "gold", 100, 1, score=alike, term_months=(100, 1200, 14_500)),
            cell("planned", "held_out", "gold", 100, 1, score=unlike, term_months=(100, 1200, 14_500)),
        ]
    )
    found = reminders.balance(rows).set_index("covariate")
    assert list(found.index) == ["score", "term_months"]  # nothing is known of the others
    # Means 600 and 500; the variance of each is 100,000 / 99.
    assert found.loc["score", "distance"] == pytest.approx(100 / math.sqrt(100_000 / 99))
    assert found["unlike"].to_dict() == {"score": True, "term_months": False}
