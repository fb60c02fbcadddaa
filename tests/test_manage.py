"""The command line: what each command does, and that whatever people can get wrong ends in a sentence."""

import errno
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click.testing
import pytest
from filelock import FileLock
from sqlalchemy.exc import OperationalError

import manage
from desk import refresh, runs, state
from desk.commands import checking
from loanbook import books, snapshots
from loanbook import demo as demo_book
from rules import settings
from tests.loanbook import test_card_default
from tests.loanbook.drawn_book import draw
from tests.loanbook.test_lending_club import GOOD, HEADER

Run = Callable[..., click.testing.Result]
NOON = datetime(2024, 6, 15, 4, tzinfo=UTC)  # 15 June in Shanghai: the 14th is closed


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LOANBOARD_DATABASE_URL", "LOANBOARD_SCHEMA", "LOANBOARD_STATE_URL", "LOANBOARD_AS_OF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOANBOARD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(manage, "_now", lambda: NOON)
    return tmp_path / "data"


@pytest.fixture
def run(data_dir: Path) -> Run:
    def invoke(*words: str, typed: str | None = None, code: int = 0) -> click.testing.Result:
        result = click.testing.CliRunner().invoke(manage.cli, words, input=typed)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return invoke


def read() -> settings.Settings:
    return settings.read(os.environ)


def folder() -> Path:
    return refresh.source(read()).folder


