"""`backup` and `restore`: an installation in one file, and back."""

from pathlib import Path

import click

from desk import backup as backing_up
from desk import restore as giving_back
from desk import state as state_database
from desk.commands.surroundings import Surroundings
from loanbook import books, snapshots
from loanbook.connection import label


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def backup(surroundings: Surroundings, target: Path) -> None:
    """Back up the state database, the served snapshot, the key of passes and the policy into TARGET.

    TARGET is a new file, or a folder in which one is named by the time. Loanboard may be served meanwhile. The loan
    database and books in the data folder are not part of it.
    """
    settings, now = surroundings.writing(), surroundings.clock()
    file = target / f"loanboard-{now:%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    state = state_database.open_engine(settings.state_url)
    try:
        backing_up.write(settings, state, file.absolute(), now)
    finally:
        state.dispose()
    click.echo(f"Backed up into {file} ({file.stat().st_size / 1e6:,.1f} MB).")


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.pass_obj
def restore(surroundings: Surroundings, archive: Path) -> None:
    """Give the backup in ARCHIVE back; it is proved first, and what was there is kept aside."""
    settings = surroundings.writing()
    done = giving_back.run(settings, archive, surroundings.clock())
    click.echo(f"Restored {archive}: " + (f"snapshot {done.snapshot} is served." if done.snapshot else "no snapshot."))
    for kept in done.aside:
        click.echo(f"What was there before is {kept}")
    if done.policy is not None:
        click.echo(f"The policy of the backup is not the one in use; to use it: LOANBOARD_POLICY={done.policy}")
    url = books.url(settings)
    if done.source is not None and (url is None or snapshots.folder(settings, url).name != done.source):
        named = "no loan book is there yet" if url is None else f"the settings name {label(url)}"
        click.echo(f"The snapshot is of another loan database than the one that would be served: {named}.")
