"""Signed passes: what lets a browser prove, for a while, which demo person it was let in as."""

import os
import secrets
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

from rules.settings import SettingsError

KEY_FILE = "pass.key"
_KEY_BYTES = 32


def key(data_dir: Path) -> bytes:
    """The installation's own secret, made at its first use and readable by its owner alone.

    `SettingsError` where the data folder can't be written.
    """
    try:
        return _key(data_dir)
    except OSError as error:
        raise SettingsError(
            f"The data folder {data_dir} can't be written: {error.strerror}. "
            "Let LOANBOARD_DATA_DIR name a folder that Loanboard may write."
        ) from error


def _key(data_dir: Path) -> bytes:
    path = data_dir / KEY_FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = data_dir / f".{KEY_FILE}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        try:
            os.link(draft, path)  # of several processes that start at once, the first one's stays
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


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
