import math

import pandas as pd
import pytest

from rules.default_rates import BOOK_PARTS, Verdict, book_parts, headline, segment_rates

COLUMNS = ["segment", *BOOK_PARTS, *(f"first_{name}" for name in BOOK_PARTS)]


def parts(*rows):
    """(segment, borrowers, defaulted, first_borrowers, first_defaulted) rows; each loan is 1,000 fen."""
    return pd.DataFrame(
        [
            (segment, n, k, n * 1000, k * 2000, 0, 0, first_n, first_k, first_n * 1000, first_k * 2000, 5, 1)
            for segment, n, k, first_n, first_k in rows
        ],
        columns=COLUMNS,
    )


BOOK = parts(("a", 1000, 100, 900, 90), ("b", 1000, 40, 900, 38), ("unknown", 10, 0, 10, 0))


def test_rates_shares_and_the_rest_by_hand():
    found = segment_rates(BOOK, 0.05, thin_borrowers=120).set_index("segment")
    assert found["rate"].tolist() == [0.1, 0.04, 0.0]
    assert found["principal_rate"].tolist() == [0.2, 0.08, 0.0]
    assert found["share_of_defaults"].tolist() == pytest.approx([100 / 140, 40 / 140, 0])
    assert found["rest_rate"].tolist() == pytest.approx([38 / 910, 90 / 910, 128 / 1800])
    assert found["difference_to_book"].tolist() == pytest.approx([0.1 - 128 / 1810, 0.04 - 128 / 1810, -128 / 1810])
    assert found["stands_out"].tolist() == ["above", "below", ""]
    assert found["thin"].tolist() == [False, False, True]
    assert (found["low"] <= found["rate"]).all()
    assert (found["high"] > found["rate"]).all()


def test_the_book_counts_each_borrower_once():
    book = book_parts(BOOK)
    assert (book["borrowers"], book["defaulted"], book["principal_fen"], book["immature"]) == (1810, 128, 1_810_000, 15)


def test_many_looks_are_corrected_for():
    alone = segment_rates(parts(("hot", 200, 20, 200, 20), ("rest", 2000, 120, 2000, 120)), 0.05, 120)
    assert alone["stands_out"].tolist() == ["above", "below"]
    crowd = [(f"s{i}", 200, 12, 200, 12) for i in range(30)]
    among_many = segment_rates(parts(("hot", 200, 20, 200, 20), *crowd), 0.05, 120)
    assert among_many["p_value"].iloc[0] < 0.05 < among_many["q_value"].iloc[0]
    assert (among_many["stands_out"] == "").all()


def test_a_small_segment_that_looks_bad_does_not_stand_out():
    found = segment_rates(parts(("small", 12, 2, 12, 2), ("rest", 5000, 200, 5000, 200)), 0.05, 120)
    assert found["rate"].iloc[0] > 4 * found["rest_rate"].iloc[0]
    assert found["stands_out"].iloc[0] == ""


def test_a_single_segment_has_no_rest():
    found = segment_rates(parts(("all", 100, 10, 100, 10)), 0.05, 120).iloc[0]
    assert math.isnan(found["p_value"])
    assert math.isnan(found["q_value"])
    assert found["stands_out"] == ""
    assert found["difference_to_book"] == 0


def test_a_segment_with_nobody_observed_has_no_rate():
    found = segment_rates(parts(("young", 0, 0, 0, 0), ("old", 500, 20, 500, 20)), 0.05, 120)
    assert math.isnan(found["rate"].iloc[0])
    assert found["share_of_defaults"].tolist() == [0, 1]
    assert found["stands_out"].tolist() == ["", ""]


def test_no_segments_no_rows():
    found = segment_rates(parts(), 0.05, 120)
    assert found.empty
    assert {"rate", "q_value", "stands_out", "thin"} <= set(found.columns)
    assert book_parts(parts())["borrowers"] == 0


def test_pairs_are_judged_like_segments():
    cells = BOOK.rename(columns={"segment": "row_segment"}).assign(column_segment="x")
    assert segment_rates(cells, 0.05, 120)["stands_out"].tolist() == ["above", "below", ""]


def counts(borrowers, defaulted):
    return pd.Series(dict.fromkeys(BOOK_PARTS, 0) | {"borrowers": borrowers, "defaulted": defaulted})


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [
        ((10_000, 610), (10_000, 500), Verdict.HIGHER),
        ((10_000, 500), (10_000, 610), Verdict.LOWER),
        ((100, 6), (100, 5), Verdict.NOISE),
        ((10_000, 610), (0, 0), Verdict.NOT_COMPARED),
        ((0, 0), (10_000, 610), Verdict.NOT_COMPARED),
    ],
)
def test_a_change_is_called_one_only_when_it_is_more_than_noise(now, before, verdict):
    assert headline(counts(*now), counts(*before), 0.05, 120).verdict is verdict


def test_the_headline_by_hand():
    found = headline(book_parts(BOOK), counts(2000, 100), 0.05, 120)
    assert found.rate == pytest.approx(128 / 1810)
    assert found.comparison_rate == 0.05
    assert found.difference == pytest.approx(128 / 1810 - 0.05)
    assert found.difference_low < found.difference < found.difference_high
    assert (found.immature, found.imputed, found.thin) == (15, 3, False)


def test_nothing_compared():
    found = headline(counts(50, 5), None, 0.05, 120)
    assert found.verdict is Verdict.NOT_COMPARED
    assert math.isnan(found.difference)
    assert found.thin
