"""Pictures of every page in both themes and languages at three widths, into shots/: `make shots`."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import serving

SHOTS = serving.ROOT / "shots"
WIDTHS = {390: 844, 1280: 800, 1920: 1080}
THEMES = {"light": "Light", "dark": "Dark"}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
PATHS = ("/", "/default_rates", "/membership", "/referrals", "/system")
MEMBERSHIP = ("movement", "worth")
REFERRALS = ("growth", "cost", "quality", "tree", "rewards", "abuse")
SETTLE_MS = 1200  # charts draw themselves after the last message


@dataclass(frozen=True)
class Shot:
    """One picture: what is opened by whom; `opens` is the selector of what is clicked first."""

    name: str
    path: str
    role: str | None = "risk_officer"
    opens: str = ""


SHOT_LIST = (
    Shot("default_rates", "/default_rates"),
    Shot("default_rates-drilled", "/default_rates?drill=tier:bronze&tier=bronze&tier=silver"),
    Shot("default_rates-over_time", "/default_rates?part=time"),
    Shot("default_rates-filters", "/default_rates", opens=".st-key-filters button"),
    Shot("membership", "/membership", "manager"),
    *(Shot(f"membership-{part}", f"/membership?part={part}", "manager") for part in MEMBERSHIP),
    *(Shot(f"referrals-{part}", f"/referrals?part={part}", "marketing") for part in REFERRALS),
    Shot("system", "/system", "administrator"),
    Shot("forbidden", "/default_rates", "marketing"),
    Shot("sign_in", "/", None),
)


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a running Loanboard with demo staff; otherwise one is started")
    parser.add_argument("--only", default="", help="pictures whose name holds this text")
    parser.add_argument("--members", type=int, default=20_000)
    chosen = parser.parse_args()
    if serving.CHROMIUM is None:
        sys.exit("No chromium was found on this machine; install it, then run: make shots")
    if chosen.url:
        _take(chosen.url, chosen.only)
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        serving.loanboard(Path(folder), "demo", "--members", str(chosen.members)) as address,
    ):
        _take(address, chosen.only)


def _take(address: str, only: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=serving.CHROMIUM, args=serving.ARGUMENTS)
        for shot, theme, language in product(SHOT_LIST, THEMES, LANGUAGES):
            names = {width: f"{shot.name}-{theme}-{language}-{width}" for width in WIDTHS}
            wanted = {width: name for width, name in names.items() if only in name}
            if wanted:
                for page in _opened(browser, address, shot, theme, language):
                    _at_widths(page, wanted)
        browser.close()


def _opened(browser: Browser, address: str, shot: Shot, theme: str, language: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale=LANGUAGES[language])
    stored = "".join(f"localStorage.setItem('stActiveTheme-{path}-v2', '\"{THEMES[theme]}\"');" for path in PATHS)
    context.add_init_script(stored)
    page = context.new_page()
    page.goto(f"{address}{shot.path}")
    page.get_by_role("heading", level=1).first.wait_for()
    if shot.role is not None:
        page.locator(f".st-key-sign-in-{shot.role} button").click()
        page.locator(".st-key-sign-out button").wait_for()
    _settled(page)
    if shot.opens:
        page.locator(shot.opens).click()
    yield page
    context.close()


def _at_widths(page: Page, names: dict[int, str]) -> None:
    for width, name in names.items():
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        _settled(page)
        page.screenshot(path=SHOTS / f"{name}.png")
        tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        if tall > WIDTHS[width]:
            page.set_viewport_size({"width": width, "height": min(tall, 6000)})
            _settled(page)
            page.screenshot(path=SHOTS / f"{name}-whole.png")


def _settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(SETTLE_MS)


if __name__ == "__main__":
    main()
