"""A database that went away while somebody worked on a case, as a sentence for them."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from loanbook.connection import SourceError
from rules.text import N_

LOANS = N_(
    "The loan database can't be read just now, so nothing was recorded. What you wrote is kept; try again in a moment."
)
STATE = N_(
    "Loanboard's own database can't be reached just now. What you wrote is kept here; try again in a moment: nothing "
    "is recorded twice."
)
CASE = N_(
    "The loan database can't be read just now, so this case can't be shown; the queue goes on without it. Open the "
    "case again in a moment."
)

log = logging.getLogger("loanboard.review")


class Unreachable(RuntimeError):  # noqa: N818
    """`sentence` is for people and stands in the catalogues."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@contextmanager
def telling() -> Iterator[None]:
    """What a database that is not there raises inside the block becomes `Unreachable`; the log has the rest."""
    try:
        yield
    except SourceError as error:
        log.warning("loan database lost", extra={"error": str(error)})
        raise Unreachable(LOANS) from error
    except (
        exc.OperationalError,
        exc.InterfaceError,
        exc.TimeoutError,
    ) as error:  # the last: no connection has become free
        log.warning("state database lost", extra={"error": str(getattr(error, "orig", error))})
        raise Unreachable(STATE) from error
