"""The audit chain as auditors search it and take it along, on both kinds of state database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from desk import audit, audit_search, exports
from desk.audit_search import Wanted

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
EVENTS = [
    ("a@x", "case.claimed", "book:1", NOON - timedelta(hours=13)),  # 20 November, 23:00
    ("b@x", "case.claimed", "book:2", NOON - timedelta(hours=12)),  # 21 November, 00:00
    ("a@x", "case.decided", "book:1", NOON),
    ("b@x", "staff.changed", "100%_b@x", NOON + timedelta(hours=12) - timedelta(microseconds=1)),
    ("b@x", "staff.changed", "a@x", NOON + timedelta(hours=12)),  # 22 November, 00:00
]


@pytest.fixture
def chain(both):
    with both.begin() as connection:
        for by, kind, subject, at in EVENTS:
            audit.append(
                connection, audit.Event(at, by, kind, subject, {"role": {"before": "a", "after": None}, "n": 1})
            )
    return both


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), [5, 4, 3, 2, 1]),
        (Wanted(kind="case.claimed"), [2, 1]),
        (Wanted(kind="case"), []),
        (Wanted(person="b@x"), [5, 4, 2]),
        (Wanted(about="book:1"), [3, 1]),
        (Wanted(about="%"), [4]),
        (Wanted(about="_"), [4]),
        (Wanted(about="'; drop"), []),
        (Wanted(first=date(2026, 11, 21)), [5, 4, 3, 2]),
        (Wanted(last=date(2026, 11, 20)), [1]),
        (Wanted(first=date(2026, 11, 21), last=date(2026, 11, 21)), [4, 3, 2]),
        (Wanted(person="a@x", kind="case.claimed", about="book", last=date(2026, 11, 30)), [1]),
        (Wanted(first=date(2026, 11, 22), last=date(2026, 11, 21)), []),
    ],
)
def test_events_are_found_by_kind_person_subject_and_business_day(chain, wanted, expected):
    found = audit_search.find(chain, wanted, 100)
    assert ([each.sequence for each in found.newest], found.count) == (expected, len(expected))
    taken = [row for batch in audit_search.batches(chain, wanted) for row in batch.to_pylist()]
    assert [row["sequence"] for row in taken] == sorted(expected)


def test_the_newest_are_listed_and_all_are_counted_and_taken_along(chain, monkeypatch):
    monkeypatch.setattr(audit_search, "_AT_ONCE", 2)
    found = audit_search.find(chain, Wanted(), 2)
    assert ([each.sequence for each in found.newest], found.count) == ([5, 4], 5)
    batches = list(audit_search.batches(chain, Wanted()))
    assert [batch.num_rows for batch in batches] == [2, 2, 1]
    last = batches[-1].to_pylist()[0]
    assert tuple(last) == audit_search.COLUMNS
    assert last["hash"] == audit.newest(chain).hash
    assert last["at"] == "2026-11-21T16:00:00+00:00"


def test_what_can_be_chosen_is_what_is_there(chain):
    assert audit_search.kinds(chain) == ("case.claimed", "case.decided", "staff.changed")
    assert audit_search.people(chain) == ("a@x", "b@x")


def test_a_payload_is_told_as_a_line(chain):
    assert audit_search.told(audit_search.find(chain, Wanted(), 1).newest[0].payload) == "n: 1, role: a → –"
    assert (
        audit_search.told('{"reasons":[{"code":"x"}],"none":null,"yes":true}')
        == 'reasons: [{"code": "x"}], none: –, yes: true'
    )


def test_a_file_is_an_event(both):
    exports.recording(both, lambda: NOON)("a@x", "default-rate-loans", {"file": "csv", "rows": 7, "link": "/x?a=1"})
    [event] = audit_search.find(both, Wanted(), 9).newest
    assert (event.kind, event.staff_email, event.subject) == ("rows.exported", "a@x", "default-rate-loans")
    assert audit_search.told(event.payload) == "file: csv, link: /x?a=1, rows: 7"
