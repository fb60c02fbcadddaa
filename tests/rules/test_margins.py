"""Price against risk: charges less losses and costs, with the interval of the loss, and what is tried."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from rules import loss_given_default, margins
from rules.margins import Change
from rules.worth import Verdict

JUDGE = {"significance": 0.05, "thin": 10}


def row(segment, *, band="600-649", channel="organic", **parts):
    usual = {
        "borrowers": 100, "defaulted": 5, "principal_fen": 1_000_000, "defaulted_principal_fen": 40_000,
        "first_loans": 20, "lent_year_fen": 500_000, "charge_fen": 90_000, "prime_fen": 15_000,
        "prime_year_fen": 500_000, "funding_fen": 20_000, "perk_fen": 1_000, "contact_fen": 500, "ended": 50,
        "ended_principal_fen": 400_000, "received_fen": 420_000, "lost_fen": 10_000, "gone_principal_fen": 20_000,
        "gone_lost_fen": 10_000,
    }  # fmt: skip
    return {"segment": segment, "score_band": band, "channel": channel} | usual | parts


def table(*rows):
    return pd.DataFrame(rows)


def test_what_is_left_of_a_price_is_worked_by_hand():
    (found,) = margins.margins(table(row("a")), 0.5, {"organic": 100.0}, **JUDGE).to_dict("records")
    assert found["charge_ratio"] == pytest.approx(0.18)
    assert found["prime_ratio"] == pytest.approx(0.03)
    assert found["spread_ratio"] == pytest.approx(0.15)
    assert found["loss_fen"] == pytest.approx(20_000)
    assert found["acquisition_fen"] == pytest.approx(2_000)
    left = 90_000 - 20_000 - 20_000 - 1_000 - 500 - 2_000
    assert found["margin_fen"] == pytest.approx(left)
    assert found["margin_ratio"] == pytest.approx(left / 500_000)
    assert found["break_even_ratio"] == pytest.approx(0.18 - left / 500_000)
    low, high = proportion_confint(5, 100, method="wilson")
    assert found["loss_low_fen"] == pytest.approx(20_000 * low / 0.05)
    assert found["margin_low_fen"] == pytest.approx(left + 20_000 - 20_000 * high / 0.05)
    assert found["kept_ratio"] == pytest.approx(0.05)
    assert found["lost_ratio"] == pytest.approx(0.025)
    assert found["verdict"] == Verdict.EARNS


def test_nobody_defaulted_is_no_loss_but_may_be_one():
    (found,) = margins.margins(table(row("a", defaulted=0, defaulted_principal_fen=0)), 0.5, {}, **JUDGE).to_dict(
        "records"
    )
    assert found["loss_fen"] == 0
    assert found["loss_low_fen"] == 0
    assert found["loss_high_fen"] == pytest.approx(0.5 * 1_000_000 * proportion_confint(0, 100, method="wilson")[1])
    assert found["acquisition_fen"] == 0


def test_a_segment_is_priced_below_its_loss_only_past_noise_and_past_few():
    bad = {"defaulted": 60, "defaulted_principal_fen": 600_000}
    found = margins.margins(
        table(row("dear", **bad), row("few", borrowers=8, defaulted=6, defaulted_principal_fen=900_000), row("fine")),
        0.5, {}, **JUDGE,
    ).set_index("segment")  # fmt: skip
    assert found["below_loss"].to_dict() == {"dear": True, "few": False, "fine": False}
    assert found["verdict"].to_dict() == {"dear": Verdict.LOSES, "few": Verdict.THIN, "fine": Verdict.EARNS}


def test_prime_is_that_of_the_money_whose_day_is_known_and_unknown_where_none_is():
    told = table(row("a", prime_fen=6_000, prime_year_fen=200_000), row("b", prime_fen=0, prime_year_fen=0))
    found = margins.margins(told, 0.5, {}, **JUDGE).set_index("segment")
    assert found.loc["a", "prime_ratio"] == pytest.approx(0.03)
    assert math.isnan(found.loc["b", "prime_ratio"])
    assert math.isnan(found.loc["b", "spread_ratio"])
    assert found.loc["b", "margin_fen"] == pytest.approx(90_000 - 20_000 - 20_000 - 1_500)


def test_a_loss_that_is_not_told_leaves_no_margin():
    (found,) = margins.margins(table(row("a")), float("nan"), {}, **JUDGE).to_dict("records")
    assert math.isnan(found["margin_fen"])
    assert found["verdict"] == Verdict.UNSURE
    assert not found["below_loss"]


def test_another_price_holds_everything_else_and_a_cut_off_takes_its_loans_away():
    parts = table(row("a"), row("a", band="<300", defaulted=50, defaulted_principal_fen=500_000), row("b", band="<300"))
    now = margins.margins(parts, 0.5, {}, **JUDGE).set_index("segment")
    dearer = margins.margins(parts, 0.5, {}, **JUDGE, change=Change(points=0.02)).set_index("segment")
    assert (dearer["charge_fen"] - now["charge_fen"]).to_dict() == pytest.approx({"a": 20_000, "b": 10_000})
    assert (dearer["margin_ratio"] - now["margin_ratio"]).to_list() == pytest.approx([0.02, 0.02])
    assert (dearer["break_even_ratio"] - now["break_even_ratio"]).to_list() == pytest.approx([0, 0])
    kept = margins.margins(parts, 0.5, {}, **JUDGE, change=Change(refused=frozenset({"<300"}))).set_index("segment")
    assert kept["borrowers"].to_dict() == {"a": 100, "b": 0}
    assert kept.loc["a", "margin_ratio"] > now.loc["a", "margin_ratio"]
    assert math.isnan(kept.loc["b", "margin_ratio"])


_PARTS = st.builds(
    lambda segment, band, n, k, charge: row(
        segment, band=band, borrowers=n + k, defaulted=k, defaulted_principal_fen=k * 5_000,
        principal_fen=(n + k) * 5_000, charge_fen=charge,
    ),
    st.sampled_from("abc"), st.sampled_from(["<300", "600-649"]), st.integers(1, 60), st.integers(0, 30),
    st.integers(0, 200_000),
)  # fmt: skip


@given(st.lists(_PARTS, min_size=1, max_size=8))
def test_segments_sum_to_the_whole_and_the_interval_holds_the_margin(rows):
    parts = table(*rows)
    found = margins.margins(parts, 0.6, {"organic": 50.0}, **JUDGE)
    whole = margins.margins(parts.assign(segment=""), 0.6, {"organic": 50.0}, **JUDGE).iloc[0]
    for name in ("charge_fen", "loss_fen", "funding_fen", "acquisition_fen", "margin_fen"):
        assert found[name].sum() == pytest.approx(whole[name])
    assert (found["margin_low_fen"] <= found["margin_fen"] + 1e-6).all()
    assert (found["margin_fen"] <= found["margin_high_fen"] + 1e-6).all()


LOST = pd.DataFrame({"bucket": ["M0", "M1", "M2", "M3", "M3+"], "millionths": [0, 100_000, 300_000, 500_000, 700_000]})


@pytest.mark.parametrize(("definition", "ratio"), [("30", 0.3), ("60", 0.5), ("90", 0.7), ("charge_off", 1.0)])
def test_what_is_lost_is_told_by_the_bucket_that_a_default_leads_to(definition, ratio):
    assert loss_given_default.by_rolls(LOST, definition) == pytest.approx(ratio)


def test_what_is_lost_is_told_by_ended_loans_where_rolls_don_t_tell_or_the_write_off_is_the_default():
    parts, silent = table(row("a")), LOST.assign(millionths=0)
    assert loss_given_default.of_loans(parts, LOST, "90") == pytest.approx(0.7)
    assert loss_given_default.of_loans(parts, silent, "90") == pytest.approx(0.5)
    assert loss_given_default.of_loans(parts, LOST, "recorded") == pytest.approx(0.5)
    nobody = table(row("a", gone_principal_fen=0, gone_lost_fen=0))
    assert loss_given_default.of_loans(nobody, LOST, "charge_off") == 1.0
    assert math.isnan(loss_given_default.of_loans(nobody, silent, "90"))
