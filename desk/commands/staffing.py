"""`add-administrator`: the first member of staff, who adds the others."""

import click

from desk import audit, staff_changes
from desk.commands.surroundings import Surroundings


@click.command("add-administrator")
@click.argument("email")
@click.argument("name")
@click.pass_obj
def add_administrator(surroundings: Surroundings, email: str, name: str) -> None:
    """Put the first administrator on the staff list: NAME, who signs in with the address EMAIL."""
    engine = audit.open_state(surroundings.writing())
    try:
        staff_changes.add_first_administrator(engine, email, name, surroundings.clock())
    finally:
        engine.dispose()
    click.echo(f"{name} is an administrator now, and adds further staff on the System page.")
