"""The invariants on drawn copies: each way to break one is found with its rows, and nothing else is."""

from collections import Counter
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loanbook import copied, invariants, schema
from loanbook.finding import SENTENCES
from loanbook.working import create_tables
from tests.loanbook import derived
from tests.loanbook.drawn_book import CLEAN, rows

Broken = tuple[str, str, str, int, tuple[str, ...]]  # kind, table, column, how many, the keys listed
ROWS = rows(CLEAN)
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy


def drawn(tables: dict[str, list[dict[str, Any]]]) -> duckdb.DuckDBPyConnection:
    known = {name: {column.name for column in copied.columns(schema.metadata.tables[name])} for name in tables}
    kept = {name: [{k: v for k, v in row.items() if k in known[name]} for row in rows] for name, rows in tables.items()}
    return derived.copies(kept)


def found(snapshot: duckdb.DuckDBPyConnection, present: Any = CLEAN, **options: Any) -> list[Broken]:
    create_tables(snapshot, "broken_invariant", "broken_row")
    invariants.find(snapshot, frozenset(present), **options)
    keys: dict[tuple[str, ...], list[str]] = {}
    for *which, key in snapshot.execute("select kind, table_name, column_name, key from broken_row").fetchall():
        keys.setdefault(tuple(which), []).append(key)
    told = snapshot.execute("select kind, table_name, column_name, rows from broken_invariant").fetchall()
    snapshot.execute("drop table broken_invariant; drop table broken_row")
    return sorted((*which, rows, tuple(keys[tuple(which)])) for *which, rows in told)


@pytest.fixture(scope="module")
def clean() -> duckdb.DuckDBPyConnection:
    return drawn(ROWS)


def test_a_clean_book_breaks_nothing(clean: duckdb.DuckDBPyConnection) -> None:
    assert found(clean) == []


def test_a_book_without_rows_and_one_without_tables_break_nothing() -> None:
    assert found(drawn({})) == []
    assert found(drawn({}), ()) == []


