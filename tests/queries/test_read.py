"""What a read returns, keeps and refuses."""

import re
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Date, Integer, String, cast, func, literal, null, select

from loanbook import constructs
from loanbook.snapshot_schema import loan_fact
from queries import read, running
from queries.faults import SnapshotGone, TookTooLong
from rules.kept import Kept, frame_bytes
from tests.queries import heavy
from tests.queries.drawn import Loan

LOANS = [
    Loan(1, date(2024, 1, 10), 100, dims={"tier": "bronze"}),
    Loan(2, date(2024, 1, 31), 2**40, date(2024, 5, 1), dims={"tier": "金' --"}),
]


@pytest.fixture
def executed(monkeypatch):
    """Counts the statements that really ran."""
    ran = []
    run = running._run
    monkeypatch.setattr(running, "_run", lambda *given: (ran.append(1), run(*given))[1])
    return ran


def test_dtypes_follow_from_the_statement(publish):
    loan = loan_fact.c
    statement = select(
        loan.loan_no, loan.principal_fen, loan.tier, loan.loan_id, loan.disbursed_on, loan.previous_on,
        loan.default_month_90, loan.final_observed, cast(null(), String).label("nothing"),
    ).order_by(loan.loan_no)  # fmt: skip
    frame = read.read(statement, publish(LOANS))
    assert [str(dtype) for dtype in frame.dtypes] == [
        "int64", "int64", "str", "str", "datetime64[us]", "datetime64[us]", "Int64", "bool", "str",
    ]  # fmt: skip
    assert frame["principal_fen"].tolist() == [100, 2**40]
    assert frame["tier"].tolist() == ["bronze", "金' --"]
    assert frame["disbursed_on"].tolist() == [pd.Timestamp(2024, 1, 10), pd.Timestamp(2024, 1, 31)]
    assert frame["previous_on"].isna().all()
    assert frame["default_month_90"].tolist() == [pd.NA, 4]
    empty = read.read(statement.where(loan.loan_no > 9), publish(LOANS))
    assert empty.empty
    assert empty.dtypes.drop("default_month_90").equals(frame.dtypes.drop("default_month_90"))


def test_a_sum_that_would_lose_digits_is_refused(publish):
    with pytest.raises(TypeError, match="BIGINT in the statement: fen"):
        read.read(select(func.sum(loan_fact.c.principal_fen).label("fen")), publish(LOANS))


def test_more_rows_than_the_screen_takes_are_capped_and_it_says_so(publish):
    snapshot_id = publish(LOANS)
    capped = read.read(heavy.rows(11), snapshot_id, limit=10)
    assert (len(capped), capped.attrs["capped"]) == (10, True)
    whole = read.read(heavy.rows(10), snapshot_id, limit=10)
    assert (len(whole), whole.attrs["capped"]) == (10, False)


def test_a_read_runs_once_for_each_snapshot_and_value_and_its_frame_is_the_callers(publish, executed):
    snapshot_id = publish(LOANS)
    statement = select(loan_fact.c.tier).order_by(loan_fact.c.loan_no)
    first = read.read(statement, snapshot_id)
    first["tier"] = "spoilt"
    first.attrs["capped"] = "spoilt"
    again = read.read(statement, snapshot_id)
    assert again["tier"].tolist() == ["bronze", "金' --"]
    assert again.attrs["capped"] is False
    assert len(executed) == 1
    read.read(statement.where(loan_fact.c.tier == "bronze"), snapshot_id)
    read.read(statement.where(loan_fact.c.tier == "gold"), snapshot_id)
    assert len(executed) == 3
    assert read.read(statement, publish(LOANS[:1]))["tier"].tolist() == ["bronze"]
    assert len(executed) == 4
    read.forget()
    read.read(statement, snapshot_id)
    assert len(executed) == 5


def test_the_cache_drops_what_was_unused_longest_by_number_and_by_size():
    def frame(rows):
        return pd.DataFrame({"x": np.zeros(rows)})

    by_number = Kept(entries=2, size_bytes=10**6)
    for key in "abc":
        by_number.put((key, "", ()), frame(1), frame_bytes(frame(1)))
        by_number.get(("a", "", ()))
    assert [by_number.get((key, "", ())) is not None for key in "abc"] == [True, False, True]

    by_size = Kept(entries=99, size_bytes=2_000)
    for key in "abc":
        by_size.put((key, "", ()), frame(100), frame_bytes(frame(100)))
    assert [by_size.get((key, "", ())) is not None for key in "abc"] == [False, True, True]
    by_size.put(("huge", "", ()), frame(10_000), frame_bytes(frame(10_000)))
    assert by_size.get(("huge", "", ())) is None
    assert by_size.get(("c", "", ())) is not None


