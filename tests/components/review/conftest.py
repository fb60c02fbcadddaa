import shutil

import pytest
from sqlalchemy import insert

from desk import state
from tests.components.review import scene as scenes
from tests.desk import states


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A state database that is migrated once, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    states.opened(f"sqlite:///{folder}/state.sqlite", folder).dispose()
    return folder / "state.sqlite"


@pytest.fixture
def scene(migrated, tmp_path, monkeypatch):
    """A case of ¥80,000 that waits, and everybody who may look at it."""
    shutil.copy(migrated, tmp_path)
    monkeypatch.setattr(state, "upgrade", lambda _engine: None)  # it is migrated
    engine = states.opened(f"sqlite:///{tmp_path}/state.sqlite", tmp_path)
    made = scenes.begin(engine, monkeypatch)
    with engine.begin() as connection:
        auditor = {"email": "auditor@x", "name": "auditor@x", "role": "auditor", "active": True}
        connection.execute(insert(state.staff), auditor)
    yield made
    engine.dispose()
