"""Growth, quality and the tree on the referrals page: on a small demo book, and what is said where nothing is."""

from dataclasses import replace
from datetime import date

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from components import access, view
from components.referrals import tree_scope
from pages import referrals
from queries import book as books
from queries import read, snapshots
from rules.filters import Comparison, Filters, Period, resolve
from tests.demo_snapshot import POLICY, demo_snapshot

ALL = Filters(period=Period.ALL, compare_to=Comparison.NONE)


def _page():
    from pages import referrals

    referrals.show()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A demo book of two thousand members as a snapshot; the snapshot's folder and id."""
    built = demo_snapshot(tmp_path_factory, 3_000)
    yield built.path.parent, built
    read.forget()
    books.facts.cache_clear()


@pytest.fixture
def shown(folder, monkeypatch):
    """A function that runs one part of the page; the facts of the book may be changed."""
    monkeypatch.setattr(access, "require", lambda page: None)
    monkeypatch.setattr(access, "guard", lambda page: lambda: None)
    place, built = folder
    snapshots.use(place)

    def run(part, filters=ALL, *, language="en", tables=(), book=None, **parameters):
        facts = replace(books.facts(built.snapshot_id), **(book or {}))
        at = AppTest.from_function(_page, default_timeout=300)
        at.session_state["_language"], at.session_state["_filters"] = language, filters
        at.query_params["tables"] = "~".join(tables)
        for key, value in {"part": part, **parameters}.items():
            at.query_params[key] = value
        at.session_state[view._KEY] = view.View(
            staff_email="marketing@demo.invalid",
            language=language,
            theme="light",
            source="drawn",
            book=facts,
            filters=filters,
            selection=resolve(filters, facts, POLICY.default.final_days_after_last_due),
            members=referrals.resolve_members(filters, facts, 0),
            policy=POLICY,
        )
        at.run()
        assert not at.exception, at.exception
        return at

    return run


def said(at):
    texts = "\n".join(element.value for element in [*at.markdown, *at.caption])
    return texts.replace("\u00a0", " ").replace("\u2060", "")


def asked(folder, text):
    with duckdb.connect(str(folder[1].path), read_only=True) as made:
        return made.execute(text).fetchall()


TITLES = {
    "growth": ["How does the network grow?", "Does the network grow by itself?", "What will referral bring?",
               "How fast does it come round?", "Do invitations lead anywhere?", "How deep do the trees go?"],
    "quality": ["Who brings borrowers who repay?", "What does each do well?", "Which referrers bring people"],
    "tree": ["Who invited whom?", "What does it come to?"],
}  # fmt: skip


@pytest.mark.parametrize("part", TITLES)
def test_every_card_of_a_part_is_drawn(shown, part):
    text = said(shown(part))
    assert all(title in text for title in TITLES[part])


@pytest.mark.parametrize("part", TITLES)
def test_it_is_drawn_in_chinese(shown, part):
    assert said(shown(part, language="zh"))


def test_numbers_on_the_cards_are_those_of_the_book(shown, folder):
    text = said(shown("growth"))
    [(members, trees, largest)] = asked(
        folder, "SELECT count(*), count(*) FILTER (level = 0), max(members) FROM tree_node"
    )
    assert f"n = {members:,} members in {trees:,} trees" in text
    assert f"the largest **{largest}** members" in text
    assert f"**{members:,}** members stand in {trees:,} trees; the largest has **{largest}**." in said(shown("tree"))


@pytest.mark.parametrize(
    ("part", "tables"),
    [
        ("growth", {"growth-weeks": 100, "growth-coefficient": 12, "growth-cycle": 366, "growth-forecast": 100,
                    "growth-shape": 3, "growth-invitations": 2}),
        ("quality", {"quality-groups": 6, "quality-overview": 6, "quality-referrers": 20}),
        ("tree", {"tree": 2_000, "tree-figures": 10}),
    ],
)  # fmt: skip
def test_every_chart_has_its_table(shown, part, tables):
    at = shown(part, tables=tables)
    assert sorted(len(frame.value) for frame in at.dataframe) >= sorted(tables.values())
    assert len(at.dataframe) == len(tables)


