"""The funnel of the membership page on drawn members: what it says, and what it says where it can't."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from components import access, downloads, view
from components.membership import funnel_choices, people
from pages import membership
from queries import book as books
from queries import funnel, read, snapshots
from rules import policy
from rules.filters import Comparison, Filters, Period, resolve
from tests.queries import journeys
from tests.queries.journeys import DAY, Journey

POLICY = policy.load()[-1]
ALL = Filters(period=Period.ALL, compare_to=Comparison.NONE)
YEAR = Filters(period=Period.CUSTOM, first_month=date(2024, 1, 1), last_month=date(2024, 6, 1))
WHOLE = (60, 120, DAY, DAY + 60, DAY + 120, 100 * DAY, 120 * DAY)


def group(month: int, members: int, joined: int, channel: str, year: int = 2024) -> list[Journey]:
    """Members of one month who all verify, so many of whom join a tier, one of them going all the way."""
    found = [Journey(date(year, month, 3), (60, 120) if each < joined - 1 else (60,), {"channel": channel})
             for each in range(members - 1)]  # fmt: skip
    return [*found, Journey(date(year, month, 3), WHOLE, {"channel": channel})]


DRAWN = [
    *group(1, 400, 300, "organic"),
    *group(1, 400, 100, "partner"),
    *group(7, 400, 390, "organic", 2023),
    *group(6, 50, 20, "organic", 2026),  # still maturing
]


def _page():
    from pages import membership

    membership.show()


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """One book for all the tests; its snapshot's id."""
    folder = tmp_path_factory.mktemp("snapshots")
    found = journeys.publish(folder, DRAWN)
    yield folder, found
    read.forget()
    books.facts.cache_clear()


@pytest.fixture
def shown(published, monkeypatch):
    """A function that runs the page; the facts of the book may be changed."""
    monkeypatch.setattr(access, "require", lambda page: None)
    monkeypatch.setattr(access, "guard", lambda page: lambda: None)
    folder, snapshot_id = published
    snapshots.use(folder)

    def run(filters=ALL, *, language="en", book=None, table="", **parameters):
        facts = replace(books.facts(snapshot_id), **(book or {}))
        at = AppTest.from_function(_page, default_timeout=300)
        at.session_state["_language"], at.session_state["_filters"] = language, filters
        if table:
            at.query_params["tables"] = table
        for key, value in parameters.items():
            at.query_params[key] = value
        days = sum(funnel_choices.windows(POLICY).seconds) // DAY
        at.session_state[view._KEY] = view.View(
            staff_email="manager@demo.invalid",
            language=language,
            theme="light",
            source="drawn",
            book=facts,
            filters=filters,
            selection=resolve(filters, facts, POLICY.default.final_days_after_last_due),
            policy=POLICY,
            members=membership.resolve_members(filters, facts, days),
            link="http://127.0.0.1:8501/membership?snapshot=drawn",
        )
        at.run()
        assert not at.exception, at.exception
        return at

    return run


def said(at):
    return "\n".join(each.value for each in at.markdown)


def captions(at):
    return "\n".join(each.value for each in at.caption)


def test_all_cards_of_the_funnel(shown):
    at = shown()
    text = said(at)
    for title in ("Where do members drop out?", "How many of each month borrow?", "Who gets further?",
                  "How long does each step take?", "Who is behind it?"):  # fmt: skip
        assert title in text
    assert len(at.get("plotly_chart")) == 4
    # 1,200 registered and verified; 790 joined, of whom three applied.
    assert "**Joined a tier → Applied**: 787 members, **99.6\u00a0%**" in text
    assert "n = 1,200" in captions(at)
    assert "later months are still maturing and left out" in captions(at)
    assert "These **3** members are the bar **Borrowed again** above" in text
    assert "Jun 2026 can’t be judged yet" in text or "Jun 2026 can't be judged yet" in text


def test_a_fall_is_named_when_it_is_more_than_noise(shown):
    """January 2024 joins at 400 of 800; the half year before at 390 of 400."""
    text = said(shown(YEAR))
    assert "**Verified → Joined a tier** is at **50.0\u00a0%**, **47.5\u00a0points below** Jul–Dec 2023" in text
    assert "the difference is not noise" in text


