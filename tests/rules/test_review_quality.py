"""How well review works, on drawn decisions with answers worked by hand."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from rules import (
    review_quality,
    review_quality_outcomes,
    review_quality_overrides,
    review_quality_times,
)
from rules.default_rates import Verdict
from rules.intervals import wilson
from rules.review_case import Override
from rules.review_quality import By
from rules.review_quality_agreement import OUTCOMES, agreement, of_table

NOON = datetime(2026, 11, 18, 4)  # a Wednesday, 12:00 in Shanghai
LOW, HIGH = Override.LOW_SIDE, Override.HIGH_SIDE
_COLUMNS = {"application_id": "1", "external_number": "A-1", "product": "cash", "opened_for": "amount", "round": 1,
            "amount_fen": 100, "stage": 1, "staff_email": "a@x", "outcome": "approved", "override": "", "reasons": (),
            "final": True, "settled": True, "began_at": NOON, "decided_at": NOON, "due_at": NOON, "took_s": 60.0,
            "late": False, "evidence_hash": "h"}  # fmt: skip


def made(*rows):
    """Decisions that differ from an ordinary one in what is named."""
    if not rows:
        return review_quality.empty()
    drawn = pd.DataFrame([{**_COLUMNS, "application_id": str(number), **row} for number, row in enumerate(rows)])
    instants = {name: drawn[name].astype("datetime64[us]") for name in ("began_at", "decided_at", "due_at")}
    return drawn.assign(**instants, late=drawn["late"].astype("boolean"))


def at(days=0, hours=0):
    return NOON + timedelta(days=days, hours=hours)


def test_days_are_those_of_shanghai_and_those_without_decisions_are_there():
    drawn = made(
        {"decided_at": at(-2)}, {"decided_at": at(-2), "late": True},
        {"decided_at": datetime(2026, 11, 16, 15, 59)},  # 23:59 of the 16th
        {"decided_at": datetime(2026, 11, 16, 16, 0)},  # midnight: the 17th
        {"decided_at": at(), "late": None}, {"decided_at": at(), "settled": False},
    )  # fmt: skip
    rows = review_quality.throughput(drawn, date(2026, 11, 15), date(2026, 11, 18), By.DAY)
    assert rows[["decided", "late", "unknown"]].to_numpy().tolist() == [[0, 0, 0], [3, 1, 0], [1, 0, 0], [1, 0, 1]]
    assert rows["running"].tolist() == [False, False, False, True]


def test_weeks_begin_on_mondays_and_the_newest_is_not_whole():
    drawn = made({"decided_at": at(-3)}, {"decided_at": at(-2)}, {"decided_at": at(), "late": True})
    rows = review_quality.throughput(drawn, date(2026, 11, 8), date(2026, 11, 18), By.WEEK)
    assert [start.date() for start in rows["start"]] == [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    assert rows["decided"].tolist() == [0, 1, 2]  # the 15th is a Sunday, the 16th a Monday


def test_nothing_decided_gives_days_of_nothing():
    rows = review_quality.throughput(made(), date(2026, 11, 17), date(2026, 11, 18), By.DAY)
    assert rows["decided"].tolist() == [0, 0]
    kept = review_quality.deadlines_kept(made(), date(2026, 11, 18), 14, 0.95)
    assert (kept.decided, kept.late) == (0, 0)
    assert np.isnan([kept.rate, kept.low, kept.p_value]).all()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-13, 0), st.booleans()), max_size=30), st.sampled_from(By))
def test_what_is_decided_over_time_sums_to_all_that_was(drawn, by):
    rows = made(*({"decided_at": at(days), "late": late} for days, late in drawn))
    found = review_quality.throughput(rows, date(2026, 11, 5), date(2026, 11, 18), by)
    assert found["decided"].sum() == len(drawn)
    assert found["late"].sum() == sum(late for _, late in drawn)


def test_deadlines_kept_worked_by_hand():
    # of 20 decisions 2 are late; the newest 4 of 14 days have 4 decisions, both late ones among them
    rows = made(*({"decided_at": at(-10)} for _ in range(16)),
                *({"decided_at": at(-1), "late": number < 2} for number in range(4)), {"late": None})  # fmt: skip
    kept = review_quality.deadlines_kept(rows, date(2026, 11, 18), 14, 0.95)
    assert (kept.decided, kept.late, kept.rate) == (20, 2, 0.1)
    assert (kept.newest_days, kept.newest_decided, kept.newest_late) == (4, 4, 2)
    assert (kept.low, kept.high) == tuple(float(end) for end in wilson(2, 20))
    assert kept.p_value == pytest.approx(6 / 190)  # Fisher: C(4,2) C(16,0) / C(20,2)


def test_load_is_counted_by_who_decided_and_by_who_has_cases_in_hand():
    rows = made({"staff_email": "a@x"}, {"staff_email": "a@x", "stage": 2}, {"staff_email": "b@x", "settled": False})
    found = review_quality.load(rows, pd.DataFrame({"staff_email": ["b@x", "c@x", "c@x"]}), working_days=4)
    assert found[["staff_email", "decisions", "first", "second", "a_day", "in_hand"]].to_numpy().tolist() == [
        ["a@x", 2, 1, 1, 0.5, 0], ["b@x", 1, 1, 0, 0.25, 1], ["c@x", 0, 0, 0, 0.0, 2],
    ]  # fmt: skip


def test_half_are_decided_by_the_median_and_open_cases_are_reckoned_with():
    # decided after 1, 2, 4 hours; two more wait since 3 and 5: S is 4/5, 3/5, 3/5 x 1/2
    hours = [1, 2, 3, 4, 5]
    cases = pd.DataFrame({"took_s": [3600.0 * each for each in hours], "decided": [True, True, False, True, False]})
    row = review_quality_times.quantiles({"": cases}, 0.95).iloc[0]
    assert (row["cases"], row["decided"]) == (5, 3)
    assert row[["q10", "q25", "q50"]].tolist() == [3600, 7200, 4 * 3600]
    assert np.isnan(row["q75"])
    # were the two that wait left out, half would seem to be decided within two hours
    without = review_quality_times.quantiles({"": cases.loc[cases["decided"]]}, 0.95).iloc[0]
    assert without["q50"] == 7200


def test_one_case_none_decided_and_no_case():
    one = pd.DataFrame({"took_s": [60.0], "decided": [True]})
    waits = one.assign(decided=False)
    found = review_quality_times.quantiles({"one": one, "waits": waits, "none": one.iloc[:0]}, 0.95)
    assert found["q50"].tolist()[0] == 60
    assert found["q50"].isna().tolist() == [False, True, True]


def officer(email, overridden, of, side=LOW):
    """First decisions of one officer, so many of them overrides of a side."""
    over, not_ = {LOW: ("approved", "declined"), HIGH: ("declined", "approved")}[side]
    return [
        {"staff_email": email, "outcome": over if number < overridden else not_,
         "override": side.value if number < overridden else ""}
        for number in range(of)
    ]  # fmt: skip


def test_each_side_counts_what_could_have_been_overridden_and_first_decisions_alone():
    rows = made(
        *officer("a@x", 1, 4), *officer("a@x", 2, 10, HIGH),
        {"override": "low_side", "stage": 2}, {"outcome": "approved_less", "override": "low_side"},
    )  # fmt: skip
    low, high = (review_quality_overrides.overall(rows, side, 0.95) for side in (LOW, HIGH))
    assert (low.overridden, low.of, high.overridden, high.of) == (2, 5, 2, 10)
    assert (high.low, high.high) == tuple(float(end) for end in wilson(2, 10))


def by_officer(*rows, thin=20):
    return review_quality_overrides.by_group(made(*rows), "staff_email", LOW, significance=0.05, thin=thin)


def test_an_officer_who_differs_stands_out_and_others_do_not():
    found = by_officer(*officer("a@x", 30, 60), *officer("b@x", 3, 60), *officer("c@x", 4, 60))
    assert found.set_index("staff_email")["stands_out"].to_dict() == {"a@x": "above", "b@x": "below", "c@x": "below"}
    assert found["all_rate"].iloc[0] == pytest.approx(37 / 180)
    row = found.set_index("staff_email").loc["a@x"]
    assert row["rate"] == 0.5
    assert row["all_rate"] < row["shrunk"] < row["rate"]  # drawn towards all


def test_few_decisions_call_nobody_out_however_they_fell():
    found = by_officer(*officer("a@x", 5, 5), *officer("b@x", 0, 100))
    row = found.set_index("staff_email").loc["a@x"]
    assert (row["thin"], row["stands_out"], row["rate"]) == (True, "", 1.0)
    assert row["q_value"] < 0.05


def test_where_officers_decide_alike_noise_calls_out_no_more_than_its_share():
    rng = np.random.default_rng(7)
    called = 0
    for _ in range(200):
        drawn = [row for name in "abcdefgh" for row in officer(f"{name}@x", rng.binomial(40, 0.2), 40)]
        called += int((by_officer(*drawn)["stands_out"] != "").any())
    assert called <= 16  # 200 x 5 % = 10 expected at most, standard deviation 3


def test_one_officer_alone_is_compared_to_nobody():
    found = by_officer(*officer("a@x", 3, 30))
    assert found["stands_out"].tolist() == [""]
    assert np.isnan(found["p_value"].iloc[0])
    assert by_officer().empty


def test_the_others_together_say_nothing_of_any_of_them():
    found = by_officer(*officer("a@x", 3, 30), *officer("b@x", 5, 10), *officer("c@x", 1, 10))
    one = review_quality_overrides.together(found.iloc[1:], "others", 0.95).iloc[0]
    assert (one["overridden"], one["of"], one["rate"], one["stands_out"]) == (6, 20, 0.3, "")


def test_reasons_of_overrides_are_counted_once_a_decision_each():
    rows = made(
        {"override": "low_side", "reasons": ("policy:a", "check:b")},
        {"override": "low_side", "reasons": ("policy:a",)}, {"outcome": "declined", "reasons": ("policy:c",)},
        {"override": "low_side", "reasons": ("policy:d",), "stage": 2},
    )  # fmt: skip
    found = review_quality_overrides.by_reason(rows, LOW, 0.95)
    assert found[["reason", "overridden", "of", "share"]].to_numpy().tolist() == [
        ["policy:a", 2, 2, 1.0], ["check:b", 1, 2, 0.5]
    ]  # fmt: skip
    assert review_quality_overrides.by_reason(rows, HIGH, 0.95).empty


def test_kappa_of_a_published_example():
    # Fleiss, Cohen and Everitt 1969, p. 325, as in statsmodels' own tests: 200 cases in three categories
    shares = np.array([[0.53, 0.05, 0.02], [0.11, 0.14, 0.05], [0.01, 0.06, 0.03]])
    found = of_table(np.rint(shares * 200), 0.95)
    assert (found.pairs, found.agreed, found.raw) == (200, 140, pytest.approx(0.70))
    assert found.kappa == pytest.approx(0.429, abs=5e-4)
    assert (found.kappa_high - found.kappa_low) / 2 / 1.95996 == pytest.approx(0.054, abs=5e-4)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(OUTCOMES)), min_size=1, max_size=60))
def test_kappa_is_scikit_learns(pairs):
    found = agreement(pairs, 0.95)
    assert found.pairs == len(pairs)
    assert found.agreed == sum(first == second for first, second in pairs)
    if len({outcome for pair in pairs for outcome in pair}) == 1:
        assert np.isnan(found.kappa)
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True), labels=list(OUTCOMES)))
        assert -1 <= found.kappa_low <= found.kappa <= found.kappa_high <= 1


def test_no_pairs_tell_nothing():
    found = agreement([], 0.95)
    assert (found.pairs, found.agreed) == (0, 0)
    assert np.isnan([found.raw, found.kappa, found.kappa_low]).all()


def test_pairs_are_first_and_second_decisions_on_the_same_evidence():
    rows = made(
        {"application_id": "1", "settled": False}, {"application_id": "1", "stage": 2, "outcome": "declined"},
        {"application_id": "2"}, {"application_id": "2", "stage": 2, "evidence_hash": "other"}, {"application_id": "3"},
        {"application_id": "4"}, {"application_id": "4", "stage": 2, "round": 2},
    )  # fmt: skip
    assert review_quality.pairs(rows) == [("approved", "declined")]


def parts(*rows):
    return pd.DataFrame(rows, columns=["override", "granted", "disbursed", "borrowers", "defaulted"])


def test_what_was_overridden_is_held_against_what_was_not():
    found = review_quality_outcomes.repaid(
        parts(("low_side", 60, 55, 50, 10), ("", 100, 99, 90, 5), ("", 300, 290, 200, 5)), 0.05
    )
    assert found.rows[["granted", "disbursed", "borrowers", "defaulted"]].to_numpy().tolist() == [
        [60, 55, 50, 10], [400, 389, 290, 10]
    ]  # fmt: skip
    assert found.rows["rate"].tolist() == [0.2, pytest.approx(10 / 290)]
    assert found.difference == pytest.approx(0.2 - 10 / 290)
    assert found.verdict is Verdict.HIGHER


def test_nothing_to_hold_it_against_is_no_claim():
    found = review_quality_outcomes.repaid(parts(("low_side", 3, 3, 2, 1)), 0.05)
    assert found.verdict is Verdict.NOT_COMPARED
    assert review_quality_outcomes.repaid(parts(), 0.05).rows["borrowers"].tolist() == [0, 0]


def test_lateness_is_not_known_where_the_time_is_not():
    late = review_quality.is_late(pd.Series([8 * 3600.0, 8 * 3600.0 + 1, np.nan]), 8)
    assert late.tolist()[:2] == [False, True]
    assert late.isna().tolist() == [False, False, True]
