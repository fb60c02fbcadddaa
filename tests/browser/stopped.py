"""Runs Python with a stopped clock, so that what is built and shown is the same on every day and at every second.

python -m tests.browser.stopped INSTANT manage.py demo
python -m tests.browser.stopped INSTANT -m uvicorn asgi:app
"""

import runpy
import sys
from datetime import datetime

import time_machine


def main() -> None:
    """Run the program that the command line names; what waits goes by another clock and does not stand still."""
    _own, instant, *command = sys.argv
    with time_machine.travel(datetime.fromisoformat(instant), tick=False):
        if command[0] == "-m":
            sys.argv = command[1:]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = command
            runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    main()
