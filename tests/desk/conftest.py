"""An installation on a drawn loan database, in a folder of the test's own."""

import os
from datetime import UTC, datetime

import pytest

from desk import state
from rules import settings
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
    opened = state.open_engine(installed.state_url)
    yield opened
    opened.dispose()
