"""`refresh`, `snapshots` and `rollback`: the copy of the loan database, anew or as it was."""

import click
from filelock import Timeout

from desk import refresh as refreshing
from desk import runs
from desk import state as state_database
from desk.commands.surroundings import Surroundings, progress
from loanbook import snapshots as files
from loanbook.snapshots import SnapshotError
from rules.settings import Settings


@click.command()
@click.option("--after-run", type=int, hidden=True, help="Not where a refresh after this one has built.")
@click.option("--asked-by", hidden=True, help="The address of the member of staff who asks for it.")
@click.pass_obj
def refresh(surroundings: Surroundings, after_run: int | None, asked_by: str | None) -> None:
    """Build the snapshot anew from the loan database."""
    order = refreshing.Order(surroundings.process(), asked_by, after_run)
    refresh_now(surroundings, surroundings.writing(), wait=False, order=order)


def refresh_now(
    surroundings: Surroundings, settings: Settings, *, wait: bool, order: refreshing.Order | None = None
) -> None:
    """Refresh and tell how it went."""
    state = state_database.open_engine(settings.state_url)
    order = order or refreshing.Order(surroundings.process())
    with progress("Refreshing") as bar:
        built = refreshing.run(settings, state, surroundings.clock, bar, wait=wait, order=order)
    state.dispose()
    if built is None:
        click.echo("Another refresh of this loan database is running or has just ended; what it builds will be served.")
        return
    took = sum(built.seconds.values())
    click.echo(f"Snapshot {built.snapshot_id}, closed to {built.as_of}: {built.loans:,} loans in {took:.1f} s.")
    if built.rejected_loans:
        click.echo(f"{built.rejected_loans:,} loans can't be used; see: python manage.py check")


@click.command()
@click.pass_obj
def snapshots(surroundings: Surroundings) -> None:
    """List the snapshots that are kept, newest first."""
    folder = refreshing.source(surroundings.settings()).folder
    served, there = files.current(folder), files.ids(folder)
    for snapshot_id in there:
        mark = "  served" if snapshot_id == served else ""
        try:
            told = refreshing.opened(folder, snapshot_id)
            click.echo(f"{snapshot_id}  as of {told.as_of}  {told.size_bytes / 1e6:10,.1f} MB{mark}")
        except SnapshotError:
            click.echo(f"{snapshot_id}  can't be opened: damaged, or of another version{mark}")
    if not there:
        click.echo("There is no snapshot yet; run: python manage.py refresh")


@click.command()
@click.argument("snapshot_id", required=False)
@click.pass_context
def rollback(context: click.Context, snapshot_id: str | None) -> None:
    """Serve an earlier snapshot until the next refresh; without SNAPSHOT_ID, list those that are kept."""
    surroundings: Surroundings = context.obj
    if snapshot_id is None:
        context.invoke(snapshots)
        click.echo("To serve one of them: python manage.py rollback SNAPSHOT_ID")
        return
    settings = surroundings.writing()
    folder = refreshing.source(settings).folder
    if snapshot_id not in files.ids(folder):
        raise SnapshotError(f"No snapshot {snapshot_id} is kept; to list them: python manage.py snapshots")
    state = state_database.open_engine(settings.state_url)
    try:
        with files.lock(folder).acquire(timeout=refreshing.LOCK_SECONDS):
            told = refreshing.opened(folder, snapshot_id)
            before = files.current(folder)
            files.serve(folder, snapshot_id)
            runs.roll_back(state, folder.name, surroundings.clock(), snapshot_id, f"Instead of {before}.")
    except Timeout:
        raise SnapshotError("A refresh of this loan database is running; roll back when it is done.") from None
    click.echo(
        f"Snapshot {snapshot_id}, closed to {told.as_of}, is served. "
        f"The schedule refreshes in {settings.refresh_minutes} minutes, or at once by: python manage.py refresh"
    )
