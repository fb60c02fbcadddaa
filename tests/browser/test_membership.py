"""The membership page in a browser: a link restores the funnel, a click on a bar lists its members."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_default_rates import figure
from tests.browser.test_frame import query, sign_in

pytestmark = pytest.mark.browser

LINK = "/membership?until=disbursed&by=first_tier&windows=applied:720&step=applied&went=stopped&timed=joined"


def said(page):
    """What the cards say, once all are drawn."""
    expect(figure(page, "funnel")).to_be_visible()
    expect(figure(page, "durations")).to_be_visible()
    expect(page.get_by_text("These").first).to_be_visible()
    cards = ("funnel", "cohorts", "further", "durations", "members")
    return [page.locator(f".st-key-card-{card}").inner_text() for card in cards]


def test_a_link_restores_the_funnel_exactly(page, address, chromium):
    page.goto(f"{address}{LINK}")
    sign_in(page, "Manager")
    first = said(page)
    assert "came as far as Applied and no further" in first[-1]
    expect(page.get_by_role("button", name="Windows, changed")).to_be_visible()
    colleague = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB").new_page()
    colleague.goto(page.url)
    sign_in(colleague, "Manager")
    assert said(colleague) == first
    assert query(colleague) == query(page)
    colleague.context.close()


def test_a_click_on_a_bar_lists_its_members(page, address):
    page.goto(f"{address}/membership?until=disbursed")
    sign_in(page, "Manager")
    said(page)
    figure(page, "funnel").locator("path").nth(1).scroll_into_view_if_needed()
    figure(page, "funnel").locator(".bars .point path").nth(1).click(force=True)
    expect(page.get_by_text("are the bar Verified above")).to_be_visible()
    assert query(page)["step"] == ["verified"]
