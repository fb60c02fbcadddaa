import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import vintages
from rules.default_rates import Verdict
from rules.incidence import CURVE, OPEN
from rules.intervals import wilson
from rules.survival import at_risk, cumulative_incidence
from tests.rules import counted

D, P = vintages.DEFAULT, vintages.PAYOFF
LOAN = st.tuples(
    st.integers(1, 4), st.sampled_from(["2025Q1", "2025Q2"]), st.integers(0, 5), st.sampled_from([D, P, OPEN])
)


def curves(loans, thin_loans=1, confidence=0.95):
    return vintages.curves(counted.cells(loans), counted.pairs(loans), thin_loans=thin_loans, confidence=confidence)


def at(found, cohort, month):
    return found.loc[(found["cohort"] == cohort) & (found["month"] == month)].iloc[0]


#   Ten loans of 2025Q1 by ten borrowers: two default in month 1, one is paid off, one of the quarter's last month is
#   still open when last seen at 1; in month 3 one defaults and two are paid off, three are open when last seen.
DRAWN = [
    *[(n, "2025Q1", 1, D) for n in (1, 2)],
    (3, "2025Q1", 1, P),
    (4, "2025Q1", 1, OPEN),
    (5, "2025Q1", 3, D),
    *[(n, "2025Q1", 3, P) for n in (6, 7)],
    *[(n, "2025Q1", 3, OPEN) for n in (8, 9, 10)],
]


def test_a_curve_by_hand():
    found = curves(DRAWN)
    assert found["month"].tolist() == [0, 1, 2, 3]  # each month, though nothing happened in 0 and 2
    assert found["at_risk"].tolist() == [10, 10, 6, 6]
    assert found["defaulted"].tolist() == [0, 2, 0, 1]
    assert found["paid_off"].tolist() == [0, 1, 0, 2]
    assert found["censored"].tolist() == [0, 1, 0, 3]
    assert found["incidence"].tolist() == pytest.approx([0, 0.2, 0.2, 0.2 + 0.7 / 6])
    assert found["drawn"].tolist() == [True, True, False, False]  # the loan last seen at 1: past it only the older part
    assert (found["loans"] == 10).all()
    assert (found["principal_fen"] == 1000).all()


def test_one_loan_each_has_the_band_of_a_rate():
    # Until somebody is last seen the incidence is a plain rate of the loans, and so is its band: Wilson's.
    loans = [(n, "2025Q1", 2, D if n < 7 else P if n < 20 else OPEN) for n in range(60)]
    found = at(curves(loans), "2025Q1", 2)
    assert (found["low"], found["high"]) == pytest.approx([float(end) for end in wilson(7, 60)])
    assert found["standard_error"] == pytest.approx(np.sqrt(7 / 60 * 53 / 60 / 60))


def test_a_borrowers_loans_that_end_alike_count_as_one():
    singly = [(n, "2025Q1", 2, D if n < 7 else OPEN) for n in range(60)]
    thrice = [loan for loan in singly for _ in range(3)]
    once, all_three = (at(curves(loans), "2025Q1", 2) for loans in (singly, thrice))
    assert all_three["at_risk"] == 180
    assert all_three[["incidence", "standard_error", "low", "high"]].tolist() == pytest.approx(
        once[["incidence", "standard_error", "low", "high"]].tolist()
    )
    alone = vintages.curves(counted.cells(thrice), counted.pairs([]), thin_loans=1, confidence=0.95)
    assert at(alone, "2025Q1", 2)["standard_error"] == pytest.approx(once["standard_error"] / np.sqrt(3))


def test_a_curve_that_has_not_risen_still_has_room_above():
    found = curves([(n, "2025Q1", 3, OPEN) for n in range(20)])
    assert found["incidence"].tolist() == found["low"].tolist() == [0, 0, 0, 0]
    assert found["high"].tolist() == pytest.approx([float(wilson(0, 20)[1])] * 4)  # 0.1611, as published


