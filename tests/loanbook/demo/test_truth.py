"""The planted truths about default, seen by the oracle on books of several as-of dates."""

from datetime import date

import pandas as pd
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests

from loanbook import demo
from loanbook.demo.truth import TRUTH
from tests.loanbook.demo import oracle

READ = ("loan", "member", "product", "instalment", "repayment")
AS_OF_DATES = (date(2026, 11, 20), date(2024, 2, 29), date(2026, 4, 30), date(2025, 12, 31))


@pytest.fixture(scope="module", params=AS_OF_DATES, ids=str)
def loans(request):
    tables = demo.generate(demo.MEMBERS, demo.SEED, request.param)
    return oracle.loans(oracle.frames({name: tables[name] for name in READ}), request.param), request.param


@pytest.fixture(params=["newest mature year", "all periods"])
def seen(loans, request):
    rows, as_of = loans
    return rows if request.param == "all periods" else oracle.newest_mature_months(rows, as_of)


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
