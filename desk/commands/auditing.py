"""`audit`: verify the chain of what staff did, and tell the head that is deposited elsewhere."""

import re

import click

from desk import audit as chain
from desk import audit_chain, audit_guards, review_record
from desk.audit_file import Head
from desk.commands.surroundings import Surroundings

_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


class _HeadType(click.ParamType[Head]):
    """A head as `audit head` prints it."""

    name = "head"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        """Read it."""
        read = _HEAD.fullmatch(value)
        if read is None:
            self.fail(f"{value!r} is no head; give it as `audit head` printed it, NUMBER:HASH.", param, ctx)
        return Head(int(read[1]), read[2])


@click.group()
def audit() -> None:
    """The chain of what staff did."""


@audit.command()
@click.option("--head", "heads", multiple=True, type=_HeadType(), help="A head that was deposited; may be repeated.")
@click.pass_obj
def verify(surroundings: Surroundings, heads: tuple[Head, ...]) -> None:
    """Verify every event, the chain against its heads, and decisions against it; fails with the first that is wrong."""
    settings = surroundings.writing()
    engine = chain.open_state(settings)
    try:
        found = audit_chain.verify(engine, chain.keeper(settings), heads)
        difference = None if found.broken else review_record.first_difference(engine)
    finally:
        engine.dispose()
    if found.broken is not None:
        raise click.ClickException(f"{found.broken} Up to it, {found.head.sequence:,} event(s) are whole.")
    if difference is not None:
        raise click.ClickException(f"The audit chain is whole, but: {difference}")
    click.echo(f"The audit chain is whole: {found.head.sequence:,} event(s), head {found.head}")


@audit.command()
@click.pass_obj
def head(surroundings: Surroundings) -> None:
    """Print the newest event's number and hash, to be deposited outside each day."""
    engine = chain.open_state(surroundings.writing())
    try:
        click.echo(f"{chain.newest(engine)} {surroundings.clock().isoformat(timespec='seconds')}")
    finally:
        engine.dispose()


@audit.command()
@click.argument("account")
@click.option("--schema", default="public", show_default=True, help="Where the tables of the state database lie.")
def grants(account: str, schema: str) -> None:
    """Print the rights on PostgreSQL of an ACCOUNT that serves Loanboard but does not own its tables."""
    click.echo(audit_guards.grants(account, schema))
