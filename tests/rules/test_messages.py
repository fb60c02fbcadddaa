"""What a message changes in who borrows again, with answers by hand."""

import math

import pandas as pd
import pytest

from rules import messages
from rules.messages import PROMPT, RAISED
from rules.proportions import difference
from rules.reminders import COVARIATES


def cell(purpose, design, arm, tier, observed, again, moment="4 3", **known):
    like = {"tier": tier, "channel": "organic", "score_band": "600", "quarter": "2026Q1", "moment": moment}
    counted = {"members": observed, "observed": observed, "again": again}
    row = {"purpose": purpose, "design": design, "arm": arm, **like, **counted}
    for name in COVARIATES:
        row |= dict(zip((f"known_{name}", f"sum_{name}", f"squared_{name}"), known.get(name, (0, 0, 0)), strict=True))
    return row


def effect(*cells):
    return messages.effect(pd.DataFrame(cells), significance=0.05)


def test_by_chance_the_arms_are_compared_as_they_are():
    [row] = effect(
        cell(PROMPT, "planned", "treated", "", 800, 80), cell(PROMPT, "planned", "held_out", "", 200, 10)
    ).to_dict("records")  # fmt: skip
    expected = difference(80, 800, 10, 200).iloc[0]
    assert (row["planned"], row["treated_rate"], row["held_rate"]) == (True, 0.1, 0.05)
    assert (row["low"], row["high"], row["p_value"]) == tuple(expected[["low", "high", "p_value"]])
    assert row["stands_out"] == "above"


def test_by_likeness_whom_the_lender_chose_is_not_taken_for_what_it_did():
    # Those of the tier that borrows again oftener are told oftener; within each tier nothing differs.
    rows = (
        cell(RAISED, "matched", "treated", "gold", 900, 90), cell(RAISED, "matched", "treated", "ordinary", 100, 2),
        cell(RAISED, "matched", "held_out", "gold", 100, 10), cell(RAISED, "matched", "held_out", "ordinary", 900, 18),
    )  # fmt: skip
    [row] = effect(*rows).to_dict("records")
    assert row["difference"] == pytest.approx(0)
    assert (row["planned"], row["stands_out"], row["matched_ratio"]) == (False, "", 1)
    assert pytest.approx(0.064) == 92 / 1000 - 28 / 1000  # what a raw difference would claim


def test_another_day_is_not_alike():
    found = effect(
        cell(RAISED, "matched", "treated", "gold", 50, 5),
        cell(RAISED, "matched", "held_out", "gold", 50, 9, moment="4 2"),
    ).iloc[0]
    assert math.isnan(found["difference"])
    assert (found["stands_out"], found["matched_ratio"]) == ("", 0)


def test_a_message_that_nobody_got_is_not_told_of():
    assert effect(cell(PROMPT, "planned", "held_out", "", 200, 10)).empty
    assert messages.effect(
        pd.DataFrame([cell(PROMPT, "planned", "treated", "", 1, 0)]).iloc[:0], significance=0.05
    ).empty


def test_what_differed_before_is_named():
    alike, richer = (100, 500_000, 2_600_000_000), (100, 600_000, 3_700_000_000)
    rows = [
        cell(RAISED, "matched", "treated", "gold", 100, 1, income_cny=richer, score=(100, 60_000, 36_100_000)),
        cell(RAISED, "matched", "held_out", "gold", 100, 1, income_cny=alike, score=(100, 60_000, 36_100_000)),
    ]
    found = messages.apart(pd.DataFrame(rows), RAISED).set_index("covariate")
    assert found["unlike"].to_dict() == {"score": False, "income_cny": True}
