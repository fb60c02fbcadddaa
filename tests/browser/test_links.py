"""A link restores pages of members, risk and collections exactly: choices, sentences, figures, for a colleague."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.test_frame import sign_in

pytestmark = pytest.mark.browser

# What the link asks for, each other than the page opens with; what is then chosen on the page: the key of a select box,
# if there is one, and the place of the option; a card whose table is asked for.
VIEWS = {
    "movement": ("/membership?part=movement&moves=matrix&before=lapse&again_within=30&tier=gold", "moved_from", 3, ""),
    "score": ("/default_rates?part=score&tier=gold&tier=silver&period=all", "model", 1, "calibration"),
    "price": ("/default_rates?part=price&by=score_band&cut_off=550-599&compare=none", "spread", 8, "price"),
    "worth": ("/membership?part=worth&value_by=channel&period=all&province=Henan", "value_by", 3, "worth"),
    "growth": ("/referrals?part=growth&growth=so_far&period=all&compare=none", "invited_to", 2, "growth-weeks"),
    "cost": ("/referrals?part=cost&cost_by=campaign&cost_of=inherit&horizon=6", "cost_per", 4, "payback"),
    "quality": ("/referrals?part=quality&brought_by=referral_level&ranked=each", "measure", 2, ""),
    "tree": ("/referrals?part=tree&tree=1&drawing=links&click=fold", "colour", 2, ""),
    "rewards": ("/referrals?part=rewards&terms=1:a500;2:off&cap=50000&rewards=open", "hit_by", 1, "reward-ledger"),
    "collections": ("/collections?period=all&ladder=kept", "measure", 1, "overdue-cures"),
    "compliance": ("/compliance?period=all&rule=shown_price", "attribute", 1, "five-class"),
    "reserve": ("/default_rates?part=reserve&province=Henan", "", 0, "cover"),
    "abuse": ("/referrals?part=abuse&channel=referral&case=1", "question", 1, ""),
}
LONG_MS = 90_000  # all of a part on a busy machine
# What a person sees of the part: its choices, its words, and what is written in its figures.
SEEN = """() => ({
    choices: [...document.querySelectorAll('.stMain [data-testid=stSelectbox] input')].map(box => box.value),
    words: [...document.querySelectorAll('.stMain [class*="st-key-card-"]')].map(card => card.innerText),
    figures: [...document.querySelectorAll('.stMain .js-plotly-plot')]
        .map(plot => [...plot.querySelectorAll('text')].map(text => text.textContent).join('|')),
})"""


@contextmanager
def signed_in(chromium, address, role):
    """A page of a browser session in which somebody of a role has signed in."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(LONG_MS)
    page = context.new_page()
    page.goto(f"{address}/system")
    sign_in(page, role)
    yield page
    context.close()


def seen(page) -> dict[str, list[str]]:
    """What is seen once nothing changes any more. Before a page's name stands there, its run has not begun."""
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=LONG_MS)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=LONG_MS)
    page.wait_for_load_state("networkidle")
    before, now = None, page.evaluate(SEEN)
    while now != before:
        page.wait_for_timeout(300)
        before, now = now, page.evaluate(SEEN)
    assert now["words"]
    return now


@pytest.fixture(scope="module")
def colleague(chromium, address):
    """Somebody else, in a browser session of their own."""
    with signed_in(chromium, address, "Auditor") as page:
        yield page


@pytest.fixture(scope="module")
def manager(chromium, address):
    with signed_in(chromium, address, "Manager") as page:
        yield page


@pytest.mark.parametrize("part", VIEWS)
def test_a_link_restores_a_part_exactly(manager, colleague, address, part):
    link, key, place, table = VIEWS[part]
    manager.goto(f"{address}{link}")
    opened = seen(manager)
    if key:
        box = manager.locator(f".st-key-linked-{key} input")
        box.scroll_into_view_if_needed()
        manager.wait_for_timeout(300)  # a list that has opened closes while the page still scrolls
        box.click()
        manager.get_by_role("option").nth(place).click()
        expect(manager).to_have_url(re.compile(f"[?&]{key}="))
    if table:
        manager.locator(f".st-key-{table}-switch button").click()
        expect(manager).to_have_url(re.compile(f"[?&]tables={table}"))
    chosen = seen(manager)
    assert chosen["choices"] or not key
    assert chosen != opened
    colleague.goto(manager.url)
    assert seen(colleague) == chosen
