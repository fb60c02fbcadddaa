"""The section [auth] of secrets.toml: the providers it names, and a sentence for each thing that is wrong with it."""

import pytest

from components import providers
from rules.settings import SettingsError

SHARED = {"redirect_uri": "https://loanboard.example/oauth2callback", "cookie_secret": "s" * 32}
ONE = {"client_id": "a", "client_secret": "b", "server_metadata_url": "https://id.example/.well-known/x"}


def test_providers_are_named_by_their_own_word_or_by_their_section():
    found = providers.read({**SHARED, "company": {**ONE, "name": "Example Lender"}, "okta": ONE})
    assert dict(found.names) == {"company": "Example Lender", "okta": "Okta"}
    assert found.secure
    single = providers.read({**SHARED, **ONE, "client_kwargs": {"prompt": "login"}})
    assert dict(single.names) == {"default": ""}
    local = providers.read({**SHARED, **ONE, "redirect_uri": "http://127.0.0.1:8501/oauth2callback"})
    assert not local.secure


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({**ONE}, "lacks redirect_uri"),
        ({**ONE, "redirect_uri": SHARED["redirect_uri"]}, "lacks cookie_secret"),
        ({**SHARED, **ONE, "cookie_secret": "short"}, "32 random characters"),
        ({**SHARED, **ONE, "redirect_uri": "https://loanboard.example"}, "/oauth2callback"),
        (SHARED, "names no provider"),
        ({**SHARED, "company": {"client_id": "a"}}, "[auth.company] of secrets.toml lacks client_secret, server"),
        ({**SHARED, "client_id": "a"}, "[auth] of secrets.toml lacks client_secret"),
        ({**SHARED, "my_company": ONE}, "without underscores"),
    ],
)
def test_what_is_wrong_is_told_without_a_secret(section, said):
    with pytest.raises(SettingsError) as told:
        providers.read(section)
    assert said in str(told.value)
    assert SHARED["cookie_secret"] not in str(told.value)
    assert "short" not in str(told.value).replace("too short", "")


def test_without_a_file_or_section_there_are_none_and_a_torn_file_is_told(monkeypatch, tmp_path):
    from streamlit import config
    from streamlit.runtime.secrets import Secrets

    asked = config.get_option

    def with_file(text):
        file = tmp_path / "secrets.toml"
        if text is not None:
            file.write_text(text, encoding="utf-8")
        files = {"secrets.files": [str(file)]}
        monkeypatch.setattr(config, "get_option", lambda name: files.get(name) or asked(name))
        monkeypatch.setattr(providers.st, "secrets", Secrets())
        return providers.configured()

    assert with_file(None) == providers.NONE
    assert with_file("[other]\na = 1\n") == providers.NONE
    with pytest.raises(SettingsError, match="form of TOML"):
        with_file("[auth\n")
