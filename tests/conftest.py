"""What holds for every test."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same examples on every run: what has passed passes. HYPOTHESIS_PROFILE=default draws others, to hunt with.
settings.register_profile("steady", derandomize=True, deadline=None)  # no test is a matter of time
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


COUNTED = "counted"  # a property of a test whose counts stand at the end of the run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have counted, those that ran in other processes too."""
    reports = [
        each for listed in terminalreporter.stats.values() for each in listed if isinstance(each, pytest.TestReport)
    ]
    counted = [
        value for each in reports if each.when == "call" for name, value in each.user_properties if name == COUNTED
    ]
    if counted:
        terminalreporter.section(COUNTED)
        for line in counted:
            terminalreporter.write_line(str(line))


@pytest.fixture
def taken() -> list[tuple[str, str, dict[str, str | int]]]:
    """The files that were put on record: whose, which rows, what else is known of each."""
    from components import downloads

    files: list[tuple[str, str, dict[str, str | int]]] = []
    downloads.use(lambda *file: files.append(file))
    return files


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """AppTest puts its script in the place of the main module, which processes spawned later would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
