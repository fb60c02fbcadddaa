"""The log: one line an event on standard error, as text for people or as JSON for machines.

What is logged names runs, stages, pages, roles and figures of the process; never a person, a password or an address
that may hold one. The command line and the server set it up once; everything else uses Python's own loggers.
"""

import logging
import sys
from types import TracebackType
from typing import TextIO

import structlog

from rules.settings import LogForm

_SERVERS = ("uvicorn", "streamlit")  # they bring handlers of their own


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to standard error as it is at that moment, so that what replaces it gets the lines."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


_handler = _Stderr(sys.stderr)


def configure(form: LogForm, level: int = logging.INFO) -> None:
    """Send every logger's lines to standard error in one form: Loanboard's own from a level on, warnings of others.

    Called again after a library has set up loggers of its own.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    written: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if form is LogForm.JSON:
        written += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        sys.excepthook = _write
    else:
        # Without the values of variables, which richer tracebacks would show.
        plain = structlog.dev.plain_traceback
        written += [structlog.dev.ConsoleRenderer(colors=False, timestamp_key="at", exception_formatter=plain)]
    _handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=written, foreign_pre_chain=shared))
    root = logging.getLogger()
    if _handler not in root.handlers:
        root.addHandler(_handler)
    logging.getLogger("loanboard").setLevel(level)
    _collect()


def _collect() -> None:
    """Take over the warnings of the web server and of Streamlit; what else they tell names visitors by address."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and name.split(".")[0] in _SERVERS:
            logger.handlers.clear()
            logger.propagate = True
            logger.setLevel(logging.WARNING)


def _write(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the process is a line of the log too."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("loanboard").critical("process ended by a fault", exc_info=(kind, error, trace))
