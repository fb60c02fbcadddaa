"""The invitation tree as a book: a drawn one worked by hand, faults by their row."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from loanbook import books, check
from loanbook.connection import connect, present_columns
from loanbook.finding import Severity
from loanbook.importers import invitation_tree
from loanbook.importers.reading import ImportFault
from loanbook.schema import member

# 1 is known only by the two whom they invited.
PEOPLE = (
    "1,,,,0",
    "2,1,2015-08-06T06:02:19.250-05:00,483.0,1",
    "3,1,2015-08-06T12:00:00Z,1,1",
    "4,3,2016-02-29T23:30:00+08:00,1,1",
)
ACTIVITY = ("4,2016-03-01T12:00:00-05:00,25,17", "2,2015-12-31T00:00:00Z,6,0")


def loaded(folder: Path, *people: str, activity: tuple[str, ...] = ACTIVITY) -> Path:
    lines = "\n".join(["user_id,inviter_id,joined_at,karma,seen", *people])
    (folder / "edges.csv").write_text(lines, encoding="utf-8")
    lines = "\n".join(["user_id,created_at,score,comment_count", *activity])
    (folder / "activity.csv.gz").write_text(lines, encoding="utf-8")
    invitation_tree.load(folder, folder / "book.sqlite", lambda _stage, _share: None)
    return folder / "book.sqlite"


def members(book: Path) -> list[Row[Any]]:
    engine = connect(books.address(book), None)
    columns = member.c.id, member.c.referred_by_id, member.c.registered_at, member.c.dates_imputed
    with engine.connect() as connection:
        rows = list(connection.execute(select(*columns, member.c.acquisition_channel)).all())
    engine.dispose()
    return rows


def findings(book: Path) -> set[str]:
    engine = connect(books.address(book), None)
    found = {f.kind for f in check.run(engine, None, lambda _, __: None) if f.severity is not Severity.MISSING}
    engine.dispose()
    return found


def fault(folder: Path, *people: str, activity: tuple[str, ...] = ACTIVITY) -> list[str]:
    with pytest.raises(ImportFault) as raised:
        loaded(folder, *people, activity=activity)
    assert not (folder / "book.sqlite").exists()
    return str(raised.value).splitlines()[1:]


def test_people_are_members_with_their_referrer_and_the_utc_instant_they_joined(tmp_path: Path) -> None:
    assert members(loaded(tmp_path, *PEOPLE)) == [
        (1, None, datetime(2015, 8, 6, 11, 2, 19, 250_000), True, None),  # with the first whom they invited
        (2, 1, datetime(2015, 8, 6, 11, 2, 19, 250_000), False, "referral"),
        (3, 1, datetime(2015, 8, 6, 12), False, "referral"),
        (4, 3, datetime(2016, 2, 29, 15, 30), False, "referral"),
    ]


def test_the_book_closes_on_the_business_day_of_the_newest_act(tmp_path: Path) -> None:
    note = books.note(loaded(tmp_path, *PEOPLE))  # noon in New York is one o'clock of the next day in Shanghai
    assert note is not None
    assert (note.as_of, note.definition) == (date(2016, 3, 2), None)
    note = books.note(loaded(tmp_path, *PEOPLE, activity=("2,2015-09-01T00:00:00Z,1,1",)))
    assert note is not None
    assert note.as_of == date(2016, 2, 29)  # somebody joined after the last act


def test_the_book_keeps_the_contract_and_holds_members_alone(tmp_path: Path) -> None:
    book = loaded(tmp_path, *PEOPLE)
    assert findings(book) == set()
    engine = connect(books.address(book), None)
    with engine.connect() as connection:
        assert set(present_columns(connection, None)) == {"book_note", "member"}
    engine.dispose()


def test_cycles_and_people_who_invited_themselves_are_kept_for_the_check_to_report(tmp_path: Path) -> None:
    at = "2015-08-06T12:00:00Z"
    book = loaded(tmp_path, f"1,2,{at},,", f"2,1,{at},,", f"3,3,{at},,", activity=(f"1,{at},1,1",))
    assert [(id_, referrer) for id_, referrer, *_ in members(book)] == [(1, 2), (2, 1), (3, 3)]
    assert findings(book) == {"referral_cycle", "self_referral"}


def test_each_fault_is_told_with_its_row_and_column_and_nothing_is_written(tmp_path: Path) -> None:
    assert fault(
        tmp_path,
        *PEOPLE,
        "5,9,2016-01-01T00:00:00Z,1,1",
        "5,1,2016-01-01,1,1",
        "six,,2016-01-01T00:00:00Z,1,0",
        "7,,,1,0",
    ) == [
        "  row 6, column inviter_id: '9' is no user_id of this file.",
        "  row 7, column joined_at: '2016-01-01' is not an instant such as 2011-12-31T23:59:00+08:00.",
        "  row 7, column user_id: '5' already stands in row 6.",
        "  row 8, column user_id: 'six' is not a number.",
        "  row 9, column joined_at: is empty, and so it is for everybody whom they invited.",
    ]
    assert fault(
        tmp_path, *PEOPLE, activity=("9,2016-01-01T00:00:00Z,1,1", "2,2016-13-01T00:00:00Z,1,1", "2,,1,1")
    ) == [
        "  row 2, column user_id: '9' is no user_id of edges.csv.",
        "  row 3, column created_at: '2016-13-01T00:00:00Z' is not an instant such as 2011-12-31T23:59:00+08:00.",
        "  row 4, column created_at: is empty.",
    ]


@pytest.mark.parametrize(
    "told", ["2016-01-01T00:00:00", "2016-01-01 00:00:00+08:00", "01.01.2016", "2016-02-30T00:00:00Z"]
)
def test_an_instant_has_a_day_that_exists_and_an_offset(tmp_path: Path, told: str) -> None:
    (sentence,) = fault(tmp_path, *PEOPLE, f"5,1,{told},1,1")
    assert f"{told!r} is not an instant" in sentence


def test_a_folder_without_the_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImportFault, match=r"edges\.csv does not exist"):
        invitation_tree.load(tmp_path / "none", tmp_path / "book.sqlite", lambda _, __: None)
