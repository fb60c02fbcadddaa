"""The past year under other terms: by hand on a drawn tree, and against plain Python on any."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries import reward_simulation as simulation
from rules import reward_simulator as simulator
from rules.reward_simulator import Plan, Rule
from tests.queries import drawn_rewards as drawn
from tests.queries.drawn_rewards import AS_OF, EVERYBODY, Member, Reward

FIRST = Rule("1", "one_off", "first_loan", 8_000, level=1)
SECOND = Rule("2", "levelled", "first_loan", 2_000, level=2)
WELCOME = Rule("3", "one_off", "registered", 1_800)
STEP = Rule("6", "stepped", "referral_count", 20_000, threshold=3, level=1)
TEAM = Rule("8", "team", "referral_count", 12_000, threshold=4)
RULES = (FIRST, SECOND, WELCOME, STEP, TEAM)

# 1 brought 2, 3 and 4, of campaign 7; 2 brought 5. All but the root have borrowed, one a month from January 2026 on.
TREE = [
    Member(campaign="7", channel="advertising"),
    *(Member(referrer_no=1, campaign="7", first_disbursed_on=date(2026, month, 10)) for month in (1, 2, 3)),
    Member(referrer_no=2, campaign="7", first_disbursed_on=date(2026, 4, 10)),
]
LEDGER = [
    Reward(FIRST, 1, 2, date(2026, 1, 10), 8_000),
    Reward(FIRST, 1, 3, date(2026, 2, 10), 8_000),
    Reward(FIRST, 1, 4, date(2026, 3, 10), 8_000, reversed_on=date(2026, 5, 1)),
    Reward(STEP, 1, 4, date(2026, 3, 10), 20_000),
    Reward(FIRST, 2, 5, date(2026, 4, 10), 8_000),
    Reward(SECOND, 1, 5, date(2026, 4, 10), 2_000, level=2),
    Reward(TEAM, 1, 5, date(2026, 4, 10), 12_000, side="team", level=None),
    Reward(WELCOME, 5, 5, date(2025, 6, 30), 1_800, side="invitee", level=None),  # a day before the year begins
    Reward(None, None, 5, date(2026, 4, 10), 700),
]


@pytest.fixture(scope="module")
def book():
    return drawn.Book()


def changed(*tried, cap=None):
    rules = {rule.rule_id: rule for rule in tried}
    return simulator.plan(RULES, [rules.get(rule.rule_id, rule) for rule in RULES], cap)


def cost(book, plan):
    """The year's cost under a plan, and what of it was taken back, whatever the campaign."""
    rows = book.draw(TREE, LEDGER, RULES).ask(simulation.by_campaign(EVERYBODY, plan, AS_OF))
    return sum(row["new_fen"] for row in rows), sum(row["new_reversed_fen"] for row in rows)


def kept(book, plan):
    rows = book.draw(TREE, LEDGER, RULES).ask(simulation.hit(EVERYBODY, plan, AS_OF))
    return {row["member_id"]: row["change_fen"] for row in rows}


def test_without_a_change_it_is_the_ledger_to_the_cent(book):
    assert cost(book, Plan()) == (66_700, 8_000)
    assert kept(book, Plan()) == {}
    sizes = book.ask(simulation.by_size(EVERYBODY, Plan(), AS_OF))
    assert sizes == [{"band": 4, "beneficiaries": 2, "change_fen": 0}]


def test_another_amount_is_paid_for_the_same_rewards(book):
    # Four first loans at 50.00 instead of 80.00, one of them taken back.
    plan = changed(replace(FIRST, amount_fen=5_000))
    assert cost(book, plan) == (66_700 - 4 * 3_000, 5_000)
    assert kept(book, plan) == {"M1": -6_000, "M2": -3_000}
    assert book.ask(simulation.by_size(EVERYBODY, plan, AS_OF)) == [
        {"band": 2, "beneficiaries": 2, "change_fen": -9_000}  # 20 to 100 CNY less
    ]


