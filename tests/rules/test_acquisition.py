"""Costs per head, what is forecast of them and what comes back, by hand; ratios of sums, never sums of ratios."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import acquisition, acquisition_forecast, acquisition_return, acquisition_weeks
from rules.acquisition import PARTS, SHOWN, Step
from rules.default_rates import Verdict
from rules.filters import DateRange, Horizon
from rules.member_filters import MemberSelection
from rules.worth import Verdict as Worth

COUNTS = ("members", "verified", "approved", "borrowers", "window_borrowers")
SUMS = ("reward_fen", "reward_cny_squared", "verified_reward_fen", "approved_reward_fen", "borrower_reward_fen",
        "window_reward_cny_squared", "window_borrower_reward_fen")  # fmt: skip


def costs(**parts):
    return pd.DataFrame([("a", part, fen) for part, fen in parts.items()], columns=["value", "part", "fen"])


def outcomes(**told):
    return pd.DataFrame([{"value": "a", **dict.fromkeys([*COUNTS, *SUMS], 0), **told}])


def per_head(found_costs, found_outcomes, step=Step.FIRST_LOAN):
    return acquisition.per_head(found_costs, found_outcomes, step, significance=0.05).iloc[0]


def test_spend_alone_is_as_sure_as_a_poisson_count():
    row = per_head(costs(media=90_000, agency=10_000), outcomes(members=50, borrowers=25))
    assert (row["each_fen"], row["media_each"], row["agency_each"]) == (4_000, 3_600, 400)
    assert row["error"] == pytest.approx(1 / 5)  # 1 / sqrt(25)
    assert row["low"] == pytest.approx(4_000 / np.exp(1.959964 / 5), rel=1e-6)
    assert row["high"] == pytest.approx(4_000 * np.exp(1.959964 / 5), rel=1e-6)


def test_one_and_the_same_reward_for_every_borrower_leaves_nothing_unsure():
    told = outcomes(members=50, borrowers=25, reward_cny_squared=25 * 80**2, borrower_reward_fen=25 * 8_000)
    row = per_head(costs(reward_l1=25 * 8_000), told)
    assert (row["each_fen"], row["low"], row["high"]) == (8_000, 8_000, 8_000)


def test_rewards_that_differ_are_unsure_by_their_spread():
    # Of four borrowers two earned 100 each: R = 50, the sum of (r - R b)^2 = 4 x 50^2, over (R B)^2 = 200^2.
    told = outcomes(members=9, borrowers=4, reward_cny_squared=2 * 100**2, borrower_reward_fen=20_000)
    assert per_head(costs(reward_l1=20_000), told)["error"] == pytest.approx(0.5)


def test_each_step_has_its_own_heads():
    told = outcomes(members=40, verified=20, approved=10, borrowers=5)
    found = [per_head(costs(media=40_000), told, step)["each_fen"] for step in list(Step)[:4]]
    assert found == [1_000, 2_000, 4_000, 8_000]


def test_nobody_and_nothing():
    row = per_head(costs(media=500), outcomes(members=3))
    assert row["cost_fen"] == 500
    assert np.isnan([row["each_fen"], row["low"], row["high"]]).all()
    assert acquisition.per_head(costs(), outcomes().iloc[:0], Step.FIRST_LOAN, significance=0.05).empty
    unspent = per_head(costs(), outcomes(members=3, borrowers=2))
    assert (unspent["each_fen"], unspent["cost_fen"]) == (0, 0)


BOOKINGS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([*map(str, PARTS), "farmed"]), st.integers(-(10**6), 10**8)),
    max_size=12,
)


@given(BOOKINGS, st.lists(st.sampled_from("abd"), unique=True))
def test_parts_re_sum_to_what_was_booked_to_the_cent(booked, values):
    frame = pd.DataFrame(booked, columns=["value", "part", "fen"]).astype({"fen": "int64"})
    told = pd.concat([outcomes().assign(value=value) for value in values] or [outcomes().iloc[:0]], ignore_index=True)
    found = acquisition.per_head(frame, told, Step.FIRST_LOAN, significance=0.05)
    assert found["cost_fen"].sum() == sum(fen for *_key, fen in booked)
    for part in SHOWN:
        assert found[str(part)].sum() == sum(fen for _value, other, fen in booked if other == str(part))
    whole, _ = acquisition.together(frame, told)
    assert whole["fen"].sum() == found["cost_fen"].sum()


def test_paid_and_blended_are_formed_from_sums():
    frame = pd.concat([costs(media=90_000), costs(reward_l1=10_000).assign(value="referral")])
    told = pd.concat([outcomes(members=9, borrowers=3), outcomes(members=9, borrowers=7).assign(value="referral")])
    paid, whole = (acquisition.together(frame, told, values) for values in (frozenset("a"), None))
    assert per_head(*paid)["each_fen"] == 30_000
    assert per_head(*whole)["each_fen"] == 10_000


def side(fen, heads):
    return costs(media=fen), outcomes(window_borrowers=heads)


def test_a_change_is_one_only_where_it_is_more_than_noise():
    # ln 1.5 = 0.405 over sqrt(1/200 + 1/200) = 0.1: p = 5e-5; with 20 heads each over 0.316: p = 0.2.
    sure, unsure = (acquisition.change(side(1_500 * n, n), side(1_000 * n, n), 0.05) for n in (200, 20))
    assert (sure.verdict, unsure.verdict) == (Verdict.HIGHER, Verdict.NOISE)
    assert sure.ratio == pytest.approx(1.5)
    assert sure.low == pytest.approx(1.5 / np.exp(0.195996), rel=1e-4)
    assert acquisition.change(side(1_000, 2), side(9_000, 9), 0.05).verdict is Verdict.NOT_COMPARED
    assert acquisition.change(side(0, 50), side(9_000, 50), 0.05).verdict is Verdict.NOT_COMPARED


def test_what_is_cheap_early_and_dear_late_is_named():
    def rows(**each):
        return pd.DataFrame(
            [
                {"value": name, "each_fen": fen, "low": 0.8 * fen, "high": 1.2 * fen, "heads": 40}
                for name, fen in each.items()
            ]
        )

    early, late = rows(a=70, b=180, c=60, d=50), rows(a=700, b=900, c=330, d=2_000)
    late.loc[late["value"] == "d", "heads"] = 3
    whole = rows(all=150).iloc[0], rows(all=300).iloc[0]
    assert acquisition.deceptive(early, late, *whole) == "a"  # b is not cheap, c is not sure, d is a handful
    assert acquisition.deceptive(early.iloc[1:2], late.iloc[1:2], *whole) is None


FIRST_LOANS = pd.DataFrame(
    [(12, None, 60), (12, 3, 20), (3, None, 15), (2, 3, 5)], columns=["months", "default_month", "borrowers"]
)


def test_those_who_stay_are_told_with_younger_loans_censored():
    stays = acquisition_forecast.staying(FIRST_LOANS, 6)
    # In month 3, 95 are followed (five were last seen in month 2) and 20 default.
    assert stays == pytest.approx([1, 1, 1, 75 / 95, 75 / 95, 75 / 95, 75 / 95])


def ages(*rows):
    return pd.DataFrame(rows, columns=["value", "months", "borrowers", "defaulted", "first_due", "first_missed"])


def test_known_and_expected_repaying_borrowers():
    stays = np.array([1.0, 0.9, 0.8])
    told = acquisition_forecast.repaying(
        outcomes(borrowers=60),
        ages(("a", 2, 20, 3, 0, 0), ("a", 1, 40, 2, 0, 0)),
        stays,
        missed_ratio=0.1,
        months=2,
    ).iloc[0]
    # Risk: (5 + 10) / (20 x 0.2 + 40 x 0.1 + 10) = 15 / 18.
    assert told["risk"] == pytest.approx(15 / 18)
    stay = (0.8 / 0.9) ** (15 / 18)
    assert (told["known"], told["waiting"]) == (17, 40)
    assert told["repaying"] == pytest.approx(17 + 38 * stay)
    assert told["repaying_variance"] == pytest.approx(38 * stay * (1 - stay) + (38 * (1 - stay)) ** 2 / 15)


def test_early_arrears_tell_of_a_cohort_before_its_defaults_do():
    stays = np.array([1.0, 0.9, 0.8])

    def repaying(missed):
        return acquisition_forecast.repaying(
            outcomes(), ages(("a", 1, 100, 0, 100, missed)), stays, missed_ratio=0.1, months=2
        )["repaying"].iloc[0]

    assert repaying(40) < repaying(10) < repaying(0) <= 100


def test_where_all_is_known_nothing_is_forecast():
    told = acquisition_forecast.repaying(
        outcomes(borrowers=20), ages(("a", 9, 20, 3, 20, 2)), np.array([1.0, 0.9, 0.8]), missed_ratio=0.1, months=2
    ).iloc[0]
    assert (told["repaying"], told["waiting"], told["repaying_variance"]) == (17, 0, 0)


def test_those_who_are_still_to_borrow_are_expected_as_mature_cohorts_have():
    told = pd.concat([outcomes(members=100, window_borrowers=50, borrowers=52), outcomes(members=100, borrowers=20)])
    told = told.assign(repaying=[40.0, 15.0], repaying_variance=0.0, risk=1.0).reset_index(drop=True)
    found = acquisition_forecast.yet_to_borrow(told, told, pd.Series([True, False]), np.array([1.0, 0.8]))
    assert found["repaying"].tolist() == pytest.approx([40, 15 + 30 * 0.8])
    assert found["repaying_variance"].iloc[0] == 0
    assert found["repaying_variance"].iloc[1] > 0


def test_a_forecast_widens_the_interval():
    told = outcomes(borrowers=30).assign(repaying=25.0, repaying_variance=[25.0])
    row = per_head(costs(media=25_000), told, Step.REPAYING)
    assert row["error"] == pytest.approx(np.sqrt(1 / 25 + 25 / 625))


def test_the_return_of_a_campaign_and_whether_it_is_sure():
    told = pd.DataFrame(
        {
            "value": ["sure", "bad", "few", "free"],
            "valued": [400, 400, 4, 4],
            "valued_borrowers": [200, 200, 2, 2],
            "value_fen": [3_000_000, 200_000, 9_000_000, 1],
            "value_cny_squared": [400_000, 400_000, 10, 1],
            "reward_cny_squared": 0,
        }
    )
    spent = pd.DataFrame({"value": ["sure", "bad", "few"], "part": "media", "fen": 1_000_000})
    found = acquisition_return.returns(spent, told, significance=0.05, thin_borrowers=120).set_index("value")
    assert list(found.index) == ["few", "sure", "bad"]
    assert found["return_ratio"].tolist() == [9, 3, 0.2]
    # sqrt(400,000) = 632 CNY over a cost of 10,000.
    assert found.loc["sure", "low"] == pytest.approx(3 - 1.959964 * 0.0632456, rel=1e-5)
    assert found["verdict"].tolist() == [Worth.THIN, Worth.EARNS, Worth.LOSES]


CURVE = pd.DataFrame(
    {"month": [0, 1, 2], "projected": [False, False, True], "cumulative_fen": [100.0, 300.0, 900.0], "value": ""}
)


def test_payback_is_the_first_month_that_reaches_the_cost_per_member():
    told = outcomes(members=10, borrowers=5)
    found = acquisition_return.payback(CURVE, costs(media=3_000), told)
    assert (found.month, found.projected, found.cost_fen) == (1, False, 600)
    assert found.curve["each_fen"].tolist() == [200, 600, 1_800]
    late = acquisition_return.payback(CURVE, costs(media=3_001), told)
    assert (late.month, late.projected) == (2, True)
    assert acquisition_return.payback(CURVE, costs(media=9_001), told).month is None
    assert acquisition_return.payback(CURVE, costs(media=1), outcomes(members=10)) is None


def test_the_cohorts_that_are_old_enough_for_their_value():
    everybody = MemberSelection(DateRange(), None, ())
    # December 2025 to November 2026 has ended on the 30th, not on the 29th.
    assert acquisition_return.valued(everybody, date(2026, 11, 30), 12).registered.last == date(2025, 12, 31)
    assert acquisition_return.valued(everybody, date(2026, 11, 29), 12).registered.last == date(2025, 11, 30)


def test_the_horizon_in_months():
    assert [acquisition.horizon_months(horizon) for horizon in Horizon] == [6, 12, 24]


def weeks(fens, members=10):
    spent = pd.DataFrame({"week": range(len(fens)), "fen": fens})
    brought = pd.DataFrame({"week": range(len(fens)), "members": members, "early_borrowers": members // 2})
    return acquisition_weeks.by_week(spent, brought, weeks=len(fens), early_days=7, significance=0.05)


def test_the_newest_week_that_can_be_told_is_held_against_what_weeks_vary_by():
    calm = [1_000, 1_010, 990, 1_000, 1_010, 990, 1_000]
    found = weeks([5, 2_000, *calm])
    assert found["week"].tolist() == list(range(8, -1, -1))
    assert found["maturing"].tolist() == [False] * 8 + [True]
    newest = acquisition_weeks.newest(found, "registered", 0.05)
    assert (newest.week, newest.each_fen, newest.before_fen, newest.weeks) == (1, 200, 100, 7)
    assert newest.verdict is Verdict.HIGHER
    assert acquisition_weeks.newest(found, "early", 0.05).each_fen == 400
    restless = weeks([5, 2_000, 500, 2_500, 900, 3_000, 700, 1_800, 400])
    assert acquisition_weeks.newest(restless, "registered", 0.05).verdict is Verdict.NOISE
    assert acquisition_weeks.newest(weeks([5, 10, 10]), "registered", 0.05).verdict is Verdict.NOT_COMPARED
    assert acquisition_weeks.newest(weeks([0, 0]), "registered", 0.05) is None
