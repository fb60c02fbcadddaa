"""Rewards and abuse through the product's own chain on a small demo book, and the page that shows them."""

import sys
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from components import access, view
from components.referrals import lawful
from desk import operations, staff
from desk.mark_desk import MarkDesk
from desk.staff import DEMO, Role
from loanbook import copied, demo
from loanbook.referrals.reward_schema import abuse_signal, reward_fact
from queries import abuse, book, reward_limits, reward_simulation, rewards, snapshots
from queries.read import read
from rules import reward_limits as flagging
from rules import reward_simulator
from rules.filters import Comparison, DateRange, Filters, Period, resolve
from rules.member_filters import MemberSelection, resolve_members
from rules.reward_simulator import Plan
from tests.demo_snapshot import AS_OF, NOW, POLICY, demo_snapshot
from tests.desk import states

MEMBERS = 3_000
EVERYBODY = MemberSelection(DateRange(), None, ())
ALL = Filters(period=Period.ALL, compare_to=Comparison.NONE)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return demo_snapshot(tmp_path_factory, MEMBERS)


@pytest.fixture
def ask(built):
    snapshots.use(built.path.parent)
    return lambda statement: read(statement, built.snapshot_id, limit=100_000)


@pytest.fixture(scope="module")
def ring():
    return {str(number) for number in demo.planted(MEMBERS, demo.SEED, AS_OF).ring_member_ids}


def test_the_ledger_is_the_book_to_the_cent(ask):
    source = copied.TABLES["reward"].c
    parts = ask(rewards.ledger(EVERYBODY))
    total = ask(
        select(func.count().label("rewards"), func.sum(source.amount_fen).cast(reward_fact.c.fen.type).label("fen"))
    )
    assert parts["rewards"].sum() == total["rewards"].iloc[0] > 1_000
    assert parts["fen"].sum() == total["fen"].iloc[0]
    assert (parts["fen"] == parts["paid_fen"] + parts["open_fen"] + parts["reversed_fen"]).all()


def test_the_farmed_ring_leads_the_list_of_abuse(ask, ring, capsys):
    cases = ask(abuse.cases(EVERYBODY))
    first = ask(abuse.of_case(EVERYBODY, None))
    suspects = set(ask(abuse.suspects(EVERYBODY))["member_id"])
    found = suspects & ring
    precision, recall = len(found) / len(suspects), len(found) / len(ring)
    with capsys.disabled():
        sys.stdout.write(
            f"\nThe planted ring of {len(ring)}: {len(suspects)} suspected, precision {precision:.2f}, "
            f"recall {recall:.2f}\n"
        )
    assert set(first["member_id"]) == ring
    assert int(first["case_no"].iloc[0]) == int(cases["case_no"].iloc[0])
    assert int(cases["members"].iloc[0]) == len(ring)
    assert recall == 1
    assert precision >= 0.9


@pytest.mark.parametrize("choices", [(), (("channel", ("referral",)),), (("referral_level", ("1", "2")),)])
def test_cases_are_the_suspects_who_pass_with_the_days_of_their_first_and_last(ask, choices):
    chosen = MemberSelection(DateRange(date(2026, 1, 1), None), None, choices)  # of the days none counts here
    cases = ask(abuse.cases(chosen)).set_index("case_no").sort_index()
    suspects = ask(abuse.suspects(chosen)).groupby("case_no")
    assert (cases["members"] == suspects.size()).all()
    assert (cases["points"] == suspects["points"].sum()).all()
    assert (cases["first_registered_on"] == suspects["registered_on"].min()).all()
    assert (cases["last_registered_on"] == suspects["registered_on"].max()).all()
    assert len(cases)
    assert set(cases.index) == set(suspects.groups)


