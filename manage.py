"""The command line: build, import, check, refresh and serve a loan book."""

import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from desk import packs, printing, rights
from desk import refresh as refreshing
from desk import state as state_database
from desk.archive import ArchiveError
from desk.commands import auditing, checking, keeping, serving, staffing
from desk.commands import refreshing as refresh_commands
from desk.commands.surroundings import Surroundings, progress
from desk.staff import Role
from loanbook import books, connection, snapshots
from loanbook.importers import card_default, invitation_tree, lending_club
from loanbook.importers.reading import ImportFault
from queries import console
from rules import metrics_page, policy, settings
from rules.calendar import business_date, last_of_month
from rules.refusal import Refused

LENDING_CLUB, CARD_DEFAULT, INVITATION_TREE = "lending-club", "card-default", "invitation-tree"
NO_SNAPSHOT = "There is no snapshot yet; run: python manage.py refresh"
EXPECTED = (
    settings.SettingsError,
    policy.PolicyError,
    connection.SourceError,
    books.BookError,
    snapshots.SnapshotError,
    state_database.StateError,
    ArchiveError,
    ImportFault,
    console.QueryError,
    Refused,
    printing.PrintError,
    packs.PackError,
    packs.PackDamagedError,
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
@click.pass_context
def cli(context: click.Context) -> None:
    """Loanboard's commands. Settings come from the environment; README.md lists them."""
    context.obj = Surroundings(os.environ, lambda: _now())  # noqa: PLW0108  (the clock as it is when it is read)


for _command in (
    auditing.audit,
    checking.check,
    keeping.backup,
    keeping.restore,
    refresh_commands.refresh,
    refresh_commands.rollback,
    refresh_commands.snapshots,
    serving.demo,
    serving.serve,
    staffing.add_administrator,
):
    cli.add_command(_command)


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


@cli.command()
@click.argument("query", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="All rows as CSV, instead of a table of the first ones.")
def sql(query: str | None, as_csv: bool) -> None:
    """Run QUERY on the snapshot, read-only; without QUERY, read statements as they are typed (.tables lists tables)."""
    folder = refreshing.source(_settings()).folder
    snapshot_id = snapshots.current(folder)
    if snapshot_id is None:
        raise snapshots.SnapshotError(NO_SNAPSHOT)
    with closing(snapshots.open_readonly(snapshots.path(folder, snapshot_id))) as opened:
        if query is not None:
            _answer(opened, query, as_csv)
            return
        for statement in console.statements(_typed(snapshot_id)):
            try:
                _answer(opened, statement, as_csv)
            except console.QueryError as error:
                click.echo(str(error), err=True)


@cli.group(invoke_without_command=True)
@click.pass_context
def report(context: click.Context) -> None:
    """Write a report as PDF, for a schedule: the overview, unless another is named.

    The Chromium of this machine prints it. The file is replaced whole or left as it was. Exit codes: 0 it is written,
    1 it could not be (a sentence on standard error says why), 2 the options are wrong.
    """
    if context.invoked_subcommand is None:
        context.invoke(report_overview)


_output = partial(click.option, "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
_language = click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)


@report.command("overview")
@_output(default=Path("overview.pdf"), show_default=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default="manager", show_default=True)
@_language
def report_overview(output: Path, role: str, language: str) -> None:
    """Write the overview, as a role sees it."""
    from pages.parts import overview_report

    if not rights.sees(Role(role), overview_report.PAGE):
        raise click.ClickException(f"{role} does not see the overview; choose another --role.")
    read, chromium = _settings(), _printer()
    page = overview_report.of_newest(read, rights.pages_of(Role(role)), language, _now)
    printing.write_pdf(page, output, chromium)
    click.echo(f"Written: {output}")


@report.command("committee")
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="The month, such as 2026-09; the newest that is over.")
@click.option(
    "--freeze-as",
    metavar="EMAIL",
    help="Freeze the month first, in the name of a manager or senior risk officer. It can't be undone.",
)
@_output(help="The file; committee-MONTH.pdf unless named.")
@_language
def report_committee(month: datetime | None, freeze_as: str | None, output: Path | None, language: str) -> None:
    """Write the risk committee's pack of a month end.

    A month that is frozen is written as it was frozen, whatever became of the book; what today's copy would say
    otherwise is named on standard error.
    """
    from pages.parts import committee_report

    read, chromium = _settings(), _printer()
    end = None if month is None else last_of_month(month.date())
    found = committee_report.of_month(read, end, language, _now, freeze_as)
    target = output or Path(f"committee-{found.month_end:%Y-%m}.pdf")
    printing.write_pdf(found.page, target, chromium)
    if found.differing:
        click.echo(f"Frozen, but today's copy would say otherwise of: {', '.join(found.differing)}", err=True)
    click.echo(f"Written: {target}" + (f" (frozen, SHA-256 {found.digest})" if found.digest else " (draft)"))


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


def _printer() -> str:
    """The Chromium that prints, where there is a snapshot to print of; a sentence where one of both is missing."""
    if snapshots.current(refreshing.source(_settings()).folder) is None:
        raise snapshots.SnapshotError(NO_SNAPSHOT)
    return printing.found(next(filter(None, map(shutil.which, printing.NAMES)), None))


def _says_disk(error: OSError | OperationalError) -> bool:
    """Whether an error is the disk's, not ours."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG}
    return "full" in str(error.orig) or "readonly" in str(error.orig)


def _settings() -> settings.Settings:
    return _surroundings().settings()


def _surroundings() -> Surroundings:
    return click.get_current_context().ensure_object(Surroundings)


def _now() -> datetime:
    return datetime.now(UTC)


def _import(name: str, load: Callable[[Path, Path, Callable[[str, float], None]], None], given: Path) -> None:
    read = _settings()
    with progress("Importing") as bar:
        load(given, books.path(read.data_dir, name), bar)
    serving.serve_book(_surroundings(), read, name)


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


if __name__ == "__main__":
    cli()
