"""No page and no part of one has a fault: axe-core finds none of ours, nothing jumps, the console is silent.

In both themes and languages; what is Streamlit's own is named in `axe.py`.
"""

import re
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from app import PATHS
from tests.browser import axe
from tests.browser.conftest import listen
from tests.browser.test_frame import sign_in
from tests.browser.test_links import LONG_MS, seen
from tests.browser.views import VIEWS
from tests.conftest import COUNTED

pytestmark = pytest.mark.browser

LOOKS = {"light": ("en-GB", "en", "rgb(255, 255, 255)"), "dark": ("zh-CN", "zh", "rgb(16, 18, 22)")}
OWN_PROBES = re.compile(r"/[a-z_]+/_stcore/(health|host-config)$")  # Streamlit looks below the page's own path first
MOST_SHIFT = 0.1  # of the layout: what Core Web Vitals call good
OWN_SPARKLINES = "WARN Infinite extent for field"  # while Streamlit's metrics have not drawn their lines yet
# What shifted without anybody's doing, and how far after the first words came: nobody reads before.
OBSERVE = """
    window.shifts = []
    new PerformanceObserver(list => window.shifts.push(...list.getEntries().filter(each => !each.hadRecentInput)))
        .observe({type: 'layout-shift', buffered: true})
"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
SHIFTED = (
    """painted => window.shifts.filter(each => each.startTime > painted).reduce((sum, each) => sum + each.value, 0)"""
)


@pytest.fixture(scope="module")
def managers(chromium, address):
    """A manager in each look, who sees all pages. `told` is what the console said, `asked` what was requested."""
    with ExitStack() as stack:
        pages = {}
        for theme, (locale, _language, _ground) in LOOKS.items():
            context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale=locale)
            stack.callback(context.close)
            context.set_default_timeout(LONG_MS)
            context.add_init_script(
                OBSERVE
                + "".join(
                    f"localStorage.setItem('stActiveTheme-{path}-v2', '\"{theme.capitalize()}\"');" for path in PATHS
                )
            )
            page = context.new_page()
            page.goto(f"{address}/system?lang=en")
            sign_in(page, "Manager")
            listen(page)
            pages[theme] = page
        yield pages


def complaints(page):
    """What the console said that is not Streamlit's own."""
    told = [message for message in page.told if not OWN_PROBES.search(getattr(message, "location", {}).get("url", ""))]
    words = (getattr(message, "text", str(message)) for message in told)
    return [said for said in words if not said.startswith(OWN_SPARKLINES)]


def outside(page, address):
    """What was requested of others than this server."""
    return [url for url in page.asked if not url.startswith((address, "data:", "blob:"))]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", VIEWS)
def test_a_view_has_no_fault_of_ours(managers, address, record_property, path, look):
    page = managers[look]
    page.told.clear()
    page.asked.clear()
    page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={LOOKS[look][1]}")
    seen(page)
    expect(page.locator(".stApp")).to_have_css("background-color", LOOKS[look][2])
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    # The first answer stands in the first window.
    expect(page.locator(".stMain :is([class*=st-key-card-], [class*=st-key-kpi-])").first).to_be_in_viewport(ratio=0.2)
    painted = page.evaluate(PAINTED)
    shift = page.evaluate(SHIFTED, painted)
    record_property(COUNTED, f"{path} {look}: first words after {painted:.0f} ms, shift {shift:.3f}")
    assert painted > 0
    assert complaints(page) == []
    assert outside(page, address) == []
    assert axe.violations(page) == []
    assert shift < MOST_SHIFT


def test_the_sign_in_has_none_either(page, address):
    for look in ("light", "dark"):
        page.goto(f"{address}/")
        page.get_by_role("heading", level=1).first.wait_for()
        page.wait_for_load_state("networkidle")
        if look == "dark":
            page.get_by_role("button", name="Dark").click()
            expect(page.locator(".stApp")).to_have_css("background-color", LOOKS["dark"][2])
            page.get_by_role("heading", level=1).first.wait_for()
        assert axe.violations(page) == []
    assert complaints(page) == []
    assert outside(page, address) == []


def test_nor_do_the_popovers_of_the_frame(managers, address):
    for page in managers.values():
        page.goto(f"{address}/membership")
        seen(page)
        for key in ("data", "filters", "guide"):
            page.locator(f".st-key-{key} button").first.click()
            page.get_by_test_id("stPopoverBody").first.wait_for()
            assert axe.violations(page) == []
            page.keyboard.press("Escape")
            expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
