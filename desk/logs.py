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

_SILENT = "uvicorn.access"  # a line a request, with the visitor's address


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to standard error as it is at that moment, so that what replaces it gets the lines."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


_handler = _Stderr(sys.stderr)


def configure(form: LogForm, level: int = logging.INFO) -> None:
    """Send every logger's lines to standard error in one form; Loanboard's own and the server's from a level on."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _without_colours,
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
    for name in ("loanboard", "uvicorn"):
        logging.getLogger(name).setLevel(level)
    collect()


def collect() -> None:
    """Take over the loggers of the web server and of Streamlit; again after they have set up their own."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and name.split(".")[0] in {"uvicorn", "streamlit"}:
            logger.handlers.clear()
            logger.propagate = name != _SILENT


def _without_colours(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The server's lines bring themselves along once more, for terminals."""
    event.pop("color_message", None)
    return event


def _write(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the process is a line of the log too."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("loanboard").critical("process ended by a fault", exc_info=(kind, error, trace))
