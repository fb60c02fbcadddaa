"""The spend desk on both kinds of state database: all or nothing, an invoice for its estimate, once, audited."""

import io
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import func, select, update

from desk import audit_chain, spend, spend_file, staff, state
from desk.spend import File
from desk.spend_desk import SpendDesk
from rules.spend import Entry, Stage
from tests.desk import states

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MARKETING, MANAGER = "marketing@demo.invalid", "manager@demo.invalid"
ENTRY = Entry(date(2026, 11, 20), "7", "", "", "", "media", Stage.ESTIMATED, 120_050, 340)
INVOICE = replace(ENTRY, stage=Stage.INVOICED, amount_fen=119_900)
OTHER = replace(ENTRY, kind="agency")


@pytest.fixture
def engine(both):
    staff.add_demo(both)
    return both


def enter(engine, *entries, by=MARKETING, at=NOW, file=None, source="book"):
    numbered = list(enumerate(entries, start=2))
    return spend.enter(engine, source, numbered, staff_email=by, at=at, file=file)


def kept(engine, source="book"):
    return {each.entry for each in spend.in_force(engine, source)}


def events(engine):
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(state.audit_event)).scalar_one()


def test_what_is_entered_is_kept_and_audited_and_entered_again_it_stores_nothing(engine, tmp_path):
    taken = enter(engine, ENTRY, OTHER)
    assert (taken.new, taken.replaced, taken.unchanged, taken.faults) == (2, 0, 0, ())
    assert kept(engine) == {ENTRY, OTHER}
    assert kept(engine, "another book") == set()
    assert events(engine) == 1
    again = enter(engine, OTHER, ENTRY, at=NOW + timedelta(hours=1))
    assert (again.new, again.replaced, again.unchanged) == (0, 0, 2)
    assert events(engine) == 1
    with engine.connect() as connection:
        payload = connection.execute(select(state.audit_event.c.payload)).scalar_one()
    assert '"amount_fen":120050' in payload
    assert audit_chain.verify(engine, states.keeper(tmp_path)).broken is None


def test_an_invoice_takes_the_place_of_its_estimate_and_never_the_other_way_round(engine):
    enter(engine, ENTRY, OTHER)
    taken = enter(engine, INVOICE, at=NOW + timedelta(days=1))
    assert (taken.new, taken.replaced) == (0, 1)
    assert kept(engine) == {INVOICE, OTHER}
    with engine.connect() as connection:
        rows = connection.execute(select(state.spend_entry.c.amount_fen, state.spend_entry.c.replaced_at)).all()
        newest = connection.execute(select(state.audit_event.c.payload).order_by(state.audit_event.c.sequence)).all()
    assert (120_050, NOW + timedelta(days=1)) in [tuple(row) for row in rows]  # kept as replaced
    assert '"amount_fen":119900,"before_amount_fen":120050,"before_stage":"estimated"' in newest[-1].payload
    refused = enter(engine, replace(OTHER, kind="bonus"), ENTRY)
    assert [(fault.row, "invoiced already" in fault.sentence) for fault in refused.faults] == [(3, True)]
    assert kept(engine) == {INVOICE, OTHER}  # nothing of it, the good row neither


def test_the_same_file_twice_stores_nothing_twice_and_says_when_it_was_stored(engine):
    file = File("november.csv", b"day,...")
    assert enter(engine, ENTRY, file=file).new == 1
    enter(engine, INVOICE)
    again = enter(engine, ENTRY, file=replace(file, name="copy.csv"), at=NOW + timedelta(days=2))
    assert again.earlier is not None
    assert (again.earlier.name, again.earlier.at, again.earlier.rows, again.new) == ("november.csv", NOW, 1, 0)
    assert kept(engine) == {INVOICE}
    assert enter(engine, ENTRY, file=file, source="another book").new == 1


@pytest.mark.parametrize("by", [MANAGER, "risk.officer@demo.invalid", "auditor@demo.invalid", "nobody@x"])
def test_only_marketing_may_enter(engine, by):
    with pytest.raises(PermissionError):
        enter(engine, ENTRY, by=by)
    assert kept(engine) == set()
    assert events(engine) == 0


def test_a_right_that_was_taken_away_is_noticed_in_the_transaction(engine):
    with engine.begin() as connection:
        connection.execute(update(state.staff).where(state.staff.c.email == MARKETING).values(active=False))
    with pytest.raises(PermissionError):
        enter(engine, ENTRY)


def test_two_who_enter_the_same_at_once_store_it_once(engine):
    results = []
    threads = [threading.Thread(target=lambda: results.append(enter(engine, ENTRY))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((taken.new, taken.unchanged) for taken in results) == [(0, 1), (0, 1), (0, 1), (1, 0)]
    assert events(engine) == 1


@pytest.fixture
def desk(engine):
    return SpendDesk(engine, "book", MARKETING, lambda: NOW, {"7": "Creator videos 2026-05"})


GOOD = b"day,campaign,kind,stage,amount,clicks\n2026-11-20,Creator videos 2026-05,media,estimated,1200.50,340\n"


def test_a_file_is_read_and_stored_as_it_stands(desk):
    read = desk.read_file("november.csv", GOOD)
    assert read.faults == ()
    assert desk.store(read.entries, "november.csv", GOOD).new == 1
    assert {each.entry for each in desk.kept()} == {ENTRY}
    assert desk.store(read.entries, "november.csv", GOOD).earlier.staff_email == MARKETING


def test_an_excel_sheet_with_dates_and_numbers_says_the_same(desk):
    book = openpyxl.Workbook()
    book.active.append(["日期", "活动", "类型", "阶段", "金额", "点击"])
    book.active.append([datetime(2026, 11, 20), 7, "媒体", "预估", 1200.5, 340.0])
    book.active.append([None] * 6)
    content = io.BytesIO()
    book.save(content)
    read = desk.read_file("十一月.xlsx", content.getvalue())
    assert (read.faults, read.entries) == ((), ((2, ENTRY),))


def test_the_template_is_read_as_it_is_handed_out(desk):
    assert desk.read_file("spend.csv", desk.template()).faults == ()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("spend.pdf", b"%PDF", "Send a CSV or an Excel file"),
        ("spend.xlsx", b"no zip at all", "no Excel file"),
        ("spend.csv", b"", "first row of the file is empty"),
        ("spend.csv", b"\xff\xfe\xff\xff\xff", "no CSV"),
        ("spend.csv", b"day,campaign,kind,stage,amount\n", "no row below its heads"),
    ],
)
def test_a_file_that_can_not_be_read_is_told_and_nothing_is_stored(desk, name, content, told):
    read = desk.read_file(name, content)
    assert read.entries == ()
    assert told in read.faults[0].sentence


def test_a_file_of_chinese_excel_is_read(desk):
    text = "日期;活动;类型;阶段;金额\r\n2026/11/20;7;媒体;预估;1,200.50\r\n"
    read = desk.read_file("x.csv", text.encode("gb18030"))
    assert read.faults == ()
    assert read.entries[0][1] == replace(ENTRY, clicks=None)


def test_a_file_that_is_too_large_is_refused_unread():
    with pytest.raises(spend_file.SpendFileError, match="5 MB"):
        spend_file.table("x.csv", b"x" * (spend_file.MOST_BYTES + 1))
