"""The steps of the tier funnel, and the window in which each has to follow the one before."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from rules.policy import Funnel
from rules.text import N_


@dataclass(frozen=True)
class Step:
    """One step. Its time stands in `member_journey` under its code with _s, in seconds after registration."""

    code: str
    name: str


REGISTERED = Step("registered", N_("Registered"))
WINDOWED = (
    Step("verified", N_("Verified")),
    Step("joined", N_("Joined a tier")),
    Step("applied", N_("Applied")),
    Step("approved", N_("Approved")),
    Step("disbursed", N_("Disbursed")),
    Step("repaid", N_("Repaid on time")),
    Step("again", N_("Borrowed again")),
)
STEPS = (REGISTERED, *WINDOWED)
BY_CODE = {step.code: step for step in STEPS}
CODES = tuple(step.code for step in STEPS)

HOUR = 3600  # seconds
LONGEST_WINDOW_HOURS = 24 * 3650
_CHANGED = re.compile(r"([a-z]+):([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Windows:
    """Time elapsed within which each step has to follow the one before, the last second included."""

    seconds: tuple[int, ...]  # of each of WINDOWED

    def seconds_of(self, code: str) -> int:
        """The window of one step."""
        return self.seconds[CODES.index(code) - 1]

    def days_through(self, steps: Sequence[str]) -> int:
        """Whole days after registration at which these steps are settled: the sum of their windows, rounded up."""
        return ceil(sum(self.seconds_of(code) for code in steps if code != REGISTERED.code) / (24 * HOUR))


def usual(rule: Funnel) -> Windows:
    """The windows that the policy sets."""
    return Windows(tuple(getattr(rule, f"{step.code}_hours") * HOUR for step in WINDOWED))


def changed(opening: Windows, text: str) -> Windows:
    """The windows with those that a link changes: "verified:48~applied:240". What does not fit is passed over."""
    asked = {
        found[1]: int(found[2]) * HOUR
        for part in text.split("~")[: len(WINDOWED)]
        if (found := _CHANGED.fullmatch(part)) and int(found[2]) <= LONGEST_WINDOW_HOURS
    }
    return with_seconds(opening, asked)


def written(windows: Windows, opening: Windows) -> str:
    """The windows as a link carries them: those that differ from the opening ones."""
    steps = zip(CODES[1:], windows.seconds, opening.seconds, strict=True)
    return "~".join(f"{code}:{seconds // HOUR}" for code, seconds, before in steps if seconds != before)


def with_seconds(windows: Windows, seconds: Mapping[str, int]) -> Windows:
    """The windows with some of them replaced."""
    return Windows(tuple(seconds.get(code, windows.seconds_of(code)) for code in CODES[1:]))
