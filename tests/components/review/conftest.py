import pytest

from tests.components.review import scene as scenes
from tests.desk import states


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """A case of ¥80,000 that waits, looked at by an officer with authority over ¥200,000."""
    engine = states.opened(f"sqlite:///{tmp_path}/state.sqlite", tmp_path)
    yield scenes.begin(engine, monkeypatch)
    engine.dispose()
