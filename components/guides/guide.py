"""What a guide says. Texts are marked here and translated where they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """What to do next: a few words that lead to a page, with what its link adds to the filters."""

    text: str
    page: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Guide:
    """The guide of a page or of one part of it, each line a sentence or two."""

    answers: str  # the question
    readers: str  # for whom
    reading: str  # how its main figure is read
    limits: str  # what it does not say
    steps: tuple[Step, ...]
    act: str = ""  # what one must be allowed to do to see the part; anybody who sees the page where it is empty
