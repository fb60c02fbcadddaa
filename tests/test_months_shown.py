"""What happens to loans month by month, through the product's own chain on a small demo book."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import func, select
from statsmodels.duration.survfunc import CumIncidenceRight

from loanbook.snapshot_schema import loan_fact, loan_month
from queries import cures, first_payment, months, snapshots, vintages
from queries.exits import MOST_CELLS
from queries.read import read
from rules import ageing, delinquency, loss_forecast, roll_rates
from rules import cures as cured
from rules import vintages as curves_of
from rules.cures import Course
from rules.default_rates import Verdict
from rules.delinquency import Late
from rules.filters import DateRange, Definition, Horizon, Selection
from rules.vintages import Cohort
from tests.demo_snapshot import MONTH_END, demo_snapshot

EVERYTHING = Selection(DateRange(), None, Definition.DPD90, Horizon.M12, ())
DISPLAY = {"thin_loans": 50, "confidence": 0.95}


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    built = demo_snapshot(tmp_path_factory, 4_000, MONTH_END)

    def asked(statement):
        snapshots.use(built.path.parent)
        return read(statement, built.snapshot_id, limit=MOST_CELLS)

    return asked


@pytest.fixture(scope="module")
def loans(ask):
    return ask(select(loan_fact))


@pytest.fixture(scope="module")
def parts(ask):
    return ask(months.transitions(EVERYTHING))


@pytest.mark.parametrize("definition", [Definition.DPD30, Definition.DPD90, Definition.CHARGE_OFF])
@pytest.mark.parametrize("cohort", [Cohort.QUARTER, Cohort.YEAR])
def test_vintage_curves_are_statsmodels(ask, definition, cohort):
    selection = replace(EVERYTHING, definition=definition)
    cells = ask(vintages.cells(selection, cohort))
    found = curves_of.curves(cells, ask(vintages.pairs(selection, cohort)), **DISPLAY)
    compared = 0
    for name, rows in cells.groupby("cohort"):
        each = rows.loc[rows.index.repeat(rows["loans"])]  # loan by loan
        status = each["exit"].map({"": 0, "default": 1, "payoff": 2}).to_numpy()
        if not {1, 2} <= set(status):
            continue
        with np.errstate(divide="ignore", invalid="ignore"):  # in its standard errors
            theirs = CumIncidenceRight(each["month"].to_numpy() + 1, status)
        ours = found.loc[found["cohort"] == name].set_index("month")["incidence"]
        assert ours.loc[sorted(set(rows["month"]))].to_numpy() == pytest.approx(theirs.cinc[0], abs=1e-12)
        compared += 1
    assert compared >= 3


def test_vintages_count_the_loans_and_their_pairs(ask, loans):
    seen = loans.loc[loans["vintage_month_90"].notna()]
    cells = ask(vintages.cells(EVERYTHING, Cohort.YEAR))
    assert cells["loans"].sum() == len(seen) > 2_000
    assert cells["principal_fen"].sum() == seen["principal_fen"].sum()
    assert cells.loc[cells["exit"] == "default", "loans"].sum() == (seen["vintage_exit_90"] == "default").sum() > 50
    together = seen.groupby(["borrower_no", seen["disbursed_on"].dt.year]).size()
    pairs = ask(vintages.pairs(EVERYTHING, Cohort.YEAR))["pairs"].sum()
    assert pairs == (together * (together - 1) // 2).sum() > 100


def test_a_clustered_band_is_wider_where_a_borrowers_loans_default_together(ask):
    cells, pairs = ask(vintages.cells(EVERYTHING, Cohort.YEAR)), ask(vintages.pairs(EVERYTHING, Cohort.YEAR))
    clustered, alone = (curves_of.curves(cells, both, **DISPLAY) for both in (pairs, pairs.iloc[:0]))
    drawn = clustered["drawn"] & (clustered["incidence"] > 0.02)
    assert drawn.sum() > 20
    ratio = clustered.loc[drawn, "standard_error"] / alone.loc[drawn, "standard_error"]
    assert ratio.between(0.7, 2.5).all()
    assert (ratio != 1).all()
    assert curves_of.comparison(clustered).verdict in set(Verdict) - {Verdict.NOT_COMPARED}


def test_the_newest_month_end_is_the_book_as_it_stands(parts, loans):
    newest = parts.loc[parts["month_end"] == str(MONTH_END)]
    assert newest["outstanding_fen"].sum() == loans["outstanding_fen"].sum() > 0
    by_bucket = newest.loc[newest["bucket"].isin(ageing.BUCKETS)].groupby("bucket")["loans"].sum()
    late = loans.loc[loans["status"] == "active", "days_past_due"]
    edges = [(-1, 0), (0, 30), (30, 60), (60, 90), (90, 10_000)]
    assert [by_bucket.get(name, 0) for name in ageing.BUCKETS] == [int(late.between(a + 1, b).sum()) for a, b in edges]


def test_balances_hand_over_from_month_to_month(parts):
    ends = parts.groupby(["month_end", "bucket"])[["loans", "outstanding_fen"]].sum()
    rolled = parts.loc[parts["previous_bucket"] != ""]
    begun = rolled.groupby(["month_end", "previous_bucket"])[["loans", "previous_outstanding_fen"]].sum()
    every = roll_rates.month_ends(parts)
    assert len(every) > 24
    for before, now in pairwise(every):
        assert (
            begun.loc[str(now)].to_numpy().tolist()
            == ends.loc[str(before)].drop(list(ageing.EXITS), errors="ignore").to_numpy().tolist()
        )


def test_the_matrix_counts_every_transition_and_the_forecasts_hold_together(ask, parts):
    every = roll_rates.month_ends(parts)[-12:]
    found = roll_rates.matrix(parts, every, significance=0.05, thin_loans=50)
    row = loan_month.c
    [counted] = ask(select(func.count().label("n")).where(row.previous_bucket.is_not(None), row.month_end >= every[0]))[
        "n"
    ]
    assert found["loans"].sum() == counted > 10_000
    assert found.groupby("from_bucket")["rate"].sum().to_numpy() == pytest.approx(1.0, abs=1e-12)
    down, to_end = loss_forecast.forecast(parts, every), loss_forecast.absorbing(parts, every)
    for losses in (down, to_end):
        assert losses["balance_fen"].sum() == parts.loc[parts["month_end"] == str(MONTH_END), "outstanding_fen"].sum()
        assert 0 < loss_forecast.total_fen(losses) < losses["balance_fen"].sum()
    assert down["loss_factor"].is_monotonic_increasing  # the later the bucket, the more of it is lost
    assert to_end["written_off"].is_monotonic_increasing
    assert (to_end["written_off"] + to_end["paid_off"]).to_numpy() == pytest.approx(1.0)


def test_growth_dilutes_the_current_ratio(parts):
    for late in Late:
        ratios = delinquency.ratios(parts, late).set_index("month_end")
        grew = ratios["outstanding_fen"] > ratios["lagged_outstanding_fen"]
        assert (ratios["lagged_ratio"] >= ratios["current_ratio"])[grew].all()
        assert grew.sum() > 12


def test_first_payments_count_every_first_loan(ask, loans):
    found = ask(first_payment.by_month(EVERYTHING))
    assert found[["borrowers", "waiting"]].to_numpy().sum() == loans["borrower_no"].nunique()
    firsts = loans.loc[loans["previous_on"].isna()]
    assert found["missed"].sum() == firsts["first_payment_missed"].fillna(False).astype(bool).sum() > 10
    assert (found["waiting"] > 0).tolist() == sorted(found["waiting"] > 0)  # the newest months only


def test_cures_add_up(ask, loans):
    cells, pairs = ask(cures.cells(EVERYTHING, Course.CURE)), ask(cures.pairs(EVERYTHING, Course.CURE))
    late = loans.loc[loans["past_due_90_on"].notna() & loans["cure_month"].notna()]
    assert cells["loans"].sum() == len(late) > 50
    assert cells["rescheduled"].sum() == late["rescheduled"].sum() == cured.rescheduled(cells)
    found = cured.curves(cells, pairs, Course.CURE, **DISPLAY)
    last = found.groupby("exit").last()
    assert last["incidence"].sum() <= 1
    assert last.loc["cured", "incidence"] > 0
    again = ask(cures.cells(EVERYTHING, Course.REDEFAULT))
    assert again["loans"].sum() <= cells.loc[cells["exit"] == "cured", "loans"].sum()
    assert set(again["exit"]) <= {"redefault", "paid_off", ""}