def test_a_rule_that_does_not_pay_costs_nothing(book):
    assert cost(book, changed(replace(SECOND, pays=False))) == (64_700, 8_000)
    assert kept(book, changed(replace(TEAM, pays=False))) == {"M1": -12_000}


def test_another_threshold_pays_whoever_reaches_it_in_the_year(book):
    # Two borrowers are enough: 1 reaches it in February, before that in March. 2 has brought one only.
    assert cost(book, changed(replace(STEP, threshold=2))) == (66_700, 8_000)
    assert kept(book, changed(replace(STEP, threshold=2))) == {}
    assert kept(book, changed(replace(STEP, threshold=1))) == {"M2": 20_000}
    assert kept(book, changed(replace(STEP, threshold=4))) == {"M1": -20_000}
    # A team is rewarded for each second borrower: twice instead of once.
    assert kept(book, changed(replace(TEAM, threshold=2))) == {"M1": 12_000}


def test_another_level_pays_whoever_stands_there(book):
    # One level up of the direct referrers there is only 1, above 5; for the others nobody.
    plan = changed(replace(FIRST, level=2))
    assert kept(book, plan) == {"M1": -16_000 + 8_000, "M2": -8_000}
    assert cost(book, plan) == (66_700 - 4 * 8_000 + 8_000, 0)
    # The second level's rule moved to the first pays for every first loan; one of them was taken back.
    assert cost(book, changed(replace(SECOND, level=1))) == (66_700 - 2_000 + 4 * 2_000, 10_000)


def test_a_rule_is_held_to_its_days_and_to_its_campaign(book):
    ended = replace(STEP, ends_on=date(2026, 1, 31))
    plan = simulator.plan((ended,), (replace(ended, threshold=2),))
    assert kept(book, plan) == {"M1": -20_000}  # the second borrower came in February
    of_other = replace(STEP, campaign="9")
    assert kept(book, simulator.plan((of_other,), (replace(of_other, threshold=2),))) == {"M1": -20_000}
    of_this = replace(STEP, campaign="7")
    assert kept(book, simulator.plan((of_this,), (replace(of_this, threshold=2),))) == {}


def test_a_cap_pays_the_first_rewards_first(book):
    # 1 has 80, 80, 200, 20 and 120 CNY; the 80 that was taken back does not count.
    assert kept(book, changed(cap=10_000)) == {"M1": -40_000}
    lines = {
        row["rule_id"]: row["new_fen"] for row in book.ask(simulation.by_rule(EVERYBODY, changed(cap=10_000), AS_OF))
    }
    assert lines == {"1": 8_000 + 2_000 + 8_000 + 8_000, "2": 0, "6": 0, "8": 0, None: 700}
    assert kept(book, changed(cap=0)) == {"M1": -50_000, "M2": -8_000}


def test_a_choice_of_the_filters_holds_in_every_part(book):
    nobody = replace(EVERYBODY, choices=(("channel", ("offline",)),))
    plan = changed(replace(STEP, threshold=1), replace(SECOND, level=1))
    assert book.draw(TREE, LEDGER, RULES).ask(simulation.by_campaign(nobody, plan, AS_OF)) == []
    of_referral = replace(EVERYBODY, choices=(("channel", ("referral",)),))
    assert book.ask(simulation.by_campaign(of_referral, plan, AS_OF)) == book.ask(
        simulation.by_campaign(EVERYBODY, plan, AS_OF)
    )


def test_the_rules_as_they_stand(book):
    rows = book.draw(TREE, LEDGER, RULES).ask(simulation.rules())
    assert [(row["rule_id"], row["level"], row["threshold"], row["amount_fen"]) for row in rows] == [
        ("1", 1, None, 8_000), ("2", 2, None, 2_000), ("3", None, None, 1_800), ("6", 1, 3, 20_000),
        ("8", None, 4, 12_000),
    ]  # fmt: skip
    twice = book.draw(TREE, LEDGER, (FIRST, STEP, STEP)).ask(simulation.rules())
    assert [row["rule_id"] for row in twice] == ["1"]


