"""How columns of a table are written: as few digits as matter, as many on every row where that can be had."""

import pandas as pd
import pytest

from components import tables
from components.tables import Kind


@pytest.mark.parametrize(
    ("fen", "cny", "written"),
    [
        ([8_000, 1_800, 500], [80, 18, 5], "localized"),  # whole CNY
        ([1_234, 5], [12.34, 0.05], "%.2f"),  # small: two decimals on every row
        ([12_345_678, 100], [123_456.78, 1], "localized"),  # exact, with thousands separators
        ([29_429.31, 20_836.0], [294.29, 208.36], "%.2f"),  # means
        ([4_690_477.3, 10.0], [46_905, 0], "localized"),  # large means in whole CNY
        ([100_000], [1_000], "localized"),
    ],
)
def test_amounts_have_the_digits_that_matter(fen, cny, written):
    shown = tables._scaled(pd.Series(fen), Kind.FEN)
    assert shown.tolist() == pytest.approx(cny)
    assert tables._amounts(shown) == written


@pytest.mark.parametrize("fen", [pd.Series([100.0, None, 250.0]), pd.Series([100, None, 250], dtype="Int64")])
def test_amounts_that_are_not_known_stay_empty(fen):
    shown = tables._scaled(fen, Kind.FEN)
    assert shown.isna().tolist() == [False, True, False]
    assert shown.dropna().tolist() == [1.0, 2.5]
    assert tables._amounts(shown) == "%.2f"


def test_a_column_without_amounts_can_be_written():
    assert tables._amounts(tables._scaled(pd.Series([], dtype=float), Kind.FEN)) == "localized"
    assert tables._amounts(tables._scaled(pd.Series([float("nan")]), Kind.FEN)) == "localized"


def test_counts_are_whole_expected_ones_too():
    assert tables._scaled(pd.Series([61.71, float("nan"), 82.2]), Kind.COUNT).dropna().tolist() == [62, 82]
    assert tables._scaled(pd.Series(["3", "4"]), Kind.COUNT).tolist() == ["3", "4"]
