import pytest

from queries import read, snapshots
from queries.book import facts
from tests.queries import drawn


@pytest.fixture
def publish(tmp_path):
    """Publishes a drawn book as the newest snapshot and serves its folder; returns the id."""
    taken = iter(range(60))
    folder = tmp_path / "snapshots"

    def publish(loans):
        snapshot_id = drawn.snapshot(folder, loans, next(taken))
        snapshots.use(folder)
        return snapshot_id

    publish.folder = folder
    yield publish
    read.forget()
    facts.cache_clear()
