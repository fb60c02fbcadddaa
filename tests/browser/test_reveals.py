"""What reaches a real browser of an applicant: a mask until a reveal, then the one value, and then a mask again."""

import sqlite3
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser import conftest, serving
from tests.browser.test_frame import sign_in
from tests.browser.test_review import OFFICER, Home, press

pytestmark = pytest.mark.browser

PERSON = (
    "SELECT m.full_name, m.phone, m.id_number FROM member m JOIN application a ON a.member_id = m.id "
    "WHERE a.external_number = ?"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    if serving.CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with ExitStack() as stack:
        yield Home(tmp_path_factory.mktemp("reveals"), stack)


def test_an_identifier_comes_with_its_reveal_alone_and_is_kept_nowhere(chromium, home):
    number = home.numbers[0]
    with closing(sqlite3.connect(home.book)) as book:
        name, phone, identity = book.execute(PERSON, (number,)).fetchone()
    context = chromium.new_context(viewport={"width": 1280, "height": 1600}, locale="en-GB")
    context.set_default_timeout(conftest.WAIT_MS)
    page, received = context.new_page(), []

    def came(frame):
        received.append(frame if isinstance(frame, bytes) else frame.encode())

    page.on("websocket", lambda socket: socket.on("framereceived", came))

    def has_come(value):
        return any(value.encode() in frame for frame in received) or value in page.content()

    page.goto(f"{home.address}/review_queue?case={number}")
    sign_in(page, OFFICER)
    case = page.locator(".st-key-card-case")
    expect(case).to_contain_text(f"{name[0]}**")
    expect(page.locator(".st-key-card-case-margin")).to_be_visible()
    assert received
    assert not [value for value in (name, phone, identity) if has_come(value)]

    press(page, "reveal")
    page.locator(".st-key-reveal-field").get_by_role("combobox").click()
    page.get_by_role("option", name="Phone number").click()
    page.locator(".st-key-reveal-words input").fill("To call about the income")
    page.get_by_role("button", name="Reveal for").click()
    expect(page.locator(".st-key-revealed-phone")).to_contain_text(phone)
    assert not [value for value in (name, identity) if has_come(value)]
    told = [kind for (kind,) in home.asked("SELECT kind FROM audit_event ORDER BY sequence DESC LIMIT 1")]
    assert told == ["case.revealed"]

    over = (datetime.now(UTC) - timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    home.asked("UPDATE review_reveal SET until = ?", over)
    page.reload()
    expect(case).to_contain_text(f"{name[0]}**")
    expect(page.locator(".st-key-card-case-margin")).to_be_visible()
    assert phone not in page.content()
    context.close()
    files = [home.folder / "server.log", *home.folder.glob("state.sqlite*"), *home.folder.glob("snapshots/*/*.duckdb")]
    assert len(files) >= 3
    for file in files:
        content = file.read_bytes()
        assert not [value for value in (name, phone, identity) if value.encode() in content], file.name
