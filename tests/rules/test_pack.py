"""A pack as text: what is written is read again, alike figures make the same text, and what differs is named."""

import math
from dataclasses import replace
from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import pack
from rules.default_rates import Verdict
from rules.kpi import Change, Goal, Kpi, Outlook
from rules.pack import Pack

END = date(2026, 9, 30)


def drawn(**changes):
    tables = {
        "limits": pd.DataFrame({"code": ["late_30", "late_90"], "value": [0.1, None], "who": ["", "Henan"]}),
        "days": pd.DataFrame(
            {"day": pd.to_datetime(["2026-09-01", None]), "at": pd.to_datetime(["2026-09-01 10:30", None]),
             "thin": [True, False], "fen": [10**15, -3]}
        ),
        "none": pd.DataFrame({"number": pd.Series(dtype="str"), "fen": pd.Series(dtype="int64")}),
    }  # fmt: skip
    change = Change(0.02, False, Verdict.HIGHER, 0.01, 0.03)
    figures = (
        Kpi("late_30", 0.1, change, (0.08, float("nan"), 0.1), Goal(0.08, Outlook.MISSED)),
        Kpi("risk_cost", float("nan")),
    )
    made = Pack(END, {"book": "Démo 演示", "policy_from": None, "thin": 120}, figures, tables)
    return replace(made, **changes)


def test_what_is_written_is_read_again():
    read = pack.from_text(pack.to_text(drawn()))
    assert read.month_end == END
    assert read.about == {"book": "Démo 演示", "policy_from": None, "thin": 120}
    first, second = read.figures
    assert first.change == drawn().figures[0].change
    assert first.goal == Goal(0.08, Outlook.MISSED)
    assert math.isnan(first.series[1])
    assert math.isnan(second.value)
    days = read.tables["days"]
    assert days["at"].iloc[0] == pd.Timestamp(datetime(2026, 9, 1, 10, 30))
    assert days["day"].isna().tolist() == [False, True]
    assert days["fen"].tolist() == [10**15, -3]
    assert days["thin"].dtype == bool
    assert read.tables["limits"]["value"].isna().tolist() == [False, True]
    assert list(read.tables["none"].columns) == ["number", "fen"]
    assert read.tables["none"].empty


def test_alike_figures_make_the_same_text():
    assert pack.to_text(drawn()) == pack.to_text(pack.from_text(pack.to_text(drawn())))
    noise = replace(drawn().figures[0], value=0.1 * (1 + 1e-15))
    assert pack.to_text(drawn(figures=(noise, drawn().figures[1]))) == pack.to_text(drawn())


def test_what_differs_is_named_and_where_it_comes_from_does_not_count():
    frozen = pack.to_text(drawn())
    assert pack.differences(frozen, frozen) == ()
    assert pack.differences(frozen, pack.to_text(drawn(about={"book": "another"}))) == ()
    worse = replace(drawn().figures[0], value=0.11)
    tables = {**drawn().tables, "days": drawn().tables["days"].head(1)}
    today = pack.to_text(drawn(figures=(worse, drawn().figures[1]), tables=tables))
    assert pack.differences(frozen, today) == ("late_30", "days")
    assert pack.differences(frozen, pack.to_text(drawn(figures=()))) == ("late_30", "risk_cost")


@pytest.mark.parametrize(("one", "other"), [(("ab", "c"), ("a", "bc")), (("", "a"), ("a", ""))])
def test_a_digest_tells_texts_apart_by_their_place(one, other):
    assert pack.digest(*one) != pack.digest(*other)
    assert pack.digest(*one) == pack.digest(*one)


@given(
    st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), min_size=1),
    st.lists(st.text(), min_size=1, max_size=5),
)
def test_numbers_and_texts_come_back(numbers, texts):
    tables = {
        "numbers": pd.DataFrame({"value": pd.Series(numbers, dtype="float64")}),
        "texts": pd.DataFrame({"text": pd.Series(texts, dtype="object")}),
    }
    read = pack.from_text(pack.to_text(drawn(tables=tables)))
    for found, given_ in zip(read.tables["numbers"]["value"], numbers, strict=True):
        assert math.isnan(found) if given_ is None else found == pytest.approx(given_, rel=1e-11)
    assert read.tables["texts"]["text"].tolist() == texts
