"""Settings: defaults, each variable, and a sentence for a wrong one."""

from datetime import date
from pathlib import Path

import pytest

from rules import settings


def test_an_empty_environment_serves_the_local_book(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    read = settings.read({"LOANBOARD_DATABASE_URL": "", "UNRELATED": "x"})
    assert read.database_url is None
    assert read.data_dir == tmp_path / ".data"
    assert read.state_url == f"sqlite:///{tmp_path / '.data' / 'state.sqlite'}"
    assert read.snapshots_dir == tmp_path / ".data" / "snapshots"
    assert (read.refresh_minutes, read.as_of, read.schema) == (60, None, None)


def test_every_variable_is_read():
    read = settings.read(
        {
            "LOANBOARD_DATABASE_URL": "postgresql://db/loans",
            "LOANBOARD_SCHEMA": "loanboard",
            "LOANBOARD_STATE_URL": "postgresql://db/state",
            "LOANBOARD_DATA_DIR": "/srv/loanboard",
            "LOANBOARD_REFRESH_MINUTES": "15",
            "LOANBOARD_POLICY": "/etc/policy.toml",
            "LOANBOARD_AS_OF": "2026-02-28",
            "LOANBOARD_LOG": "json",
            "LOANBOARD_WEBHOOK_URL": "https://alerts.example/a-secret",
            "LOANBOARD_AUDIT_KEY": "a-secret" * 4,
            "LOANBOARD_LENDING_URL": "https://lending.example/a-secret",
        }
    )
    assert read == settings.Settings(
        database_url="postgresql://db/loans",
        schema="loanboard",
        state_url="postgresql://db/state",
        data_dir=Path("/srv/loanboard"),
        refresh_minutes=15,
        policy_path=Path("/etc/policy.toml"),
        as_of=date(2026, 2, 28),
        log=settings.LogForm.JSON,
        webhook_url="https://alerts.example/a-secret",
        audit_key="a-secret" * 4,
        lending_url="https://lending.example/a-secret",
    )
    assert "a-secret" not in repr(read)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOANBOARD_REFRESH_MINUTES", "soon"),
        ("LOANBOARD_REFRESH_MINUTES", "0"),
        ("LOANBOARD_REFRESH_MINUTES", "-5"),
        ("LOANBOARD_AS_OF", "30 February"),
        ("LOANBOARD_REFRESH_MINUTES", "9" * 5000),
        ("LOANBOARD_AS_OF", "2026-02-30"),
        ("LOANBOARD_AS_OF", "0001-01-01"),
        ("LOANBOARD_AS_OF", "9999-12-31"),
        ("LOANBOARD_DATA_DIR", "~nobody-of-that-name/data"),
        ("LOANBOARD_LOG", "loud"),
        ("LOANBOARD_POLICY", "~nobody-of-that-name/policy.toml"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_write(name, value):
    with pytest.raises(settings.SettingsError, match=f"{name} is '{value}'; write"):
        settings.read({name: value})


@pytest.mark.parametrize(
    "value", ["ftp://host/cret", "cret", "http://", "https://host:x/cret", "//host/cret", "http://[cret"]
)
@pytest.mark.parametrize("name", ["LOANBOARD_WEBHOOK_URL", "LOANBOARD_LENDING_URL"])
def test_an_address_that_may_hold_a_secret_is_not_repeated(name, value):
    with pytest.raises(settings.SettingsError, match=f"{name} is not an address; write one") as raised:
        settings.read({name: value})
    assert "cret" not in str(raised.value)


def test_a_short_audit_key_is_refused_and_not_repeated():
    with pytest.raises(settings.SettingsError, match="LOANBOARD_AUDIT_KEY is too short; write 32") as raised:
        settings.read({"LOANBOARD_AUDIT_KEY": "a-secret"})
    assert "a-secret" not in str(raised.value)


@pytest.mark.parametrize("template", ["https://files.example/a/{number}", "https://files.example:8443/?of={number}"])
def test_documents_are_found_by_an_https_template(template):
    assert settings.read({"LOANBOARD_DOCUMENTS_URL": template}).documents_url == template


@pytest.mark.parametrize(
    "template",
    [
        "http://files.example/{number}",  # read on the way
        "javascript:alert({number})",
        "https://files.example/",  # whose?
        "https://{number}.example/",  # a host of the applicant's choosing
        "https://name:word@files.example/{number}",
        "https://files.example/{number}/{name}",
        'https://files.example/{number}"onclick=',
        "https://files.example/ {number}",
        "https:///{number}",
        "https://files.example:x/{number}",
        "https://files.example/{number}/{number}",
        "{number}",
    ],
)
def test_any_other_template_is_refused(template):
    with pytest.raises(settings.SettingsError, match=r"LOANBOARD_DOCUMENTS_URL is .*write an https address"):
        settings.read({"LOANBOARD_DOCUMENTS_URL": template})
