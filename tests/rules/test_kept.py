"""Answers that are kept: asked once for equal values, apart for others, and nobody's change reaches another."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from rules.kept import Answers


def _rows(*values: int) -> pd.DataFrame:
    return pd.DataFrame({"value": values, "name": [f"n{value}" for value in values]})


class Doubling:
    """Doubles a column, and counts how often it had to."""

    def __init__(self, entries: int = 10) -> None:
        self.times = 0
        self.spoken = "en"
        self.of = Answers(entries).of(self._double, lambda: self.spoken)

    def _double(self, rows: pd.DataFrame, *, by: int = 2) -> pd.DataFrame:
        self.times += 1
        return rows.assign(value=rows["value"] * by)


def test_equal_values_are_worked_out_once() -> None:
    doubling = Doubling()
    assert doubling.of(_rows(1, 2))["value"].tolist() == [2, 4]
    assert doubling.of(_rows(1, 2))["value"].tolist() == [2, 4]
    assert doubling.times == 1


def test_other_values_keywords_and_languages_are_other_questions() -> None:
    doubling = Doubling()
    assert doubling.of(_rows(1))["value"].tolist() == [2]
    assert doubling.of(_rows(3))["value"].tolist() == [6]
    assert doubling.of(_rows(1), by=5)["value"].tolist() == [5]
    doubling.spoken = "zh"
    doubling.of(_rows(1))
    assert doubling.times == 4


def test_what_an_asker_changes_in_a_frame_is_not_told_to_the_next() -> None:
    doubling = Doubling()
    for _time in range(3):
        found = doubling.of(_rows(1, 2))
        assert found["value"].tolist() == [2, 4]
        found["value"] = 0
        found.loc[0, "name"] = "changed"
        found["more"] = 1
    assert doubling.times == 1
    assert doubling.of(_rows(1, 2)).to_dict("list") == {"value": [2, 4], "name": ["n1", "n2"]}


def test_the_longest_unused_answer_goes_first() -> None:
    doubling = Doubling(entries=2)
    doubling.of(_rows(1))
    doubling.of(_rows(2))
    doubling.of(_rows(1))
    doubling.of(_rows(3))  # drops 2
    doubling.of(_rows(1))
    assert doubling.times == 3
    doubling.of(_rows(2))
    assert doubling.times == 4


def test_functions_do_not_share_answers() -> None:
    answers = Answers(10)

    def first(value: int) -> int:
        return value

    def second(value: int) -> int:
        return -value

    assert [answers.of(each)(7) for each in (first, second)] == [7, -7]


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 3)), max_size=30))
def test_kept_answers_are_those_of_the_function(asked: list[tuple[int, int]]) -> None:
    doubling = Doubling(entries=3)
    for value, by in asked:
        assert doubling.of(_rows(value), by=by)["value"].tolist() == [value * by]