@pytest.fixture
def refreshed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that would have been refreshed, for what is not about the snapshot."""
    folders: list[Path] = []

    def build(read: settings.Settings, *_: object, **__: object) -> None:
        folders.append(refresh.source(read).folder)

    monkeypatch.setattr(refresh, "run", build)
    return folders


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    (tmp_path / "loans.csv").write_text(f"{HEADER}\n{GOOD}\n")
    return tmp_path / "loans.csv"


def test_demo_builds_serves_and_refreshes_the_demo_book(run: Run, data_dir: Path) -> None:
    output = run("demo", "--members", "60", "--seed", "3").output
    assert "closed to 2024-06-14" in output
    assert output.endswith("To see it: make run\n")
    assert books.current(data_dir) == data_dir / "books" / "demo.sqlite"
    (recorded,) = runs.latest(state.open_engine(read().state_url), folder().name)
    assert recorded.outcome is runs.Outcome.SUCCEEDED
    assert recorded.snapshot_id == snapshots.current(folder())


def test_import_serves_the_file_and_demo_brings_the_demo_book_back(run: Run, data_dir: Path, csv_file: Path) -> None:
    assert "1 loans" in run("import", "lending-club", str(csv_file)).output
    assert books.current(data_dir) == data_dir / "books" / "lending-club.sqlite"
    assert (
        run("sql", "--csv", "select grade, principal_fen from loan_fact").output == "grade,principal_fen\nC,1999950\n"
    )
    run("demo", "--members", "60")
    assert books.current(data_dir) == data_dir / "books" / "demo.sqlite"


def test_card_accounts_and_an_invitation_tree_are_imported_and_served(run: Run, data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "cards.csv").write_text(f"{test_card_default.HEADER}\n{test_card_default.GOOD}\n")
    assert "closed to 2005-10-31: 1 loans" in run("import", "card-default", str(tmp_path / "cards.csv")).output
    assert books.current(data_dir) == data_dir / "books" / "card-default.sqlite"
    tape = "select previous_bucket, bucket from loan_month order by month_end desc limit 2"
    assert run("sql", "--csv", tape).output == "previous_bucket,bucket\nM3,M3+\nM2,M3\n"
    (tmp_path / "edges.csv").write_text(
        "user_id,inviter_id,joined_at\n1,,2024-01-01T00:00:00Z\n2,1,2024-01-02T00:00:00Z\n"
    )
    (tmp_path / "activity.csv.gz").write_text("user_id,created_at\n2,2024-01-02T20:00:00Z\n")
    assert "closed to 2024-01-03: 0 loans" in run("import", "invitation-tree", str(tmp_path)).output
    assert books.current(data_dir) == data_dir / "books" / "invitation-tree.sqlite"
    tree = "select member_id, tree_node.level, members from tree_node join member_journey using (member_no) order by 2"
    assert run("sql", "--csv", tree).output == "member_id,level,members\n1,0,2\n2,1,1\n"


def test_an_import_says_that_a_setting_hides_it(
    run: Run, refreshed: list[Path], csv_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOANBOARD_DATABASE_URL", f"sqlite:///{draw(tmp_path / 'own.sqlite')}")
    output = run("import", "lending-club", str(csv_file)).output
    assert "LOANBOARD_DATABASE_URL names another loan database; unset it to see this book." in output
    monkeypatch.delenv("LOANBOARD_DATABASE_URL")
    assert refreshed == [folder()]


def test_a_faulty_file_is_told_and_what_was_served_stays_served(
    run: Run, refreshed: list[Path], data_dir: Path, csv_file: Path
) -> None:
    run("import", "lending-club", str(csv_file))
    book = books.current(data_dir)
    assert book is not None
    before = book.read_bytes()
    csv_file.write_text(f"{HEADER}\n{GOOD.replace('36', 'x', 1)}\n")
    assert "row 2, column term: 'x' is not a number" in run("import", "lending-club", str(csv_file), code=1).output
    assert book.read_bytes() == before
    assert len(refreshed) == 1


def test_check_tells_what_breaks_the_contract(run: Run, tmp_path: Path) -> None:
    clean = draw(tmp_path / "clean.sqlite")
    output = run("check", "--url", f"sqlite:///{clean}").output
    assert "missing   The table perk is missing" in output
    assert output.endswith(f"{clean} keeps the contract.\n")
    broken = draw(tmp_path / "broken.sqlite", "update loan set principal = -5 where id = 21", "delete from product")
    output = run("check", "--url", f"sqlite:///{broken}", code=1).output
    assert "broken    loan.principal is not above zero in 1 row(s): id 21." in output
    assert output.endswith("breaks the contract in 4 way(s).\n")
    listed = run("check", "--url", f"sqlite:///{broken}", "--rows", "orphan", code=1)
    assert sorted(listed.stdout.split()) == [
        "application,product_id,11", "application,product_id,12", "application,product_id,13", "loan,product_id,21",
        "loan,product_id,22", "table,column,key",
    ]  # fmt: skip
    assert "is not one of" in run("check", "--rows", "missing_table", code=2).output


def test_a_refresh_that_fails_is_on_record_and_the_earlier_snapshot_stays(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = draw(tmp_path / "own.sqlite")
    monkeypatch.setenv("LOANBOARD_DATABASE_URL", f"sqlite:///{book}")
    run("refresh")
    snapshot_id = snapshots.current(folder())
    book.write_bytes(b"no database")
    told = f"The file {book} is not a SQLite database."
    assert run("refresh", code=1).stderr.endswith(f"\nError: {told}\n")
    assert snapshots.current(folder()) == snapshot_id
    failed = runs.last_failure(state.open_engine(read().state_url), folder().name)
    assert failed is not None
    assert failed.message == told


def test_a_refresh_while_another_one_runs_leaves_it_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOANBOARD_DATABASE_URL", f"sqlite:///{draw(tmp_path / 'own.sqlite')}")
    folder().mkdir(parents=True)
    with FileLock(folder() / "lock"):
        assert "Another refresh of this loan database is running" in run("refresh").output
    assert snapshots.current(folder()) is None
    assert runs.latest(state.open_engine(read().state_url), folder().name) == ()


def test_sql_answers_on_the_snapshot_read_only(run: Run, csv_file: Path) -> None:
    assert "There is no loan database yet" in run("sql", "select 1", code=1).output
    run("import", "lending-club", str(csv_file))
    assert "1999950" in run("sql", "select principal_fen from loan_fact").output
    assert "\nloan_fact (1 rows): loan_no, loan_id, " in run("sql", ".tables").output
    assert "does not exist" in run("sql", "select * from nothing", code=1).output
    assert "read-only" in run("sql", "delete from loan_fact", code=1).output
    assert run("sql", "copy loan_fact to '/tmp/loan_fact.csv'", code=1)
    typed = "select 1 as a,\n2 as b;\nselect nothing;\nselect 'x' as c"
    assert run("sql", "--csv", typed=typed).stdout.replace("\r", "") == "a,b\n1,2\nc\nx\n"


@pytest.mark.parametrize(
    ("name", "value", "words", "told"),
    [
        ("LOANBOARD_REFRESH_MINUTES", "soon", ("refresh",), "write a whole number of minutes"),
        ("LOANBOARD_AS_OF", "yesterday", ("demo",), "write a date such as"),
        ("LOANBOARD_POLICY", "/none.toml", ("policy",), "The policy file /none.toml can't be read"),
        ("LOANBOARD_DATABASE_URL", "postgresql://a:se@cret@h:x/b", ("check",), "is not the address of a database"),
        ("LOANBOARD_DATABASE_URL", "sqlite:////none.sqlite", ("refresh",), "/none.sqlite does not exist"),
        ("LOANBOARD_STATE_URL", "nonsense", ("refresh",), "LOANBOARD_STATE_URL is not an address"),
        ("LOANBOARD_DATA_DIR", "/dev/null/here", ("demo", "--members", "5"), "LOANBOARD_DATA_DIR name a folder that"),
        ("LOANBOARD_LOG", "loud", ("refresh",), "write text or json"),
        ("LOANBOARD_WEBHOOK_URL", "ftp://a:cret@h", ("refresh",), "write one such as https"),
    ],
)
def test_a_wrong_setting_ends_in_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.setenv(name, value)
    output = run(*words, code=1).output
    assert told in output
    assert "cret" not in output


def test_what_is_missing_altogether_is_told(run: Run) -> None:
    assert "There is no loan database yet; run: python manage.py demo" in run("check", code=1).output
    assert "is valid: 1 version(s)" in run("policy").output
    assert run("metrics").output.startswith("# Metrics\n")


def test_a_bug_keeps_its_traceback(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(checking.checking, "checked", broken)
    url = f"sqlite:///{draw(tmp_path / 'own.sqlite')}"
    result = click.testing.CliRunner().invoke(manage.cli, ["check", "--url", url])
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full or can't be written: "),
        (OperationalError("", None, Exception("database or disk is full")), "The disk is full or can't be written: "),
        (OSError(errno.EIO, "Input/output error"), None),
        (OperationalError("", None, Exception("no such column: oops")), None),
    ],
)
def test_a_full_disk_ends_in_a_sentence_and_other_faults_of_the_machine_do_not(
    data_dir: Path, csv_file: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str | None
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(manage.books, "serve", refuse)
    result = click.testing.CliRunner().invoke(manage.cli, ["import", "lending-club", str(csv_file)])
    assert result.exit_code == 1
    if told is None:
        assert result.exception is error
    else:
        assert told in result.output


@pytest.fixture
def served(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Serve until the web server would start; its command."""
    monkeypatch.chdir(Path(manage.__file__).parent)
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _path, command: started.append(command))
    build = demo_book.build
    monkeypatch.setattr(demo_book, "build", lambda *args, **more: build(*args, **more | {"members": 60}))

    def serve() -> list[str]:
        run("serve", "--port", "8600")
        return started.pop()

    return serve


