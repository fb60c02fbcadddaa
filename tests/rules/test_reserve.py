"""The reserve against lending and against two forecasts of the loss."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from rules import loss_forecast, reserve
from rules.ageing import BUCKETS, PAID_OFF, WRITTEN_OFF

ENDS = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
_ROLLS = [
    ("M0", "M0", 80), ("M0", "M1", 10), ("M0", PAID_OFF, 10), ("M1", "M2", 5), ("M1", "M0", 5), ("M2", "M3", 4),
    ("M2", "M0", 1), ("M3", "M3+", 3), ("M3", "M0", 1), ("M3+", WRITTEN_OFF, 2), ("M3+", PAID_OFF, 1),
]  # fmt: skip


def transitions(ends=ENDS):
    rows = [
        (pd.Timestamp(end), before, now, loans, 100 * loans, 0 if now in (PAID_OFF, WRITTEN_OFF) else 100 * loans, 0)
        for end in ends
        for before, now, loans in _ROLLS
    ]
    names = ["month_end", "previous_bucket", "bucket", "loans", "previous_outstanding_fen", "outstanding_fen",
             "rescheduled"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def held(*movements):
    return pd.DataFrame(movements, columns=["day", "fen"]).astype({"day": "datetime64[us]", "fen": "int64"})


def test_cover_is_what_is_held_by_then_over_either_forecast():
    movements = held((pd.Timestamp("2026-02-10"), 900), (pd.Timestamp("2026-03-31"), -200))
    found = reserve.covers(transitions(), movements, ENDS, ENDS)
    assert np.isnan(found["held_fen"].iloc[0])  # nothing was held yet
    assert list(found["held_fen"])[1:] == [900, 700]
    down = loss_forecast.total_fen(loss_forecast.forecast(transitions(), ENDS))
    end = loss_forecast.total_fen(loss_forecast.absorbing(transitions(), ENDS))
    newest = found.iloc[-1]
    assert (newest["roll_fen"], newest["chain_fen"]) == pytest.approx((down, end))
    assert (newest["roll_cover"], newest["chain_cover"]) == pytest.approx((700 / down, 700 / end))


def test_the_forecasts_of_a_month_end_know_nothing_of_later_ones():
    later = transitions().assign(loans=lambda rows: rows["loans"] * (1 + (rows["month_end"] > "2026-02-28") * 9))
    found = reserve.covers(later, held((pd.Timestamp("2026-01-01"), 100)), ENDS, ENDS[:2])
    alone = reserve.covers(transitions(ENDS[:2]), held((pd.Timestamp("2026-01-01"), 100)), ENDS[:2], ENDS[:2])
    pd.testing.assert_frame_equal(found, alone)


def test_nothing_held_and_no_months_are_no_cover():
    found = reserve.covers(transitions(), held(), ENDS, ENDS)
    assert found[["held_fen", "chain_cover"]].isna().all().all()
    assert reserve.covers(transitions([]), held(), [], []).empty


def test_set_aside_counts_its_reasons_in_twelve_months_of_lending():
    movements = pd.DataFrame(
        [("2025-03-31", "provision", 999), ("2025-04-01", "provision", 25), ("2026-03-31", "provision", 30),
         ("2026-03-31", "write_off", -500), ("2026-03-31", "recovery", 70), ("2026-04-01", "provision", 9)],
        columns=["day", "reason", "amount_fen"],
    ).astype({"day": "datetime64[us]"})  # fmt: skip
    lent = pd.DataFrame(
        {"day": pd.to_datetime(["2025-03-31", "2025-04-01", "2026-03-31", "2026-04-01"]), "fen": [7, 1000, 1200, 8]}
    )
    found = reserve.set_aside(movements, lent, ["provision"], date(2026, 3, 31))
    assert (found.first, found.set_aside_fen, found.lent_fen) == (date(2025, 4, 1), 55, 2200)
    assert found.ratio == pytest.approx(0.025)
    assert np.isnan(reserve.set_aside(movements, lent.iloc[:0], ["provision"], date(2026, 3, 31)).ratio)
    table = reserve.by_month(movements, lent, ["provision"], [date(2026, 3, 31)])
    assert table.iloc[0][["set_aside_fen", "lent_fen"]].to_list() == [55, 2200]


def test_funders_share_the_loss_of_the_whole_book_and_the_lender_bears_what_they_leave():
    balances = pd.DataFrame(
        [("Own", True, "M1", 2, 1000, 1000), ("Own", True, "M0", 3, 400, 400), ("Bank", False, "M1", 1, 500, 400)],
        columns=["funder", "own", "bucket", "loans", "outstanding_fen", "funded_fen"],
    )
    found = reserve.by_funder(balances, transitions(), ENDS).set_index("funder")
    lost = loss_forecast.absorbing(transitions(), ENDS).set_index("bucket")["written_off"]
    assert list(found.index) == ["Own", "Bank"]
    assert found.loc["Bank", "chain_fen"] == pytest.approx(500 * lost["M1"])
    assert found.loc["Bank", "own_chain_fen"] == pytest.approx(100 * lost["M1"])
    assert found.loc["Own", "own_chain_fen"] == pytest.approx(1000 * lost["M1"] + 400 * lost["M0"])
    assert found["share"].sum() == pytest.approx(1)
    down = loss_forecast.forecast(transitions(), ENDS).set_index("bucket")["loss_factor"]
    assert found.loc["Own", "roll_fen"] == pytest.approx(1000 * down["M1"] + 400 * down["M0"])


def test_the_loss_of_all_funders_is_that_of_the_book():
    newest = transitions().loc[lambda rows: rows["month_end"] == pd.Timestamp(ENDS[-1])]
    out = newest.loc[newest["bucket"].isin(BUCKETS)].groupby("bucket")[["loans", "outstanding_fen"]].sum().reset_index()
    found = reserve.by_funder(
        out.assign(funder="Own", own=True, funded_fen=out["outstanding_fen"]), transitions(), ENDS
    )
    end = loss_forecast.total_fen(loss_forecast.absorbing(transitions(), ENDS))
    assert found["chain_fen"].sum() == pytest.approx(end)
