"""Texts that come from the loan database, made safe to stand in Streamlit's Markdown."""

import re

_BOLD, _COLOUR, _ICON = re.compile(r"\*\*(.+?)\*\*"), re.compile(r":\w+\[([^\]]*)\]"), re.compile(r":material/\w+:")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~:$^=-])")


def plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", text)


def without_marks(markdown: str) -> str:
    """What Markdown of ours says, as plain text: no stars, colours, icons or escapes."""
    bare = _ICON.sub("", _COLOUR.sub(r"\1", _BOLD.sub(r"\1", markdown)))
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", bare).strip()
