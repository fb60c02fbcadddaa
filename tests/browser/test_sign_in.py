"""Sign-in by OpenID Connect: a provider in a process of its own, a book that is not public, a browser."""

import json
import re
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from desk import audit, staff, staff_changes, state
from desk.sign_in_http import RETURN_TO
from desk.staff import Role, Staff
from tests import test_app
from tests.browser import serving
from tests.browser.conftest import WAIT_MS

pytestmark = pytest.mark.browser

ADMIN = "admin@lender.example"
OFFICER = Staff("officer@lender.example", "Li Na", Role.RISK_OFFICER, 8_000_000)
SECRETS = """
[auth]
redirect_uri = "{address}/oauth2callback"
cookie_secret = "{secret}"

[auth.company]
name = "Lender & Co"
client_id = "loanboard"
client_secret = "any"
server_metadata_url = "{provider}/.well-known/openid-configuration"

[auth.unreachable]
client_id = "loanboard"
client_secret = "any"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("sign-in")


@pytest.fixture(scope="module")
def provider(home):
    """Its address; another site than Loanboard's, which is served on 127.0.0.1."""
    port = serving.free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with (home / "provider.log").open("wb") as log, serving.process(command, {"PATH": ""}, log):
        address = f"http://localhost:{port}"
        until = time.monotonic() + serving.START_SECONDS
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=2)
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        yield address


