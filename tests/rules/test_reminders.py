"""What a reminder changes: by chance, by likeness, and how alike the two groups are; with answers by hand."""

import math

import pandas as pd
import pytest

from rules import reminders
from rules.proportions import difference
from rules.reminders import COVARIATES, LATE_DAYS
from rules.standardise import standardise


def cell(design, arm, tier, members, late, days_before=0, **known):
    row = {"design": design, "arm": arm, "tier": tier, "channel": "organic", "score_band": "600", "quarter": "2026Q1",
           "days_before": days_before, "members": members}  # fmt: skip
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


def test_who_pays_before_a_reminder_would_have_come_is_not_its_failure():
    # Of 800 who owed a week before, 200 paid 5 days before the due date. Of the 600 left half was reminded 3 days
    # before it: of both halves every fifth was late.
    rows = (
        cell("matched", "treated", "gold", 300, 60, days_before=3),
        cell("matched", "held_out", "gold", 200, 0, days_before=5),
        cell("matched", "held_out", "gold", 300, 60, days_before=0),
    )
    found = effect(*rows).iloc[0]
    assert (found["treated_rate"], found["held_rate"], found["difference"]) == (0.2, 0.2, 0)
    assert (found["held"], found["held_late"], found["stands_out"]) == (300, 60, "")
    assert found["matched_ratio"] == 1
    raw = standardise(60, 300, 60, 500)  # all who were not reminded, the early payers among them
    assert raw.difference == pytest.approx(0.08)
    assert raw.p_value < 0.01  # and reminders would have been called harmful


def test_who_is_reminded_later_waits_until_then():
    found = effect(
        cell("matched", "treated", "gold", 100, 10, days_before=5),
        cell("matched", "treated", "gold", 50, 20, days_before=1),
        cell("matched", "held_out", "gold", 150, 30, days_before=0),
    ).iloc[0]
    # Those of day 5 beside 50 + 150, of whom 50 were late; those of day 1 beside 150, of whom 30 were.
    assert found["treated_rate"] == pytest.approx(30 / 150)
    assert found["held_rate"] == pytest.approx((100 * 50 / 200 + 50 * 30 / 150) / 150)
    assert (found["treated"], found["held"], found["held_late"]) == (150, 200, 50)


def test_balance_by_likeness_is_that_of_the_same_days():
    early, young = (100, 5000, 255_000), (100, 2000, 45_000)
    rows = pd.DataFrame(
        [
            cell("matched", "treated", "gold", 100, 1, days_before=3, score=young),
            cell("matched", "held_out", "gold", 100, 1, days_before=0, score=young),
            cell("matched", "held_out", "gold", 100, 1, days_before=6, score=early),
        ]
    )
    [row] = reminders.balance(rows).to_dict("records")
    assert (row["covariate"], row["distance"], row["unlike"]) == ("score", 0, False)


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
