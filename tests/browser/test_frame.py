"""What only a browser shows: links, reloads, cookies, the theme, the policy of contents."""

import json
import re
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from components import access

pytestmark = pytest.mark.browser

LIGHT, DARK = "rgb(255, 255, 255)", "rgb(16, 18, 22)"


def sign_in(page, role="Risk officer"):
    page.get_by_role("button", name=role, exact=True).click()
    page.get_by_role("button", name="Sign out").wait_for()
    for _ in range(100):  # the pass is fetched beside the page; whoever leaves before it has come is signed out again
        if any(cookie["name"] == access.COOKIE for cookie in page.context.cookies()):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the pass has not come")


def heading(page, name):
    return page.get_by_role("heading", name=name, level=1, exact=True)


def query(page):
    return parse_qs(urlsplit(page.url).query)


def test_a_cold_deep_link_leads_to_the_sign_in_and_then_to_its_page_with_its_filters(page, address):
    """The first visit of a server that has run nothing yet, so it stands first in this file."""
    page.goto(f"{address}/default_rates?tier=bronze&tier=silver&horizon=6")
    expect(heading(page, "Sign in")).to_be_visible()
    expect(page.get_by_text("Where does the book default?")).to_have_count(0)
    sign_in(page)
    expect(heading(page, "Default rates")).to_be_visible()
    expect(page.get_by_text("within 6 months").first).to_be_visible()
    assert query(page) == {"tier": ["bronze", "silver"], "definition": ["90"], "horizon": ["6"]}
    assert urlsplit(page.url).path == "/default_rates"


def test_a_deep_link_to_the_other_page_and_the_bare_address(page, address):
    page.goto(f"{address}/system")
    sign_in(page, "Manager")
    expect(heading(page, "System")).to_be_visible()
    page.goto(f"{address}/?horizon=6")
    expect(heading(page, "Overview")).to_be_visible()
    assert query(page) == {"definition": ["90"], "horizon": ["6"]}
    page.goto(f"{address}/nowhere")
    expect(page.get_by_text("Page not found").first).to_be_visible()


def test_a_role_is_kept_from_a_page_by_its_address(page, address):
    page.goto(f"{address}/default_rates")
    sign_in(page, "Marketing")
    expect(page.get_by_text("This page is not part of your role")).to_be_visible()
    expect(page.get_by_text("Where does the book default?")).to_have_count(0)
    expect(page.get_by_role("link", name="Default rates")).to_have_count(0)
    expect(page.get_by_role("link", name="System")).to_be_visible()
    page.goto(address)
    expect(heading(page, "Overview")).to_be_visible()


def test_a_reload_and_a_new_tab_stay_signed_in_until_the_sign_out(page, address):
    page.goto(f"{address}/system")
    with page.expect_response("**/session") as kept:
        sign_in(page, "Auditor")
    assert kept.value.status == 204
    cookie = next(cookie for cookie in page.context.cookies() if cookie["name"] == "loanboard_pass")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    page.reload()
    expect(page.get_by_test_id("stSidebar").get_by_text("Auditor")).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{address}/system")
    expect(other.get_by_test_id("stSidebar").get_by_text("Auditor")).to_be_visible()
    with page.expect_response("**/session") as given_up:
        page.get_by_role("button", name="Sign out").click()
    assert given_up.value.status == 204
    expect(heading(page, "Sign in")).to_be_visible()
    page.reload()
    expect(heading(page, "Sign in")).to_be_visible()


