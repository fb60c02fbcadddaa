"""The guide of a page in a browser: by keyboard, without a fault, not on paper; it leads to the glossary."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.test_frame import heading
from tests.browser.test_links import seen, signed_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def officer(chromium, address):
    with signed_in(chromium, address, "Risk officer") as page:
        yield page


def test_a_guide_opens_by_the_keyboard_and_leads_on_with_the_filters(officer, address):
    officer.goto(f"{address}/default_rates?part=score&tier=gold")
    seen(officer)
    button, guide = officer.locator(".st-key-guide button"), officer.locator(".st-key-guide-text")
    button.focus()
    officer.keyboard.press("Enter")
    expect(guide).to_contain_text("What does each risk layer stop")
    assert axe.violations(officer) == []
    officer.keyboard.press("Escape")
    expect(guide).to_have_count(0)
    expect(button).to_be_focused()
    officer.keyboard.press("Enter")
    guide.get_by_role("button", name="Try another cut-off").focus()
    officer.keyboard.press("Enter")
    expect(officer).to_have_url(re.compile(r"(?=.*part=price)(?=.*tier=gold)"))
    expect(guide).to_contain_text("Does the price pay for the risk")
    expect(guide.get_by_role("link", name="See which tier really earns")).to_have_count(0)  # no page of theirs


def test_a_guide_leads_to_the_glossary_which_is_open(officer, address):
    officer.goto(f"{address}/collections")
    seen(officer)
    officer.locator(".st-key-guide button").click()
    officer.locator(".st-key-guide-text").get_by_role("link", name="What each number means").click()
    expect(heading(officer, "System")).to_be_visible()
    expect(officer.get_by_text("Borrowers whose earliest loan in the segment met").first).to_be_visible()


def test_a_guide_is_not_on_paper(officer, address):
    officer.goto(f"{address}/collections")
    seen(officer)
    expect(officer.locator(".st-key-guide")).to_be_visible()
    officer.emulate_media(media="print")
    expect(officer.locator(".st-key-guide")).to_be_hidden()
    officer.emulate_media(media="screen")
