"""The guide in the frame of the whole app: that of the part that is shown, to whoever may open the page."""

import importlib
from dataclasses import replace

import pytest

import app
from components import access
from components.guides.registry import GUIDES
from components.language import _, speaking
from desk.staff import Role
from tests.test_app import opened, shared, started, texts, whole  # noqa: F401  (fixtures)


@pytest.fixture
def framed(shared, monkeypatch):  # noqa: F811
    """That installation; of its pages the frame alone is drawn, for its book lacks much that they read."""
    for page in GUIDES:  # as the script of the app knows it, and as the module does to which a cold link hands over
        monkeypatch.setattr(importlib.import_module(f"pages.{page}"), "show", lambda: None)
        monkeypatch.setitem(app.PAGES, page, replace(app.PAGES[page], show=lambda: None))
    return shared


@pytest.mark.parametrize("page", GUIDES)
@pytest.mark.parametrize("role", list(Role))
def test_a_guide_reaches_those_alone_who_may_open_its_page(framed, role, page):
    at = opened(page, role)
    shown = [name for name, of_page in GUIDES.items() if next(iter(of_page.values())).answers in texts(at)]
    assert shown == ([page] if access.may(role, page) else [])
    labels = {link.proto.label for link in at.get("page_link")} | {button.label for button in at.button}
    for step in next(iter(GUIDES[page].values())).steps:
        assert (step.text in labels) is (access.may(role, page) and access.may(role, step.page))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_that_of_the_part_that_the_link_asks_for(framed, language):
    at = opened("default_rates", Role.MANAGER, part="reserve", lang=language)
    with speaking(language):
        for part, guide in GUIDES["default_rates"].items():
            assert (_(guide.limits) in texts(at)) is (part == "reserve")


def test_signed_out_nobody_gets_any(shared):  # noqa: F811
    at = opened("overview")
    assert not any(guide.answers in texts(at) for of_page in GUIDES.values() for guide in of_page.values())
    assert not at.get("page_link")


def test_the_glossary_stands_first_and_open_where_a_link_leads_to_it(shared):  # noqa: F811
    titles = [each.value for each in opened("system", Role.AUDITOR, glossary="open").markdown if "## " in each.value]
    assert "What does each number mean?" in titles[0]
    titles = [each.value for each in opened("system", Role.AUDITOR).markdown if "## " in each.value]
    assert "What does each number mean?" in titles[-1]


@pytest.mark.parametrize("role", list(Role))
def test_the_guide_of_a_part_reaches_those_alone_who_may_see_the_part(framed, role):
    at = opened("overview", role, part="committee")
    told = GUIDES["overview"]["committee"]
    assert (told.answers in texts(at)) is (access.may(role, "overview") and access.may_do(role, told.act))
