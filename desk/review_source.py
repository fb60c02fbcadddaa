"""Under which name a book's cases are kept: that of its snapshots, and of a book that is made anew, its edition too."""

from functools import lru_cache
from pathlib import Path

from sqlalchemy import make_url

from desk import refresh
from loanbook import books
from rules.settings import Settings


def of(settings: Settings) -> str:
    """The name of what the settings say is to be read; `SourceError` where there is no book yet."""
    source = refresh.source(settings)
    edition = _edition(source.url, _written_at(source.url))
    return source.folder.name if edition is None else f"{source.folder.name}.{edition}"


@lru_cache(maxsize=16)
def _edition(url: str, _written_at: int) -> str | None:
    return books.edition(url)


def _written_at(url: str) -> int:
    """When a book's file was written; 0 for what is no file."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return 0
    file = Path(parsed.database)
    return file.stat().st_mtime_ns if file.exists() else 0
