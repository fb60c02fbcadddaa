"""A page of HTML as PDF, through the Chromium that is installed on the machine."""

import subprocess
import tempfile
from pathlib import Path

_SECONDS = 180
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class PrintError(RuntimeError):
    """It could not be printed. The message is a sentence for people."""


def write_pdf(html: str, target: Path, chromium: str | None) -> None:
    """Print a page to a file. chromium: where the program lies; None: it is not installed."""
    if chromium is None:
        raise PrintError(
            f"There is no Chromium on this machine, which prints the PDF: install one of {', '.join(NAMES)}, or open "
            "the page in a browser and print it there."
        )
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        command = [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile", "--virtual-time-budget=20000", f"--print-to-pdf={target.resolve()}",
            page.as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise PrintError(f"Chromium did not print within {_SECONDS} seconds; try again.") from error
        if done.returncode or not target.exists():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise PrintError(f"Chromium could not print the page: {said[-1] if said else 'it did not say why'}.")
