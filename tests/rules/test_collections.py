"""Shares of contacts, curves of cures, agents and complaints: by hand, and beside statsmodels and plain Python."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from rules import collections
from rules.collections import CONTACT_PARTS, LATE_BUCKETS, Measure


def parts(**given):
    return {part: given.get(part, 0) for part in CONTACT_PARTS}


def test_a_share_is_of_what_could_be_and_steps_stand_up_the_ladder():
    rows = collections.ladder(
        pd.DataFrame(
            [
                {"purpose": "collection", "channel": "agent_call",
                 **parts(sent=10, reached=6, answered=5, promised=4, promises_due=2, kept=1, followed=8, cured=2,
                         cured_fen=40_000, followed_cost_fen=2_800, cost_fen=3_500)},
                {"purpose": "due_reminder", "channel": "sms", **parts(sent=4, reached=4)},
                {"purpose": "due_reminder", "channel": "push", **parts(sent=1)},
            ]
        )
    )  # fmt: skip
    assert list(rows["channel"]) == ["push", "sms", "agent_call"]
    last = rows.iloc[-1]
    assert [last[f"{part}_ratio"] for part in ("reached", "answered", "promised", "kept", "cured")] == [
        0.6, 0.5, 0.4, 0.5, 0.25,
    ]  # fmt: skip
    assert last["cost_ratio"] == 0.07
    assert math.isnan(rows["kept_ratio"].iloc[0])
    assert math.isnan(rows["cost_ratio"].iloc[0])
    assert collections.ladder(pd.DataFrame(columns=["purpose", "channel", *CONTACT_PARTS])).empty


ENDS = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["cured", "moved", "written_off", ""])), min_size=1)


def cells(ends, bucket="M1"):
    keys = ["bucket", "days", "exit"]
    rows = pd.DataFrame([(bucket, *end, 1, 100) for end in ends], columns=[*keys, "loans", "principal_fen"])
    return rows.groupby(keys, as_index=False).sum()


def test_cures_by_hand():
    # Four loans: cured on day 1, moved on day 2, still late on day 2, cured on day 3.
    found = collections.cures(
        cells([(1, "cured"), (2, "moved"), (2, ""), (3, "cured")]), thin_loans=2, confidence=0.95
    ).set_index("days")
    assert list(found["at_risk"]) == [4, 4, 3, 1]
    assert list(found["incidence"]) == pytest.approx([0, 1 / 4, 1 / 4, 1 / 4 + 3 / 4 * 2 / 3])
    assert list(found["drawn"]) == [True, True, True, False]


@settings(max_examples=50, deadline=None)
@given(ENDS)
def test_cures_are_those_of_statsmodels(ends):
    found = collections.cures(cells(ends), thin_loans=1, confidence=0.95).set_index("days")
    times = np.array([days for days, _ in ends], dtype=float) + 1  # statsmodels wants times above 0
    kinds = np.array([0 if not how else 1 if how == "cured" else 2 for _, how in ends])
    if not (kinds == 1).any():
        assert (found["incidence"] == 0).all()
        return
    theirs = CumIncidenceRight(times, kinds)
    for time, incidence in zip(theirs.times, theirs.cinc[0], strict=True):
        assert found.loc[int(time) - 1, "incidence"] == pytest.approx(incidence)


def test_buckets_stand_by_lateness_and_all_are_told_apart():
    rows = pd.concat([cells([(1, "cured")] * 3, bucket) for bucket in reversed(LATE_BUCKETS)])
    found = collections.cures(rows, thin_loans=1, confidence=0.95)
    assert list(dict.fromkeys(found["bucket"])) == list(LATE_BUCKETS)


def agents(*rows):
    return pd.DataFrame(
        [{"agent": agent, "bucket": bucket, "calls": calls, **parts(followed=of, cured=hits, sent=of)}
         for agent, bucket, calls, of, hits in rows]
    )  # fmt: skip


def judged(frame, thin=50):
    return collections.by_agent(frame, Measure.CURED, significance=0.05, thin=thin).set_index("agent")


def test_an_agent_with_the_later_debtors_does_not_stand_out_for_it():
    # Everybody cures 60 % of M1 and 20 % of M3; agent 3 has mostly M3.
    found = judged(
        agents(("1", "M1", 950, 900, 540), ("1", "M3", 100, 100, 20), ("2", "M1", 900, 900, 540),
               ("2", "M3", 100, 100, 20), ("3", "M1", 100, 100, 60), ("3", "M3", 900, 900, 180))
    )  # fmt: skip
    assert list(found["stands_out"]) == ["", "", ""]
    assert found.index[0] == "1"  # with the most calls
    assert found.loc["3", "rate"] == pytest.approx(0.24)
    assert found.loc["3", "expected"] == pytest.approx(0.24)
    assert found.loc["3", "calls"] == 1000


def test_an_agent_who_does_better_with_the_same_debtors_stands_out_unless_there_are_few():
    found = judged(
        agents(
            *(("123"[place], "M1", 900, 900, hits) for place, hits in enumerate((700, 500, 510))),
            ("4", "M1", 40, 40, 1),
        )
    )
    assert found.loc["1", "stands_out"] == "above"
    assert found.loc["2", "stands_out"] == "below"
    assert found.loc["4", ["stands_out", "thin"]].tolist() == ["", True]
    assert found.loc["1", "difference"] == pytest.approx(700 / 900 - 1011 / 1840)


def test_one_agent_alone_is_held_against_nobody():
    found = judged(agents(("1", "M1", 900, 900, 700)))
    assert math.isnan(found.loc["1", "p_value"])
    assert found.loc["1", "stands_out"] == ""


def waits(*rows):
    return pd.DataFrame(rows, columns=["topic", "days", "resolved", "waiting"])


def test_days_to_resolve_by_hand():
    found = collections.complaints(
        waits(("fees", 1, 1, 0), ("fees", 2, 1, 0), ("fees", 20, 1, 1), ("calls", 3, 0, 1)), within_days=15,
        confidence=0.95,
    )  # fmt: skip
    first, second = found.to_dict("records")
    assert (first["topic"], first["received"], first["waiting"], first["median_days"]) == ("fees", 4, 1, 2)
    assert first["within_ratio"] == pytest.approx(0.5)
    assert (second["topic"], second["within_ratio"]) == ("calls", 0)
    assert math.isnan(second["median_days"])  # it waits


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40))
def test_the_median_is_that_of_statsmodels_and_ends_hold_it(ended):
    rows = waits(*(("fees", days, int(done), int(not done)) for days, done in ended))
    found = collections.complaints_together(rows, within_days=15, confidence=0.95)
    theirs = SurvfuncRight([days + 1 for days, _ in ended], [int(done) for _, done in ended])
    if not np.isclose(theirs.surv_prob, 0.5).any():  # at a half itself statsmodels waits for the next time
        median = theirs.quantile(0.5)
        assert math.isnan(found["median_days"]) if math.isnan(median) else found["median_days"] == median - 1
    left = theirs.surv_prob[theirs.surv_times <= 16]
    assert found["within_ratio"] == pytest.approx(1 - (left[-1] if len(left) else 1))
    if not math.isnan(found["low"]) and not math.isnan(found["median_days"]):
        assert found["low"] <= found["median_days"]
