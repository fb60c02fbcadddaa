"""State databases to test on: a SQLite file, or a database of its own on a PostgreSQL, for each test."""

from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from desk import audit, state
from tests.loanbook import engines

KEY = b"k" * 32


class Sqlite:
    """A file in a folder."""

    name = "sqlite"

    def new(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'state.sqlite'}"


class Postgresql(engines.Postgresql):
    """A PostgreSQL 18 from a wheel that can be killed and started again."""

    _made = 0

    def start(self) -> None:
        super().start()
        self._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # the machine won't fail

    def _named(self, name: str) -> str:
        address = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg", database=name)
        return address.render_as_string(hide_password=False)

    def new(self, _folder: Path) -> str:
        self._made += 1
        name = f"state{self._made}"
        self._run(f"CREATE DATABASE {name}")
        return self._named(name)

    def _run(self, *statements: str) -> None:
        engine = create_engine(self._named("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def restart(self) -> None:
        """End it at once, as when its machine fails, and start it again."""
        self.kill()
        self._server.ensure_postgres_running()


def keeper(folder: Path, key: bytes = KEY) -> audit.Keeper:
    return audit.Keeper(key, folder / "audit.head")


def opened(url: str, folder: Path, key: bytes = KEY) -> Engine:
    """A migrated state database with what keeps its chain."""
    engine = state.open_engine(url)
    audit.keep(engine, keeper(folder, key))
    return engine
