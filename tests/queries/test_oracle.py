"""Every statement against the definition in plain Python, over random small books and selections."""

from datetime import date, timedelta

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries import controls, default_rates
from queries.earliest import is_earliest
from rules.default_rates import BOOK_PARTS
from rules.filters import DateRange, Definition, Horizon, Selection
from tests.queries.drawn import AS_OF, Loan, book_of, fact_rows, fill, refill, run
from tests.queries.oracle import Oracle

CODES = ["tier", "product", "province"]
PARTS = [*BOOK_PARTS, *(f"first_{name}" for name in BOOK_PARTS)]
DAYS = st.integers(0, 6).map(lambda step: date(2024, 12, 28) + step * timedelta(days=61))  # few, so that many tie
LATE = date(2025, 9, 1)

LOAN = st.builds(
    Loan,
    borrower=st.integers(1, 3),
    disbursed_on=DAYS,
    principal_fen=st.integers(1, 9),
    defaulted_on=st.none() | st.integers(0, 540).map(lambda days: date(2025, 1, 1) + timedelta(days=days)),
    dims=st.fixed_dictionaries({"tier": st.sampled_from("abc"), "product": st.sampled_from("xy")}),
    final_observed=st.booleans(),
    applied_fen=st.integers(0, 9),
    outstanding_fen=st.integers(0, 9),
    overdue_fen=st.integers(0, 3),
    dates_imputed=st.booleans(),
)


@st.composite
def books(draw):
    """Loans of few borrowers; a province belongs to the borrower, and so at times do tier and product."""
    loans = draw(st.lists(LOAN, min_size=draw(st.sampled_from([0, 6])), max_size=14))
    own_tier = draw(st.booleans())
    placed = []
    for loan in loans:
        dims = {**loan.dims, "province": "PQ"[loan.borrower % 2]}
        if own_tier:
            dims["tier"] = "abc"[loan.borrower % 3]
        placed.append(Loan(**{**vars(loan), "dims": dims}))
    return placed


VALUES = {"tier": list("abcz"), "product": list("xyz"), "province": list("PQZ")}
KEPT = {code: [(values[0],), tuple(values[:2]), tuple(values[1:])] for code, values in VALUES.items()}
CHOICE = st.sampled_from(CODES).flatmap(lambda code: st.tuples(st.just(code), st.sampled_from(KEPT[code])))
SELECTION = st.builds(
    Selection,
    disbursed=st.builds(DateRange, st.none() | DAYS, st.sampled_from([None, None, LATE])),
    compared=st.none(),
    definition=st.sampled_from(Definition),
    horizon=st.sampled_from(Horizon),
    choices=st.lists(CHOICE, max_size=2).map(tuple),
)


