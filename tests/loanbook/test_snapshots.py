"""Snapshots on disk: opening what is no snapshot, the pointer, which are kept, folders by source."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from loanbook import snapshots
from loanbook.snapshot_schema import FORMAT
from loanbook.snapshots import SnapshotError
from rules import policy, settings

NOW = datetime(2024, 6, 11, 1, 0, tzinfo=UTC)


def written(folder: Path, snapshot_id: str, format_: int = FORMAT) -> Path:
    folder.mkdir(exist_ok=True)
    with snapshots.create(snapshots.building(folder, snapshot_id)) as connection:
        connection.execute(f"CREATE TABLE snapshot_note AS SELECT {format_} AS format, repeat('x', 100000) AS filling")
    return snapshots.publish(folder, snapshot_id)


def refused(file: Path) -> str:
    with pytest.raises(SnapshotError) as error:
        snapshots.open_readonly(file)
    return str(error.value).replace(str(file), "FILE")


def test_a_published_snapshot_is_named_by_the_pointer_and_can_be_read_but_not_written(tmp_path: Path) -> None:
    assert snapshots.current(tmp_path / "none") is None
    file = written(tmp_path, "20240101T000000Z-0000")
    written(tmp_path, "20240102T000000Z-0000")
    assert snapshots.current(tmp_path) == "20240102T000000Z-0000"
    opened = snapshots.open_readonly(file)
    assert opened.execute("SELECT format FROM snapshot_note").fetchall() == [(FORMAT,)]
    with pytest.raises(duckdb.InvalidInputException):
        opened.execute("DELETE FROM snapshot_note")
    with pytest.raises(duckdb.Error):
        opened.execute("SELECT * FROM read_text('/etc/hostname')")
    opened.close()


@pytest.mark.parametrize("bytes_left", [0, 100, 5_000, 20_000, -1])
def test_a_truncated_snapshot_is_damaged(tmp_path: Path, bytes_left: int) -> None:
    file = written(tmp_path, "20240101T000000Z-0000")
    file.write_bytes(file.read_bytes()[:bytes_left])
    assert refused(file) == "The file FILE is no snapshot or is damaged; run: python manage.py refresh"


def test_a_foreign_file_is_no_snapshot(tmp_path: Path) -> None:
    file = tmp_path / "snapshot-x.duckdb"
    file.write_bytes(b"SQLite format 3\x00" + b"\x00" * 20_000)
    assert "is no snapshot or is damaged" in refused(file)
    file.write_text("hello")
    assert "is no snapshot or is damaged" in refused(file)
    file.unlink()
    assert refused(file) == "The snapshot FILE is gone; run: python manage.py refresh"
    with duckdb.connect(str(file)) as other:
        other.execute("CREATE TABLE snapshot (x INTEGER)")
    assert "is no snapshot or is damaged" in refused(file)


def test_another_format_is_told_apart(tmp_path: Path) -> None:
    file = written(tmp_path, "20240101T000000Z-0000", FORMAT + 1)
    assert (
        refused(file) == "The snapshot FILE was written by another version of Loanboard; run: python manage.py refresh"
    )


def test_a_damaged_pointer_names_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "current").write_bytes(b"\xff\xfe\x00")
    assert snapshots.current(tmp_path) is None


def test_ids_are_new_and_sort_by_their_start(tmp_path: Path) -> None:
    first = snapshots.new_id(tmp_path, NOW)
    written(tmp_path, first)
    second = snapshots.new_id(tmp_path, NOW)
    written(tmp_path, second)
    assert first != second
    assert {name.partition("-")[0] for name in (first, second)} == {"20240611T010000Z"}
    (tmp_path / "snapshot-strange.duckdb").touch()
    assert set(snapshots.ids(tmp_path)) == {first, second}


def test_days_and_month_ends_are_kept() -> None:
    # a refresh at 01:00 UTC (09:00 in Shanghai) has the day before as its last closed one
    keep = policy.Snapshots(keep_days=2, keep_month_ends=2)
    ids = [
        "20240201T010000Z-a",  # closed 01-31: month end, but two newer months are kept
        "20240229T170000Z-b",  # 01:00 on 03-01 in Shanghai, closed 02-29: the month end
        "20240229T010000Z-c",
        "20240330T010000Z-d",  # newest of March
        "20240410T010000Z-e",
        "20240411T010000Z-f",  # same day as g, older
        "20240411T150000Z-g",
        "20240412T010000Z-h",
    ]
    kept = snapshots.kept(ids, keep)
    assert sorted(str(kept_id)[-1] for kept_id in kept) == ["b", "d", "g", "h"]


def test_what_is_not_kept_goes_but_never_the_one_served(tmp_path: Path) -> None:
    for day in ("20240412", "20240411", "20240410"):  # the oldest is published last, so it is served
        written(tmp_path, f"{day}T010000Z-a")
    assert snapshots.discard(tmp_path, policy.Snapshots(keep_days=1, keep_month_ends=0)) == ["20240411T010000Z-a"]
    assert snapshots.ids(tmp_path) == ["20240412T010000Z-a", "20240410T010000Z-a"]


def test_each_source_and_schema_has_its_folder_whatever_the_password(tmp_path: Path) -> None:
    def folder(url: str, schema: str = "") -> str:
        environment = {"LOANBOARD_DATA_DIR": str(tmp_path), "LOANBOARD_SCHEMA": schema}
        return snapshots.folder(settings.read(environment), url).name

    one = folder("postgresql://reader:first@host/loans")
    assert folder("postgresql://reader:second@host/loans") == one
    assert folder("postgresql://reader:first@host/loans", "mart") != one
    assert folder("postgresql://reader:first@host/other") != one
