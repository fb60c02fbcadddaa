"""What changed of an application, field by field."""

from hypothesis import given
from hypothesis import strategies as st

from rules.review_changes import Change, changes

BEFORE = {
    "application": [{"id": "7", "amount": 8_000_000, "purpose": "car"}],
    "application_check": [
        {"id": "1", "code": "blacklist", "outcome": "pass"},
        {"id": "2", "code": "score", "outcome": "flag"},
    ],
    "instalment": [
        {"loan_id": "5", "number": 1, "principal_due": 100},
        {"loan_id": "5", "number": 2, "principal_due": 100},
    ],
    "tier": [{"code": "gold", "credit_limit": 1}],
}


def test_fields_that_differ_rows_that_came_and_rows_that_went():
    after = {
        "application": [{"id": "7", "amount": 9_000_000, "purpose": "car"}],
        "application_check": [
            {"id": "3", "code": "court", "outcome": "fail"},
            {"id": "1", "code": "blacklist", "outcome": "fail"},
        ],
        "instalment": [
            {"loan_id": "5", "number": 1, "principal_due": 100},
            {"loan_id": "5", "number": 2, "principal_due": 50},
        ],
        "tier": [{"code": "gold", "credit_limit": 1}],
        "perk": [{"id": "4", "kind": "rate_cut"}],
    }
    found = changes(BEFORE, after)
    assert found == (
        Change("application", "7", "amount", 8_000_000, 9_000_000),
        Change("application_check", "1", "outcome", "pass", "fail"),
        Change("application_check", "2", None, BEFORE["application_check"][1], None),
        Change("application_check", "3", None, None, after["application_check"][0]),
        Change("instalment", "5 2", "principal_due", 100, 50),
        Change("perk", "4", None, None, after["perk"][0]),
    )
    assert [change.whole.get("code") for change in found[1:4]] == ["blacklist", "score", "court"]


def test_nothing_has_changed_where_only_the_order_has():
    turned = {table: list(reversed(rows)) for table, rows in BEFORE.items()}
    assert changes(BEFORE, turned) == changes(BEFORE, BEFORE) == ()


rows = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(1, 5).map(str), "amount": st.integers(0, 3), "kind": st.sampled_from("ab")}
    ),
    unique_by=lambda row: row["id"],
    max_size=4,
)
contents = st.dictionaries(st.sampled_from(["loan", "perk"]), rows)


@given(before=contents, after=contents)
def test_something_is_told_exactly_where_something_differs(before, after):
    as_keyed = [{(table, row["id"]): row for table, rows in each.items() for row in rows} for each in (before, after)]
    assert bool(changes(before, after)) == (as_keyed[0] != as_keyed[1])
    back = {(each.table, each.row, each.field, each.after, each.before) for each in map(frozen, changes(before, after))}
    assert back == {(e.table, e.row, e.field, e.before, e.after) for e in map(frozen, changes(after, before))}


def frozen(change):
    return Change(change.table, change.row, change.field, repr(change.before), repr(change.after))
