"""A page of HTML as PDF, through the Chromium that is installed on the machine."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from loanbook.durable import sync

_SECONDS = 180
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class PrintError(RuntimeError):
    """It could not be printed. The message is a sentence for people."""


def found(chromium: str | None) -> str:
    """The program that prints; `PrintError` where there is none."""
    if chromium is None:
        raise PrintError(
            f"There is no Chromium on this machine, which prints the PDF: install one of {', '.join(NAMES)}, or open "
            "the page in a browser and print it there."
        )
    return chromium


def write_pdf(html: str, target: Path, chromium: str) -> None:
    """Print a page to a file, which is there whole or, where that fails, as it was before.

    chromium: where the program lies.
    """
    with tempfile.TemporaryDirectory() as folder:
        page, printed = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        command = [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile", "--virtual-time-budget=20000", f"--print-to-pdf={printed}",
            page.as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise PrintError(f"Chromium did not print within {_SECONDS} seconds; try again.") from error
        if done.returncode or not printed.exists() or not printed.stat().st_size:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise PrintError(f"Chromium could not print the page: {said[-1] if said else 'it did not say why'}.")
        _put(printed, target)


def _put(printed: Path, target: Path) -> None:
    """Let the target be the printed file at once, by a rename within its folder."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        shutil.copyfile(printed, beside)
        sync(beside)
        beside.replace(target)
    except OSError as error:
        raise PrintError(f"{target} can't be written: {error.strerror}.") from error
    finally:
        beside.unlink(missing_ok=True)
