"""The steps of the tier funnel, and the window in which each has to follow the one before."""

import re
from collections.abc import Mapping
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

LONGEST_WINDOW_HOURS = 24 * 3650
_CHANGED = re.compile(r"([a-z]+):([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Windows:
    """Hours within which each step has to follow the one before; elapsed hours, the last one included."""

    hours: tuple[int, ...]  # of each of WINDOWED

    def hours_of(self, code: str) -> int:
        """The window of one step."""
        return dict(zip(CODES[1:], self.hours, strict=True))[code]

    def seconds_of(self, code: str) -> int:
        """The window of one step in seconds."""
        return self.hours_of(code) * 3600

    def days_until(self, code: str) -> int:
        """Whole days after which a member's steps up to one are settled: the sum of the windows, rounded up."""
        return ceil(sum(self.hours[: CODES.index(code)]) / 24)


def usual(rule: Funnel) -> Windows:
    """The windows that the policy sets."""
    return Windows(tuple(getattr(rule, f"{step.code}_hours") for step in WINDOWED))


def changed(opening: Windows, text: str) -> Windows:
    """The windows with those that a link changes: "verified:48~applied:240". What does not fit is passed over."""
    asked = {
        found[1]: int(found[2])
        for part in text.split("~")[: len(WINDOWED)]
        if (found := _CHANGED.fullmatch(part)) and int(found[2]) <= LONGEST_WINDOW_HOURS
    }
    return Windows(tuple(asked.get(code, opening.hours_of(code)) for code in CODES[1:]))


def written(windows: Windows, opening: Windows) -> str:
    """The windows as a link carries them: those that differ from the opening ones."""
    pairs = zip(CODES[1:], windows.hours, opening.hours, strict=True)
    return "~".join(f"{code}:{hours}" for code, hours, before in pairs if hours != before)


def with_hours(windows: Windows, hours: Mapping[str, int]) -> Windows:
    """The windows with some of them replaced."""
    return Windows(tuple(hours.get(code, windows.hours_of(code)) for code in CODES[1:]))
