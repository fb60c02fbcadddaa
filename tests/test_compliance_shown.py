"""Compliance through the product's own chain on the demo book: what is planted is found, all of it and nothing else."""

import io
from functools import partial

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import select

from components import access, downloads, export, view
from components.compliance import kept
from loanbook import demo
from loanbook.compliance.compliance_schema import rule_breach, rule_month
from loanbook.demo.truth import TRUTH
from loanbook.snapshot_schema import loan_fact
from pages.parts import reading
from queries import book as books
from queries import compliance, exposure, reward_limits, snapshots
from queries.read import read
from rules.adverse_impact import Attribute
from rules.compliance import KINDS, Rule, in_force, standings
from rules.filters import DateRange, Filters
from rules.loan_class import LoanClass, loan_class
from rules.member_filters import resolve_members
from tests import shown_page
from tests.demo_snapshot import AS_OF, POLICY, demo_snapshot
from tests.shown_page import said

EVER = DateRange(None, AS_OF)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return demo_snapshot(tmp_path_factory)


@pytest.fixture(scope="module")
def planted():
    return demo.planted(demo.MEMBERS, demo.SEED, AS_OF)


@pytest.fixture
def ask(built):
    snapshots.use(built.path.parent)
    return lambda statement: read(statement, built.snapshot_id, limit=100_000)


def keys(ask, rule):
    return sorted(ask(compliance.behind(EVER, rule))["subject_id"].astype(int))


@pytest.mark.parametrize(
    ("rule", "ids"),
    [
        (Rule.CONTACT_HOURS, "unlawful_contact_ids"),
        (Rule.ANSWERED_CALLS, "too_frequent_contact_ids"),
        (Rule.PRICE_CAP, "price_cap_loan_ids"),
        (Rule.SHOWN_PRICE, "price_cap_loan_ids"),  # whose guarantee fee was left out of the rate that was shown
        (Rule.CONSENT, "unconsented_member_ids"),
    ],
)
def test_what_is_planted_is_found_and_nothing_else(ask, planted, rule, ids):
    found = keys(ask, rule)
    assert found == sorted(map(int, getattr(planted, ids)))
    assert found


def test_borrowers_who_bear_too_much_are_those_of_the_watch(ask, built):
    everybody = resolve_members(Filters(), books.facts(built.snapshot_id), 0).over_all_time()
    months = ask(exposure.by_month(everybody, POLICY.exposure))
    newest = months.loc[months["month_end"] == months["month_end"].max()]
    rows = ask(compliance.behind(EVER, Rule.EXPOSURE))
    assert len(rows) == newest["over"].sum() > 0
    assert (rows["observed"] > rows["allowed"]).all()
    assert ask(compliance.judged(EVER)).set_index("rule").loc["exposure", "judged"] == newest["judged"].sum()


def test_rewards_and_trees_are_those_that_the_page_on_referrals_flags(ask):
    [flagged] = ask(reward_limits.counts(POLICY.reward_limits)).to_dict("records")
    judged = ask(compliance.judged(EVER)).set_index("rule")["judged"]
    levels, trees = (ask(compliance.behind(EVER, rule)) for rule in (Rule.REWARD_LEVEL, Rule.TREE_SIZE))
    assert (len(levels), judged["reward_level"]) == (flagged["deep_rewards"], flagged["rewards"])
    assert (len(trees), judged["tree_size"]) == (flagged["large_trees"], flagged["trees"])
    assert (levels["observed"] > levels["allowed"]).all()
    assert set(trees["subject_id"]) == set(ask(reward_limits.large_trees(POLICY.reward_limits))["root_id"])
    assert min(len(levels), len(trees)) > 0


def test_of_the_undisclosed_those_are_found_that_were_disbursed_since_the_rule(ask, planted, built):
    found, since = keys(ask, Rule.DISCLOSURE), in_force(Rule.DISCLOSURE, POLICY, AS_OF).from_on
    rows = ask(compliance.behind(EVER, Rule.DISCLOSURE))
    lent = ask(select(loan_fact.c.loan_id).where(loan_fact.c.disbursed_on >= since))
    undisclosed = set(map(int, planted.undisclosed_application_ids))
    assert 0 < len(found) < len(undisclosed)
    assert set(found) < undisclosed
    assert set(rows["loan_id"]) <= set(lent["loan_id"])
    assert rows["happened_on"].min() >= pd.Timestamp(since)


def test_breaches_by_month_and_one_by_one_sum_to_the_headline(ask):
    judged, found = ask(compliance.judged(EVER)), ask(compliance.breaches(EVER))
    rows = standings(judged, found, POLICY, AS_OF)
    assert [row.breaches for row in rows] == sorted((row.breaches for row in rows), reverse=True)
    assert {row.rule for row in rows} == set(Rule)
    for row in rows:
        months = ask(compliance.by_month(EVER, row.rule))
        assert (months["judged"].sum(), months["breaches"].sum()) == (row.judged, row.breaches)
        assert row.breaches == len(ask(compliance.behind(EVER, row.rule))) <= row.judged
    assert len(ask(compliance.evidence(EVER))) == sum(row.breaches for row in rows)


