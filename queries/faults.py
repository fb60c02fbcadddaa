"""Why a read gave no answer, in sentences for people."""

from rules.text import N_


class ReadError(RuntimeError):
    """A statement was not answered. `sentence` is for people and stands in the catalogues; `values` fill its gaps."""

    def __init__(self, sentence: str, **values: object) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(sentence.format(**values))


class TookTooLong(ReadError):  # noqa: N818
    """The statement, or the wait for its turn, passed its time limit and was stopped."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            N_("Stopped after {seconds} seconds. Narrow the period or the filters, then try again."),
            seconds=round(seconds),
        )


class TooLarge(ReadError):  # noqa: N818
    """The statement needed more memory than the snapshot may use."""

    def __init__(self) -> None:
        super().__init__(
            N_("This needs more memory than Loanboard may use. Narrow the period or the filters, then try again.")
        )


class Superseded(ReadError):  # noqa: N818
    """The same person has asked for something newer on the same page: nobody waits for this answer any more."""

    def __init__(self) -> None:
        super().__init__(N_("Stopped, because a newer choice on this page replaced it."))


class SnapshotGone(ReadError):  # noqa: N818
    """A snapshot that is no longer kept, can't be read, or was never built."""

    def __init__(self, sentence: str = "", **values: object) -> None:
        super().__init__(
            sentence or N_("This copy of the loan database is no longer kept. Open the page again for the newest one."),
            **values,
        )


class OtherVersion(SnapshotGone):
    """A snapshot that another version of Loanboard wrote."""
