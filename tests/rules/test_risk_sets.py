"""Who waited when others were treated, and how sure that is: by hand, by a plain ladder over people, by chance."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.risk_sets import day_by_day, risk_sets

DAYS = 8


def counts(people):
    """late and of, as `day_by_day` wants them. people: (stratum, days_before, treated, late)."""
    table = pd.DataFrame(people, columns=["stratum", "days_before", "treated", "late"])
    table["held"] = ~table["treated"]
    arms = table[["treated", "held"]].astype(int)
    keys = [table["stratum"], table["days_before"]]
    return arms.mul(table["late"].astype(int), axis=0).groupby(keys).sum(), arms.groupby(keys).sum()


def compared(people):
    return day_by_day(*counts(people), confidence=0.95)


def test_who_is_treated_later_or_pays_later_waits_until_then():
    drawn = pd.DataFrame(
        {"treated": [2, 0, 3], "held": [10, 4, 5]},
        index=pd.MultiIndex.from_tuples([("a", 0), ("a", 1), ("a", 3)], names=["stratum", "days_before"]),
    )
    found = risk_sets(drawn)["held"].to_dict()
    assert found == {
        ("a", 0): 10,  # those never treated, who had not paid when the due date began
        ("a", 1): 10 + 4 + 2,  # those too who paid a day before it, and who were treated on it
        ("a", 2): 10 + 4 + 2,
        ("a", 3): 10 + 4 + 2 + 5,  # the three of this day are compared with them
    }


def test_the_mix_is_that_of_the_treated_by_stratum_and_day():
    people = [
        *[("a", 3, True, late) for late in (True, False, False, False)],  # 1 of 4
        *[("a", 0, False, late) for late in (True, False)], ("a", 1, False, False), ("a", 1, False, False),  # 1 of 4
        ("b", 0, True, True), ("b", 0, False, False), ("b", 5, False, False),  # 1 of 1 beside 0 of 1
        ("c", 2, True, True),  # nobody waits there
    ]  # fmt: skip
    found = compared(people)
    assert found.equal.first == pytest.approx((4 * 1 / 4 + 1 * 1) / 5)
    assert found.equal.second == pytest.approx((4 * 1 / 4 + 1 * 0) / 5)
    assert found.equal.common_ratio == pytest.approx(5 / 6)
    assert (found.late, found.held) == (1, 5)  # the one of b who paid on day 5 had gone by day 0


def test_nobody_in_common_gives_no_claim():
    found = compared([("a", 3, True, False), ("a", 5, False, False)])
    assert math.isnan(found.equal.difference)
    assert (found.late, found.held) == (0, 0)


def plain(people):
    """The same by sets of people: difference and standard error."""
    cells = {}
    for stratum, day in itertools.product({p[0] for p in people}, range(DAYS)):
        treated = {i for i, p in enumerate(people) if p[0] == stratum and p[2] and p[1] == day}
        held = {
            i for i, p in enumerate(people) if p[0] == stratum and i not in treated and p[1] < day + (not p[2])
        }  # fmt: skip
        if treated and held:
            cells[stratum, day] = treated, held
    if not cells:
        return None

    def mean(group):
        return sum(people[i][3] for i in group) / len(group)

    def spread(group):
        p = (sum(people[i][3] for i in group) + 0.5) / (len(group) + 1)
        return p * (1 - p)

    whole = sum(len(treated) for treated, _ in cells.values())
    weight = {key: len(treated) / whole for key, (treated, _) in cells.items()}
    gap = sum(weight[key] * (mean(treated) - mean(held)) for key, (treated, held) in cells.items())
    variance = sum(weight[key] ** 2 * spread(treated) / len(treated) for key, (treated, _) in cells.items())
    for (one, (_, a)), (other, (_, b)) in itertools.product(cells.items(), repeat=2):
        both = a & b
        if both:
            variance += weight[one] * weight[other] * len(both) * spread(both) / len(a) / len(b)
    return gap, math.sqrt(variance)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, DAYS - 1), st.booleans(), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_as_a_plain_ladder_over_people_says(people):
    found, expected = compared(people).equal, plain(people)
    if expected is None:
        assert math.isnan(found.difference)
        return
    assert found.difference == pytest.approx(expected[0], abs=1e-12)
    assert found.standard_error == pytest.approx(expected[1])
    assert found.low <= found.difference <= found.high


# When somebody pays, in days before the due date; 0 or less: unpaid when it began, and so perhaps late.
KINDS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, DAYS - 1), st.booleans()), min_size=1, max_size=8).map(
    lambda kinds: [(stratum, day, late and day == 0) for stratum, day, late in kinds]
)


@settings(max_examples=100, deadline=None)
@given(kinds=KINDS, reminders=st.sets(st.integers(0, DAYS - 1), min_size=1), unreminded=st.integers(1, 3))
def test_a_treatment_that_changes_nothing_is_given_no_effect_however_early_some_pay(kinds, reminders, unreminded):
    people = []
    for (stratum, paid, late), plan in itertools.product(kinds, [*reminders, *[None] * unreminded]):
        reminded = plan is not None and plan >= paid  # who has paid before is not reminded
        people.append((stratum, plan if reminded else paid, reminded, late))
    found = compared(people).equal
    if not math.isnan(found.difference):
        assert found.difference == pytest.approx(0, abs=1e-12)


def test_the_interval_is_as_wide_as_chance_makes_it():
    random = np.random.default_rng(5)
    people = []
    for stratum, risk in (("a", 0.2), ("b", 0.4)):
        for _ in range(600):
            paid, plan = random.integers(-4, DAYS), random.choice([5, 3, 3, 1, -1])
            paid = max(paid, 0)
            reminded = plan >= paid
            late = bool(paid == 0 and random.random() < risk)
            people.append((stratum, int(plan if reminded else paid), bool(reminded), late))
    drawn = np.array(people, dtype=object)
    again = [
        compared([tuple(each) for each in drawn[random.integers(0, len(drawn), len(drawn))]]).equal.difference
        for _ in range(150)
    ]
    assert 0.9 * np.std(again) < compared(people).equal.standard_error < 1.5 * np.std(again)
