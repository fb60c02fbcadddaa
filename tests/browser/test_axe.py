"""No part of a page has a fault of ours that axe-core finds, in both themes and languages."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.test_links import seen, signed_in

pytestmark = pytest.mark.browser

PARTS = [
    "/default_rates?part=segments",
    "/default_rates?part=time",
    "/membership?part=funnel",
    "/membership?part=movement",
    "/membership?part=worth",
    "/referrals?part=growth",
    "/referrals?part=cost",
    "/referrals?part=quality",
    "/referrals?part=tree",
    "/referrals?part=rewards",
    "/referrals?part=abuse",
    "/system",
]


@pytest.fixture(scope="module")
def manager(chromium, address):
    """A manager, who sees all of these pages."""
    with signed_in(chromium, address, "Manager") as page:
        yield page


@pytest.mark.parametrize("path", PARTS)
def test_axe_finds_no_fault_of_ours(manager, address, path):
    manager.goto(f"{address}{path}")
    seen(manager)
    assert axe.violations(manager) == []


def test_nor_in_the_dark_in_chinese(manager, address):
    manager.goto(f"{address}/membership?part=funnel")
    seen(manager)
    manager.get_by_role("button", name="简体中文").click()
    manager.get_by_role("button", name="深色").click()
    expect(manager.locator(".stApp")).to_have_css("background-color", "rgb(16, 18, 22)")
    seen(manager)
    assert axe.violations(manager) == []
