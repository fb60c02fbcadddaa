"""Every page and every part of one has its guide, short, and leading to where there is something else to see."""

import importlib
from urllib.parse import urlencode

import pytest

from app import PAGES
from components.guides.registry import GUIDES
from desk import rights

EACH = [(page, part, guide) for page, of_page in GUIDES.items() for part, guide in of_page.items()]
NAMES = [f"{page}-{part}" for page, part, _guide in EACH]
LONGEST = 260  # characters of a line: three lines of the popover
QUESTION = 120


def parts_of(page):
    """The codes of the parts of a page as the page itself names them."""
    part = getattr(importlib.import_module(f"pages.{page}"), "part", None)
    return [each.code for each in part.PARTS] if part else [""]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_and_part_has_its_guide_and_none_is_of_a_part_that_is_not_there(page):
    assert list(GUIDES[page]) == parts_of(page)


def test_there_is_no_guide_of_a_page_that_is_not_there():
    assert set(GUIDES) == set(PAGES)


@pytest.mark.parametrize(("page", "part", "guide"), EACH, ids=NAMES)
def test_a_guide_is_short_and_says_all_that_it_should(page, part, guide):
    lines = [guide.answers, guide.readers, guide.reading, guide.limits, *(step.text for step in guide.steps)]
    assert 4 < len(lines) <= 8
    assert all(0 < len(line) <= LONGEST for line in lines)
    assert guide.answers.endswith("?")
    assert len(guide.answers) <= QUESTION
    assert all(line.endswith(".") for line in (guide.readers, guide.reading, guide.limits))
    assert not any(step.text.endswith((".", "?")) for step in guide.steps)


@pytest.mark.parametrize(("page", "part", "guide"), EACH, ids=NAMES)
def test_its_steps_lead_to_other_views_that_are_there(page, part, guide):
    found = [(step.page, urlencode(step.parameters)) for step in guide.steps]
    assert len(set(found)) == len(found)
    for step in guide.steps:
        assert step.page in PAGES
        first, *_others = codes = parts_of(step.page)
        leads_to = step.parameters.get("part", first)
        assert leads_to in codes
        assert (step.page, leads_to) != (page, part) or set(step.parameters) - {"part"}


def test_no_two_guides_say_the_same():
    for name in ("answers", "reading", "limits"):
        said = [getattr(guide, name) for _page, _part, guide in EACH]
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("role", list(rights.Role))
@pytest.mark.parametrize(("page", "part", "guide"), EACH, ids=NAMES)
def test_whoever_opens_a_page_can_go_on_from_it(page, part, guide, role):
    if rights.sees(role, page) and len(rights.pages_of(role)) > 1:
        assert any(rights.sees(role, step.page) for step in guide.steps)
