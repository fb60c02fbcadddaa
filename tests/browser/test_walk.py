"""The newcomer's walk of the README in browsers, line by line; what is bold there stands on the screen."""

import re
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from tests.browser import serving, stopped_demo
from tests.browser.test_frame import heading, sign_in
from tests.browser.test_links import LONG_MS, SEEN, seen
from tests.browser.test_review import choose_the_first

pytestmark = pytest.mark.browser

README = serving.ROOT / "README.md"
BOLD = re.compile(r"\*\*(.+?)\*\*")
# All that stands on the screen: texts, what figures say, and what is chosen in boxes.
ON_SCREEN = """() => [document.body.innerText, ...[...document.querySelectorAll('input')].map(box => box.value),
    ...[...document.querySelectorAll('svg text')].map(text => text.textContent)].join('\\n')"""


def lines():
    """The words in bold of each line of the walk."""
    section = README.read_text(encoding="utf-8").split("## A newcomer's walk")[1].split("\n## ")[0]
    found = re.findall(r"^(\d+)\. (.+(?:\n   .+)*)", section, re.MULTILINE)
    return {int(number): BOLD.findall(" ".join(text.split())) for number, text in found}


class Walk:
    """Which of the README's words have stood on the screen."""

    def __init__(self):
        self.missing = {(number, words) for number, every in lines().items() for words in every}

    def look(self, page, number):
        """Note which words of a line stand on the screen now."""
        shown = " ".join(page.evaluate(ON_SCREEN).replace("\u00a0", " ").replace("\u2060", "").split())
        self.missing -= {(line, words) for line, words in self.missing if line == number and words in shown}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    if serving.CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with stopped_demo.served(tmp_path_factory) as served:
        yield served


@pytest.fixture
def enter(chromium):
    """Opens an address in a browser of somebody's own and signs them in."""
    with ExitStack() as stack:

        def entered(role, address):
            context = chromium.new_context(viewport={"width": 1280, "height": 1600}, locale="en-GB")
            stack.callback(context.close)
            context.set_default_timeout(LONG_MS)
            page = context.new_page()
            page.goto(address)
            expect(heading(page, "Sign in")).to_be_visible()
            sign_in(page, role)
            return page

        yield entered


def choose(page, label, option, *, typed=False):
    """Take an option of a box within the open filters or on the page; of a long list, after typing it."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_timeout(300)  # a list that has opened closes when the page is drawn anew
    box = page.get_by_label(label, exact=True).last
    box.click()
    if typed:
        box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def test_there_are_ten_lines():
    assert list(lines()) == list(range(1, 11))


def test_the_walk(enter, address):
    walk = Walk()
    manager = enter("Manager", address)
    walk.look(manager, 1)
    seen(manager)
    walk.look(manager, 2)

    manager.locator(".st-key-filters button").first.click()
    choose(manager, "Loans disbursed in", "Chosen months")
    choose(manager, "From", "Jul 2024", typed=True)
    choose(manager, "To", "Sep 2024", typed=True)
    walk.look(manager, 3)
    manager.keyboard.press("Escape")
    expect(manager).to_have_url(re.compile("from=2024-07.*to=2024-09"))
    seen(manager)
    walk.look(manager, 4)

    choose(manager, "Split by", "Channel")
    expect(manager).to_have_url(re.compile("split=channel"))
    found = seen(manager)
    walk.look(manager, 5)

    officer = enter("Risk officer", manager.url)
    told = seen(officer)
    walk.look(officer, 6)
    cards = [next(words for words in view["words"] if words.startswith("What moved it?")) for view in (found, told)]
    assert cards[0] == cards[1]
    assert officer.evaluate(SEEN)["figures"][-1:] == manager.evaluate(SEEN)["figures"][-1:]

    officer.get_by_role("link", name="Review queue").click()
    officer.locator(".st-key-review-next button").wait_for()
    walk.look(officer, 7)
    officer.locator(".st-key-review-next button").click()
    act = officer.locator(".st-key-card-act")
    expect(act).to_contain_text("Yours until")
    walk.look(officer, 7)
    walk.look(officer, 8)
    officer.locator(".st-key-do-approved button").click()
    field = officer.locator("[class*='-reasons-'] input")
    field.click()
    field.press_sequentially("The income is proven")
    choose_the_first(officer, "The income is proven")
    officer.keyboard.press("Escape")
    officer.locator("[class*='-rationale'] textarea").fill("The employer confirmed the salary by telephone")
    officer.keyboard.press("Tab")
    officer.wait_for_timeout(500)
    walk.look(officer, 8)
    officer.locator(".st-key-check button").click()
    expect(act).to_contain_text("This is about to be recorded")
    walk.look(officer, 8)
    officer.locator(".st-key-confirm-yes button").click()
    expect(act).to_contain_text("Recorded.")
    walk.look(officer, 8)

    marketing = enter("Marketing", manager.url)
    seen(marketing)
    walk.look(marketing, 9)
    marketing.get_by_role("link", name="Referrals").click()
    expect(heading(marketing, "Referrals")).to_be_visible()
    marketing.locator(".st-key-part-cost button").click()
    expect(marketing).to_have_url(re.compile("part=cost"))
    seen(marketing)
    choose(marketing, "Told apart", "By campaign")
    expect(marketing).to_have_url(re.compile("cost_by=campaign"))
    seen(marketing)
    walk.look(marketing, 9)
    choose(marketing, "Counted", "per repaying borrower")
    expect(marketing).to_have_url(re.compile("cost_per=repaying"))
    seen(marketing)
    walk.look(marketing, 10)
    expect(marketing.locator(".st-key-body-cost .ytick text").first).to_have_text("News feed 2024-05")
    assert walk.missing == set()
