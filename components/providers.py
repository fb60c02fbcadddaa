"""The identity providers that staff sign in with, as Streamlit's secrets name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from rules.settings import SettingsError

DEFAULT = "default"  # what Streamlit calls a provider that stands in [auth] itself
_NEEDED = ("client_id", "client_secret", "server_metadata_url")
_SHARED = ("redirect_uri", "cookie_secret")
_SECRET_LENGTH = 32
_CALLBACK = "/oauth2callback"
_NO_FILE = "no-secrets-found"


@dataclass(frozen=True)
class Providers:
    """Those that are configured, and the address at which they send people back."""

    names: Mapping[str, str]  # by what `st.login` is given
    redirect_uri: str = ""

    @property
    def secure(self) -> bool:
        """Whether browsers reach Loanboard by HTTPS, be it through a proxy."""
        return self.redirect_uri.startswith("https://")


NONE = Providers({})


def configured() -> Providers:
    """The providers in the section [auth] of secrets.toml; `SettingsError` where it can't be used."""
    try:
        return read(st.secrets["auth"])
    except KeyError:
        return NONE
    except StreamlitSecretNotFoundError as error:
        if error.error_id == _NO_FILE:
            return NONE
        raise SettingsError("secrets.toml can't be read; it has to be a file in the form of TOML.") from error


def read(section: Mapping[str, Any]) -> Providers:
    """The providers of a section; `SettingsError` with a sentence for what is missing. No secret is repeated."""
    for key in _SHARED:
        if not isinstance(section.get(key), str):
            raise SettingsError(f"The section [auth] of secrets.toml lacks {key}.")
    if not section["redirect_uri"].endswith(_CALLBACK):
        raise SettingsError(
            f"redirect_uri in secrets.toml has to be Loanboard's address followed by {_CALLBACK}, "
            f"such as https://loanboard.example{_CALLBACK}."
        )
    if len(section["cookie_secret"]) < _SECRET_LENGTH:
        raise SettingsError(
            f"cookie_secret in secrets.toml is too short; write {_SECRET_LENGTH} random characters or more."
        )
    named = {name: each for name, each in section.items() if isinstance(each, Mapping) and name != "client_kwargs"}
    if any(key in section for key in _NEEDED):
        named = {DEFAULT: section, **named}
    if not named:
        raise SettingsError("The section [auth] of secrets.toml names no provider; add one such as [auth.company].")
    return Providers({name: _named(name, each) for name, each in named.items()}, section["redirect_uri"])


def _named(name: str, section: Mapping[str, Any]) -> str:
    """What a provider is called on the button: its own word, else its name in the file."""
    place = "auth" if name == DEFAULT else f"auth.{name}"
    missing = [key for key in _NEEDED if not section.get(key)]
    if missing:
        raise SettingsError(f"The section [{place}] of secrets.toml lacks {', '.join(missing)}.")
    if "_" in name:
        raise SettingsError(f"Call the section [{place}] of secrets.toml by a name without underscores.")
    given = section.get("name")
    if isinstance(given, str) and given:
        return given
    return "" if name == DEFAULT else name[:1].upper() + name[1:]
