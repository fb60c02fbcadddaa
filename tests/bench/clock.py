"""The benchmarks' clock."""

import time
from collections.abc import Callable


def elapsed_ms(run: Callable[[], object]) -> float:
    """The milliseconds that something takes."""
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000