@pytest.mark.parametrize(
    ("part", "choice", "text"),
    [
        ("quality", {"brought_by": "campaign", "measure": "value"}, "by the members' own spread"),
        ("quality", {"brought_by": "referral_level", "measure": "again"}, "Benjamini-Hochberg over"),
        ("quality", {"ranked": "each"}, "empirical Bayes"),
        ("tree", {"drawing": "links", "colour": "abuse"}, "red = suspected of abuse"),
        ("tree", {"colour": "default"}, "grey = noise"),
    ],
)
def test_a_choice_in_the_link_is_kept(shown, part, choice, text):
    assert text in said(shown(part, **choice))


def test_the_farmed_ring_is_told_in_its_branch_and_the_way_leads_back(shown, folder):
    [(member_id, members)] = asked(
        folder,
        "SELECT member_id, t.members FROM tree_node t JOIN member_journey USING (member_no) "
        "WHERE t.level = 0 ORDER BY t.suspected DESC LIMIT 1",
    )
    at = shown("tree", tree=member_id, colour="abuse")
    assert f"**{member_id}** has **{members - 1}** members below" in said(at)
    figures = next(frame.value for frame in at.dataframe if "figure" in frame.value)
    assert figures.set_index("figure").loc["Suspected of abuse", "here"] == str(members)
    [(below,)] = asked(
        folder,
        "SELECT c.member_id FROM tree_node t JOIN member_journey j USING (member_no) JOIN tree_node n "
        "ON n.parent_position = t.position JOIN member_journey c ON c.member_no = n.member_no "
        f"WHERE j.member_id = '{member_id}' AND n.members > 1 LIMIT 1",
    )
    at = shown("tree", tree=below)
    way = next(button for button in at.button if button.key == f"tree-step-{member_id}")
    way.click().run()
    assert at.query_params["tree"] in (member_id, [member_id])


def test_a_folded_branch_is_kept_in_the_link(shown, folder, monkeypatch):
    state = {"folded": "x~y"}
    monkeypatch.setattr(tree_scope.st, "query_params", state)
    tree_scope.fold("z")
    assert state["folded"] == "x~y~z"
    tree_scope.fold("x")
    assert state["folded"] == "y~z"
    tree_scope.go_to("m")
    assert state == {"tree": "m"}


def test_who_is_not_there_is_said_not_to_be(shown):
    hostile = "'; drop table tree_node; --"
    for asked_for in ("99999999", hostile):
        at = shown("tree", tree=asked_for)
        assert f"No member has the id `{asked_for}`." in said(at)
        assert "No tree was found to sum up." in said(at)


def test_hostile_parameters_are_read_as_the_opening_value(shown):
    keys = ("growth", "invited_to", "brought_by", "measure", "ranked", "drawing", "colour", "click", "tree_of")
    for part in ("quality", "tree"):
        assert said(shown(part, **dict.fromkeys(keys, "'; --"))) == said(shown(part))


def test_a_book_without_members_names_the_table(shown):
    assert "`member`" in said(shown("growth", book={"members": 0}))


def test_a_period_that_is_too_young_is_said_to_be(shown):
    young = Filters(period=Period.CUSTOM, first_month=date(2026, 11, 1), last_month=date(2026, 11, 1))
    text = said(shown("quality", young))
    assert "Still maturing" in text
    assert "No referred member of the period has been followed for long enough" in text
    assert "No invitation of the period was sent 60 days ago or earlier." in said(shown("growth", young))


def test_the_tree_and_its_file_hold_ids_and_nothing_personal(shown, folder):
    at = shown("tree", tables=["tree"])
    heads = {column for frame in at.dataframe for column in frame.value.columns}
    assert not heads & {"full_name", "phone", "id_number", "province", "monthly_income", "birth_year"}
