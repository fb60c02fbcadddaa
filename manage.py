"""The command line: build, import, check, refresh and serve a loan book."""

import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from desk import refresh as refreshing
from desk import runs
from desk import state as state_database
from loanbook import books, check, connection, snapshots
from loanbook import demo as demo_book
from loanbook.finding import Severity
from loanbook.importers import card_default, invitation_tree, lending_club
from loanbook.importers.reading import ImportFault
from queries import console
from rules import metrics_page, policy, settings
from rules.calendar import business_date

DEMO = "demo"
LENDING_CLUB, CARD_DEFAULT, INVITATION_TREE = "lending-club", "card-default", "invitation-tree"
# Measured: this socket implementation without compression answers fastest.
UVICORN = ("-m", "uvicorn", "asgi:app", "--ws", "websockets-sansio", "--ws-per-message-deflate", "false")

EXPECTED = (
    settings.SettingsError,
    policy.PolicyError,
    connection.SourceError,
    books.BookError,
    snapshots.SnapshotError,
    state_database.StateError,
    ImportFault,
    console.QueryError,
)


class Sentences(click.Group):
    """Commands whose expected errors are told in a sentence; what is not expected is a bug and keeps its traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(context)
        except EXPECTED as error:
            raise click.ClickException(str(error)) from error
        except (OSError, OperationalError) as error:
            if not _says_disk(error):
                raise
            raise click.ClickException(f"The disk is full or can't be written: {error}.") from error


@click.group(cls=Sentences)
def cli() -> None:
    """Loanboard's commands. Settings come from the environment; README.md lists them."""


@cli.command()
@click.option("--members", type=click.IntRange(min=1), default=20_000, show_default=True, help="How many members.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Another seed, another book.")
def demo(members: int, seed: int) -> None:
    """Build the demo book, a simulation closed to yesterday, and serve it."""
    read = _settings()
    _build_demo(read, members=members, seed=seed)
    _serve_book(read, DEMO)


@cli.group("import")
def import_() -> None:
    """Load public data and serve it."""


@import_.command(LENDING_CLUB)
@click.argument("file", type=click.Path(path_type=Path))
def import_lending_club(file: Path) -> None:
    """Load Lending Club's loans with their outcomes from FILE (csv or csv.gz)."""
    _import(LENDING_CLUB, lending_club.load, file)


@import_.command(CARD_DEFAULT)
@click.argument("file", type=click.Path(path_type=Path))
def import_card_default(file: Path) -> None:
    """Load Taiwan's card accounts with six month ends and their defaults from FILE (csv or csv.gz)."""
    _import(CARD_DEFAULT, card_default.load, file)


@import_.command(INVITATION_TREE)
@click.argument("folder", type=click.Path(path_type=Path))
def import_invitation_tree(folder: Path) -> None:
    """Load people and who invited them from FOLDER (edges.csv, activity.csv.gz)."""
    _import(INVITATION_TREE, invitation_tree.load, folder)


@cli.command("check")
@click.option("--url", help="Another loan database than the one that the settings name.")
def check_(url: str | None) -> None:
    """Compare the loan database with the contract; fails where something is unusable or broken."""
    read = _settings()
    source = refreshing.source(replace(read, database_url=url) if url else read)
    with connection.reading(source.url), _progress("Checking") as progress:
        engine = connection.connect(source.url, source.schema)
        findings = check.run(engine, source.schema, progress)
    for finding in findings:
        click.echo(f"{finding.severity.value:9} {finding.sentence}")
    faults = [finding for finding in findings if finding.severity is not Severity.MISSING]
    if faults:
        raise click.ClickException(f"{connection.label(source.url)} breaks the contract in {len(faults)} way(s).")
    click.echo(f"{connection.label(source.url)} keeps the contract.")


@cli.command()
def refresh() -> None:
    """Build the snapshot anew from the loan database."""
    _refresh(_settings(), wait=False)


@cli.command()
@click.argument("query", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="All rows as CSV, instead of a table of the first ones.")
def sql(query: str | None, as_csv: bool) -> None:
    """Run QUERY on the snapshot, read-only; without QUERY, read statements as they are typed (.tables lists tables)."""
    folder = refreshing.source(_settings()).folder
    snapshot_id = snapshots.current(folder)
    if snapshot_id is None:
        raise snapshots.SnapshotError("There is no snapshot yet; run: python manage.py refresh")
    with closing(snapshots.open_readonly(snapshots.path(folder, snapshot_id))) as opened:
        if query is not None:
            _answer(opened, query, as_csv)
            return
        for statement in console.statements(_typed(snapshot_id)):
            try:
                _answer(opened, statement, as_csv)
            except console.QueryError as error:
                click.echo(str(error), err=True)


@cli.command("policy")
def policy_() -> None:
    """Validate the policy file and say which version is in force."""
    read = _settings()
    versions = policy.load(read.policy_path)
    today = policy.in_force(versions, business_date(_now()))
    click.echo(f"{read.policy_path} is valid: {len(versions)} version(s), in force since {today.effective_from}.")