def test_without_a_change_the_simulator_gives_the_ledger_of_the_year(ask):
    standing = reward_simulator.rules(ask(reward_simulation.rules()))
    idle = reward_simulator.plan(standing, standing)
    by_campaign = ask(reward_simulation.by_campaign(EVERYBODY, idle, AS_OF))
    of_year = ask(select(func.sum(reward_fact.c.fen).cast(reward_fact.c.fen.type).label("fen")).where(
        reward_fact.c.accrued_on > date(2025, 11, 20)
    ))  # fmt: skip
    assert idle == Plan()
    assert by_campaign["new_fen"].sum() == by_campaign["fen"].sum() == of_year["fen"].iloc[0] > 0


def test_what_the_count_of_borrowers_gives_is_what_the_ledger_holds(ask):
    # The rules that count are found anew at their own threshold, so that the ledger can vouch for the count.
    standing = reward_simulator.rules(ask(reward_simulation.rules()))
    for rule in standing:
        if rule.threshold is None:
            continue
        other = reward_simulator.Change(replace(rule, threshold=rule.threshold + 1), rule)
        found = ask(reward_simulation.by_rule(EVERYBODY, Plan((other,)), AS_OF)).set_index("rule_id")
        if rule.rule_id in found.index:
            row = found.loc[rule.rule_id]
            assert row["new_rewards"] == row["rewards"], rule
            assert row["new_fen"] == row["fen"], rule


def test_the_signals_that_are_counted_are_those_that_are_listed(ask):
    rates = ask(abuse.rates())
    signal = abuse_signal.c
    for row in rates.to_dict("records"):
        given = ask(select(func.count().label("members")).where(signal[row["signal"]] > 0))["members"].iloc[0]
        assert given == row["suspected"] + row["others"]
        assert row["of_suspected"] + row["of_others"] == MEMBERS


def test_flags_count_the_rows_that_they_list(ask):
    limits = POLICY.reward_limits
    counts = ask(reward_limits.counts(limits)).iloc[0]
    deep = ask(reward_limits.deep_rules(limits))
    assert deep["rewards"].sum() == counts["deep_rewards"] > 0
    assert deep["fen"].sum() == counts["deep_fen"]
    assert (deep["level"] > limits.deepest_level).all()
    trees = ask(reward_limits.large_trees(limits))
    assert len(trees) == counts["large_trees"]
    assert (trees["members"] >= limits.tree_people).all()
    assert (trees["levels"] >= limits.tree_levels).all()
    assert len(ask(reward_limits.paid_inviters())) == counts["paid_inviters"]


def _page():
    from pages import referrals

    referrals.show()


@pytest.fixture
def shown(built, tmp_path, monkeypatch):
    """A function that runs the page as somebody; the state database is its attribute."""
    engine = states.opened(f"sqlite:///{tmp_path / 'state.sqlite'}", tmp_path)
    staff.add_demo(engine)
    serving = operations.Operations(None, engine, lambda: NOW)
    monkeypatch.setattr(operations, "served", lambda: serving)
    monkeypatch.setattr(access, "guard", lambda page: lambda: None)
    snapshots.use(built.path.parent)
    whole = book.facts(built.snapshot_id)

    def run(part, role=Role.MARKETING, filters=ALL, language="en", missing=(), **parameters):
        facts = replace(whole, missing_tables=whole.missing_tables | set(missing))
        monkeypatch.setattr(access, "require", lambda page: DEMO[role])
        at = AppTest.from_function(_page, default_timeout=300)
        at.session_state["_language"] = language
        at.session_state["_filters"] = filters
        at.session_state[view._KEY] = view.View(
            staff_email=DEMO[role].email, language=language, theme="light", source="demo", book=facts, filters=filters,
            selection=resolve(filters, facts, 180), policy=POLICY, members=resolve_members(filters, facts, 0), link="",
        )  # fmt: skip
        at.query_params["part"] = part
        for key, value in parameters.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception
        return at

    run.engine = engine
    yield run
    engine.dispose()


def said(at):
    return "\n".join(element.value for element in [*at.markdown, *at.caption])


