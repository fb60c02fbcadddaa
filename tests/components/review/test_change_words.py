"""What changed of an application is told in the words of the case: no column, code or plain number of a database."""

import re

import pytest
from sqlalchemy import Boolean, Date, DateTime, String

from components.language import LANGUAGES, speaking
from components.review import change_words
from loanbook import evidence, schema
from rules.review_changes import Change, changes

AS_SEEN = {"earlier_application": "application"}  # rows of a table that go by another name on the case
SEEN = (*(each.name for each in evidence.SEEN_TABLES), "application", "earlier_application", "product", "perk")
COLUMNS = [
    (name, column)
    for name in SEEN
    for column in schema.metadata.tables[AS_SEEN.get(name, name)].columns
    if not column.primary_key and not schema.is_personal(column)
]
UNREAD = {("device_sighting", "last_seen_at")}  # changes with every visit, so it is no evidence


def sample(column):
    if column.type is schema.MONEY:
        return 1_234_500
    if isinstance(column.type, DateTime):
        return "2026-11-18 02:05:00"
    if isinstance(column.type, Date):
        return "2026-11-18"
    if column.info.get("codes"):
        return column.info["codes"][0]
    if isinstance(column.type, String):
        return "ab"
    return "0.24" if column.type is schema.RATE else 12


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda each: getattr(each, "name", each))
def test_every_field_that_is_seen_has_a_name_and_is_written_as_on_the_case(table, column, language):
    if (table, column.name) in UNREAD:
        return
    held = [] if column.name == "reasons" else sample(column)
    with speaking(language):
        change = Change(table, "7", column.name, None, held, {"loan_id": "5", "number": 2})
        said = (change_words.where(change), change_words.what(change), change_words.side(change, held))
    assert column.name not in said
    assert not [each for each in said if "_" in each], said
    if column.type is schema.MONEY:
        assert said[2] == "¥12,345"
    if isinstance(column.type, DateTime):
        assert said[2] == {"en": "18 Nov 2026, 10:05", "zh": "2026-11-18 10:05"}[language]
    if isinstance(column.type, Date):
        assert said[2] == {"en": "18 Nov 2026", "zh": "2026-11-18"}[language]
    if column.type is schema.RATE:
        assert said[2] == {"en": "24.00\u00a0%", "zh": "24.00%"}[language]
    if isinstance(column.type, Boolean):
        assert re.fullmatch("yes|是", said[2])


BEFORE = {
    "application": [{"id": "7", "amount": 8_000_000, "purpose": "car", "tier_code": "gold"}],
    "application_check": [{"id": "1", "code": "blacklist", "outcome": "pass"}],
    "score": [{"id": "1", "model_version": "a", "reasons": [{"feature": "external_score", "contribution": -12.5}]}],
    "instalment": [{"loan_id": "5", "number": 2, "due_on": "2026-12-01"}],
    "loan": [{"id": "5", "status": "active"}],
}
AFTER = {
    "application": [{"id": "7", "amount": 8_100_050, "purpose": "wedding", "tier_code": None}],
    "application_check": [{"id": "1", "code": "blacklist", "outcome": "fail"}],
    "score": [{"id": "1", "model_version": "a", "reasons": [{"feature": "external_score", "contribution": 12}]}],
    "instalment": [{"loan_id": "5", "number": 2, "due_on": "2027-01-01"}],
    "loan": [{"id": "5", "status": "written_off"}],
    "repayment": [{"id": "9", "loan_id": "5", "paid_at": "2026-11-18 02:05:00", "amount": 100_000}],
}


def told(before, after, language):
    with speaking(language):
        return [
            (change_words.where(each), change_words.what(each), change_words.side(each, each.before),
             change_words.side(each, each.after))
            for each in changes(before, after)
        ]  # fmt: skip


def test_what_changed_reads_as_on_the_case():
    assert told(BEFORE, AFTER, "en") == [
        ("Application", "Asked", "¥80,000", "¥81,000.50"),
        ("Application", "Purpose", "Car", "Wedding"),
        ("Application", "Tier at application", "Gold", "–"),
        ("Check: Blacklist", "Said", "passed", "failed"),
        ("Score: a", "Reasons", "Bureau score −12.5", "Bureau score +12"),
        ("Instalment 2 of loan 5", "Due", "1 Dec 2026", "1 Jan 2027"),
        ("Loan 5", "Stands", "runs", "written off"),
        ("Repayment: 18 Nov 2026, 10:05", "is new", "–", "¥1,000"),
    ]
    gone = told(AFTER, BEFORE, "en")
    assert gone[-1] == ("Repayment: 18 Nov 2026, 10:05", "is gone", "¥1,000", "–")


def test_in_chinese_no_english_is_left():
    for line in told(BEFORE, AFTER, "zh"):
        assert not re.search("[A-Za-z]{2,}", " ".join(line)), line


def test_what_a_source_holds_otherwise_than_the_contract_says_is_shown_as_it_is():
    change = Change("loan", "5", "disbursed_at", "soon", None)
    assert change_words.side(change, "soon") == "soon"
    assert change_words.what(Change("other", "5", "thing", 1, 2)) == "thing"