days = st.integers(0, 500).map(lambda back: AS_OF - timedelta(days=back))


@st.composite
def forests(draw):
    """Members who were referred by somebody drawn before them, some of whom have borrowed."""
    members = []
    for place in range(draw(st.integers(1, 7))):
        referrer = draw(st.one_of(st.none(), st.integers(1, place))) if place else None
        borrowed = draw(st.one_of(st.none(), days))
        members.append(Member(referrer, draw(st.sampled_from(["unknown", "7"])), first_disbursed_on=borrowed))
    return members


@st.composite
def ledgers(draw, members):
    rewards = []
    for rule in draw(st.lists(st.sampled_from([*RULES, None]), max_size=8)):
        side = "team" if rule is TEAM else "invitee" if rule is WELCOME else "referrer"
        rewards.append(
            Reward(
                rule,
                draw(st.one_of(st.none(), st.integers(1, len(members)))),
                draw(st.one_of(st.none(), st.integers(1, len(members)))),
                draw(days),
                draw(st.sampled_from([0, 1, rule.amount_fen if rule else 500, 33_333])),
                reversed_on=draw(st.sampled_from([None, None, AS_OF])),
                side=side,
                level=rule.level if rule else None,
            )
        )
    return sorted(rewards, key=lambda each: each.accrued_on)


@st.composite
def plans(draw):
    tried = []
    for rule in RULES:
        amount = draw(st.sampled_from([rule.amount_fen, 0, 777, 50_000]))
        threshold = draw(st.sampled_from([rule.threshold, 1, 2])) if rule.threshold else None
        level = draw(st.sampled_from([rule.level, 1, 2, 3])) if rule.level and not rule.threshold else rule.level
        pays = draw(st.sampled_from([True, True, False]))
        tried.append(replace(rule, amount_fen=amount, threshold=threshold, level=level, pays=pays))
    return simulator.plan(RULES, tried, draw(st.sampled_from([None, 0, 10_000])))


@settings(max_examples=40, deadline=None)
@given(st.data(), plans())
def test_other_terms_are_those_of_plain_python(book, data, plan):
    members = data.draw(forests())
    rewards = data.draw(ledgers(members))
    book.draw(members, rewards, RULES)
    lines = drawn.simulated(members, rewards, plan)
    for statement, key in ((simulation.by_campaign, "campaign"), (simulation.by_rule, "rule_id")):
        rows = book.ask(statement(EVERYBODY, plan, AS_OF))
        assert {row.pop(key): row for row in rows} == drawn.by_key(lines, key)
    changes = drawn.changes(lines)
    hit = {row["member_id"]: row["change_fen"] for row in book.ask(simulation.hit(EVERYBODY, plan, AS_OF))}
    assert hit == {f"M{number}": change for number, change in changes.items() if change}
    sizes = {row["band"]: row["beneficiaries"] for row in book.ask(simulation.by_size(EVERYBODY, plan, AS_OF))}
    assert sizes == Counter(map(drawn.band, changes.values()))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_rules_as_they_stand_give_the_ledger_to_the_cent(book, data):
    members = data.draw(forests())
    rewards = data.draw(ledgers(members))
    rows = book.draw(members, rewards, RULES).ask(
        simulation.by_campaign(EVERYBODY, simulator.plan(RULES, RULES), AS_OF)
    )
    of_year = [each for each in rewards if each.accrued_on > drawn.SINCE]
    assert sum(row["new_fen"] for row in rows) == sum(row["fen"] for row in rows) == sum(each.fen for each in of_year)
    undone = sum(each.fen for each in of_year if each.reversed_on)
    assert sum(row["new_reversed_fen"] for row in rows) == undone
