"""Every page looks as it did, in both themes and languages, as far as a picture of its head tells.

A look that is meant to change is taken over by `make pictures`, after it was looked at.
"""

import shutil
import subprocess
from contextlib import ExitStack
from itertools import product
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from app import PAGES, PATHS
from tests.browser import pictures, serving, stopped_demo
from tests.browser.test_frame import sign_in

pytestmark = pytest.mark.browser

KEPT = Path(__file__).with_name("kept")
SEEN = serving.ROOT / "shots" / "changed"
THEMES = {"light": "Light", "dark": "Dark"}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
SIGN_IN = "sign_in"
MEMBERS = "3000"
# Of how fast this machine is nothing is held against anything.
HIDDEN = ".st-key-card-stages { opacity: 0 }"
SIZE = {"width": 1280, "height": 1600}
FONTS = ("Noto Sans CJK SC",)  # beside those that Streamlit brings along
STILL_MS, STILL_TIMES = 250, 40  # between two looks at whether anything still moves; how often at most
LONG_MS = 90_000


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    if serving.CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    for font in FONTS:
        if not _has(font):
            pytest.skip(f"the font {font} is not on this machine; Debian has it in fonts-noto-cjk")
    with stopped_demo.served(tmp_path_factory, "--members", MEMBERS) as served:
        yield served


def _has(font):
    known = shutil.which("fc-list")
    return known is not None and bool(subprocess.run([known, font], capture_output=True, text=True).stdout.strip())


@pytest.fixture(scope="module")
def look(chromium, address):
    """A page in a theme and a language, of a manager or of nobody; one browser session for each."""
    opened = {}
    with ExitStack() as stack:

        def looked(theme, language, signed_in):
            if (theme, language, signed_in) not in opened:
                context = chromium.new_context(
                    viewport=SIZE, locale=LANGUAGES[language], reduced_motion="reduce", device_scale_factor=1
                )
                stack.callback(context.close)
                context.set_default_timeout(LONG_MS)
                context.add_init_script(
                    "".join(
                        f"localStorage.setItem('stActiveTheme-{path}-v2', '\"{THEMES[theme]}\"');" for path in PATHS
                    )
                )
                page = context.new_page()
                if signed_in:
                    page.goto(f"{address}/system?lang=en")
                    sign_in(page, "Manager")
                opened[theme, language, signed_in] = page
            return opened[theme, language, signed_in]

        yield looked


@pytest.mark.parametrize(("theme", "language", "name"), list(product(THEMES, LANGUAGES, [SIGN_IN, *PAGES])))
def test_a_page_looks_as_it_did(look, address, request, theme, language, name):
    page = look(theme, language, name != SIGN_IN)
    page.goto(f"{address}/{'' if name == SIGN_IN else name}?lang={language}")
    seen = pictures.small(_still(page))
    path = KEPT / f"{name}-{theme}-{language}.webp"
    if request.config.getoption("--accept-pictures"):
        if not path.exists() or pictures.difference(pictures.kept(path), seen).is_seen:
            path.parent.mkdir(exist_ok=True)
            pictures.keep(seen, path)
        return
    SEEN.mkdir(parents=True, exist_ok=True)
    told = SEEN / f"{path.stem}-seen.png"
    if not path.exists():
        seen.save(told)
        pytest.fail(f"There is no picture {path.name} yet. Look at {told}; if it is right: make pictures")
    found = pictures.difference(pictures.kept(path), seen)
    if found.is_seen:
        seen.save(told)
        drawn = SEEN / f"{path.stem}-difference.png"
        found.drawn.save(drawn)
        pytest.fail(
            f"{path.stem} looks otherwise: {found.share:.2%} of its points differ. Look at {told} and {drawn}; "
            "if the change is meant: make pictures"
        )


def _still(page):
    """A picture of the page once nothing on it changes any more."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    page.add_style_tag(content=HIDDEN)
    before = b""
    for _ in range(STILL_TIMES):
        now = page.screenshot(animations="disabled", caret="hide")
        if now == before:
            return now
        before = now
        page.wait_for_timeout(STILL_MS)
    raise AssertionError("the page does not come to rest")


def test_the_kept_pictures_are_those_of_the_pages():
    names = {f"{name}-{theme}-{language}" for theme, language, name in product(THEMES, LANGUAGES, [SIGN_IN, *PAGES])}
    assert {path.stem for path in KEPT.iterdir()} == names


PLAIN = Image.new("RGB", (640, 800), "#FFFFFF")


def test_pictures_that_are_alike_are_taken_for_the_same():
    noisy = PLAIN.copy()
    noisy.paste("#FBFBFB", (0, 0, 640, 800))
    noisy.paste("#000000", (0, 0, 12, 12))  # a cursor
    assert not pictures.difference(PLAIN, noisy).is_seen


@pytest.mark.parametrize(
    ("colour", "box"),
    [("#F6F7F9", (20, 100, 320, 250)), ("#DFE3E8", (20, 100, 320, 102)), ("#000000", (20, 100, 60, 110))],
    ids=["the ground of a card", "a line", "a word"],
)
def test_a_change_of_colour_or_place_is_seen(colour, box):
    changed = PLAIN.copy()
    changed.paste(colour, box)
    found = pictures.difference(PLAIN, changed)
    assert found.is_seen
    middle = ((box[0] + box[2]) // 2, (box[1] + box[3]) // 2)
    assert found.drawn.getpixel(middle) == (255, 0, 0)
    inside = (box[2] - box[0]) * (box[3] - box[1]) / (640 * 800)
    assert inside * 0.9 < found.share < inside * 3  # a little around it, for a kept picture is no exact one


def test_a_picture_of_another_size_differs_everywhere():
    assert pictures.difference(PLAIN, PLAIN.resize((640, 790))).share == 1