def test_the_funnel_can_be_held_against_a_segment(shown):
    at = shown(YEAR, until="joined", against="partner")
    assert "**Verified → Joined a tier** is at **75.0\u00a0%**, **50.0\u00a0points above** Partner platforms" in said(
        at
    )
    assert "Bar = all others" in captions(at)
    assert "These **300** members are the bar **Joined a tier** above" in said(at)  # as many as the bar
    drilled = shown(YEAR.drilled("channel", "organic"), until="joined", against="partner")
    assert "Bar = Organic" in captions(drilled)


def test_segments_that_differ_from_the_others_are_named(shown):
    text = said(shown(YEAR, until="joined"))
    assert "**Organic** gets furthest, **75.0\u00a0%**, **Partner platforms** least far, **25.0\u00a0%**" in text


def test_a_tier_is_compared_only_from_where_it_is_known(shown):
    book = {"member_values": (("first_tier", ("gold", "silver")), ("current_tier", ("gold", "silver")))}
    assert "counted from Joined a tier on" in captions(shown(by="first_tier", book=book))
    assert "it does not say what a tier brings about" in captions(shown(by="current_tier", book=book))


def test_windows_of_the_link_count(shown):
    at = shown(windows="joined:1~applied:1", step="joined")
    assert "These **790** members are the bar **Joined a tier** above" in said(at)
    assert "These **0** members" in said(shown(windows="applied:1", step="applied"))
    assert any(button.label == "Back to the usual windows" and not button.disabled for button in at.button)


def test_who_came_no_further_re_sums_to_what_is_lost(shown):
    at = shown(step="verified", went="stopped")
    assert "These **410** members came as far as **Verified** and no further." in said(at)


@pytest.mark.parametrize("card", ["funnel", "cohorts", "further", "durations"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_figure_has_its_table(shown, card, language):
    assert len(shown(table=card, language=language).dataframe) == 2


def test_one_step_is_drawn_as_a_course(shown):
    assert "half do so within **2\u00a0min**" in said(shown(timed="joined"))


def test_what_does_not_fit_is_read_as_the_usual(shown):
    at = shown(until="nothing", by="none", against="nobody", step="x", from_step="again", to_step="verified")
    assert "n = 1,200" in captions(at)
    assert "How many of each month borrow?" in said(at)


def test_too_young_a_period_says_what_to_do(shown):
    young = Filters(period=Period.CUSTOM, first_month=date(2026, 6, 1), last_month=date(2026, 6, 1))
    assert "Still maturing" in said(shown(young))


def test_a_book_of_members_alone_names_the_tables_that_it_needs(shown):
    at = shown(book={"member_steps": ("registered",)})
    assert "`membership`, `application`, `loan`" in said(at)


def test_steps_that_a_book_does_not_record_are_left_out(shown):
    at = shown(book={"member_steps": ("registered", "verified", "applied", "approved")})
    assert "not recorded in this book: Joined a tier" in captions(at)


def test_no_members_no_page(shown):
    assert "`member`" in said(shown(book={"members": 0}))


def test_the_file_holds_every_member_behind_the_bar_and_says_what_they_are(shown, taken):
    at = shown(step="joined")
    current = at.session_state[view._KEY]
    chosen_book = current.book
    steps = chosen_book.member_steps
    statement = funnel.members(
        funnel_choices.settled(current.members, chosen_book, 800) or current.members,
        funnel_choices.funnel_steps.usual(POLICY.funnel),
        steps,
        steps.index("joined"),
    )
    chosen = funnel_choices.Chosen(
        windows=funnel_choices.funnel_steps.usual(POLICY.funnel), recorded=steps, steps=steps, is_settled=True,
        counted=current.members, held=None, beside=current.members, by="channel", first="registered", against="period",
        conversion=("registered", "disbursed"), timed="", step="joined", stopped=False,
    )  # fmt: skip
    stream = lambda: read.stream(statement, chosen_book.snapshot_id)  # noqa: E731
    names = [column.name for column in statement.selected_columns]
    made = downloads.file("csv", "members", current, lambda: people._facts(current, chosen), names, stream).decode(
        "utf-8-sig"
    )
    lines = [line for line in made.splitlines() if not line.startswith("#")]
    assert len(list(csv.reader(io.StringIO("\n".join(lines))))) == 1 + 790
    assert "gender" not in lines[0]
    assert "# Rows: Joined a tier: reached it" in made
    assert "Joined a tier 14 days" in made.replace("\u00a0", " ")