def test_the_part_on_rewards_answers_in_sentences(shown):
    text = said(shown("rewards"))
    assert "still owed" in text
    assert "should have been paid by now" in text
    assert "not paid in time" in text
    assert "The rewards of the past year cost" in text
    assert "would have kept what they kept" in text


def test_a_link_with_other_terms_shows_what_they_would_have_cost(shown):
    text = said(shown("rewards", terms="2:off", cap="50000"))
    assert "Under these terms the past year would have cost" in text
    assert "beneficiaries would have kept less" in text
    assert "capped at ¥500" in text
    wrong = said(shown("rewards", terms="2:l77;nonsense", cap="much"))
    assert "The rewards of the past year cost" in wrong


@pytest.mark.parametrize("by", ["size", "campaign", "rule"])
@pytest.mark.parametrize("rows", ["late", "open", "ledger"])
def test_every_choice_of_the_part_draws(shown, by, rows):
    if (by, rows) in {("size", "late"), ("campaign", "open"), ("rule", "ledger")}:
        at = shown("rewards", hit_by=by, rewards=rows, terms="1:a5000")
        assert "would have cost" in said(at)


def test_filters_that_leave_nobody_give_empty_states(shown):
    nobody = replace(ALL, choices=(("channel", ("offline",)), ("province", ("Tibet",))))
    text = said(shown("rewards", filters=nobody))
    assert "No reward was accrued for members who pass the filters." in text
    assert "Nothing is owed" in text
    text = said(shown("abuse", filters=nobody))
    assert "No member who passes the filters has enough points to be listed." in text


def test_the_ring_is_shown_and_marked_with_a_reason(shown, ring):
    at = shown("abuse")
    assert "**24 members**" in said(at)
    assert "Nobody has judged these **24 members** yet." in said(at)
    at.button(key="abuse-mark-record").click().run()
    assert "Write the reason in 5 to 500 characters." in said(at)
    at.text_area(key="abuse-mark-reason").set_value("one device, one evening")
    at.button(key="abuse-mark-record").click().run()
    assert not at.exception
    assert "**24** are marked as farmed" in said(at)
    assert {row[0] for row in _desk(shown).rows()} == ring
    assert _desk(shown).rows()[0][1:3] == ("farmed", "one device, one evening")


def _desk(shown):
    return MarkDesk(shown.engine, "demo", "s", DEMO[Role.MARKETING].email, lambda: NOW)


def test_who_may_not_judge_sees_what_was_judged(shown, ring):
    _desk(shown).mark(sorted(ring), "cleared", "a training course")
    at = shown("abuse", role=Role.AUDITOR)
    assert not [button for button in at.button if button.key == "abuse-mark-record"]
    assert "**24** as cleared" in said(at)


@pytest.mark.parametrize("question", ["levels", "trees", "paid"])
def test_flags_name_their_source_and_are_no_verdict(shown, question):
    text = said(shown("abuse", question=question))
    assert "State Council decree 444" in text
    assert "A person judges what that means" in text
    assert "23 Aug 2005" in text
    assert "14 Nov 2013" in text


def test_without_rewards_large_trees_are_still_asked_about(shown):
    text = said(shown("abuse", missing={"reward"}, question="trees"))
    assert "`reward`" in text
    assert "Who looks farmed?" not in text
    assert "What would a lawyer ask about?" in text
    assert "Which rows are behind this?" in text


def test_what_a_book_can_not_tell_is_no_flag():
    nothing = {"rewards": 0, "deep_rewards": 0, "trees": 9, "large_trees": 2, "inviters": 0, "paid_inviters": 0}
    flags = flagging.flags(nothing, POLICY.reward_limits)
    assert [flag.question for flag in flags if flag.is_told] == ["trees"]
    assert "**1** of 1 flags are raised" in lawful.sentence(flags)


@pytest.mark.parametrize("part", ["rewards", "abuse"])
def test_the_parts_draw_in_chinese(shown, part):
    assert said(shown(part, language="zh"))
