"""The engines of loan databases, each started once for a session when a test first asks for it."""

from collections.abc import Iterator

import pytest

from tests.loanbook.derived import through
from tests.loanbook.engines import LoanDatabase, Mariadb, Postgresql, Sqlite


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> LoanDatabase:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[LoanDatabase]:
    with Postgresql.started() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[LoanDatabase]:
    with Mariadb.started() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest) -> LoanDatabase:
    """A loan database on each engine in turn."""
    found: LoanDatabase = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgresql", "mariadb"])
def each_engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test draws reaches the snapshot as it is, then through a loan database on each engine in turn."""
    with through(None if request.param == "memory" else request.getfixturevalue(request.param)):
        yield