def test_serve_builds_what_is_missing_and_keeps_the_demo_book_closed_to_yesterday(
    served: Callable[[], list[str]], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert served() == [
        sys.executable, "-m", "uvicorn", "asgi:app", "--ws", "websockets-sansio", "--ws-per-message-deflate", "false",
        "--host", "127.0.0.1", "--port", "8600",
    ]  # fmt: skip
    first, book = snapshots.current(folder()), books.current(data_dir)
    assert book is not None
    written = book.stat().st_mtime_ns

    monkeypatch.setattr(manage, "_now", lambda: NOON.replace(minute=59))
    served()
    assert (snapshots.current(folder()), book.stat().st_mtime_ns) == (first, written)

    monkeypatch.setattr(manage, "_now", lambda: NOON.replace(hour=5))
    served()
    assert snapshots.current(folder()) != first
    assert book.stat().st_mtime_ns == written

    monkeypatch.setattr(manage, "_now", lambda: NOON.replace(hour=16))  # midnight in Shanghai: the 15th has closed
    served()
    note = books.note(book)
    assert note is not None
    assert note.as_of.isoformat() == "2024-06-15"


def test_serve_leaves_an_imported_book_as_it_is(
    served: Callable[[], list[str]], run: Run, refreshed: list[Path], data_dir: Path, csv_file: Path
) -> None:
    run("import", "lending-club", str(csv_file))
    served()
    assert books.current(data_dir) == data_dir / "books" / "lending-club.sqlite"
    assert not (data_dir / "books" / "demo.sqlite").exists()
    assert refreshed == [folder(), folder()]


def test_serve_goes_on_with_the_earlier_snapshot_where_the_source_has_gone(
    served: Callable[[], list[str]], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = draw(tmp_path / "own.sqlite")
    monkeypatch.setenv("LOANBOARD_DATABASE_URL", f"sqlite:///{book}")
    served()
    book.unlink()
    monkeypatch.setattr(manage, "_now", lambda: NOON.replace(hour=8))
    output = run("serve").output
    assert "does not exist" in output
    assert "The earlier snapshot is served." in output


def test_serve_starts_only_beside_its_configuration(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"Start it in {Path(manage.__file__).parent}" in run("serve", code=1).output


def test_an_earlier_snapshot_is_served_again_until_the_next_refresh(
    run: Run, served: Callable[[], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOANBOARD_DATABASE_URL", f"sqlite:///{draw(tmp_path / 'own.sqlite')}")
    assert "There is no snapshot yet" in run("snapshots").output
    run("refresh")
    earlier = snapshots.current(folder())
    assert earlier is not None
    monkeypatch.setattr(manage, "_now", lambda: NOON.replace(day=16))
    run("refresh")
    later = snapshots.current(folder())
    listed = [line.split() for line in run("rollback").stdout.splitlines()]
    assert [(words[0], words[-1] == "served") for words in listed[:2]] == [(later, True), (earlier, False)]
    assert "No snapshot nonsense is kept" in run("rollback", "nonsense", code=1).output
    with FileLock(folder() / "lock"):
        assert "roll back when it is done" in run("rollback", earlier, code=1).output
    assert snapshots.current(folder()) == later

    assert f"Snapshot {earlier}, closed to 2024-05-01, is served." in run("rollback", earlier).stdout
    assert snapshots.current(folder()) == earlier
    newest = runs.newest(state.open_engine(read().state_url), folder().name)
    assert newest is not None
    assert (newest.outcome, newest.snapshot_id, newest.message) == (
        runs.Outcome.ROLLED_BACK, earlier, f"Instead of {later}.",
    )  # fmt: skip

    monkeypatch.setattr(manage, "_now", lambda: NOON.replace(day=16, minute=59))
    served()
    assert snapshots.current(folder()) == earlier  # a start does not undo it
    monkeypatch.setattr(manage, "_now", lambda: NOON.replace(day=16, hour=5))
    served()
    assert snapshots.current(folder()) not in {earlier, later}  # the schedule goes on


def test_a_snapshot_that_can_not_be_opened_is_listed_as_such_and_not_rolled_back_to(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOANBOARD_DATABASE_URL", f"sqlite:///{draw(tmp_path / 'own.sqlite')}")
    run("refresh")
    damaged = "20240101T000000Z-abcd"
    snapshots.path(folder(), damaged).write_bytes(b"no snapshot")
    assert f"{damaged}  can't be opened: damaged, or of another version\n" in run("snapshots").stdout
    served = snapshots.current(folder())
    assert "is no snapshot or is damaged" in run("rollback", damaged, code=1).output
    assert snapshots.current(folder()) == served


def test_a_backup_is_given_back(run: Run, data_dir: Path, csv_file: Path, tmp_path: Path) -> None:
    run("import", "lending-club", str(csv_file))
    snapshot_id = snapshots.current(folder())
    (tmp_path / "backups").mkdir()
    assert "loanboard-20240615T040000Z.tar" in run("backup", str(tmp_path / "backups")).stdout
    archive = str(tmp_path / "backups" / "loanboard-20240615T040000Z.tar")
    assert "exists already" in run("backup", archive, code=1).output
    snapshots.path(folder(), str(snapshot_id)).unlink()
    output = run("restore", archive).stdout
    assert f"snapshot {snapshot_id} is served." in output
    assert refresh.snapshot_served(folder()) is not None
    assert "does not exist" in run("restore", str(tmp_path / "none.tar"), code=1).output
    (data_dir / "books" / "current").unlink()
    assert "no loan book is there yet" in run("restore", archive).stdout


@pytest.mark.parametrize("address", ["203.0.113.1", "no-such-host.invalid"])
def test_serve_says_at_once_where_it_can_not_listen(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(Path(manage.__file__).parent)
    output = run("serve", "--address", address, code=1).output
    assert f"It can't listen on {address}, port 8501" in output
    assert "Loanboard is at" not in output
    assert not data_dir.exists()


def test_serve_says_what_to_do_where_the_first_copy_can_not_be_made(
    served: Callable[[], list[str]], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOANBOARD_DATABASE_URL", "sqlite:////none.sqlite")
    output = run("serve", "--port", "8600", code=1).output
    assert "/none.sqlite does not exist" in output
    assert "or unset LOANBOARD_DATABASE_URL to see the demo book" in output
