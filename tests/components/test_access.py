"""Who counts as a local visitor, and which role sees which page."""

import pytest

from components import access
from desk.staff import Role, Staff

BROWSER = {"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:8501"}


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (None, BROWSER),  # how Streamlit gives 127.0.0.1 and ::1
        ("127.0.0.1", BROWSER),
        ("127.8.0.1", BROWSER),
        ("::1", {"Host": "[::1]:8501", "Origin": "http://[::1]:8501"}),
        (None, {"Host": "localhost:8501", "Origin": "http://localhost:8501"}),
        (None, {"Host": "localhost"}),
    ],
)
def test_a_browser_on_this_machine_is_local(address, headers):
    assert access.is_local(address, headers)


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.168.1.7", BROWSER),
        ("172.17.0.1", BROWSER),  # a container's gateway: anybody
        ("fe80::1", BROWSER),
        ("", BROWSER),
        ("unknown", BROWSER),
        (None, {}),
        (None, {"Host": ""}),
        (None, {"Host": "loanboard.example.com", "Origin": "https://loanboard.example.com"}),
        (None, {"Host": "127.0.0.1:8501", "Origin": "https://loanboard.example.com"}),  # a proxy that changes the host
        (None, {"Host": "localhost.example.com", "Origin": "http://localhost"}),
        (None, {"Host": "127.0.0.1.nip.io"}),
        (None, {"Host": "user@evil.example:1"}),
        (None, {"Host": "[::1"}),
        (None, {**BROWSER, "Origin": "null"}),
        (None, {**BROWSER, "X-Forwarded-For": "127.0.0.1"}),
        (None, {**BROWSER, "x-real-ip": "127.0.0.1"}),
        (None, {**BROWSER, "Forwarded": "for=127.0.0.1"}),
        (None, {**BROWSER, "Via": "1.1 proxy"}),
    ],
)
def test_whoever_might_come_from_elsewhere_is_not(address, headers):
    assert not access.is_local(address, headers)


def test_roles_and_pages():
    see = {page: {role.value for role in Role if access.may(role, page)} for page in access.ROLES}
    assert see == {
        "overview": {"risk_officer", "senior_risk_officer", "marketing", "manager", "auditor"},
        "collections": {"risk_officer", "senior_risk_officer", "manager", "auditor"},
        "compliance": {"manager", "auditor"},
        "default_rates": {"risk_officer", "senior_risk_officer", "manager", "auditor"},
        "membership": {"marketing", "manager", "auditor"},
        "referrals": {"marketing", "manager", "auditor"},
        "review_queue": {"risk_officer", "senior_risk_officer", "manager", "auditor"},
        "system": {role.value for role in Role},
    }


def test_a_file_is_refused_once_the_right_or_the_session_is_gone(monkeypatch):
    found = {"now": Staff("officer@lender.example", "Officer", Role.AUDITOR)}
    monkeypatch.setattr(access, "_asking", lambda: lambda: found["now"])
    check, export = access.guard("default_rates"), access.guard("system", "export_record")
    check()
    export()
    found["now"] = Staff("officer@lender.example", "Officer", Role.ADMINISTRATOR)
    with pytest.raises(PermissionError):
        check()
    with pytest.raises(PermissionError):
        export()
    for gone in (None, *access.Denied):
        found["now"] = gone
        with pytest.raises(PermissionError):
            check()
