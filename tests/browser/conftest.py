import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser import serving


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    if serving.CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with serving.loanboard(tmp_path_factory.mktemp("loanboard")) as address:
        yield address


WAIT_MS = 60_000  # a first view on a busy machine


@pytest.fixture(scope="module")  # it holds the event loop of its thread, which other specs run theirs on
def chromium():
    if serving.CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=serving.CHROMIUM, args=serving.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, address):
    """A page of a new browser session. `page.told` is what its console said, `page.asked` what it requested."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    listen(page)
    yield page
    context.close()


def listen(page):
    """Note in `page.told` what its console says, in `page.asked` what it requests."""
    page.told, page.asked = [], []
    page.on("console", lambda message: page.told.append(message) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: page.told.append(error))  # noqa: PLW0108  (playwright marks the function)
    page.on("request", lambda request: page.asked.append(request.url))
