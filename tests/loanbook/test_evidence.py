"""What is seen of an application, read live: the same on each engine, without direct identifiers, bound by its hash."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import CacheStats

from loanbook import demo, schema
from loanbook.evidence import Application, ReviewBook, hash_of
from loanbook.live_book import LiveBook
from rules.refusal import Refused
from rules.review_case import Check

PERSONAL = ("Li Na", "13800000000", "110101199001011234")
BOOK = {
    "member": [
        {"id": 1, "registered_at": datetime(2024, 1, 1, 8), "full_name": PERSONAL[0], "phone": PERSONAL[1],
         "id_number": PERSONAL[2], "referred_by_id": None},
        {"id": 2, "registered_at": datetime(2024, 1, 2, 8), "full_name": PERSONAL[0], "phone": PERSONAL[1],
         "id_number": PERSONAL[2], "monthly_income": 9000, "referred_by_id": 1},
    ],
    "product": [{"id": 5, "code": "cash", "name_en": "Cash", "name_zh": "现金", "kind": "cash"}],
    "tier": [{"code": "gold", "rank": 3, "name_en": "Gold", "name_zh": "黄金", "annual_fee": 99, "credit_limit": 90000,
              "rate_discount": 0.02}],
    "application": [
        {"id": 7, "external_number": "A-7", "member_id": 2, "product_id": 5, "applied_at": datetime(2024, 6, 3, 2),
         "amount": 80000.5, "term_months": 12, "tier_code": "gold", "annual_rate": 0.18, "status": "open"},
        {"id": 8, "external_number": "A-8", "member_id": 1, "product_id": 5, "applied_at": datetime(2024, 6, 2, 2),
         "amount": 1000, "term_months": 12, "status": "open"},
        {"id": 9, "external_number": "A-9", "member_id": 2, "product_id": 5, "applied_at": datetime(2024, 2, 1, 2),
         "amount": 5000, "term_months": 6, "status": "disbursed"},
    ],
    "application_check": [
        {"id": 1, "application_id": 7, "layer": "rules", "code": "blacklist", "outcome": "pass",
         "checked_at": datetime(2024, 6, 3, 2)},
        {"id": 2, "application_id": 7, "layer": "model", "code": "score", "outcome": "flag", "value": "610",
         "threshold": "550", "checked_at": datetime(2024, 6, 3, 2)},
        {"id": 3, "application_id": 7, "layer": "manual", "code": "review", "outcome": "fail",
         "checked_at": datetime(2024, 6, 3, 2)},
        {"id": 4, "application_id": 9, "layer": "rules", "code": "blacklist", "outcome": "fail",
         "checked_at": datetime(2024, 6, 3, 2)},
    ],
    "score": [{"id": 1, "application_id": 7, "model_version": "a", "score": 610.5,
               "reasons": '[{"feature": "months_a_member", "value": 5, "contribution": 5}]',
               "scored_at": datetime(2024, 6, 3, 2)}],
    "loan": [{"id": 4, "application_id": 9, "member_id": 2, "product_id": 5, "disbursed_at": datetime(2024, 2, 2, 2),
              "principal": 5000, "term_months": 6, "status": "active"}],
    "instalment": [{"loan_id": 4, "number": 1, "due_on": datetime(2024, 3, 2).date(), "principal_due": 800,
                    "interest_due": 50, "fee_due": 0}],
    "repayment": [{"id": 1, "loan_id": 4, "paid_at": datetime(2024, 3, 2, 3), "amount": 850, "kind": "scheduled"}],
    "device_sighting": [{"id": 1, "member_id": 2, "device_hash": "d", "address_hash": "a",
                         "first_seen_at": datetime(2024, 1, 2), "last_seen_at": datetime(2024, 6, 2)}],
}  # fmt: skip


def texts(tables):
    """The same book with texts as keys."""

    def text(table, name, value):
        return f"k{value}" if value is not None and schema.is_key(schema.metadata.tables[table].c[name]) else value

    return {
        table: [{name: text(table, name, value) for name, value in row.items()} for row in rows]
        for table, rows in tables.items()
    }


def opened(database, tables=BOOK):
    database.write(tables).dispose()
    return ReviewBook(LiveBook(database.url, database.schema))


def test_everything_that_is_seen_is_read_as_it_is(database):
    seen = opened(database).seen("7")
    evidence = seen.evidence
    assert (evidence.application_id, evidence.open, evidence.amount_fen) == ("7", True, 8_000_050)
    assert (evidence.product, evidence.tier, evidence.member_id, evidence.referred_by_id) == ("cash", "gold", "2", "1")
    assert evidence.checks == (Check("rules", "blacklist", "pass"), Check("model", "score", "flag"))
    assert evidence.score_reasons == {"months_a_member"}
    assert not evidence.failed
    assert evidence.hash == hash_of(seen.content)
    content = seen.content
    assert [row["id"] for row in content["earlier_application"]] == ["9"]
    assert [row["principal"] for row in content["loan"]] == [500_000]
    assert [row["amount"] for row in content["repayment"]] == [85_000]
    assert content["application"][0]["applied_at"] == "2024-06-03 02:00:00"
    assert content["application"][0]["annual_rate"] == "0.18"
    assert not [each for each in PERSONAL if each in str(content)]
    assert "last_seen_at" not in content["device_sighting"][0]


def test_what_waits_is_listed_oldest_first_with_what_decides_whether_a_person_does(database):
    book = opened(database)
    assert book.open_applications() == [
        Application("8", "A-8", datetime(2024, 6, 2, 2, tzinfo=UTC), 100_000, "cash", None, "1", None, False),
        Application("7", "A-7", datetime(2024, 6, 3, 2, tzinfo=UTC), 8_000_050, "cash", "gold", "2", "1", True),
    ]
    assert book.statuses(["7", "9", "1000", "no number"]) == {"7": "open", "9": "disbursed"}
    assert (book.referrer("2"), book.referrer("1"), book.referrer("1000")) == ("1", None, None)
    with pytest.raises(Refused, match="does not know application 1000"):
        book.evidence("1000")


def test_keys_may_be_texts(database):
    book = opened(database, texts(BOOK))
    seen = book.seen("k7")
    assert (seen.evidence.member_id, seen.evidence.referred_by_id, len(seen.content["loan"])) == ("k2", "k1", 1)
    assert [each.id for each in book.open_applications()] == ["k8", "k7"]
    assert book.statuses(["k7", "7"]) == {"k7": "open"}


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("application", {"amount": 80000.51}), ("application", {"status": "withdrawn"}),
        ("application_check", {"outcome": "fail"}), ("score", {"score": 611}), ("member", {"monthly_income": 9001}),
        ("repayment", {"amount": 849.99}), ("loan", {"status": "written_off"}), ("product", {"name_zh": "现金贷"}),
        ("device_sighting", {"device_hash": "e"}),
    ],
)  # fmt: skip
def test_whatever_changes_changes_the_hash(sqlite, table, changes):
    before = opened(sqlite).evidence("7").hash
    assert opened(sqlite).evidence("7").hash == before
    rows = [row | changes if number == 0 or table != "application_check" else row for number, row in
            enumerate(BOOK[table])]  # fmt: skip
    rows[-1] |= changes if table == "member" else {}
    assert opened(sqlite, BOOK | {table: rows}).evidence("7").hash != before


def test_what_says_nothing_of_the_applicant_leaves_the_hash(sqlite):
    before = opened(sqlite).evidence("7").hash
    later = [row | {"last_seen_at": datetime(2024, 6, 9)} for row in BOOK["device_sighting"]]
    named = [row | {"full_name": "Li Na-Wang"} for row in BOOK["member"]]
    turned = {table: rows[::-1] for table, rows in BOOK.items()}
    for other in (BOOK | {"device_sighting": later}, BOOK | {"member": named}, turned):
        assert opened(sqlite, other).evidence("7").hash == before


def test_a_book_that_has_only_some_of_the_tables_is_read_as_far_as_it_goes(database):
    some = {name: BOOK[name] for name in ("application", "member")}
    seen = opened(database, some).seen("7")
    assert (seen.evidence.checks, seen.evidence.product, seen.content["loan"]) == ((), "", [])
    assert [each.flagged for each in opened(database, some).open_applications()] == [False, False]


def test_a_change_after_the_connection_was_opened_is_seen(sqlite):
    book = opened(sqlite)
    before = book.evidence("7")
    sqlite.change("UPDATE application SET status = 'withdrawn' WHERE id = 7")
    after = book.evidence("7")
    assert (before.open, after.open, before.hash == after.hash) == (True, False, False)


def test_what_is_read_again_is_read_by_statements_that_are_there_already(database):
    """A decision waits for them: each way to the database counts, and so does the building of what is sent."""
    book, sent = opened(database), []
    book.evidence("7")

    def send(_connection, _cursor, statement, _values, context, _many):
        if context is not None:
            sent.append((statement, context.cache_hit is CacheStats.CACHE_HIT))

    event.listen(Engine, "before_cursor_execute", send)
    try:
        book.evidence("7")
    finally:
        event.remove(Engine, "before_cursor_execute", send)
    read = [known for statement, known in sent if statement.lstrip().startswith("SELECT")]
    assert len(read) == len(BOOK) + 1, "one for each table, and one more for earlier applications"
    assert all(read)


def test_the_demo_book_is_indexed_by_what_is_read_of_an_applicant(tmp_path):
    """Without it each decision would look through whole tables."""
    demo.build(tmp_path / "book.sqlite", members=200, as_of=date(2026, 11, 17))
    book, sent = ReviewBook(LiveBook(f"sqlite:///{tmp_path / 'book.sqlite'}", None)), []
    with closing(sqlite3.connect(tmp_path / "book.sqlite")) as rows:
        query = "SELECT application_id FROM loan JOIN schedule_change ON loan_id = loan.id"
        ((key,), *_others) = rows.execute(query).fetchall()

    def send(_connection, _cursor, statement, values, *_rest):
        sent.append((statement, values))

    book.evidence(str(key))  # by which it knows the tables
    event.listen(Engine, "before_cursor_execute", send)
    try:
        book.evidence(str(key))
    finally:
        event.remove(Engine, "before_cursor_execute", send)
    small, scanned = {"prime_rate", "product", "tier"}, set()
    with closing(sqlite3.connect(tmp_path / "book.sqlite")) as rows:
        for statement, values in sent:
            if statement.startswith("SELECT"):
                plan = rows.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
                scanned |= {row[3].split()[1] for row in plan if row[3].startswith("SCAN")}
    assert len(sent) > 16
    assert scanned <= small
