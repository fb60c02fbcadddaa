"""A page run in the test's own process on a snapshot, as `app.py` would run it; who looks is up to the test."""

from collections.abc import Callable
from dataclasses import replace

from streamlit.testing.v1 import AppTest

from components import view
from queries import book as books
from rules.filters import Choice, Comparison, Filters, Period, resolve
from rules.member_filters import resolve_members
from tests.demo_snapshot import POLICY

FINAL_DAYS = 180  # after the last due date


def run(
    page: Callable[[], None],
    snapshot_id: str,
    name: str,
    *,
    language: str = "en",
    missing: frozenset[str] = frozenset(),
    choices: tuple[Choice, ...] = (),
    mature_days: int = 0,
    **parameters: str,
) -> AppTest:
    """The page of an address, over all time, with what its link says; `missing`: tables that the book does not have."""
    facts = books.facts(snapshot_id)
    facts = replace(facts, missing_tables=facts.missing_tables | missing)
    filters = Filters(period=Period.ALL, compare_to=Comparison.NONE, choices=choices)
    at = AppTest.from_function(page, default_timeout=300)
    at.session_state["_language"], at.session_state["_filters"] = language, filters
    for key, value in parameters.items():
        at.query_params[key] = value
    at.session_state[view._KEY] = view.View(
        staff_email="somebody@demo.invalid", language=language, theme="light", source="demo", book=facts,
        filters=filters, selection=resolve(filters, facts, FINAL_DAYS), policy=POLICY,
        members=resolve_members(filters, facts, mature_days), link=f"http://127.0.0.1:8501/{name}?snapshot=demo",
    )  # fmt: skip
    at.run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    """All that stands on the page as text."""
    return "\n".join(each.value for each in (*at.markdown, *at.caption)).replace("\u00a0", " ")
