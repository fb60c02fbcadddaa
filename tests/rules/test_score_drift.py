"""Whether the people whom a score sees have moved."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from rules import attention, score_drift
from rules.monitoring import population_stability
from tests import vectors


def reference(**bands):
    return pd.DataFrame(
        {"model": "A", "recent": False, "band": [int(band[1:]) for band in bands], "scored": list(bands.values())}
    )


def test_the_worked_case_month_by_month():
    case = vectors.case("psi")
    before = pd.DataFrame({"band": range(4), "scored": [int(400 * share) for share in case["expected"]]})
    months = pd.DataFrame(
        {"month": pd.Timestamp("2026-01-01"), "band": range(4), "scored": [int(1000 * s) for s in case["actual"]]}
    )
    (row,) = score_drift.by_month(months, before).itertuples()
    assert row.psi == pytest.approx(case["psi"], abs=5e-8)
    assert (row.scored, row.reference) == (1000, 400)
    assert row.null_mean == pytest.approx(3 * (1 / 400 + 1 / 1000))


def test_a_band_that_only_one_side_has_counts_as_half_a_case():
    months = pd.DataFrame({"month": pd.Timestamp("2026-01-01"), "band": [500], "scored": [100]})
    (row,) = score_drift.by_month(months, reference(b500=150, b600=50)).itertuples()
    assert row.psi == population_stability([0.75, 0.25], [1, 0], 200, 100).psi


def test_the_bands_add_up_to_the_index_of_the_list_of_what_needs_somebody():
    rng = np.random.default_rng(3)
    scores = pd.DataFrame(
        {"model": "A", "recent": np.repeat([False, True], 4), "band": [1, 2, 3, 4, 2, 3, 4, 5],
         "scored": rng.integers(1, 90, 8)}
    )  # fmt: skip
    found = score_drift.bands(scores)
    assert found["index"].sum() == pytest.approx(attention.stability(scores).psi)
    assert list(found["band"]) == [1, 2, 3, 4, 5]
    assert found[["expected", "actual"]].sum().to_list() == pytest.approx([1, 1])
    assert list(found["expected_scored"])[-1] == 0


def test_whole_months_are_called_shifted_where_they_are_over_the_threshold_and_past_chance():
    found = pd.DataFrame(
        {
            "month": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]),
            "psi": [0.05, 0.3, 0.3, 0.5],
            "p_value": [1e-9, 0.02, 1e-4, 1e-9],
        }
    )
    out = score_drift.shifted(found, 0.1, 0.05, date(2026, 4, 1))
    assert [f"{month:%m}" for month in out["month"]] == ["03"]  # February is no rarity among three; April still runs


def test_nobody_scored_is_no_row():
    assert score_drift.by_month(pd.DataFrame(columns=["month", "band", "scored"]), reference(b1=3)).empty
    assert score_drift.bands(reference(b1=3).iloc[:0]).empty