def test_few_at_risk_are_not_drawn():
    loans = [(n, "2024Q4", 0 if n < 2 else 4, P if n < 2 else OPEN) for n in range(7)]
    assert curves(loans, thin_loans=6)["drawn"].tolist() == [True, False, False, False, False]
    assert curves(loans, thin_loans=5)["drawn"].tolist() == [True] * 5


def test_a_cohort_of_which_nobody_is_open_is_drawn_to_its_end():
    assert curves([(1, "2025", 2, D), (2, "2025", 5, P)])["drawn"].tolist() == [True] * 6


def test_no_loans_and_one():
    nothing = curves([])
    assert nothing.empty
    assert set(nothing.columns) == {*CURVE, "defaulted", "paid_off"} - {"left", "left_otherwise"}
    assert vintages.comparison(nothing) is None
    one = curves([(1, "2025-02", 0, D)]).iloc[0]
    assert (one["incidence"], one["at_risk"], one["high"]) == (1, 1, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(LOAN, min_size=1, max_size=25))
def test_the_band_is_the_robust_variance_computed_loan_by_loan(loans):
    found = curves(loans)
    for cohort in {loan[1] for loan in loans}:
        own = [loan for loan in loans if loan[1] == cohort]
        errors = found.loc[found["cohort"] == cohort, "standard_error"].to_numpy()
        assert errors**2 == pytest.approx(robust_variance(own, len(errors)), abs=1e-9)


def robust_variance(loans, months):
    """Sum over borrowers of the squared sum of their loans' moves, each move by weighing the loan a little more."""
    tiny, moved = 1e-5, {}
    for number, (borrower, *_) in enumerate(loans):
        ends = []
        for weight in (1 + tiny, 1 - tiny):
            weights = [weight if n == number else 1.0 for n in range(len(loans))]
            ends.append(weighted_incidence(loans, weights, months))
        move = [(more - less) / (2 * tiny) for more, less in zip(*ends, strict=True)]
        moved[borrower] = [a + b for a, b in zip(moved.get(borrower, [0.0] * months), move, strict=True)]
    return [sum(move[t] ** 2 for move in moved.values()) for t in range(months)]


def weighted_incidence(loans, weights, months):
    stays, reached, found = 1.0, 0.0, []
    for t in range(months):
        n = sum(w for (_, _, month, _), w in zip(loans, weights, strict=True) if month >= t)
        left = {
            way: sum(w for (*_, m, e), w in zip(loans, weights, strict=True) if (m, e) == (t, way)) for way in (D, P)
        }
        if n:
            reached += stays * left[D] / n
            stays *= 1 - (left[D] + left[P]) / n
        found.append(reached)
    return found


@settings(max_examples=50, deadline=None)
@given(st.lists(LOAN, min_size=1, max_size=25))
def test_the_curve_holds_its_rate_and_counts_every_loan(loans):
    found = curves(loans, thin_loans=3)
    assert (found["low"] <= found["incidence"] + 1e-12).all()
    assert (found["high"] >= found["incidence"] - 1e-12).all()
    assert found["high"].between(0, 1).all()
    assert found[["defaulted", "paid_off", "censored"]].to_numpy().sum() == len(loans)
    assert (found.loc[found["drawn"], "at_risk"] >= 3).all()


def share_held(simulation, *, clustered=True):
    """How many of 500 simulated books' bands hold the simulation's truth, at months 6 and 15."""
    generator = np.random.default_rng(20260)
    cells, pairs = simulation.books(generator, 500)
    found = vintages.curves(cells, pairs if clustered else pairs.iloc[:0], thin_loans=1, confidence=0.95)
    truth = {month: simulation.incidence(generator, month) for month in (6, 15)}
    rows = found.loc[found["month"].isin(list(truth))]
    true = rows["month"].map(truth)
    return ((rows["low"] <= true) & (true <= rows["high"])).groupby(rows["month"]).mean().tolist()


@pytest.mark.parametrize(
    "simulation",
    [
        counted.Simulation(400, 0.01),
        counted.Simulation(150, 0.002),  # about three of 150 borrowers default
        counted.Simulation(300, 0.02, spread=6.0, most_loans=6),
    ],
)
def test_the_band_holds_the_truth_as_often_as_it_says(simulation):
    at_6, at_15 = share_held(simulation)  # by 15 a part of the loans was last seen
    assert 0.92 <= at_6 <= 0.985
    assert 0.92 <= at_15 <= 0.985