@cli.command()
def metrics() -> None:
    """Print the metric registry as METRICS.md."""
    click.echo(metrics_page.as_markdown(), nl=False)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8501, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True, help="The address to listen on.")
def serve(port: int, address: str) -> None:
    """Serve the app; builds the demo book and the snapshot where they are missing or old."""
    here = Path(__file__).resolve().parent
    if Path.cwd() != here:
        raise click.ClickException(f"Start it in {here}; the web server's configuration is read from there.")
    read = _settings()
    policy.load(read.policy_path)
    changed = _keep_demo_closed_to_yesterday(read)
    state = state_database.open_engine(read.state_url)
    built_at = refreshing.built_at(read)
    if changed or runs.is_due(built_at, None, _now(), read.refresh_minutes):
        try:
            _refresh(read, wait=True)
        except EXPECTED as error:
            if built_at is None:
                raise
            click.echo(f"{error}\nThe earlier snapshot is served.", err=True)
    state.dispose()
    click.echo(f"Loanboard is at http://{address}:{port}")
    command = [sys.executable, *UVICORN, "--host", address, "--port", str(port)]
    os.execv(command[0], command)  # noqa: S606, the server takes this process's place and memory


def _says_disk(error: OSError | OperationalError) -> bool:
    """Whether an error is the disk's, not ours."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES}
    return "full" in str(error.orig) or "readonly" in str(error.orig)


def _settings() -> settings.Settings:
    return settings.read(os.environ)


def _now() -> datetime:
    return datetime.now(UTC)


def _yesterday() -> date:
    return business_date(_now()) - timedelta(days=1)


def _build_demo(read: settings.Settings, **size: int) -> None:
    with _progress("Building the demo book") as progress:
        demo_book.build(books.path(read.data_dir, DEMO), as_of=read.as_of or _yesterday(), progress=progress, **size)


def _keep_demo_closed_to_yesterday(read: settings.Settings) -> bool:
    """Build the demo book where there is no book, or where it is the one served and is old; whether it was built."""
    if read.database_url is not None:
        return False
    served, demo_path = books.current(read.data_dir), books.path(read.data_dir, DEMO)
    note = books.note(demo_path) if served == demo_path else None
    if served not in {None, demo_path} or (note is not None and note.as_of >= (read.as_of or _yesterday())):
        return False
    _build_demo(read)
    books.serve(read.data_dir, DEMO)
    return True


def _import(name: str, load: Callable[[Path, Path, Callable[[str, float], None]], None], given: Path) -> None:
    read = _settings()
    with _progress("Importing") as progress:
        load(given, books.path(read.data_dir, name), progress)
    _serve_book(read, name)


def _serve_book(read: settings.Settings, name: str) -> None:
    books.serve(read.data_dir, name)
    _refresh(replace(read, database_url=None, schema=None), wait=True)
    if read.database_url is not None:
        click.echo("LOANBOARD_DATABASE_URL names another loan database; unset it to see this book.")
    click.echo("To see it: make run")


def _refresh(read: settings.Settings, *, wait: bool) -> None:
    state = state_database.open_engine(read.state_url)
    with _progress("Refreshing") as progress:
        built = refreshing.run(read, state, _now, progress, wait=wait)
    if built is None:
        click.echo("Another refresh of this loan database is running; what it builds will be served.")
    else:
        took = sum(built.seconds.values())
        click.echo(f"Snapshot {built.snapshot_id}, closed to {built.as_of}: {built.loans:,} loans in {took:.1f} s.")
        if built.rejected_loans:
            click.echo(f"{built.rejected_loans:,} loans can't be used; see: python manage.py check")


def _answer(opened: Any, statement: str, as_csv: bool) -> None:
    if statement.strip(" ;") == ".tables":
        click.echo(console.tables(opened))
    elif as_csv:
        console.write_csv(opened, statement, sys.stdout)
    else:
        console.show(opened, statement, shutil.get_terminal_size((120, 24)).columns)


def _typed(snapshot_id: str) -> Iterator[str]:
    """The lines of standard input; a person at a terminal gets a prompt."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    click.echo(f"Snapshot {snapshot_id}, read-only. End a statement with a semicolon; .tables lists the tables.")
    while True:
        try:
            yield input("loanboard> ") + "\n"
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return


@contextmanager
def _progress(label: str) -> Iterator[Callable[[str, float], None]]:
    """A bar on a terminal; elsewhere a line."""
    if not sys.stdout.isatty():
        click.echo(f"{label} ...")
        yield lambda _stage, _share: None
        return
    with click.progressbar(length=1000, label=label, item_show_func=lambda stage: stage, width=30) as bar:

        def move(stage: str, share: float) -> None:
            bar.update(max(0, round(share * 1000) - bar.pos), stage)

        yield move
        bar.update(bar.length - bar.pos, "")


if __name__ == "__main__":
    cli()
