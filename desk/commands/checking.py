"""`check`: the loan database against the contract."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from desk import refresh as refreshing
from desk.commands.surroundings import Surroundings, progress
from loanbook import check as checking
from loanbook import connection
from loanbook.finding import OF_ROWS, Finding, Severity
from loanbook.stages import Progress


@click.command()
@click.option("--url", help="Another loan database than the one that the settings name.")
@click.option("--rows", "kind", type=click.Choice(sorted(OF_ROWS)), help="List all rows of one kind of fault as CSV.")
@click.pass_obj
def check(surroundings: Surroundings, url: str | None, kind: str | None) -> None:
    """Compare the loan database with the contract; fails where something is unusable or broken.

    The database is read into a copy in the data folder, which is removed again.
    """
    settings = surroundings.writing()
    source = refreshing.source(replace(settings, database_url=url) if url else settings)
    label = connection.label(source.url)
    if kind is not None:
        findings = _run(source, settings.data_dir, lambda stage, done: None, kind)
    else:
        with progress("Checking") as bar:
            findings = _run(source, settings.data_dir, bar, None)
        for finding in findings:
            click.echo(f"{finding.severity.value:9} {finding.sentence}")
    faults = [finding for finding in findings if finding.severity is not Severity.MISSING]
    if faults:
        raise click.ClickException(f"{label} breaks the contract in {len(faults)} way(s).")
    if kind is None:
        click.echo(f"{label} keeps the contract.")


def _run(source: refreshing.Source, folder: Path, progress: Progress, kind: str | None) -> list[Finding]:
    with connection.reading(source.url):
        engine = connection.connect(source.url, source.schema)
        with checking.checked(engine, source.schema, folder, progress, all_rows=kind is not None) as found:
            if kind is not None:
                found.write_rows(kind, sys.stdout)
            return found.findings
