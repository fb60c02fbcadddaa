"""The planted truths about default, seen by the oracle on books of several as-of dates."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests

from loanbook import demo
from loanbook.demo.truth import TRUTH, Planted
from tests.loanbook.demo import oracle

READ = ("loan", "member", "product", "instalment", "repayment", "schedule_change")
AS_OF_DATES = (date(2026, 11, 20), date(2024, 2, 29), date(2026, 4, 30), date(2025, 12, 31))


@dataclass(frozen=True)
class Seen:
    """A book, its loans, and what was planted in it."""

    as_of: date
    book: dict[str, pd.DataFrame]
    loans: pd.DataFrame
    planted: Planted


@pytest.fixture(scope="module", params=AS_OF_DATES, ids=str)
def whole(request):
    (tables,) = demo.chunks(demo.MEMBERS, demo.SEED, request.param, only=READ)
    book = oracle.frames(tables)
    return Seen(
        request.param, book, oracle.loans(book, request.param), demo.planted(demo.MEMBERS, demo.SEED, request.param)
    )


@pytest.fixture(params=["newest mature year", "all periods"])
def seen(whole, request):
    rows = whole.loans
    return rows if request.param == "all periods" else oracle.newest_mature_months(rows, whole.as_of)


def test_about_five_percent_default_within_a_year(seen):
    _, _, rate = oracle.rates(seen, [])
    assert 0.042 < rate < 0.058


def test_the_bad_province_stands_out_and_the_small_one_only_looks_bad(seen):
    borrowers, defaulted, rate = oracle.rates(seen, [])
    provinces = oracle.rates(seen, ["province"])
    p_values = [
        fisher_exact([[k, n - k], [defaulted - k, borrowers - n - (defaulted - k)]])[1]
        for n, k in zip(provinces.borrowers, provinces.defaulted, strict=True)
    ]
    stands_out = pd.Series(multipletests(p_values, alpha=0.05, method="fdr_bh")[0], provinces.index)
    bad, small = provinces.loc[TRUTH.bad_province], provinces.loc[TRUTH.looks_bad_province]
    assert stands_out[TRUTH.bad_province]
    assert bad.rate > 1.6 * rate
    assert bad.borrowers > 500
    assert not stands_out[TRUTH.looks_bad_province]
    assert small.rate > 2 * rate
    assert small.borrowers < 50


def test_the_simpson_pair_turns_round_within_every_stratum(seen):
    looks_better, looks_worse = TRUTH.simpson_pair
    crude = oracle.rates(seen, ["tier_code"]).rate
    strata = oracle.rates(seen, [TRUTH.simpson_dimension, "tier_code"]).rate.unstack()
    common = strata[[looks_better, looks_worse]].dropna()
    assert crude[looks_better] < crude[looks_worse] - 0.008
    assert len(common) >= 2
    assert (common[looks_better] > 1.1 * common[looks_worse]).all()


def test_the_bad_vintage_is_worse_than_the_quarters_around_it(whole):
    first, last = map(pd.Timestamp, TRUTH.bad_vintage(whole.as_of))
    quarter = whole.loans.disbursed_on.dt.to_period("Q")
    bad = quarter == pd.Period(first, "Q")
    assert (whole.loans.disbursed_on.between(first, last) == bad).all()
    borrowers, defaulted, rate = oracle.rates(whole.loans[bad], [])
    around = [quarter == pd.Period(first, "Q") + step for step in (-2, -1, 1, 2)]
    assert all(rate > 1.4 * oracle.rates(whole.loans[other], [])[2] for other in around)
    n, k, _ = oracle.rates(whole.loans[np.logical_or.reduce(around)], [])
    assert fisher_exact([[defaulted, borrowers - defaulted], [k, n - k]])[1] < 1e-4


def test_loans_roll_forward_as_planted(whole):
    states = oracle.month_states(whole.book, whole.as_of)
    rates = oracle.roll_forward(states[~states.loan_id.isin(whole.book["schedule_change"].loan_id)])
    for bucket, expected in TRUTH.roll_forward:
        assert rates[bucket] == pytest.approx(expected, rel=TRUTH.roll_tolerance), bucket


def test_cures_default_again_as_often_as_planted(whole):
    cured, again = whole.planted.cured_loan_ids, whole.planted.redefaulted_loan_ids
    settled = oracle.settlement(whole.book)
    over = settled.due_on + pd.Timedelta(days=91)
    hit = (settled.settled_on.isna() | (settled.settled_on > over)) & (over <= pd.Timestamp(whole.as_of))
    hit = settled[hit & settled.loan_id.isin(cured)].sort_values("number")
    cured_on = hit.drop_duplicates("loan_id").set_index("loan_id").settled_on
    assert set(cured_on.dropna().index) == set(cured)
    second = hit[hit.due_on > hit.loan_id.map(cured_on)].drop_duplicates("loan_id").set_index("loan_id").due_on
    assert set(second.index) == set(again)
    assert len(cured) > 40
    assert len(again) / len(cured) == pytest.approx(TRUTH.redefault_share, abs=0.1)
    # Between the cure and the second default four month ends and more pass with nothing due.
    assert (second - cured_on[second.index] > pd.Timedelta(days=4 * 28)).all()


def test_extended_loans_default_later_far_more_often(whole):
    moved = whole.book["schedule_change"]
    extended = whole.planted.extended_loan_ids
    assert set(moved.loan_id[moved.kind == "extension"]) == set(extended)
    assert set(moved.loan_id[moved.kind == "restructuring"]) == set(whole.planted.restructured_loan_ids)
    defaulted_on = oracle.first_default(whole.book, whole.as_of)
    later = defaulted_on[extended].notna()
    assert len(extended) > 100
    assert later.mean() > TRUTH.extended_default_share
    assert later.mean() > 4 * defaulted_on.notna().mean()
    changed_on = moved.groupby("loan_id").changed_at.max().dt.normalize()
    assert (defaulted_on[extended][later] > changed_on[extended][later]).all()


def test_moved_due_dates_are_those_of_the_instalments(whole):
    moved = whole.book["schedule_change"]
    due = whole.book["instalment"].set_index(["loan_id", "number"]).due_on
    settled = oracle.settlement(whole.book).set_index(["loan_id", "number"]).settled_on
    key = pd.MultiIndex.from_frame(moved[["loan_id", "number"]])
    assert (due[key].to_numpy() == moved.new_due_on.to_numpy()).all()
    assert (moved.new_due_on > moved.old_due_on).all()
    paid, paid_back = settled[key].to_numpy(), whole.book["repayment"].query("amount < 0").loan_id
    later = np.isnat(paid) | (paid >= moved.changed_at.dt.normalize().to_numpy())
    assert later[~moved.loan_id.isin(paid_back)].all()  # a bounced payment settles nothing, though it stands there
    last = moved.groupby("loan_id").number.max()
    assert (last == whole.book["loan"].set_index("id").term_months[last.index]).all()
    first = moved.sort_values("number").drop_duplicates("loan_id")
    late = (first.changed_at.dt.normalize() - first.old_due_on).dt.days
    assert late[first.kind == "extension"].between(8, 58).all()
    assert late[first.kind == "restructuring"].between(95, 140).all()


def test_the_second_before_the_92nd_day_decides(whole):
    defaulted_on = oracle.first_default(whole.book, whole.as_of)
    in_time, too_late = whole.planted.just_in_time_loan_ids, whole.planted.just_too_late_loan_ids
    paid = whole.book["repayment"]
    assert min(len(in_time), len(too_late)) >= 3
    assert defaulted_on[in_time].isna().all()
    assert defaulted_on[too_late].notna().all()
    due = whole.book["instalment"].merge(paid, on="loan_id")
    due["seconds"] = (due.paid_at - due.due_on).dt.total_seconds()
    assert set(in_time) <= set(due.loan_id[due.seconds == 92 * 86_400 - 1])
    assert set(too_late) <= set(due.loan_id[due.seconds == 92 * 86_400])


def test_bounced_payments_are_made_again(whole):
    paid = whole.book["repayment"]
    back = paid[paid.amount < 0]
    assert list(back.id) == list(whole.planted.reversed_repayment_ids)
    assert len(back) > 30
    for row in back.head(20).itertuples():
        same = paid[(paid.loan_id == row.loan_id) & (paid.amount == -row.amount)]
        assert (same.paid_at < row.paid_at).any()
        assert (same.paid_at > row.paid_at).any()


def test_payments_come_in_parts_at_once_and_at_midnight(whole):
    paid = whole.book["repayment"]
    second = (paid.paid_at - paid.paid_at.dt.normalize()).dt.total_seconds()
    assert paid.duplicated(["loan_id", "paid_at"]).sum() > 100
    assert (second == 0).mean() > 0.02
    assert (second == 86_399).sum() > 100
    due = whole.book["instalment"].due_on.dt
    assert (due.is_month_end & (due.day < 31)).sum() > 100