def test_language_and_theme_keep_the_address_and_hold_on_every_page(page, address):
    page.goto(f"{address}/default_rates?horizon=6")
    sign_in(page)
    page.get_by_role("button", name="简体中文").click()
    expect(heading(page, "违约率")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    expect(page).to_have_url(re.compile("lang=zh"))
    assert query(page) == {"definition": ["90"], "horizon": ["6"], "lang": ["zh"]}
    expect(page.locator(".stApp")).to_have_css("background-color", LIGHT)
    page.get_by_role("button", name="深色").click()
    expect(page.locator(".stApp")).to_have_css("background-color", DARK)
    expect(heading(page, "违约率")).to_be_visible()
    assert query(page) == {"definition": ["90"], "horizon": ["6"], "lang": ["zh"]}
    page.get_by_role("link", name="系统").click()
    expect(heading(page, "系统")).to_be_visible()
    page.reload()
    expect(heading(page, "系统")).to_be_visible()
    expect(page.locator(".stApp")).to_have_css("background-color", DARK)
    assert query(page)["lang"] == ["zh"]


def test_filters_stand_in_the_link_and_going_back_undoes_them(page, address):
    page.goto(f"{address}/default_rates")
    sign_in(page)
    page.get_by_role("button", name="Filters").click()
    page.get_by_test_id("stPopoverBody").get_by_label("Within").click()
    page.get_by_role("option", name="6 months").click()
    expect(page).to_have_url(re.compile("horizon=6"))
    page.keyboard.press("Escape")
    expect(page.get_by_text("within 6 months").first).to_be_visible()
    page.get_by_role("link", name="System").click()
    expect(heading(page, "System")).to_be_visible()
    page.get_by_role("link", name="Default rates").click()
    expect(heading(page, "Default rates")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/default_rates\?.*horizon=6"))
    page.goto(f"{address}/default_rates?horizon=6&definition=30")
    expect(page.get_by_text("30+ days within 6 months").first).to_be_visible()


def test_a_link_to_this_state_keeps_its_id_over_pages_and_reloads_until_the_newest_is_asked_for(page, address):
    page.goto(f"{address}/default_rates?horizon=6")
    sign_in(page)
    page.locator(".st-key-data button").first.click()
    page.get_by_role("button", name="Link to this state").click()
    expect(page).to_have_url(re.compile("snapshot="))
    expect(page.get_by_text("As it was on").first).to_be_visible()
    told = page.get_by_test_id("stPopoverBody").locator("code").inner_text().replace("\n", "")
    assert parse_qs(urlsplit(told).query) == query(page)
    assert told.startswith(f"{address}/default_rates?")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="System").click()
    expect(heading(page, "System")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/system\?.*snapshot="))
    page.reload()
    page.get_by_role("button", name="Show newest").click()
    expect(page).not_to_have_url(re.compile("snapshot="))
    expect(page.get_by_text("As it was on")).to_have_count(0)
    page.goto(told)
    expect(page.get_by_text("As it was on").first).to_be_visible()
    expect(page.get_by_text("within 6 months").first).to_be_visible()


@pytest.mark.parametrize(
    "hostile",
    [
        "tier=%3Cscript%3Ealert(1)%3C/script%3E",
        "drill=tier:gold~tier:~~%25:%00",
        "period=custom&from=9999-99",
        "lang=xx",
        "snapshot=",
    ],
)
def test_hostile_addresses_open_as_if_nothing_was_asked(page, address, hostile):
    page.goto(f"{address}/default_rates?{hostile}")
    sign_in(page)
    expect(heading(page, "Default rates")).to_be_visible()
    expect(
        page.get_by_text("default = 90+ days").or_(page.get_by_text("90+ days within 12 months")).first
    ).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        return urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        return error


@pytest.mark.parametrize("path", ["/", "/default_rates", "/_stcore/health", "/favicon.png", "/_stcore/metrics"])
def test_every_answer_carries_the_security_headers(address, path):
    headers = get(f"{address}{path}").headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore/agent/openapi.json"])
def test_what_tells_of_the_process_is_closed(address, path):
    assert get(f"{address}{path}").status == 404


def test_a_pass_is_not_given_to_whoever_brings_none(address):
    for body in (b"", b"nonsense", json.dumps({"email": "manager@demo.invalid"}).encode()):
        request = urllib.request.Request(f"{address}/session", data=body, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 403
        assert "set-cookie" not in refused.value.headers