BREAKS: list[tuple[str, list[Broken]]] = [
    # single values
    ("update loan set disbursed_at = null where id = 22", [("null", "loan", "disbursed_at", 1, ("22",))]),
    ("update tier set rank = null", [("null", "tier", "rank", 1, ("gold",))]),
    ("update loan set term_months = null where id = 22", [("null", "loan", "term_months", 1, ("22",))]),
    ("update instalment set due_on = null where loan_id = 21", [
        ("null", "instalment", "due_on", 2, ("21, 1", "21, 2")),
    ]),
    ("insert into product select * replace (null as id) from product", [("null", "product", "id", 1, ("",))]),
    ("update repayment set amount_fen = -1 where id = 32", [("negative", "repayment", "amount", 1, ("32",))]),
    ("update loan set annual_rate = -0.1 where id = 21", [("negative", "loan", "annual_rate", 1, ("21",))]),
    ("update loan set principal_fen = 0 where id = 22", [
        ("instalment_principal", "loan", "", 1, ("22",)),
        ("not_positive", "loan", "principal", 1, ("22",)),
    ]),
    ("update loan set status = 'closed' where id = 21", [("unknown_code", "loan", "status", 1, ("21",))]),
    ("update loan set method = null", []),  # the contract lets it be unknown
    # keys
    ("insert into campaign select * from campaign", [("duplicate_key", "campaign", "", 1, ("1",))]),
    ("insert into tier select * from tier", [("duplicate_key", "tier", "", 1, ("gold",))]),
    ("insert into repayment select * replace (10000000000 as id) from repayment where id = 31", []),  # keys far apart
    ("insert into repayment select * replace (10000000000 as id) from repayment", [
        ("duplicate_key", "repayment", "", 1, ("10000000000",)),
    ]),
    ("insert into instalment select * from instalment where number = 2", [
        ("duplicate_key", "instalment", "", 1, ("21, 2",)),
        ("instalment_numbers", "loan", "", 1, ("21",)),
        ("instalment_principal", "loan", "", 1, ("21",)),
    ]),
    ("update instalment set number = 2 where loan_id = 21", [
        ("duplicate_key", "instalment", "", 1, ("21, 2",)),
        ("instalment_numbers", "loan", "", 1, ("21",)),
    ]),
    ("update member set referral_code = 'A1' where id = 2", [
        ("duplicate_value", "member", "referral_code", 2, ("1", "2")),
    ]),
    # references
    ("delete from campaign", [("orphan", "member", "campaign_id", 1, ("1",))]),
    ("update loan set tier_code = 'silver' where id = 22", [("orphan", "loan", "tier_code", 1, ("22",))]),
    ("update repayment set loan_id = 99 where id = 32", [("orphan", "repayment", "loan_id", 1, ("32",))]),
    ("delete from loan where id = 21", [
        ("orphan", "instalment", "loan_id", 2, ("21, 1", "21, 2")),
        ("orphan", "repayment", "loan_id", 2, ("31", "32")),
    ]),
    # members
    ("update member set referred_by_id = id where id = 4", [("self_referral", "member", "referred_by_id", 1, ("4",))]),
    ("update member set referred_by_id = 3 where id = 1", [
        ("referral_cycle", "member", "", 3, ("1", "2", "3")),
        ("registered_before_referrer", "member", "", 1, ("1",)),
    ]),
    ("update member set registered_at = '2024-01-02 07:59:59' where id = 3", [
        ("registered_before_referrer", "member", "", 1, ("3",)),
    ]),
    ("update member set registered_at = '2024-01-02 08:00:00' where id = 3", []),
    ("update membership set started_at = '2024-01-31 23:59:59' where id = 2", [
        ("membership_overlap", "membership", "", 1, ("2",)),
    ]),
    ("update membership set ended_at = null where id = 1", [("membership_overlap", "membership", "", 1, ("2",))]),
    ("update membership set ended_at = '2024-01-31 00:00:00' where id = 1", []),  # a gap
    ("update reward set level = 1 where id = 3", [("reward_level", "reward", "", 1, ("3",))]),
    ("update reward set level = 30000 where id = 3", [("reward_level", "reward", "", 1, ("3",))]),
    ("update reward set beneficiary_id = 3, referee_id = 1, level = 2 where id = 3", [
        ("reward_level", "reward", "", 1, ("3",)),
    ]),
    ("update reward set level = null where id = 3", []),
    # loans
    ("delete from instalment where loan_id = 21 and number = 1", [
        ("instalment_numbers", "loan", "", 1, ("21",)),
        ("instalment_principal", "loan", "", 1, ("21",)),
    ]),
    ("delete from instalment where loan_id = 21", []),  # proved by its outcome alone
    ("update instalment set number = number + 1 where loan_id = 21", [("instalment_numbers", "loan", "", 1, ("21",))]),
    ("update instalment set number = null where loan_id = 22", [
        ("instalment_numbers", "loan", "", 1, ("22",)),
        ("null", "instalment", "number", 1, ("22, ",)),
    ]),
    ("update instalment set principal_due_fen = principal_due_fen + 1 where loan_id = 22", [
        ("instalment_principal", "loan", "", 1, ("22",)),
    ]),
    ("update repayment set paid_at = '2024-03-01 01:59:59' where id = 31", [
        ("repayment_before_disbursement", "repayment", "", 1, ("31",)),
    ]),
    ("update repayment set paid_at = '2024-03-01 02:00:00' where id = 31", []),
    ("update application set status = 'declined' where id = 12", [("loan_not_approved", "loan", "", 1, ("22",))]),
    ("update application set approved_amount_fen = 89999 where id = 11", [
        ("loan_above_approval", "loan", "", 1, ("21",)),
    ]),
    ("update application set amount_fen = 50000 where id = 12", [("loan_above_approval", "loan", "", 1, ("22",))]),
    ("update loan set closed_at = null where id = 21", [("loan_without_end", "loan", "", 1, ("21",))]),
    ("update loan set status = 'written_off' where id = 22", [("loan_without_end", "loan", "", 1, ("22",))]),
    ("update loan set status = 'written_off', written_off_at = '2024-09-01' where id = 22", []),
    ("update loan set closed_at = '2024-03-01 01:59:59' where id = 21", [
        ("loan_ends_before_disbursement", "loan", "", 1, ("21",)),
    ]),
    # where a key stands twice, nobody can say which row is meant: the rows that refer to it are not judged by either
    ("insert into application select * replace ('declined' as status) from application where id = 12", [
        ("duplicate_key", "application", "", 1, ("12",)),
    ]),
    ("insert into member select * replace ('2025-01-01'::timestamp as registered_at) from member where id = 1", [
        ("duplicate_key", "member", "", 1, ("1",)),
        ("duplicate_value", "member", "referral_code", 2, ("1", "1")),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), BREAKS, ids=[change for change, _ in BREAKS])
def test_each_break_is_found_with_its_rows_and_nothing_else(
    clean: duckdb.DuckDBPyConnection, change: str, expected: list[Broken]
) -> None:
    clean.execute("begin")
    try:
        clean.execute(change)
        assert found(clean) == expected
    finally:
        clean.execute("rollback")


def test_every_kind_that_rows_can_break_is_drawn_here_and_has_its_sentence() -> None:
    of_structure = {"missing_table", "missing_optional_column", "missing_column"}
    of_types = {"wrong_column_type", "wrong_value_type"}
    kinds = {kind for _, broken in BREAKS for kind, *_ in broken} | {"not_json"}
    assert kinds == set(SENTENCES) - of_structure - of_types


def test_reasons_of_a_score_are_json() -> None:
    score = {"application_id": 11, "model_version": "a", "score": 600, "scored_at": "2024-01-01"}
    reasons = ['[{"feature": "age"}]', "none", None, "{}"]
    rows = [{"id": place, **score, "reasons": text} for place, text in enumerate(reasons)]
    told = [broken for broken in found(drawn({"score": rows}), {"score"}) if broken[2] == "reasons"]
    assert told == [("not_json", "score", "reasons", 1, ("1",))]


def test_a_month_stands_once_on_a_tape() -> None:
    ends = ["2024-01-31", "2024-02-29", "2024-02-28", "2024-02-29", "2034-02-28"]
    rows = [{"loan_id": 1, "month_end": end, "days_past_due": 0, "outstanding": 1} for end in ends]
    assert found(drawn({"month_state": rows}), {"month_state"}) == [
        ("duplicate_key", "month_state", "", 1, ("1, 2024-02-29",)),
    ]


def test_keys_may_be_texts() -> None:
    texts = {
        name: [
            {key: _as_text(schema.metadata.tables[name].c[key], value) for key, value in row.items()} for row in rows
        ]
        for name, rows in ROWS.items()
    }
    assert found(drawn(texts)) == []
    texts["member"][0]["referred_by_id"] = "K3"
    texts["repayment"].append(texts["repayment"][0])
    assert found(drawn(texts)) == [
        ("duplicate_key", "repayment", "", 1, ("K31",)),
        ("referral_cycle", "member", "", 3, ("K1", "K2", "K3")),
        ("registered_before_referrer", "member", "", 1, ("K1",)),
    ]


def _as_text(column: Any, value: Any) -> Any:
    return f"K{value}" if schema.is_key(column) and value is not None else value


def test_the_first_rows_are_listed_in_the_order_of_their_keys_and_all_are_counted() -> None:
    payments = [
        {"id": number, "loan_id": 21, "paid_at": "2024-04-01", "amount": -1, "kind": "early"}
        for number in (9, 100, 11, 10)
    ]
    snapshot = drawn({**ROWS, "repayment": payments})
    assert found(snapshot, most_rows=3) == [("negative", "repayment", "amount", 4, ("9", "10", "11"))]
    assert found(snapshot, most_rows=None) == [("negative", "repayment", "amount", 4, ("9", "10", "11", "100"))]
    cycle = {"member": [{"id": n, "registered_at": "2024-01-01", "referred_by_id": n % 12 + 1} for n in range(1, 13)]}
    told = [broken for broken in found(drawn(cycle), cycle, most_rows=2) if broken[0] == "referral_cycle"]
    assert told == [("referral_cycle", "member", "", 12, ("1", "2"))]


def test_references_to_a_table_that_is_missing_are_not_judged(clean: duckdb.DuckDBPyConnection) -> None:
    assert found(clean, CLEAN.keys() - {"application", "campaign", "loan"}) == []


def test_what_a_column_holds_whose_values_are_unusable_is_not_judged(clean: duckdb.DuckDBPyConnection) -> None:
    table = schema.metadata.tables
    unusable = {
        ("loan", "closed_at"), ("loan", "principal"), ("membership", "ended_at"), ("instalment", "number"),
        ("application", "id"), ("member", "referred_by_id"), ("repayment", "paid_at"),
    }  # fmt: skip
    clean.execute("begin")
    try:
        for name, column in unusable:
            clean.execute(f"update {name} set {copied.name(table[name].c[column])} = null")
        columns = frozenset(table[name].c[column] for name, column in unusable)
        assert found(clean, unusable=columns) == []
        assert len(found(clean)) > 5
    finally:
        clean.execute("rollback")


NUMBERS = st.lists(st.tuples(st.integers(1, 3), st.sampled_from([0, 1, 2, 3, 64, 65, 127, 200])), max_size=12)


@relaxed
@given(rows=NUMBERS, terms=st.lists(st.sampled_from([1, 2, 3, 64]), min_size=3, max_size=3))
def test_numbering_agrees_with_counting_in_python(rows: list[tuple[int, int]], terms: list[int]) -> None:
    loan = {"application_id": 1, "member_id": 1, "product_id": 1, "disbursed_at": "2024-01-01", "status": "active"}
    tables = {
        "loan": [{**loan, "id": number, "principal": 1, "term_months": term} for number, term in enumerate(terms, 1)],
        "instalment": [{"loan_id": loan, "number": number, "due_on": "2024-02-01"} for loan, number in rows],
    }
    told = {kind: keys for kind, _, _, _, keys in found(drawn(tables), tables)}
    held = {number: sorted(n for loan, n in rows if loan == number) for number in (1, 2, 3)}
    twice = sorted(key for key, times in Counter(rows).items() if times > 1)
    wrong = [n for n, numbers in held.items() if numbers and numbers != list(range(1, terms[n - 1] + 1))]
    assert told.get("duplicate_key", ()) == tuple(f"{loan}, {number}" for loan, number in twice)
    assert told.get("instalment_numbers", ()) == tuple(map(str, wrong))


@relaxed
@given(st.lists(st.integers(0, 9), min_size=9, max_size=9))
def test_circles_agree_with_walking_up(referrers: list[int]) -> None:
    """Each of nine members was referred by one of the others, by themselves, or by nobody (0)."""
    above = dict(enumerate(referrers, start=1))
    rows = [{"id": n, "registered_at": "2024-01-01", "referred_by_id": up or None} for n, up in above.items()]
    told = {kind: keys for kind, _, _, _, keys in found(drawn({"member": rows}), {"member"})}

    def comes_back(member: int) -> bool:
        reached = above[member]
        for _ in above:
            if reached in {0, member}:
                break
            reached = above[reached]
        return reached == member

    own = [member for member, up in above.items() if member == up]
    circling = [member for member in above if member not in own and comes_back(member)]
    assert told.get("referral_cycle", ()) == tuple(map(str, circling))
    assert told.get("self_referral", ()) == tuple(map(str, own))
