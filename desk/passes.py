"""Signed passes: what lets a browser prove, for a while, which demo person it was let in as."""

from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

from desk import keys

KEY_FILE = "pass.key"


def key(data_dir: Path) -> bytes:
    """The secret with which passes are signed; `SettingsError` where the data folder can't be written."""
    return keys.kept(data_dir, KEY_FILE)


def issue(secret: bytes, purpose: str, email: str) -> str:
    """A pass for a person, good for one purpose."""
    return URLSafeTimedSerializer(secret, salt=purpose).dumps(email)


def holder(secret: bytes, purpose: str, text: str, max_age_seconds: int) -> str | None:
    """The address on a pass; None where it was not issued here, for something else, or too long ago."""
    try:
        email = URLSafeTimedSerializer(secret, salt=purpose).loads(text, max_age=max_age_seconds)
    except BadData:
        return None
    return email if isinstance(email, str) else None
