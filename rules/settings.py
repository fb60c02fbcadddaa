"""The settings: read once from the environment by the command line and the app, and passed on as a value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from rules.policy import DEFAULT_PATH

_WHOLE = re.compile(r"[1-9][0-9]{0,6}")  # up to 19 years in minutes
_YEARS = range(1900, 2100)  # sums of months around it stay within the calendar
_KEY_LENGTH = 32


class SettingsError(ValueError):
    """A setting can't be used. The message names the variable and says what to write."""


class LogForm(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"  # one object a line


@dataclass(frozen=True)
class Settings:
    """What the environment says. `database_url` None means the book in the data folder (the demo book at first)."""

    database_url: str | None
    schema: str | None
    state_url: str
    data_dir: Path
    refresh_minutes: int
    policy_path: Path
    as_of: date | None
    log: LogForm = LogForm.TEXT
    webhook_url: str | None = field(default=None, repr=False)  # told of failed refreshes; its path may be a secret
    audit_key: str | None = field(default=None, repr=False)  # None means the one in the data folder
    lending_url: str | None = field(default=None, repr=False)  # decisions are sent there
    lending_token: str | None = field(default=None, repr=False)  # with which lending fetches them; None: it can't
    documents_url: str | None = None  # of an application's documents; {number} stands in it for its number

    @property
    def snapshots_dir(self) -> Path:
        """Where snapshots of all books lie, a folder for each source."""
        return self.data_dir / "snapshots"


def read(environment: Mapping[str, str]) -> Settings:
    """The settings that an environment holds; `SettingsError` with a sentence for a wrong value.

    An empty variable counts as unset.
    """
    values = {name: value for name, value in environment.items() if name.startswith("LOANBOARD_") and value}
    data_dir = _path("LOANBOARD_DATA_DIR", values.get("LOANBOARD_DATA_DIR", ".data")).resolve()
    return Settings(
        database_url=values.get("LOANBOARD_DATABASE_URL"),
        schema=values.get("LOANBOARD_SCHEMA"),
        state_url=values.get("LOANBOARD_STATE_URL", f"sqlite:///{data_dir / 'state.sqlite'}"),
        data_dir=data_dir,
        refresh_minutes=_minutes(values.get("LOANBOARD_REFRESH_MINUTES", "60")),
        policy_path=_path("LOANBOARD_POLICY", values.get("LOANBOARD_POLICY", str(DEFAULT_PATH))),
        as_of=_as_of(values.get("LOANBOARD_AS_OF")),
        log=_log(values.get("LOANBOARD_LOG", LogForm.TEXT)),
        webhook_url=_webhook("LOANBOARD_WEBHOOK_URL", values),
        audit_key=_secret("LOANBOARD_AUDIT_KEY", values),
        lending_url=_webhook("LOANBOARD_LENDING_URL", values),
        lending_token=_secret("LOANBOARD_LENDING_TOKEN", values),
        documents_url=_documents(values.get("LOANBOARD_DOCUMENTS_URL")),
    )


def _path(name: str, text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise SettingsError(
            f"{name} is {text!r}; write a path such as /srv/loanboard: that home is not known."
        ) from error


def _minutes(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise SettingsError(f"LOANBOARD_REFRESH_MINUTES is {text!r}; write a whole number of minutes, such as 60.")
    return int(text)


def _as_of(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise SettingsError(f"LOANBOARD_AS_OF is {text!r}; write a date such as 2026-11-20.")
    return day


def _log(text: str) -> LogForm:
    if text not in set(LogForm):
        raise SettingsError(f"LOANBOARD_LOG is {text!r}; write text or json.")
    return LogForm(text)


def _webhook(name: str, values: Mapping[str, str]) -> str | None:
    text = values.get(name)
    if text is None:
        return None
    try:
        address = urlsplit(text)
        usable = address.scheme in {"http", "https"} and bool(address.hostname) and (address.port or 0) >= 0
    except ValueError:
        usable = False
    if not usable:  # the text is not repeated: it may hold a secret
        raise SettingsError(f"{name} is not an address; write one such as https://alerts.example/hook.")
    return text


def _documents(text: str | None) -> str | None:
    """A template such as https://files.example/applications/{number}: people follow it, so it is https alone."""
    if text is None:
        return None
    try:
        address = urlsplit(text.replace("{number}", "1"))
        usable = address.scheme == "https" and bool(address.hostname) and (address.port or 0) >= 0
        usable = usable and address.username is None and "{number}" not in urlsplit(text).netloc
    except ValueError:
        usable = False
    around = text.replace("{number}", "", 1)
    if not usable or around == text or not text.isprintable() or any(each in around for each in "{} \"'<>\\"):
        raise SettingsError(
            f"LOANBOARD_DOCUMENTS_URL is {text!r}; write an https address with {{number}} in the place of the "
            "application's number, such as https://files.example/applications/{number}."
        )
    return text


def _secret(name: str, values: Mapping[str, str]) -> str | None:
    text = values.get(name)
    if text is not None and len(text) < _KEY_LENGTH:  # the text is not repeated: it is a secret
        raise SettingsError(f"{name} is too short; write {_KEY_LENGTH} random characters or more.")
    return text