@pytest.fixture(scope="module")
def drawing():
    """A snapshot whose enums hold every value that is drawn here."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    palette = [Loan(1, AS_OF, dims={code: held[n % len(held)] for code, held in VALUES.items()}) for n in range(4)]
    fill(connection, palette, book_of(palette))
    yield connection
    connection.close()


MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_dict(frame: pd.DataFrame, keys: list[str], columns: list[str]) -> dict[tuple[str, ...], dict[str, int]]:
    return {tuple(row[key] for key in keys): {c: row[c] for c in columns} for row in frame.to_dict("records")}


@MANY
@given(books(), SELECTION, st.permutations(CODES))
def test_every_statement_says_what_the_definition_says(drawing, loans, selection, codes):
    book, oracle = book_of(loans), Oracle(fact_rows(loans), selection)
    refill(drawing, loans)
    rows, columns, _ = codes

    (whole,) = run(drawing, default_rates.overall(selection, book)).to_dict("records")
    assert whole == {name: oracle.parts().get((), {}).get(name, 0) for name in BOOK_PARTS}

    for keys, segment, statement in (
        (["segment"], [rows], default_rates.by_segment(selection, rows, book)),
        (["row_segment", "column_segment"], [rows, columns], default_rates.by_pair(selection, rows, columns, book)),
    ):
        found = run(drawing, statement)
        expected = {values: {name: parts[name] for name in PARTS} for values, parts in oracle.parts(segment).items()}
        assert as_dict(found, keys, PARTS) == expected
        assert {name: found[f"first_{name}"].sum() for name in BOOK_PARTS} == whole

    strata = run(drawing, default_rates.by_group_and_stratum(selection, rows, codes, book))
    behind = [(key[0][0], row) for key, row in oracle.earliest([rows]).items() if oracle.is_mature(row)]
    expected_strata: dict[tuple[str, ...], dict[str, int]] = {}
    for group, row in behind:
        for code in codes[1:]:
            cell = expected_strata.setdefault((group, code, row[code]), {"borrowers": 0, "defaulted": 0})
            cell["borrowers"] += 1
            cell["defaulted"] += oracle.has_defaulted(row)
    assert as_dict(strata, ["group_segment", "control", "stratum"], ["borrowers", "defaulted"]) == expected_strata

    (totals,) = run(drawing, controls.totals(selection, book)).to_dict("records")
    passing = oracle.passing()
    assert totals == {
        "loans": len(passing),
        "borrowers": len({row["borrower_no"] for row in passing}),
        **{
            c: sum(row[c] for row in passing)
            for c in ("applied_fen", "principal_fen", "outstanding_fen", "overdue_fen")
        },
    }


@MANY
@given(books(), SELECTION, st.permutations(CODES), st.integers(0, 2))
def test_the_loans_behind_a_number_re_sum_to_it(drawing, loans, selection, codes, depth):
    book = book_of(loans)
    refill(drawing, loans)
    segment = codes[:depth]
    oracle = Oracle(fact_rows(loans), selection)
    for values, parts in oracle.parts(segment).items():
        cell = tuple(zip(segment, values, strict=True))
        found = run(drawing, default_rates.loans_behind(selection, cell, book))
        assert found.sort_values(["defaulted", "loan_no"], ascending=[False, True]).index.equals(found.index)
        assert len(found) == parts["borrowers"]
        assert found["defaulted"].sum() == parts["defaulted"]
        assert found["principal_fen"].sum() == parts["principal_fen"]
        assert found.loc[found["defaulted"] == 1, "principal_fen"].sum() == parts["defaulted_principal_fen"]
        assert found["default_on"].notna().sum() == found["months_to_default"].notna().sum() == parts["defaulted"]
        assert all((found[code] == value).all() for code, value in cell)


def test_both_ways_of_finding_the_earliest_loan_are_in_use():
    # What the properties above compare would prove little if one way were never taken.
    loans = [Loan(1, date(2025, 1, 1), dims={"tier": t, "product": p}) for t, p in ("ax", "by")]
    book, anything = book_of(loans), Selection(DateRange(), None, Definition.DPD90, Horizon.M12, ())
    told = {
        (): anything,
        ("tier",): anything,
        ("product",): anything.narrowed("province", "P"),
    }
    for segment, selection in told.items():
        assert "GROUP BY" not in str(is_earliest(selection, segment, book))
    assert "GROUP BY" not in str(is_earliest(anything.narrowed("tier", "a"), (), book))
    assert "GROUP BY" in str(is_earliest(anything.narrowed("tier", "a"), ("product",), book))
    assert "GROUP BY" in str(is_earliest(anything, ("tier", "product"), book))
    two_tiers = Selection(DateRange(), None, Definition.DPD90, Horizon.M12, (("tier", ("a", "b")),))
    assert "GROUP BY" in str(is_earliest(two_tiers, (), book))
    assert "GROUP BY" not in str(is_earliest(two_tiers, ("tier",), book))


def test_a_group_needs_another_control():
    with pytest.raises(ValueError, match="control"):
        default_rates.by_group_and_stratum(
            Selection(DateRange(), None, Definition.DPD90, Horizon.M12, ()), "tier", ["tier"], book_of([])
        )
