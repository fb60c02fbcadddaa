import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import cures
from rules.cures import Course
from rules.incidence import OPEN
from tests.rules import counted


def curves(loans, course=Course.CURE):
    return cures.curves(counted.cells(loans), counted.pairs(loans), course, thin_loans=1, confidence=0.95)


def test_cures_payoffs_and_write_offs_compete():
    loans = [(1, "", 1, "paid_off"), (2, "", 3, "cured"), (3, "", 3, "written_off"), (4, "", 3, OPEN)]
    found = curves(loans).set_index(["exit", "month"])
    assert found["incidence"].unstack().to_dict("index") == {
        "cured": {0: 0, 1: 0, 2: 0, 3: 1 / 4},
        "paid_off": {0: 0, 1: 1 / 4, 2: 1 / 4, 3: 1 / 4},
        "written_off": {0: 0, 1: 0, 2: 0, 3: 1 / 4},
    }
    assert found.loc[("cured", 3), ["at_risk", "left", "left_otherwise", "censored"]].tolist() == [3, 1, 1, 1]


def test_a_loan_that_is_still_open_is_censored_not_a_failure():
    found = curves([(1, "", 0, OPEN), (2, "", 2, "cured"), (3, "", 2, OPEN)])
    assert found.loc[found["exit"] == "cured", "incidence"].tolist() == [0, 0, 1 / 2]  # of the two seen that long


def test_redefault_among_the_cured():
    loans = [(1, "2025", 2, "redefault"), (2, "2025", 1, "paid_off"), (3, "2025", 4, OPEN), (4, "2024", 3, OPEN)]
    found = curves(loans, Course.REDEFAULT)
    assert list(dict.fromkeys(found["exit"])) == ["redefault", "paid_off"]
    of_2025 = found.loc[(found["cohort"] == "2025") & (found["exit"] == "redefault")]
    assert of_2025["incidence"].tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3, 1 / 3])
    assert (of_2025["loans"] == 3).all()


def test_no_defaulted_loans_and_the_rescheduled_counted_apart():
    assert curves([]).empty
    cells = counted.cells([(1, "", 1, "cured"), (2, "", 2, OPEN)]).assign(rescheduled=[0, 1])
    assert cures.rescheduled(cells) == 1
    assert cures.rescheduled(cells.iloc[:0]) == 0


ENDED = st.tuples(st.integers(1, 4), st.just(""), st.integers(0, 4), st.sampled_from([*cures.EXITS[Course.CURE], OPEN]))


@settings(deadline=None, max_examples=50)
@given(st.lists(ENDED, min_size=1, max_size=15))
def test_all_exits_and_the_open_sum_to_one(loans):
    found = curves(loans)
    by_month = found.groupby("month")
    assert (by_month["incidence"].sum() <= 1 + 1e-12).all()
    stays = 1.0
    for month, rows in found.loc[found["exit"] == "cured"].groupby("month"):
        (row,) = rows.to_dict("records")
        stays *= 1 - (row["left"] + row["left_otherwise"]) / row["at_risk"]
        assert by_month["incidence"].sum()[month] + stays == pytest.approx(1.0)
