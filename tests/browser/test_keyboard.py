"""Every page by the keyboard alone: each stop is seen, they are in order, none holds, the first leads past."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_links import seen, signed_in
from tests.browser.views import VIEWS

pytestmark = pytest.mark.browser

MOST_STOPS = 250
# Where the keyboard is: what it is called, in which card or part of the frame, and how it looks with what is around it.
# What has just been left is looked at again, so that a stop is known to look otherwise than what is none.
STOP = """() => {
    const looks = element => {
        const found = []
        for (let each = element, up = 0; each && up < 5; each = each.parentElement ?? each.getRootNode().host, up++) {
            for (const part of [null, '::before', '::after']) {
                const s = getComputedStyle(each, part)
                found.push([s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.color,
                            s.backgroundColor, s.opacity, s.clipPath, s.textDecorationLine].join())
            }
        }
        return found.join(';')
    }
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    const last = window.lastStop, changed = !last || looks(last.element) !== last.looks
    if (!at || at === document.body) { window.lastStop = null; return {changed, ended: true} }
    const host = at.getRootNode().host ?? at
    const place = host.closest('[class*=st-key-card-], [class*=st-key-kpi-], .st-key-frame, .st-key-parts')
    const key = place && [...place.classList].find(name => name.startsWith('st-key-'))
    const box = at.getBoundingClientRect()
    window.lastStop = {element: at, looks: looks(at)}
    return {
        changed, ended: false, key, index: at.tabIndex,
        name: `${at.tagName} ${(at.ariaLabel || at.innerText || at.dataset.testid || '').slice(0, 60)}`,
        test: host.closest('[data-testid]')?.dataset.testid ?? '',
        area: box.width * box.height,
        again: last?.element === at,
    }
}"""
# A table takes Tab from cell to cell and lets go at the end of the row; where it is is drawn within its canvas.
TABLES_OWN = {"CANVAS data-grid-canvas"}
STILL = "*, *::before, *::after { transition: none !important; animation: none !important }"


@pytest.fixture(scope="module")
def manager(chromium, address):
    with signed_in(chromium, address, "Manager") as page:
        yield page


def stops(page):
    """Every stop of the keyboard from the top of the page until it leaves it."""
    page.add_style_tag(content=STILL)
    page.evaluate("document.activeElement?.blur(); window.lastStop = null; window.scrollTo(0, 0)")
    found = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if found:
            found[-1]["seen"] = stop["changed"]
        if stop["ended"] or (found and stop["name"] == found[0]["name"]):
            return found
        found.append(stop)
    raise AssertionError(f"the keyboard does not leave the page; it went on with {found[-5:]}")


@pytest.mark.parametrize("path", VIEWS)
def test_the_keyboard_goes_through_a_page_in_order_and_is_always_seen(manager, address, path):
    manager.goto(f"{address}{path}")
    seen(manager)
    found = stops(manager)
    assert found[0]["name"] == "A Skip to main content"
    assert [stop for stop in found if stop["index"] > 0] == []
    others = [stop for stop in found if stop["name"] not in TABLES_OWN]
    assert [stop["name"] for stop in others if stop["again"]] == []  # nothing holds it
    assert [stop["name"] for stop in others if not stop.get("seen", True)] == []
    keys = [stop["key"] for stop in found]
    places = list(dict.fromkeys(key for key in keys if key))
    runs = [key for place, key in enumerate(keys) if key and (place == 0 or keys[place - 1] != key)]
    assert runs == places  # each card is gone through once, from its first stop to its last
    assert places[0] == "st-key-frame"


def test_the_first_stop_leads_past_the_navigation(manager, address):
    manager.goto(f"{address}/compliance")
    seen(manager)
    manager.evaluate("document.activeElement?.blur()")
    manager.keyboard.press("Tab")
    skip = manager.get_by_test_id("stSkipToContent")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    manager.keyboard.press("Enter")
    manager.keyboard.press("Tab")
    assert manager.evaluate("Boolean(document.activeElement.closest('.st-key-frame'))")


def test_the_keyboard_goes_through_the_list_of_cases_without_opening_what_it_passes(chromium, address):
    with signed_in(chromium, address, "Risk officer") as officer:
        officer.goto(f"{address}/review_queue")
        seen(officer)
        passed = stops(officer)
        assert [stop["key"] for stop in passed if stop["key"] == "st-key-card-queue"]
        assert "case=" not in officer.url
        opened = []
        for key in "JJK":
            officer.keyboard.press(key)
            expect(officer).to_have_url(re.compile(r"[?&]case=" + (rf"(?!{opened[-1]})" if opened else "")))
            opened.append(re.search(r"[?&]case=([^&]+)", officer.url)[1])
            seen(officer)
        assert opened[0] == opened[2] != opened[1]
