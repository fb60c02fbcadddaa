"""Words that the cards on abuse share: signals, verdicts, and what a case is called."""

from components import formats
from components.language import _, ngettext
from rules import abuse
from rules.text import N_

FARMED, CLEARED = "farmed", "cleared"
VERDICTS = {FARMED: N_("Farmed"), CLEARED: N_("Cleared")}


def signal(code: str) -> str:
    """What a signal is called."""
    return _(abuse.NAMES[code])


def verdict(code: str) -> str:
    """What a verdict is called; empty for none."""
    return _(VERDICTS[code]) if code in VERDICTS else ""


def members(count: int) -> str:
    """So many members."""
    return ngettext("{count} member", "{count} members", count).format(count=formats.count(count))


def points(count: float) -> str:
    """So many points of suspicion."""
    return ngettext("{count} point", "{count} points", round(count)).format(count=formats.count(round(count)))
