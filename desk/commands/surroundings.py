"""What a command gets from outside: environment, clock, terminal."""

import logging
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click

from desk import logs
from desk.runs import Process
from rules import settings
from rules.settings import Settings, SettingsError


@dataclass(frozen=True)
class Surroundings:
    """Handed to every command by `manage.py`, which alone reads the clock and the environment."""

    environment: Mapping[str, str]
    clock: Callable[[], datetime]

    def settings(self) -> Settings:
        """The settings; the log is written as they say. At a terminal, where the command itself tells, it is brief."""
        read = settings.read(self.environment)
        brief = read.log is settings.LogForm.TEXT and sys.stderr.isatty()
        logs.configure(read.log, logging.WARNING if brief else logging.INFO)
        return read

    def writing(self) -> Settings:
        """The settings, for a command that writes; `SettingsError` where the data folder can't be written."""
        read = self.settings()
        try:
            read.data_dir.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=read.data_dir):
                pass
        except OSError as error:
            raise SettingsError(
                f"The data folder {read.data_dir} can't be written: {error.strerror}. "
                "Let LOANBOARD_DATA_DIR name a folder that Loanboard may write."
            ) from error
        return read

    @staticmethod
    def process() -> Process:
        """The process of the command, as it is recorded."""
        return Process(os.getpid(), socket.gethostname())


@contextmanager
def progress(label: str) -> Iterator[Callable[[str, float], None]]:
    """A bar on a terminal; elsewhere a line."""
    if not sys.stdout.isatty():
        click.echo(f"{label} ...")
        yield lambda _stage, _share: None
        return
    thousandths = 1000
    with click.progressbar(length=thousandths, label=label, item_show_func=lambda stage: stage, width=30) as bar:

        def move(stage: str, share: float) -> None:
            bar.update(max(0, round(share * thousandths) - bar.pos), stage)

        yield move
        bar.update(thousandths - bar.pos, "")
