"""Which snapshots a process keeps open, and what it says of them."""

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from sqlalchemy import func, select

from loanbook import snapshots as files
from loanbook.snapshot_schema import loan_fact
from queries import read, snapshots
from queries.book import facts
from queries.faults import OtherVersion, SnapshotGone
from rules.book import Evidence
from tests.queries import heavy
from tests.queries.drawn import Loan, book_of

LOANS = [
    Loan(1, date(2024, 1, 10), dims={"tier": "bronze", "province": "A"}, dates_imputed=True),
    Loan(1, date(2025, 3, 1), dims={"tier": "gold", "province": "A"}),
]


def opened():
    return {file.name for file in snapshots._opened}


def name(snapshot_id):
    return f"snapshot-{snapshot_id}.duckdb"


def test_there_is_none_at_first(tmp_path):
    snapshots.use(tmp_path)
    with pytest.raises(SnapshotGone, match="No copy"):
        snapshots.current()


def test_the_old_one_is_closed_after_its_last_cursor(publish):
    first = publish(LOANS)
    assert snapshots.current() == first
    with snapshots.cursor(first) as outer:
        with snapshots.cursor(first):
            second = publish(LOANS[:1])
            assert snapshots.current() == second
            assert len(read.read(heavy.rows(2), second)) == 2
            assert opened() == {name(first), name(second)}
        assert opened() == {name(first), name(second)}
        assert outer.sql("SELECT count(*) FROM loan_fact").fetchall() == [(2,)]
    assert opened() == {name(second)}


def test_the_newest_stays_open_between_reads(publish):
    newest = publish(LOANS)
    snapshots.current()
    read.read(heavy.rows(1), newest)
    assert opened() == {name(newest)}


def test_a_link_to_an_older_one_opens_it_as_long_as_it_is_kept(publish):
    first = publish(LOANS)
    second = publish(LOANS[:1])
    assert snapshots.current() == second
    assert facts(first).loans == 2
    assert facts(second).loans == 1
    files.path(publish.folder, first).unlink()
    with pytest.raises(SnapshotGone, match="newest"):
        read.read(heavy.rows(3), first)


def test_a_truncated_file_is_said_to_be_damaged(publish):
    broken = publish(LOANS)
    file = files.path(publish.folder, broken)
    file.write_bytes(file.read_bytes()[:5_000])
    with pytest.raises(SnapshotGone, match="damaged"):
        read.read(heavy.rows(3), broken)


def test_a_snapshot_is_read_within_its_limits(publish):
    snapshot_id = publish(LOANS)
    snapshots.use(publish.folder, memory_limit="300MiB", threads=1)
    with snapshots.cursor(snapshot_id) as cursor:
        limits = cursor.sql("SELECT current_setting('memory_limit'), current_setting('threads')").fetchall()
    assert limits == [("300.0 MiB", 1)]


def test_the_facts_are_those_that_were_written(publish):
    snapshot_id = publish(LOANS)
    assert facts(snapshot_id) == book_of(LOANS, snapshot_id)
    book = facts(snapshot_id)
    assert book.varying == {"tier"}
    assert book.values_of("tier") == ("bronze", "gold")
    assert book.values_of("channel") == ()
    assert book.evidence == {Evidence.INSTALMENTS}
    assert book.missing_tables == {"contact"}


def test_the_lenders_own_names_are_kept_where_it_gives_both(publish):
    snapshot_id = publish(LOANS)
    file = files.path(publish.folder, snapshot_id)
    with duckdb.connect(str(file)) as connection:
        connection.execute("UPDATE dimension_value SET name_en = 'Bronze', name_zh = '青铜' WHERE value = 'bronze'")
        connection.execute("UPDATE dimension_value SET name_en = 'Gold' WHERE value = 'gold'")
    book = facts(snapshot_id)
    assert book.name_of("tier", "bronze", "zh") == "青铜"
    assert book.name_of("tier", "gold", "en") is None


def test_the_facts_of_an_empty_book(publish):
    book = facts(publish([]))
    assert (book.loans, book.first_disbursed_on, book.values, book.varying) == (0, None, (), frozenset())


def test_those_that_are_kept_are_named_newest_first_with_the_moment_they_were_begun(publish):
    first, second = publish(LOANS), publish(LOANS)
    (publish.folder / "snapshot-nonsense.duckdb").touch()
    begun = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
    assert snapshots.kept() == [(second, begun + timedelta(seconds=1)), (first, begun)]


def test_the_one_kept_of_the_same_business_day_stands_in(publish):
    kept = publish(LOANS)  # begun on 1 July 2026, 9 in the morning in Shanghai
    moment = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
    assert snapshots.of_same_day("20260630T160000Z-0000") == (kept, moment)
    assert snapshots.of_same_day("20260630T155959Z-0000") is None
    assert snapshots.of_same_day("nonsense") is None


def test_one_of_another_version_is_told_apart(publish):
    other = publish(LOANS)
    with duckdb.connect(str(files.path(publish.folder, other))) as connection:
        connection.execute("UPDATE snapshot_note SET format = 1")
    with pytest.raises(OtherVersion, match="another version"):
        facts(other)


@pytest.mark.parametrize("asked", ["../current", "a/b", "", "x" * 101, "*", "snapshot-1.duckdb"])
def test_what_can_not_be_an_id_opens_nothing(publish, asked):
    publish(LOANS)
    with pytest.raises(SnapshotGone):
        facts(asked)


def test_the_answers_of_one_are_never_those_of_another(publish):
    first = publish(LOANS)
    second = publish(LOANS[:1])
    counted = select(func.count().label("loans")).select_from(loan_fact)
    assert [int(read.read(counted, each)["loans"].iloc[0]) for each in (first, second, first)] == [2, 1, 2]
