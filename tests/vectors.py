"""The worked cases with their origin, which lie beside the repository in shared/vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "vectors"


def path(name: str) -> Path:
    """A file of the worked cases; the test that asks for it is skipped where there are none."""
    file = FOLDER / name
    if not file.exists():
        pytest.skip(f"the worked cases {file} are not here")
    return file


def case(name: str) -> Any:
    """One worked case of vectors.json."""
    return json.loads(path("vectors.json").read_text(encoding="utf-8"))[name]
