"""Every page prints from the browser: its day, its filters and what numbers mean, and nothing that wants a click."""

import re

import pytest

from tests.browser.test_links import seen, signed_in

pytestmark = pytest.mark.browser

PARTS = {  # part of a page: whether shared filters hold for it
    "/overview": True,
    "/overview?part=committee": True,
    "/default_rates?part=segments": True,
    "/default_rates?part=time": True,
    "/default_rates?part=score": True,
    "/default_rates?part=price": True,
    "/default_rates?part=reserve": True,
    "/membership?part=funnel": True,
    "/membership?part=movement": True,
    "/membership?part=worth": True,
    "/referrals?part=growth": True,
    "/referrals?part=cost": True,
    "/referrals?part=quality": True,
    "/referrals?part=tree": True,
    "/referrals?part=rewards": True,
    "/referrals?part=abuse": True,
    "/review_queue": False,
    "/review_queue?part=quality": False,
    "/collections": False,
    "/compliance": False,
    "/system": False,
}
# What wants a click and can be seen; the button that says how old the data is says so on paper too.
CONTROLS = """() => [...document.querySelectorAll(
    'button, input, textarea, select, [role=combobox], [role=slider], [role=tab], summary')]
    .filter(each => !each.closest('.st-key-data'))
    .filter(each => each.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .filter(each => { const box = each.getBoundingClientRect(); return box.width > 1 && box.height > 1; })
    .map(each => `${each.tagName} ${each.closest('[data-testid]')?.dataset.testid} ${each.innerText || each.ariaLabel}`)
"""
# Cards whose words or figures don't fit on the paper's width.
TOO_WIDE = """() => [...document.querySelectorAll('.stMain [class*="st-key-card-"]')]
    .filter(each => each.getBoundingClientRect().right > window.innerWidth + 1)
    .map(each => each.className)"""


@pytest.fixture(scope="module")
def manager(chromium, address):
    """A manager, who sees all of these pages."""
    with signed_in(chromium, address, "Manager") as page:
        yield page


VISIBLE = "all => all.filter(each => each.checkVisibility()).length"


@pytest.mark.parametrize("path", PARTS)
def test_a_page_prints_without_controls_with_its_day_filters_and_definitions(manager, address, path):
    manager.goto(f"{address}{path}")
    seen(manager)
    manager.emulate_media(media="print")
    try:
        assert manager.evaluate(CONTROLS) == []
        assert manager.evaluate(TOO_WIDE) == []
        assert "as of" in manager.locator(".st-key-data").inner_text()
        if PARTS[path]:
            assert "Disbursed" in (words := manager.locator(".st-key-words").inner_text()) or "Registered" in words
        told = manager.locator("[class*=st-key-printed-] :is(p, dl)").evaluate_all(
            "all => all.filter(each => each.checkVisibility()).length"
        )
        assert bool(told) or path in {"/review_queue", "/system"}  # lists, which tell no number that needs a definition
    finally:
        manager.emulate_media(media="null")  # as the browser would: paper for what is printed


def test_the_pack_prints_as_a_document_of_several_pages(manager, address):
    manager.goto(f"{address}/overview?part=committee")
    seen(manager)
    printed = manager.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) >= 4
