"""Lending Club: scores by its grades and FICO, price against risk by grade, re-summed from the file itself."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from streamlit.testing.v1 import AppTest

from components import access, view
from loanbook import connection, snapshot
from loanbook.importers import lending_club
from loanbook.importers.lending_club import GRADE_POINTS
from queries import book as books
from queries import case, margins, scores, snapshots
from queries.exits import MOST_CELLS
from queries.read import read
from rules import loss_given_default, score_power
from rules import margins as prices
from rules.filters import Comparison, Definition, Filters, Horizon, Period, resolve
from rules.member_filters import resolve_members
from rules.price import all_in_rate
from tests.demo_snapshot import POLICY
from tests.test_books import LENDING_CLUB

FINAL = Filters(
    period=Period.ALL, compare_to=Comparison.NONE, definition=Definition.CHARGE_OFF, horizon=Horizon.FINAL
)  # fmt: skip
JUDGE = {"significance": 0.05, "thin": 120}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    if not LENDING_CLUB.exists():
        pytest.skip(f"the public data {LENDING_CLUB} is not here")
    folder = tmp_path_factory.mktemp("lending-club")
    lending_club.load(LENDING_CLUB, folder / "book.sqlite", lambda _what, _share: None)
    source = connection.connect(f"sqlite:///{folder / 'book.sqlite'}", None)
    now = datetime(2026, 11, 21, 2, tzinfo=UTC)
    found = snapshot.build(source, schema=None, folder=folder / "snapshots", policy=POLICY, as_of=None, now=now)
    source.dispose()
    return found


@pytest.fixture(scope="module")
def file():
    rows = pd.read_csv(LENDING_CLUB, low_memory=False)
    return rows.assign(
        bad=rows["loan_status"].str.endswith("Charged Off"),
        returned=rows["total_rec_prncp"].round(2) + rows["recoveries"].round(2),
        charges=rows["total_rec_int"].round(2) + rows["total_rec_late_fee"].round(2),
    )


@pytest.fixture
def ask(built):
    snapshots.use(built.path.parent)
    return lambda statement: read(statement, built.snapshot_id, limit=MOST_CELLS)


@pytest.fixture
def selection(built, ask):
    return resolve(FINAL, books.facts(built.snapshot_id), POLICY.default.final_days_after_last_due)


def test_price_against_risk_by_grade_re_sums_from_the_file(built, ask, selection, file):
    book = books.facts(built.snapshot_id)
    parts = ask(margins.by_segment(selection, "grade", book))
    lost = loss_given_default.of_loans(parts, ask(case.lost()), selection.definition)
    found = prices.margins(parts, lost, {}, **JUDGE).set_index("segment")
    assert list(found.index) == list("ABCDEFG")
    by_grade = file.groupby("grade")
    assert found["borrowers"].to_dict() == by_grade.size().to_dict()
    assert found["defaulted"].to_dict() == by_grade["bad"].sum().to_dict()
    assert (found["principal_fen"] / 100).to_dict() == by_grade["funded_amnt"].sum().to_dict()
    # rates: each loan's own, weighted by the money that is lent and for how long
    for grade, rows in by_grade:
        month, term = rows["int_rate"].round(6) / 12, rows["term"]
        due = rows["funded_amnt"] * month / (1 - (1 + month) ** -term)
        charged = due * term - rows["funded_amnt"]
        years = charged / (12 * month)
        assert found.loc[grade, "charge_ratio"] == pytest.approx(charged.sum() / years.sum(), rel=1e-6)
    # losses and net return: what was lent less what came back
    gone = by_grade["funded_amnt"].sum() - by_grade["returned"].sum()
    assert found["lost_ratio"].to_dict() == pytest.approx((gone / by_grade["funded_amnt"].sum()).to_dict(), rel=1e-4)
    came = by_grade["returned"].sum() + by_grade["charges"].sum()
    kept = came / by_grade["funded_amnt"].sum() - 1
    assert found["kept_ratio"].to_dict() == pytest.approx(kept.to_dict(), rel=1e-4)
    bad = file.loc[file["bad"]]
    share = 1 - bad["returned"].sum() / bad["funded_amnt"].sum()
    assert lost == pytest.approx(share, rel=1e-4)
    expected = bad.groupby("grade")["funded_amnt"].sum() * share * 100
    assert found["loss_fen"].to_dict() == pytest.approx(expected.to_dict(), rel=1e-4)
    assert found["margin_fen"].to_dict() == pytest.approx((found["charge_fen"] - found["loss_fen"]).to_dict())


def test_the_rate_of_a_loan_is_the_one_of_the_file(built, ask, file):
    with snapshots.cursor(built.snapshot_id) as cursor:
        rows = cursor.execute(
            "SELECT f.loan_id, c.rate FROM loan_charge c JOIN loan_fact f USING (loan_no) WHERE c.loan_no % 4001 = 0"
        ).fetchall()
    known = file.set_index(file["id"].astype(str))
    assert len(rows) > 5
    for loan_id, rate in rows:
        loan = known.loc[loan_id]
        month = round(loan["int_rate"], 6) / 12
        due = loan["funded_amnt"] * month / (1 - (1 + month) ** -loan["term"])
        assert rate == pytest.approx(all_in_rate([loan["funded_amnt"], *[-due] * int(loan["term"])]).nominal, abs=1e-8)
        assert rate == pytest.approx(loan["int_rate"], abs=2e-6)


def test_fico_ranks_as_scikit_learn_says(built, ask, selection, file):
    outcomes = ask(scores.outcomes(selection, "FICO", books.facts(built.snapshot_id)))
    found = score_power.power(outcomes, significance=0.05)
    assert (found.borrowers, found.defaulted) == (len(file), file["bad"].sum())
    assert found.found.auc == pytest.approx(roc_auc_score(file["bad"], -file["fico_range_low"]))
    assert 0.1 < found.low < found.high < 0.3


def test_the_grade_ranks_and_fills_its_bands_as_the_file_says(built, ask, selection, file):
    assert list(ask(scores.models())["model"]) == ["FICO", "Grade"]  # FICO is the score that loans are told apart by
    outcomes = ask(scores.outcomes(selection, "Grade", books.facts(built.snapshot_id)))
    assert list(outcomes["score"]) == sorted(GRADE_POINTS.values())
    by_grade = file.groupby(file["grade"].map(GRADE_POINTS))["bad"]
    assert list(outcomes["borrowers"]) == by_grade.size().to_list()
    assert list(outcomes["defaulted"]) == by_grade.sum().to_list()
    found = score_power.power(outcomes, significance=0.05)
    assert found.found.auc == pytest.approx(roc_auc_score(file["bad"], -file["grade"].map(GRADE_POINTS)))
    assert list(GRADE_POINTS.values())[::-1] == list(POLICY.bands.score)  # each grade is a band


def test_the_grade_ranks_better_than_fico_on_the_same_borrowers(built, ask, selection, file):
    pairs = ask(scores.against(selection, "FICO", "Grade", books.facts(built.snapshot_id)))
    assert pairs["borrowers"].sum() == len(file)
    found = score_power.compared(pairs, significance=0.05)
    fico, grade = (2 * roc_auc_score(file["bad"], -of) - 1 for of in (
        file["fico_range_low"], file["grade"].map(GRADE_POINTS)))  # fmt: skip
    assert found.first.found.gini == pytest.approx(fico, abs=0.002)  # scores are laid on steps
    assert found.second.found.gini == pytest.approx(grade, abs=0.002)
    assert found.p_value < 1e-6


def test_the_population_is_told_by_month_and_grade(built, ask, selection, file):
    as_of = books.facts(built.snapshot_id).as_of
    months = ask(scores.by_month(selection, date(2011, 1, 1), as_of, POLICY.bands.score))
    of = months.loc[months["model"] == "Grade"].set_index(["month", "band"])["scored"]
    issued = file.loc[file["issue_d"].str.contains("2011"), ["issue_d", "grade"]]
    assert of.groupby("band").sum().to_dict() == issued["grade"].map(GRADE_POINTS).value_counts().to_dict()
    assert of.index.get_level_values("month").nunique() == issued["issue_d"].nunique()


def test_grades_rise_in_rate_and_in_default(built, ask, selection):
    parts = ask(margins.by_segment(selection, "grade", books.facts(built.snapshot_id)))
    found = prices.margins(parts, 0.6, {}, **JUDGE)
    assert (np.diff(found["charge_ratio"]) > 0).all()
    assert (np.diff(found["default_rate"]) > 0).all()


def _page():
    from pages import default_rates

    default_rates.show()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("score", ("`application.decided_by`", "`score.default_probability`", "`application_check`")),
        ("price", ("contact, funder, perk, prime_rate",)),
        ("reserve", ("`reserve_movement`",)),
    ],
)
def test_each_part_says_what_the_book_lacks(built, monkeypatch, part, words, language):
    monkeypatch.setattr(access, "require", lambda page: None)
    monkeypatch.setattr(access, "guard", lambda page: lambda: None)
    snapshots.use(built.path.parent)
    facts = books.facts(built.snapshot_id)
    at = AppTest.from_function(_page, default_timeout=300)
    at.session_state["_language"], at.session_state["_filters"] = language, FINAL
    at.query_params["part"], at.query_params["by"] = part, "grade"
    at.session_state[view._KEY] = view.View(
        staff_email="risk@demo.invalid", language=language, theme="light", source="lc", book=facts, filters=FINAL,
        selection=resolve(FINAL, facts, 180), policy=POLICY, members=resolve_members(FINAL, facts, 0),
    )  # fmt: skip
    at.run()
    assert not at.exception, at.exception
    text = "\n".join(each.value for each in (*at.markdown, *at.caption)).replace("\u00a0", " ")
    for each in words:
        assert each in text
