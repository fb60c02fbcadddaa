"""Which reader reads which loan database."""

from contextlib import AbstractContextManager

from sqlalchemy import Engine

from loanbook import reading_postgresql, reading_server, reading_sqlite
from loanbook.reading import Reader


def opened(engine: Engine, schema: str | None) -> AbstractContextManager[Reader]:
    """One consistent read of a loan database; `schema` is where the contract's tables lie."""
    if engine.dialect.name == "sqlite":
        return reading_sqlite.opened(engine)
    if engine.dialect.name == "postgresql":
        return reading_postgresql.opened(engine, schema)
    return reading_server.opened(engine)