def test_the_statement_and_its_values_can_be_shown(publish):
    statement = select(loan_fact.c.loan_no).where(loan_fact.c.tier == "a' OR 1=1", loan_fact.c.loan_no.in_([1, 2]))
    text, values = read.statement_text(statement)
    assert "OR 1" not in text
    assert set(re.findall(r"\$\d+", text)) == {"$1", "$2", "$3"}
    assert sorted(values, key=str) == [1, 2, "a' OR 1=1"]
    assert read.read(statement, publish(LOANS)).empty


def test_a_shape_is_compiled_once_and_its_values_are_each_statements_own():
    def statement(tier, numbers):
        return select(loan_fact.c.loan_no).where(loan_fact.c.tier == tier, loan_fact.c.loan_no.in_(numbers)).limit(3)

    def shape(tier):
        return select(loan_fact.c.loan_no).where(loan_fact.c.tier == tier).limit(3)

    assert read.statement_text(shape("a")) == (read.statement_text(shape("b"))[0], ["a", 3])
    assert read.statement_text(shape("b"))[1] == ["b", 3]
    for numbers in ([1], [2, 3], []):
        assert read.statement_text(statement("a", numbers)) == constructs.compiled(statement("a", numbers))


def test_a_statement_that_takes_too_long_is_stopped_with_a_sentence(publish):
    with pytest.raises(TookTooLong, match="Narrow the period") as stopped:
        read.read(heavy.endless(), publish(LOANS), seconds=0.2)
    assert stopped.value.sentence.format(**stopped.value.values) == str(stopped.value)


def test_a_bug_is_not_hidden(publish):
    with pytest.raises(duckdb.Error):
        read.read(select(cast(literal("x", String), Integer)), publish(LOANS))


def test_a_stream_passes_any_cap_in_plain_types(publish):
    snapshot_id = publish(LOANS)
    batches = list(read.stream(heavy.rows(200_001), snapshot_id))
    assert sum(batch.num_rows for batch in batches) == 200_001
    assert len(batches) > 2
    (batch,) = read.stream(select(loan_fact.c.tier, loan_fact.c.default_month_90).order_by("loan_no"), snapshot_id)
    assert [str(column.type) for column in batch.columns] == ["string", "int16"]
    assert batch.to_pydict() == {"tier": ["bronze", "金' --"], "default_month_90": [None, 4]}


def test_a_stream_gives_its_first_rows_before_the_last_are_made(publish):
    stream = read.stream(heavy.rows(10**11), publish(LOANS))
    assert next(stream).num_rows > 0
    stream.close()


def test_a_stream_of_nothing_says_which_columns_it_has(publish):
    assert list(read.stream(select(loan_fact.c.tier).where(loan_fact.c.loan_no < 0), publish(LOANS))) == []


def test_a_date_value_reaches_the_statement_as_a_date(publish):
    statement = select(loan_fact.c.loan_no, cast(literal(date(2024, 1, 31)), Date).label("day")).where(
        loan_fact.c.disbursed_on == date(2024, 1, 31)
    )
    assert read.read(statement, publish(LOANS))["day"].tolist() == [pd.Timestamp(2024, 1, 31)]


@pytest.mark.parametrize("hostile", ["", "..", "../../etc/passwd", "a/b", "x" * 101, "20260701T010000Z-none", "\x00"])
def test_an_id_from_a_link_opens_nothing_but_a_snapshot(publish, hostile):
    publish(LOANS)
    with pytest.raises(SnapshotGone, match="no longer kept"):
        read.read(heavy.rows(1), hostile)


def test_several_statements_are_answered_under_their_names(publish):
    asked = {"one": select(literal(1).label("n")), "two": select(literal(2).label("n"))}
    answers = read.read_all(asked, publish(LOANS))
    assert {name: int(frame["n"].iloc[0]) for name, frame in answers.items()} == {"one": 1, "two": 2}