def test_the_months_of_a_period_alone_count(ask):
    month = DateRange(AS_OF.replace(day=1), AS_OF)
    judged = ask(compliance.judged(month)).set_index("rule")["judged"]
    made = ask(select(rule_month).where(rule_month.c.rule == "contact_hours", rule_month.c.month == month.first))
    assert judged["contact_hours"] == made["judged"].iloc[0]
    newest = ask(compliance.breaches(month)).set_index("rule")
    days = ask(select(rule_breach.c.happened_on).where(rule_breach.c.rule == "contact_hours"))["happened_on"]
    assert newest["breaches"].get("contact_hours", 0) == (days >= pd.Timestamp(month.first)).sum()


@pytest.mark.parametrize("attribute", Attribute)
def test_each_decided_application_is_in_one_group(ask, attribute):
    whole, found = ask(compliance.approvals(EVER, Attribute.GENDER)), ask(compliance.approvals(EVER, attribute))
    assert found[["decided", "approved"]].sum().equals(whole[["decided", "approved"]].sum())


def test_classes_are_those_of_each_loan(ask):
    loans = ask(select(loan_fact.c.days_past_due, loan_fact.c.outstanding_fen))
    loans = loans.loc[loans["outstanding_fen"] > 0]
    by_hand = loans.groupby([loan_class(days).value for days in loans["days_past_due"]])["outstanding_fen"].sum()
    found = ask(compliance.classes()).set_index("code")
    assert found["outstanding_fen"].to_dict() == by_hand.to_dict()
    assert found["loans"].sum() == len(loans)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "normal"), (1, "special_mention"), (90, "special_mention"), (91, "substandard"), (270, "substandard"),
     (271, "doubtful"), (360, "doubtful"), (361, "loss")],
)  # fmt: skip
def test_a_class_begins_the_day_after_its_limit(days, expected):
    assert loan_class(days) is LoanClass(expected)


def _page():
    from pages import compliance

    compliance.show()


@pytest.fixture
def shown(built, monkeypatch):
    """A function that runs the page; the facts of the book may be changed."""
    monkeypatch.setattr(access, "require", lambda page: None)
    monkeypatch.setattr(access, "guard", lambda page: lambda: None)
    snapshots.use(built.path.parent)

    yield partial(shown_page.run, _page, built.snapshot_id, "compliance")
    books.facts.cache_clear()


def test_the_page_says_what_is_broken(shown, planted):
    text = said(shown(period="all"))
    assert "rules are broken; most often **All-in rate over the prime multiple**" in text
    assert f"**{len(planted.unlawful_contact_ids)}** of" in text  # contact hours, with which the page opens
    assert "A flag is not a verdict" in text or "is flagged" in text


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_rule_can_be_looked_into(shown, rule, language):
    at = shown(rule=rule.value, language=language, attribute="province")
    assert said(at)


@pytest.mark.parametrize(
    "parameters", [{"rule": "none"}, {"period": "-1"}, {"attribute": "name"}, {"rule": "", "period": "all'--"}]
)
def test_hostile_parameters_are_read_as_the_opening_value(shown, parameters):
    assert said(shown(**parameters)) == said(shown())


def test_the_lawful_hours_of_the_policy_are_those_of_the_book(planted):
    limit = in_force(Rule.CONTACT_HOURS, POLICY, AS_OF)
    assert (limit.starts_at.hour, limit.ends_at.hour) == TRUTH.lawful_hours


def test_a_periods_evidence_is_one_file_with_a_cover(ask, shown, built, monkeypatch):
    shown()
    rows = standings(ask(compliance.judged(EVER)), ask(compliance.breaches(EVER)), POLICY, AS_OF)
    looked = view.View(
        staff_email="auditor@demo.invalid", language="en", theme="light", source="demo",
        book=books.facts(built.snapshot_id), filters=Filters(), selection=None, policy=POLICY, members=None,
        link="http://127.0.0.1:8501/compliance",
    )  # fmt: skip
    recorded = []
    monkeypatch.setattr(downloads, "_records", [lambda *told: recorded.append(told)])

    def stream():
        return export.in_cny(lambda: reading.checked(compliance.evidence(EVER), built.snapshot_id, lambda: None))

    made = downloads.file("xlsx", "evidence", looked, lambda: kept.facts(rows, looked, EVER), kept.EVIDENCE, stream)
    book = openpyxl.load_workbook(io.BytesIO(made), read_only=True)
    cover = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True)}
    for row in rows:
        line = cover[f"{KINDS[row.rule].name} ({row.rule.value})"]
        assert f"{row.breaches:,} of {row.judged:,} judged" in line
        assert row.limit.source.name_en in line
    assert [told[:2] for told in recorded] == [("auditor@demo.invalid", "evidence")]
    listed = list(book.worksheets[1].iter_rows(min_row=2, values_only=True))
    assert len(listed) == sum(row.breaches for row in rows)
    names = book.worksheets[1].iter_rows(max_row=1, values_only=True)
    assert not {"full_name", "phone", "id_number"} & set(next(names))
