"""Words that the cards on the funnel share: what steps are called, within how long they are taken."""

from components import formats
from components.language import _
from rules.funnel_steps import BY_CODE, Windows


def step_name(code: str) -> str:
    """What a step is called."""
    return _(BY_CODE[code].name)


def between(first: str, last: str) -> str:
    """Two steps, one after the other: Applied → Approved."""
    return f"{step_name(first)} → {step_name(last)}"


def window(windows: Windows, code: str) -> str:
    """The window of a step: 7 days."""
    return formats.duration(windows.seconds_of(code))
