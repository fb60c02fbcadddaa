"""`serve` and `demo`: the app, with a book and a snapshot that are there and young enough."""

import os
import socket
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import click

from desk import refresh as refreshing
from desk import runs
from desk import state as state_database
from desk.commands.refreshing import refresh_now
from desk.commands.surroundings import Surroundings, progress
from loanbook import books
from loanbook import demo as demo_book
from loanbook.connection import SourceError
from loanbook.snapshots import SnapshotError
from rules import policy
from rules.calendar import business_date
from rules.settings import Settings

DEMO = "demo"
# Measured: this socket implementation without compression answers fastest.
UVICORN = ("-m", "uvicorn", "asgi:app", "--ws", "websockets-sansio", "--ws-per-message-deflate", "false")
_ROOT = Path(__file__).resolve().parent.parent.parent


@click.command()
@click.option("--members", type=click.IntRange(min=1), default=20_000, show_default=True, help="How many members.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Another seed, another book.")
@click.pass_obj
def demo(surroundings: Surroundings, members: int, seed: int) -> None:
    """Build the demo book, a simulation closed to yesterday, and serve it."""
    settings = surroundings.writing()
    _build_demo(surroundings, settings, members=members, seed=seed)
    serve_book(surroundings, settings, DEMO)


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8501, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.pass_obj
def serve(surroundings: Surroundings, port: int, address: str) -> None:
    """Serve the app; builds the demo book and the snapshot where they are missing or old."""
    if Path.cwd() != _ROOT:
        raise click.ClickException(f"Start it in {_ROOT}; the web server's configuration is read from there.")
    _refuse_unless_free(address, port)
    settings = surroundings.writing()
    policy.load(settings.policy_path)
    _refresh_where_due(surroundings, settings)
    click.echo(f"Loanboard is at http://{f'[{address}]' if ':' in address else address}:{port}")
    command = [sys.executable, *UVICORN, "--host", address, "--port", str(port)]
    os.execv(command[0], command)  # noqa: S606, the server takes this process's place and memory


def serve_book(surroundings: Surroundings, settings: Settings, name: str) -> None:
    """Make a book of the data folder the one that is served, and build its snapshot."""
    books.serve(settings.data_dir, name)
    refresh_now(surroundings, replace(settings, database_url=None, schema=None), wait=True)
    if settings.database_url is not None:
        click.echo("LOANBOARD_DATABASE_URL names another loan database; unset it to see this book.")
    click.echo("To see it: make run")


def _refuse_unless_free(address: str, port: int) -> None:
    try:
        [(family, kind, protocol, _, place), *_] = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(place)
    except OSError as error:  # a name that is not known is one too
        raise click.ClickException(
            f"It can't listen on {address}, port {port}: {error.strerror}. "
            "Give an address of this machine and a free port, such as: serve --address 127.0.0.1 --port 8502"
        ) from error


def _refresh_where_due(surroundings: Surroundings, settings: Settings) -> None:
    changed = _keep_demo_closed_to_yesterday(surroundings, settings)
    state = state_database.open_engine(settings.state_url)
    newest = runs.newest(state, refreshing.source(settings).folder.name)
    state.dispose()
    rolled_back_at = newest.started_at if newest and newest.outcome is runs.Outcome.ROLLED_BACK else None
    built_at = refreshing.built_at(settings)
    due = runs.is_due(built_at, rolled_back_at, True, surroundings.clock(), settings.refresh_minutes)
    if not (changed or due):
        return
    order = refreshing.Order(surroundings.process(), after_run=None if changed else newest.id if newest else 0)
    try:
        refresh_now(surroundings, settings, wait=True, order=order)
    except (SourceError, SnapshotError) as error:
        if built_at is None:
            raise click.ClickException(
                f"{error}\nThere is no earlier snapshot that could be served. Correct what is said above, "
                "or unset LOANBOARD_DATABASE_URL to see the demo book."
            ) from error
        click.echo(f"{error}\nThe earlier snapshot is served.", err=True)


def _build_demo(surroundings: Surroundings, settings: Settings, **size: int) -> None:
    with progress("Building the demo book") as bar:
        as_of = settings.as_of or _yesterday(surroundings)
        demo_book.build(books.path(settings.data_dir, DEMO), as_of=as_of, progress=bar, **size)


def _keep_demo_closed_to_yesterday(surroundings: Surroundings, settings: Settings) -> bool:
    """Build the demo book where there is no book, or where it is the one served and is old; whether it was built."""
    if settings.database_url is not None:
        return False
    served, demo_path = books.current(settings.data_dir), books.path(settings.data_dir, DEMO)
    note = books.note(demo_path) if served == demo_path else None
    closed_on = settings.as_of or _yesterday(surroundings)
    if served not in {None, demo_path} or (note is not None and note.as_of >= closed_on):
        return False
    _build_demo(surroundings, settings)
    books.serve(settings.data_dir, DEMO)
    return True


def _yesterday(surroundings: Surroundings) -> date:
    return business_date(surroundings.clock()) - timedelta(days=1)
