"""An installation on a drawn loan database, in a folder of the test's own; state databases of both kinds."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from desk import audit
from rules import settings
from tests.desk import states
from tests.loanbook.drawn_book import draw

NOW = datetime(2024, 6, 15, 4, tzinfo=UTC)  # 15 June in Shanghai: the 14th is closed


@pytest.fixture
def environment(tmp_path):
    """The variables of an installation, for processes of its own."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LOANBOARD_")}
    own = {
        "LOANBOARD_DATABASE_URL": f"sqlite:///{draw(tmp_path / 'book.sqlite')}",
        "LOANBOARD_DATA_DIR": str(tmp_path / "data"),
        "LOANBOARD_LOG": "json",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return outside | own


@pytest.fixture
def installed(environment):
    return settings.read(environment)


@pytest.fixture
def engine(installed):
    opened = audit.open_state(installed)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def server() -> Iterator[states.Postgresql]:
    """A PostgreSQL for state databases, started once for a session when a test first asks for it."""
    with states.Postgresql.started() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request, tmp_path) -> str:
    """The address of a new state database, on each kind in turn."""
    kind = states.Sqlite() if request.param == "sqlite" else request.getfixturevalue("server")
    return kind.new(tmp_path)


@pytest.fixture
def both(state_url, tmp_path) -> Iterator[Engine]:
    """A new state database, on each kind in turn, whose chain is kept in the test's folder."""
    opened = states.opened(state_url, tmp_path)
    yield opened
    opened.dispose()
