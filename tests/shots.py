"""Pictures of every page in both themes and languages at three widths, into shots/: `make shots`."""

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from app import PATHS
from tests.browser import serving
from tests.shot_list import CASES, DEMO, SHOT_LIST, TREE, Shot
from tests.shot_review import Cases

SHOTS = serving.ROOT / "shots"
INVITATION_TREE = serving.ROOT.parent / "shared" / "data" / "invitation_tree"
WIDTHS = {390: 844, 1280: 800, 1920: 1080}
THEMES = {"light": "Light", "dark": "Dark"}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
SETTLE_MS = 1200  # charts draw themselves after the last message
WAIT_MS = 180_000  # for a page on a busy machine
MEMBERS_OF_CASES = 3_000  # of the book whose cases were brought into every state


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a running Loanboard with the demo book and demo staff; otherwise one is started")
    parser.add_argument("--only", default="", type=re.compile, help="pictures whose name matches this expression")
    parser.add_argument("--into", type=Path, default=SHOTS, help="the folder of the pictures")
    parser.add_argument("--members", type=int, default=20_000)
    chosen = parser.parse_args()
    if serving.CHROMIUM is None:
        sys.exit("No chromium was found on this machine; install it, then run: make shots")
    chosen.into.mkdir(exist_ok=True)
    for book in dict.fromkeys(shot.book for shot in SHOT_LIST):
        named = [(shot, *looks) for shot, *looks in product(SHOT_LIST, THEMES, LANGUAGES) if shot.book == book]
        wanted = [(*each, names) for (*each,) in named if (names := _names(*each, chosen.only))]
        if wanted:
            with _served(book, chosen.members, chosen.url) as (address, cases):
                _take(address, cases, wanted, chosen.into)


def _names(shot: Shot, theme: str, language: str, only: re.Pattern[str]) -> dict[int, str]:
    """The pictures to be taken of what is opened once, by their widths."""
    names = {width: f"{shot.name}-{theme}-{language}-{width}" for width in WIDTHS}
    return {width: name for width, name in names.items() if only.search(name)}


@contextmanager
def _served(book: str, members: int, running: str | None) -> Iterator[tuple[str, Cases | None]]:
    """The address of a Loanboard that serves a book, and its cases where they were brought into every state."""
    if book == DEMO and running:
        yield running, None
        return
    command = {
        DEMO: ("demo", "--members", str(members)),
        TREE: ("import", TREE, str(INVITATION_TREE)),
        CASES: ("demo", "--members", str(MEMBERS_OF_CASES)),
    }[book]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        serving.manage(folder, *command).check_returncode()
        cases = Cases(folder) if book == CASES else None
        yield stack.enter_context(serving.served(folder, serving.free_port())), cases


def _take(address: str, cases: Cases | None, wanted: list[tuple[Shot, str, str, dict[int, str]]], into: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=serving.CHROMIUM, args=serving.ARGUMENTS)
        for shot, theme, language, names in wanted:
            path = shot.path.format(**cases.number) if cases else shot.path
            with _within(shot, cases):
                for page in _opened(browser, f"{address}{path}", shot, theme, language):
                    if shot.opens is not None and not shot.lasts:
                        _when_done(page, partial(_open, shot, cases), names, into, whole=cases is not None)
                        continue
                    if shot.opens is not None:
                        shot.opens(page)
                    _at_widths(page, names, into)
        browser.close()


def _within(shot: Shot, cases: Cases | None) -> AbstractContextManager[object]:
    return nullcontext() if shot.within is None or cases is None else shot.within(cases)


def _open(shot: Shot, cases: Cases | None, page: Page) -> None:
    if shot.opens is not None:
        shot.opens(page)
    if shot.then is not None and cases is not None:
        shot.then(cases)
        page.reload()


def _opened(browser: Browser, url: str, shot: Shot, theme: str, language: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale=LANGUAGES[language])
    stored = "".join(f"localStorage.setItem('stActiveTheme-{path}-v2', '\"{THEMES[theme]}\"');" for path in PATHS)
    context.add_init_script(stored)
    page = context.new_page()
    page.goto(url)
    page.get_by_role("heading", level=1).first.wait_for()
    if shot.role is not None:
        page.locator(f".st-key-sign-in-{shot.role} button").click()
        page.locator(".st-key-sign-out button").wait_for()
    _settled(page)
    yield page
    context.close()


def _at_widths(page: Page, names: dict[int, str], into: Path) -> None:
    for width, name in names.items():
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        _settled(page)
        page.screenshot(path=into / f"{name}.png")
        _whole(page, name, into)


def _whole(page: Page, name: str, into: Path) -> None:
    """The page to its end, where it is longer than the window."""
    size = page.viewport_size
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    if size is not None and tall > size["height"]:
        page.set_viewport_size({"width": size["width"], "height": min(tall, 6000)})
        _settled(page)
        page.screenshot(path=into / f"{name}-whole.png")


def _when_done(page: Page, act: Callable[[Page], None], names: dict[int, str], into: Path, *, whole: bool) -> None:
    """What is done first is done at each width anew, for it closes when the window changes its size."""
    for width, name in names.items():
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        page.reload()
        page.get_by_role("heading", level=1).first.wait_for()
        _settled(page)
        act(page)
        _settled(page)
        page.screenshot(path=into / f"{name}.png")
        if whole:
            _whole(page, name, into)


def _settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=WAIT_MS)
    page.wait_for_timeout(SETTLE_MS)


if __name__ == "__main__":
    main()