def test_a_band_that_took_loans_as_independent_would_hold_it_too_seldom():
    alike = counted.Simulation(300, 0.02, spread=6.0, most_loans=6)
    assert max(share_held(alike, clustered=False)) < 0.9


def of(cohort, defaulted, loans, month=6):
    return [
        (f"{cohort}{n}", cohort, month - 1 if n < defaulted else month, D if n < defaulted else OPEN)
        for n in range(loans)
    ]


def test_the_newest_is_held_against_the_same_quarter_a_year_before():
    loans = (
        of("2024Q1", 40, 1000, 12) + of("2024Q2", 20, 1000, 10) + of("2024Q4", 900, 1000, 8) + of("2025Q1", 60, 1000)
    )
    loans += [("x", "2024Q1", 3, D)] * 10  # at month 6 ten of 2024Q1 have defaulted, the forty only at 11
    found = vintages.comparison(curves(loans))
    assert (found.cohort, found.other, found.month) == ("2025Q1", "2024Q1", 6)
    assert (found.incidence, found.other_incidence) == pytest.approx((60 / 1000, 10 / 1010))
    assert found.difference == pytest.approx(60 / 1000 - 10 / 1010)
    assert found.difference_low > 0
    assert found.verdict is Verdict.HIGHER


def test_without_that_quarter_the_newest_earlier_one_and_a_small_gap_is_noise():
    found = vintages.comparison(curves(of("2024Q2", 1, 100, 10) + of("2024Q4", 9, 100, 6) + of("2025Q1", 10, 100)))
    assert (found.other, found.verdict) == ("2024Q4", Verdict.NOISE)
    lower = vintages.comparison(curves(of("2024Q4", 500, 1000, 8) + of("2025Q1", 1, 1000)))
    assert lower.verdict is Verdict.NOISE  # at month 6 nobody of 2024Q4 has defaulted: that came in month 7


def test_a_lower_one_is_lower_and_an_only_one_is_not_compared():
    found = vintages.comparison(curves(of("2024", 500, 1000, 6) + of("2025", 20, 1000, 6)))
    assert (found.other, found.verdict) == ("2024", Verdict.LOWER)
    alone = vintages.comparison(curves(of("2025-03", 2, 100)))
    assert (alone.cohort, alone.other, alone.verdict) == ("2025-03", None, Verdict.NOT_COMPARED)
    assert np.isnan(alone.difference)


def test_a_cohort_too_young_for_any_default_is_passed_over():
    young = of("2025Q2", 0, 1000, 1)
    found = vintages.comparison(curves(of("2024Q4", 20, 1000, 9) + of("2025Q1", 30, 1000, 6) + young))
    assert found.cohort == "2025Q1"
    assert vintages.comparison(curves(young)).cohort == "2025Q2"


def test_a_pooled_tail_would_average_other_loans():
    # January's loans default late and much, March's have been seen for three months: past 3 the curve is January's.
    january = [(f"j{n}", "2025Q1", 5, D if n < 50 else OPEN) for n in range(100)]
    march = [(f"m{n}", "2025Q1", 3, OPEN) for n in range(900)]
    found = curves(january + march)
    assert at(found, "2025Q1", 5)["incidence"] == pytest.approx(0.5)
    assert found.loc[found["drawn"], "month"].tolist() == [0, 1, 2, 3]
    assert not at(found, "2025Q1", 5)["drawn"]
    followed = at_risk([0, 0, 0, 0, 0, 50], [0, 0, 0, 900, 0, 50])
    assert cumulative_incidence(followed, [0] * 5 + [50], [0] * 5 + [50])[-1] == 0.5


def test_columns_are_numbers_that_a_frame_can_hold():
    found = curves(DRAWN)
    assert found["drawn"].dtype == bool
    assert all(pd.api.types.is_integer_dtype(found[name]) for name in ("month", "at_risk", "defaulted", "loans"))