@pytest.fixture(scope="module")
def installed(home):
    """A book that is not public, with its copy, an administrator and an officer."""
    settings = test_app.install(home / "data", public=False)
    test_app.publish(settings)
    engine = audit.open_state(settings)
    now = datetime.now(UTC)
    staff_changes.add_first_administrator(engine, ADMIN, "An Administrator", now)
    staff_changes.add(engine, ADMIN, OFFICER, now)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def served(home, provider, installed):
    if serving.CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    port = serving.free_port()
    (home / ".streamlit").mkdir()
    secrets = SECRETS.format(address=f"http://127.0.0.1:{port}", provider=provider, secret="s" * 32)
    (home / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
    with serving.served(home / "data", port, HOME=str(home), LOANBOARD_REFRESH_MINUTES="9999999") as address:
        yield address


@pytest.fixture
def context(chromium):
    with ExitStack() as stack:
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        stack.callback(context.close)
        context.set_default_timeout(WAIT_MS)
        yield context


def known(provider, subject, **claims):
    """Let the provider know somebody."""
    body = json.dumps({"email": OFFICER.email, "email_verified": True, "name": "Somebody"} | claims).encode()
    asked = urllib.request.Request(f"{provider}/users/{subject}", data=body, method="PUT")
    asked.add_header("content-type", "application/json")
    assert urllib.request.urlopen(asked, timeout=10).status == 204


def came_as(page, subject):
    """Go to the provider and be let in there."""
    page.get_by_role("button", name="Sign in with Lender & Co").click()
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").click()


def heading(page, name):
    return page.get_by_role("heading", name=name, level=1, exact=True)


def told(page, text):
    expect(page.get_by_role("heading", name=text)).to_be_visible()


def cookies(context):
    return {cookie["name"]: cookie for cookie in context.cookies()}


def events(engine, kind):
    with state.reading(engine) as connection:
        return connection.execute(select(state.audit_event).where(state.audit_event.c.kind == kind)).all()


def test_a_cold_deep_link_is_returned_to_after_the_sign_in_and_a_sign_out_ends_it_in_every_tab(
    context, served, provider, installed
):
    known(provider, "li-na")
    page = context.new_page()
    page.goto(f"{served}/default_rates?tier=bronze&tier=silver&horizon=6")
    expect(heading(page, "Sign in")).to_be_visible()
    expect(page.get_by_text("Where does the book default?")).to_have_count(0)
    came_as(page, "li-na")
    expect(heading(page, "Default rates")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/default_rates\?tier=bronze&tier=silver&.*horizon=6"))
    expect(page.get_by_test_id("stSidebar").get_by_text("Li Na · Risk officer")).to_be_visible()
    kept = cookies(context)
    assert RETURN_TO not in kept
    identity = kept["_streamlit_user"]
    assert (identity["httpOnly"], identity["sameSite"]) == (True, "Strict")
    assert identity["expires"] - time.time() < 12 * 3600 + 60
    [bound] = events(installed, "staff.bound")
    assert (bound.subject, json.loads(bound.payload)["subject"]) == (OFFICER.email, "li-na")

    other = context.new_page()
    other.goto(f"{served}/system")  # a new tab is signed in already
    expect(heading(other, "System")).to_be_visible()
    page.get_by_role("button", name="Sign out").dispatch_event("click")  # which a tab behind another one takes, too
    page.get_by_role("button", name="End session").click()
    expect(heading(page, "Sign in")).to_be_visible()
    assert "_streamlit_user" not in cookies(context)
    told(other, "Your session has ended")  # noticed by itself
    expect(heading(other, "System")).to_have_count(0)
    assert len(events(installed, "staff.sessions_ended")) == 1


def test_who_is_signed_out_elsewhere_loses_the_page_without_touching_it(context, served, provider, installed):
    known(provider, "li-na")
    page = context.new_page()
    page.goto(f"{served}/system")
    came_as(page, "li-na")
    expect(heading(page, "System")).to_be_visible()
    staff_changes.end_sessions(installed, ADMIN, OFFICER.email, datetime.now(UTC))
    told(page, "Your session has ended")
    expect(heading(page, "System")).to_have_count(0)


@pytest.mark.parametrize(
    ("subject", "claims", "title", "advice"),
    [
        ("stranger", {"email": "stranger@lender.example"}, "You are not on the staff list", "Ask your administrator"),
        ("no-mail", {"email": None}, "Your address is not confirmed", "Confirm the address there"),
        ("unproved", {"email": ADMIN, "email_verified": False}, "Your address is not confirmed", "confirm that admin@"),
        ("namesake", {}, "This address belongs to another account", "ask your administrator"),
        ("long-ago", {"auth_time": 1_000_000_000}, "Your session has ended", "12 hours at most"),
    ],
)
def test_who_is_not_let_in_is_told_why_and_whom_to_ask(
    context, served, provider, installed, subject, claims, title, advice
):
    known(provider, subject, **claims)
    page = context.new_page()
    page.goto(f"{served}/default_rates")
    came_as(page, subject)
    told(page, title)
    expect(page.get_by_text(advice)).to_be_visible()
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
    expect(page.get_by_text("Where does the book default?")).to_have_count(0)
    assert staff.lookup(installed, ADMIN).email == ADMIN
    assert [each.subject for each in events(installed, "staff.bound")] == [OFFICER.email]
    if subject == "stranger":
        page.get_by_role("button", name="Sign in with another account").click()
        page.get_by_role("button", name="End session").click()
        expect(heading(page, "Sign in")).to_be_visible()


def test_a_role_taken_away_during_a_session_is_noticed_at_the_next_click_and_access_too(
    context, served, provider, installed
):
    known(provider, "li-na")
    page = context.new_page()
    page.goto(f"{served}/default_rates")
    came_as(page, "li-na")
    expect(page.get_by_text("Where does the book default?")).to_be_visible()
    marketing = replace(OFFICER, role=Role.MARKETING, authority_fen=None)
    staff_changes.change(installed, ADMIN, OFFICER, marketing, datetime.now(UTC))
    page.get_by_role("button", name="Table", exact=True).first.click()
    expect(page.get_by_text("This page is not part of your role")).to_be_visible()
    expect(page.get_by_text("Where does the book default?")).to_have_count(0)
    staff_changes.change(installed, ADMIN, marketing, OFFICER, datetime.now(UTC))
    page.goto(f"{served}/system")
    expect(heading(page, "System")).to_be_visible()
    staff_changes.set_active(installed, ADMIN, OFFICER.email, False, datetime.now(UTC))
    told(page, "You are not on the staff list")  # by itself
    staff_changes.set_active(installed, ADMIN, OFFICER.email, True, datetime.now(UTC))
    page.reload()
    told(page, "Your session has ended")  # an entry that is active again needs a new sign-in


def test_a_sign_in_that_is_broken_off_and_a_provider_that_is_away_lead_back_with_a_sentence(context, served):
    page = context.new_page()
    page.goto(f"{served}/system?lang=en")
    page.get_by_role("button", name="Sign in with Lender & Co").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("That did not work")).to_be_visible()
    expect(page).to_have_url(re.compile("/system"))
    context.clear_cookies()
    page.goto(f"{served}/default_rates?horizon=6")
    expect(page.get_by_text("That did not work")).to_have_count(0)
    page.get_by_role("button", name="Sign in with Unreachable").click()
    expect(page.get_by_text("That did not work")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/default_rates\?horizon=6"))


@pytest.mark.parametrize(
    "cookie", ["https://evil.example/", "//evil.example", "/nowhere", "/system/../x", "%0d%0aSet-Cookie:x"]
)
def test_a_forged_cookie_of_return_leads_to_the_start(context, served, cookie):
    context.add_cookies([{"name": RETURN_TO, "value": cookie, "url": served}])
    answer = context.request.get(f"{served}/oauth2callback?state=x", max_redirects=0)
    assert (answer.status, answer.headers["location"]) == (302, "/")
