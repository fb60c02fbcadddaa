"""The default rates page in a browser: clicking down and back, tables, files; and the real book as published."""

import csv
import io
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser import serving
from tests.browser.test_frame import query, sign_in

pytestmark = [pytest.mark.browser]

LENDING_CLUB = Path(__file__).parents[3] / "shared" / "data" / "lending_club_2007_2011.csv.gz"
COUNTED = re.compile(r"These ([\d,]+) loans are the borrowers counted above, one each: ([\d,]+) defaulted")


def counted(page) -> tuple[int, int]:
    """Borrowers and defaulted as the page says them."""
    text = page.get_by_text("loans are the borrowers counted above").first.inner_text()
    borrowers, defaulted = COUNTED.search(text).groups()
    return int(borrowers.replace(",", "")), int(defaulted.replace(",", ""))


def figure(page, key):
    return page.locator(f".st-key-body-{key} .js-plotly-plot")


def ready(page):
    expect(page.get_by_text("Which loans are behind this?")).to_be_visible()
    expect(figure(page, "segments")).to_be_visible()


def test_a_click_on_a_segment_filters_everything_and_the_breadcrumb_leads_back(page, address):
    page.goto(f"{address}/default_rates?period=all")
    sign_in(page)
    ready(page)
    everybody = counted(page)
    figure(page, "segments").locator("path.point").first.click(force=True)
    expect(page.locator(".st-key-breadcrumb")).to_be_visible()
    drilled = query(page)["drill"][0]
    assert drilled.startswith("tier:")
    expect(page.get_by_text(COUNTED).first).not_to_contain_text(f"{everybody[0]:,}")
    some = counted(page)
    assert 0 < some[0] < everybody[0]
    # The link alone leads to the same view.
    page.goto(f"{address}/default_rates?period=all&drill={drilled}")
    ready(page)
    assert counted(page) == some
    page.get_by_role("button", name="All loans").click()
    expect(page.locator(".st-key-breadcrumb")).to_have_count(0)
    expect(page.get_by_text(COUNTED).first).to_contain_text(f"{everybody[0]:,}")
    assert "drill" not in query(page)


def test_a_card_shows_its_table_and_its_choices_stand_in_the_link(page, address):
    page.goto(f"{address}/default_rates?by=province&across=term&sort=borrowers")
    sign_in(page)
    ready(page)
    page.locator(".st-key-card-segments").get_by_role("button", name="Table").click()
    expect(page.locator(".st-key-body-segments [data-testid=stDataFrame]")).to_be_visible()
    page.locator(".st-key-card-segments").get_by_role("button", name="Chart").click()
    expect(figure(page, "segments")).to_be_visible()
    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["by"], asked["across"], asked["sort"]) == (["province"], ["term"], ["borrowers"])


def test_files_re_sum_to_the_number_and_say_what_they_are(page, address):
    page.goto(f"{address}/default_rates?period=all&horizon=6")
    sign_in(page)
    ready(page)
    borrowers, defaulted = counted(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    head = [line for line in text.splitlines() if line.startswith("# ")]
    assert "within 6 months" in head[0].replace("\u00a0", " ")
    assert {line.split(":")[0] for line in head} == {
        "# Metric", "# Definition", "# Filters", "# Book", "# As of", "# Snapshot",
        "# Opens again at",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO("\n".join(text.splitlines()[len(head) :]))))
    assert (len(rows), sum(int(row["defaulted"]) for row in rows)) == (borrowers, defaulted)
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel", exact=True).click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert book.sheetnames == ["About", "1"]
    columns, *listed = book["1"].values
    place = columns.index("defaulted")
    assert (len(listed), sum(row[place] for row in listed)) == (borrowers, defaulted)


@pytest.fixture(scope="module")
def lending_club(tmp_path_factory):
    if serving.CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    if not LENDING_CLUB.exists():
        pytest.skip(f"the public loan file {LENDING_CLUB} is not here")
    with serving.loanboard(
        tmp_path_factory.mktemp("lending-club"), "import", "lending-club", str(LENDING_CLUB)
    ) as served:
        yield served


def test_lending_club_is_seen_with_its_published_figures(page, lending_club):
    page.goto(f"{lending_club}/default_rates?period=all&horizon=final&by=grade&drill=credit_policy:within")
    sign_in(page)
    ready(page)
    headline = page.locator(".st-key-card-headline")
    expect(headline).to_contain_text(re.compile(r"14\.25\s%"))
    expect(headline).to_contain_text("with estimated dates")
    assert counted(page) == (39_786, 5_670)
    page.get_by_role("button", name="All loans").click()
    totals = page.locator(".st-key-card-totals")
    expect(totals).to_contain_text("¥460,296,150")
    expect(totals).to_contain_text("¥471,701,350")
    page.goto(f"{lending_club}/default_rates?by=tier")
    expect(page.locator(".st-key-card-segments").get_by_text("loan.tier_code")).to_be_visible()
    expect(headline).to_be_visible()


def test_a_click_on_a_cell_of_the_matrix_shows_that_roll_over_time(page, address):
    page.goto(f"{address}/default_rates?part=time")
    sign_in(page)
    expect(figure(page, "matrix")).to_be_visible(timeout=30_000)
    figure(page, "matrix").locator("path.point").first.hover(force=True)  # of the first row: current loans
    page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile("roll_from=M0"))
    expect(page.locator(".st-key-card-one-roll")).to_contain_text("of current loans")
