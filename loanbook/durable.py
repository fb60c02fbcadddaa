"""Making sure that what was written is on the disk before anything points at it."""

import os
from pathlib import Path


def sync(place: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
