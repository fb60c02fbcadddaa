"""Secrets of the installation's own: files in the data folder, each made at its first use."""

import os
import secrets
from pathlib import Path

from rules.settings import SettingsError

_BYTES = 32


def kept(data_dir: Path, name: str) -> bytes:
    """The secret of this name, readable by its owner alone; the same for all processes of a data folder.

    `SettingsError` where the data folder can't be written.
    """
    try:
        return _kept(data_dir, name)
    except OSError as error:
        raise SettingsError(
            f"The data folder {data_dir} can't be written: {error.strerror}. "
            "Let LOANBOARD_DATA_DIR name a folder that Loanboard may write."
        ) from error


def _kept(data_dir: Path, name: str) -> bytes:
    path = data_dir / name
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = data_dir / f".{name}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        try:
            os.link(draft, path)  # of several processes that start at once, the first one's stays
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
