"""Refreshes that meet an end: a process that reads one ending a line and forks a real refresh for each.

What is imported once is forked often, so that a kill costs a test little. Answers each line with how the process ended:
the number of the signal below zero, or 0 for done and 1 for an error, whose sentence follows.
"""

import os
import resource
import signal
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from desk import refresh, runs, state
from loanbook import connection, snapshots
from rules import settings

KILL, FULL, GONE, BEFORE_NAMED, BEFORE_SERVED, AFTER_SERVED, DONE = (
    "kill", "full", "gone", "before-named", "before-served", "after-served", "done",
)  # fmt: skip


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def end(word, number):
    """Arrange the end; the progress that brings it about."""
    if word == FULL:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), int(number)))
    if word == BEFORE_NAMED:
        snapshots.sync = die
    if word == BEFORE_SERVED:
        snapshots.serve = die
    if word == AFTER_SERVED:
        runs.succeed = die

    def progress(_stage, done):
        if word == KILL and done >= float(number):
            die()
        if word == GONE and done >= float(number):
            os.truncate(Path(settings.read(os.environ).database_url.removeprefix("sqlite:///")), 4096)

    return progress


def main(word, number):
    read = settings.read(os.environ)
    progress = end(word, number)
    order = refresh.Order(runs.Process(os.getpid(), "here"))
    refresh.run(read, state.open_engine(read.state_url), lambda: datetime.now(UTC), progress, wait=False, order=order)


if __name__ == "__main__":
    for line in sys.stdin:
        if child := os.fork():
            _, status = os.waitpid(child, 0)
            sys.stdout.write(f"\n={os.waitstatus_to_exitcode(status)}\n")
            sys.stdout.flush()
            continue
        try:
            main(*line.split())
        except (snapshots.SnapshotError, connection.SourceError) as error:
            sys.stdout.write(f"{error}\n")
            sys.stdout.flush()
            os._exit(1)
        except BaseException:
            traceback.print_exc()
            os._exit(2)
        os._exit(0)
