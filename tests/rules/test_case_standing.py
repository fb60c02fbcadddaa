"""What the snapshot's parts come to beside a case: the band, the line against the rest of the book, the margin."""

import pandas as pd
import pytest

from rules import case_standing
from rules.case_similar import Became, asked, became
from rules.intervals import wilson
from tests.rules.case_book import facts

SCORE = [{"id": "1", "score": "612", "scored_at": "2026-11-17 10:00:00", "model_version": "a",
          "default_probability": "0.05", "reasons": []}]  # fmt: skip


def bands(**counts):
    """Bands by their borrowers and defaulted, each borrower in one of them."""
    parts = pd.DataFrame(
        [{"segment": name, "borrowers": n, "defaulted": k, "principal_fen": n, "defaulted_principal_fen": k,
          "immature": 0, "imputed": 0} for name, (n, k) in counts.items()]
    )  # fmt: skip
    return parts.assign(**{f"first_{name}": parts[name] for name in parts.columns if name != "segment"})


BANDS = bands(**{"550-599": (400, 60), "600-649": (1_000, 62), "650-699": (600, 12)})


def test_the_band_of_a_score_with_its_rate_interval_and_n():
    found = case_standing.bands(facts(score=SCORE), {"bands": BANDS})
    low, high = wilson(62, 1_000)
    assert found.own == "600-649"
    assert (found.share.rate, found.share.n) == (0.062, 1_000)
    assert (found.share.low, found.share.high) == (pytest.approx(float(low)), pytest.approx(float(high)))
    assert found.verdict == ""  # 72 of the other 1,000 default: no more than noise
    assert case_standing.bands(facts(), {"bands": BANDS}) is None
    assert case_standing.bands(facts(score=SCORE), {}) is None


@pytest.mark.parametrize(("points", "verdict", "n"), [("560", "above", 400), ("660", "below", 600)])
def test_a_band_stands_out_by_more_than_noise(points, verdict, n):
    found = case_standing.bands(facts(score=[SCORE[0] | {"score": points}]), {"bands": BANDS})
    assert (found.verdict, found.share.n) == (verdict, n)


def test_a_band_of_which_nothing_is_known_has_no_rate():
    found = case_standing.bands(facts(score=[SCORE[0] | {"score": "760"}]), {"bands": BANDS})
    assert (found.own, found.share, found.verdict) == ("750+", None, "")


def line(*rows):
    names = ("members", "borrowers", "mature", "defaulted")
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])


def test_the_line_is_held_against_the_rest_of_the_book():
    frames = {"bands": BANDS, "line": line((90, 60, 50, 0), (200, 150, 150, 2))}
    found = case_standing.line(facts(), frames)
    assert (found.members, found.borrowers, found.mature, found.defaulted) == (290, 210, 200, 2)
    low, high = wilson(2, 200)
    assert (found.rate, found.low, found.high) == (0.01, pytest.approx(float(low)), pytest.approx(float(high)))
    assert found.book_rate == pytest.approx(132 / 1_800)
    assert found.better


def test_few_are_not_better_and_none_say_nothing():
    few = case_standing.line(facts(), {"bands": BANDS, "line": line((9, 6, 5, 0))})
    assert (few.told, few.better) == (True, False)
    none = case_standing.line(facts(), {"bands": BANDS, "line": line((9, 0, 0, 0))})
    assert (none.told, none.better) == (False, False)
    assert case_standing.line(facts(), {"bands": BANDS}) is None
    worse = case_standing.line(facts(), {"bands": BANDS, "line": line((200, 200, 200, 100))})
    assert not worse.better


def test_the_margin_takes_the_bands_rate_the_rolls_and_the_funders_costs():
    lost = pd.DataFrame({"bucket": ["M0", "M3+"], "millionths": [0, 600_000]})
    funding = pd.DataFrame({"loans": [3], "principal_fen": [1_000_000], "yearly_cost_fen": [50_000]})
    frames = {"bands": BANDS, "lost": lost, "funding": funding}
    case = facts(score=SCORE)
    found = case_standing.expected_margin(case, frames, case_standing.bands(case, frames), "90")
    assert (found.funding_ratio, found.loss_ratio) == (0.05, 0.6)
    assert found.loss_fen == round(6_000_000 * 0.6 * 0.062)
    every = case_standing.expected_margin(case, frames, case_standing.bands(case, frames), "charge_off")
    assert every.loss_ratio == 1.0


@pytest.mark.parametrize(
    "lacking",
    [{"funding": pd.DataFrame({"principal_fen": [0], "yearly_cost_fen": [0]})},
     {"lost": pd.DataFrame({"bucket": ["M3+"], "millionths": [0]})}, {"bands": BANDS.iloc[:0]}],
)  # fmt: skip
def test_a_margin_that_lacks_a_part_is_not_told(lacking):
    lost = pd.DataFrame({"bucket": ["M3+"], "millionths": [600_000]})
    frames = {"bands": BANDS, "lost": lost, "funding": pd.DataFrame({"principal_fen": [9], "yearly_cost_fen": [1]})}
    frames |= lacking
    case = facts(score=SCORE)
    assert case_standing.expected_margin(case, frames, case_standing.bands(case, frames), "90") is None


def test_the_features_that_an_application_has():
    full = asked(amount_fen=100, term_months=12, income_fen=50, declared_fen=25, score=600.0)
    assert full.values["debt"] == 0.5
    assert full.left_out == ()
    bare = asked(amount_fen=100, term_months=12, income_fen=None, declared_fen=25, score=None)
    assert (set(bare.values), bare.left_out) == ({"amount", "term"}, ("income", "debt", "score"))


def test_what_has_become_of_a_loan():
    loans = pd.DataFrame(
        {
            "status": ["paid_off", "active", "active", "active", "paid_off", "written_off"],
            "default_month": pd.array([None, None, None, 7, 5, 6], dtype="Int64"),
            "days_past_due": pd.array([0, 0, 3, 120, 0, 200], dtype="Int64"),
        }
    )
    assert became(loans) == [Became.REPAID, Became.RUNNING, Became.LATE, Became.DEFAULTED, Became.DEFAULTED,
                             Became.WRITTEN_OFF]  # fmt: skip
    assert became(loans.iloc[:0]) == []
