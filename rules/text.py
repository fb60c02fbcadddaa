"""Texts that people read, written here in English and translated where they are shown."""


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for it)
    """Mark an English text for the catalogues; `components.language` translates it when it is shown."""
    return message
