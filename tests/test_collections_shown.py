"""Collections through the product's own chain on the demo book: what is planted is found, by whom it may be seen."""

import shutil
from datetime import date, timedelta
from types import SimpleNamespace

import duckdb
import numpy as np
import pandas as pd
import pytest
from sqlalchemy import delete, func, select, update

from components import access
from components.collections import choices
from desk import rights
from desk.staff import Role
from loanbook import copied, demo, standing
from loanbook.collections import messaged, reminded
from loanbook.collections.collections_schema import agent, message_cell, reminder_cell
from loanbook.compliance.compliance_schema import rule_month
from loanbook.constructs import compiled
from loanbook.demo.truth import TRUTH
from loanbook.members import member_number
from loanbook.snapshot_schema import instalment_state
from loanbook.working import run, work_table
from queries import book as books
from queries import collections, snapshots
from queries.read import read
from rules import messages, reminders
from rules.collections import (
    CONTACT_PARTS,
    CURED,
    LATE_BUCKETS,
    MOVED,
    SHARES,
    Measure,
    by_agent,
    complaints,
    cures,
    ladder,
    ladder_moved,
)
from rules.compliance import Rule
from rules.filters import DateRange
from rules.messages import MESSAGES, PROMPT, RAISED
from tests import shown_page
from tests.demo_snapshot import AS_OF, POLICY, demo_snapshot
from tests.shown_page import said

EVER = DateRange(None, AS_OF)
RULED = DateRange(date(2025, 3, 1), AS_OF)  # whole months of the rule on contact hours
YEAR = DateRange(AS_OF.replace(year=AS_OF.year - 1, month=12, day=1), AS_OF)
THIN, CONFIDENCE = POLICY.display.thin_borrowers, 1 - POLICY.display.significance
READERS = sorted(rights.PAGES["collections"], key=lambda role: role.value)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return demo_snapshot(tmp_path_factory)


@pytest.fixture
def ask(built):
    snapshots.use(built.path.parent)
    return lambda statement: read(statement, built.snapshot_id, limit=1_000_000)


def test_a_reminder_is_found_to_help_by_as_much_as_is_planted(ask):
    cells = ask(collections.reminded())
    found = reminders.effect(cells, significance=0.05).iloc[0]
    assert set(cells["design"]) == {reminders.Design.PLANNED}
    assert found["stands_out"] == "below"
    ratio = found["treated_rate"] / found["held_rate"]
    spread = np.sqrt(1 / found["treated_late"] + 1 / found["held_late"])
    assert abs(np.log(ratio / TRUTH.reminded_late_ratio)) < 3 * spread
    assert not reminders.balance(cells)["unlike"].any()  # chance held them out


@pytest.fixture(scope="module")
def without_arms(built, tmp_path_factory):
    """A function that asks the same book, had the lender not told whom it held out."""
    copy = tmp_path_factory.mktemp("without-arms") / "copy.duckdb"
    shutil.copy(built.path, copy)
    with duckdb.connect(str(copy)) as snapshot:
        run(snapshot, update(copied.TABLES["contact"]).values(arm=None))
        for table in (reminder_cell, message_cell):
            run(snapshot, delete(table))
        loans = work_table(snapshot, "loan_standing", standing.loans(AS_OF))
        [(counted,)] = run(snapshot, select(func.count()).select_from(loans))
        reminded.build(snapshot, loans, AS_OF, POLICY.collections)
        messaged.build(snapshot, member_number.build(snapshot, AS_OF), loans, counted, AS_OF)
        yield lambda statement: snapshot.execute(*compiled(statement)).df()


def test_the_same_is_found_by_likeness_where_nobody_is_told_to_be_held_out(without_arms):
    cells = without_arms(collections.reminded())
    assert set(cells["design"]) == {reminders.Design.MATCHED}
    found = reminders.effect(cells, significance=0.05).iloc[0]
    assert found["stands_out"] == "below"
    # The mix of strata is that of the reminded who have a like one, so the rates are not those of all, their ratio is.
    spread = np.sqrt(1 / found["treated_late"] + 1 / found["held_late"])
    assert abs(np.log(found["treated_rate"] / found["held_rate"] / TRUTH.reminded_late_ratio)) < 3 * spread


def test_messages_are_found_to_change_nothing_by_chance_and_by_likeness(ask, without_arms):
    shown, matched = ask(collections.messaged()), without_arms(collections.messaged())
    for cells, planned in ((shown, {PROMPT: True, RAISED: False}), (matched, {PROMPT: False, RAISED: False})):
        found = messages.effect(cells, significance=0.01).set_index("purpose")
        assert found["planned"].to_dict() == planned
        assert (found["stands_out"] == "").all()
        assert (found["matched_ratio"] > 0.4).all()
        assert (found[["treated", "held"]] > 200).all(axis=None)
        assert (found.loc[PROMPT, ["treated_again", "held_again"]] > 100).all()
        for message in MESSAGES:
            assert not messages.apart(cells, message)["unlike"].any()


def test_no_agent_stands_out_for_their_calls_go_by_chance(ask):
    parts = ask(collections.agents(EVER, named=True))
    for measure in Measure:
        rows = by_agent(parts, measure, significance=0.01, thin=THIN)
        assert (rows["stands_out"] == "").all()
        assert rows["of"].sum() > 0


def test_the_ladder_counts_what_the_rules_judge_and_each_contact_behind_it(ask):
    keys = ["purpose", "channel"]
    rows = ladder(ask(collections.ladder(EVER))).set_index(keys)
    month = rule_month.c
    judged = ask(select(month.judged).where(month.rule == Rule.CONTACT_HOURS, month.month >= RULED.first))
    assert ask(collections.ladder(RULED))["sent"].sum() == judged["judged"].sum()
    behind = ask(collections.behind(EVER, AS_OF))
    assert behind.groupby(keys).size().to_dict() == rows["sent"].to_dict()
    assert behind["cost_fen"].sum() == rows["cost_fen"].sum()
    for part, whole in SHARES.items():
        assert (rows[part] <= rows[whole]).all()


def test_promises_are_kept_as_a_plain_reckoning_says(ask):
    contact, paid = (copied.TABLES[name].c for name in ("contact", "repayment"))
    promised = ask(
        select(contact.id, contact.loan_id, contact.contacted_at, contact.promised_on, contact.promised_amount_fen)
        .where(contact.outcome == "promised", contact.promised_on <= AS_OF)
    )  # fmt: skip
    payments = ask(select(paid.loan_id, paid.paid_at, paid.amount_fen))
    both = promised.merge(payments, on="loan_id")
    day = (both["paid_at"] + pd.Timedelta(hours=8)).dt.normalize()
    both = both.loc[(both["paid_at"] >= both["contacted_at"]) & (day <= both["promised_on"])]
    received = both.groupby("id")["amount_fen"].sum().reindex(promised["id"], fill_value=0)
    kept = int((received.to_numpy() >= promised["promised_amount_fen"].to_numpy()).sum())
    rows = ask(collections.ladder(EVER))
    assert (rows["promises_due"].sum(), rows["kept"].sum()) == (len(promised), kept)
    assert 0 < kept < len(promised)


def test_planned_contacts_that_would_break_a_rule_are_the_planted_ones(ask):
    planted = demo.planted(demo.MEMBERS, demo.SEED, AS_OF).planned_unlawful_contact_ids
    found = ask(collections.planned_breaches())
    assert set(found["rule"]) == {Rule.CONTACT_HOURS}
    assert sorted(found["contact_id"].astype(int)) == sorted(map(int, planted))
    judged = ask(collections.planned()).set_index("rule")["judged"]
    assert judged[Rule.CONTACT_HOURS] > len(planted) > 0


@pytest.mark.parametrize("period", [EVER, YEAR])
def test_the_ladder_by_month_sums_to_the_ladder(ask, period):
    keys = ["purpose", "channel"]
    months, whole = ask(collections.ladder_by_month(period)), ask(collections.ladder(period))
    summed = months.groupby(keys)[list(CONTACT_PARTS)].sum().sort_index()
    assert summed.equals(whole.set_index(keys)[list(CONTACT_PARTS)].sort_index())
    assert months["month"].nunique() > 1
    rows = ladder(months)
    assert (rows["reached_ratio"] == rows["reached"] / rows["sent"]).all()
    for part in SHARES:
        month, moved = ladder_moved(months, part, significance=0.05)
        newest = months.loc[months["month"] == month]
        assert moved.rate == newest[part].sum() / newest[SHARES[part]].sum()
        before = months.loc[months["month"] < month]
        assert moved.before_rate == before[part].sum() / before[SHARES[part]].sum()


def test_months_sum_to_the_whole(ask):
    def summed(period):
        return ask(collections.ladder(period))[list(CONTACT_PARTS)].sum()

    before = DateRange(None, YEAR.first - timedelta(1))
    assert (summed(before) + summed(YEAR)).equals(summed(EVER))


def test_the_later_a_loan_is_the_rarer_it_is_cured(ask):
    cells = ask(collections.overdue(EVER))
    found = cures(cells, thin_loans=THIN, confidence=CONFIDENCE)
    at_month = found.loc[found["days"] == 30].set_index("bucket")["incidence"]
    assert list(at_month.index) == list(LATE_BUCKETS)
    assert at_month["M1"] > at_month["M2"]
    assert at_month["M1"] > at_month["M3+"]
    assert {CURED, MOVED, ""} <= set(cells["exit"])
    late = ask(select(func.count(func.distinct(instalment_state.c.loan_no)).label("n")).where(
        (instalment_state.c.settled_on.is_(None) & (instalment_state.c.due_on < AS_OF))
        | (instalment_state.c.settled_on > instalment_state.c.due_on + 1)
    ))["n"].iloc[0]  # fmt: skip
    assert cells.loc[cells["bucket"] == "M1", "loans"].sum() <= late  # each borrower once


def test_calls_are_what_people_complain_about_most(ask):
    rows = complaints(ask(collections.complaints(EVER)), within_days=15, confidence=CONFIDENCE)
    assert rows["topic"].iloc[0] == "collection_calls"
    assert (rows["median_days"] <= 15).all()
    assert (rows["within_ratio"] > 0.8).all()


def _page():
    from pages import collections

    collections.show()


@pytest.fixture
def shown(built, monkeypatch):
    """A function that runs the page as somebody of a role; the facts of the book may be changed."""
    monkeypatch.setattr(access, "guard", lambda page, act=None: lambda: None)
    snapshots.use(built.path.parent)

    def run(role=Role.MANAGER, **asked):
        monkeypatch.setattr(access, "require", lambda page: SimpleNamespace(role=role))
        return shown_page.run(_page, built.snapshot_id, "collections", **asked)

    yield run
    books.facts.cache_clear()


@pytest.mark.parametrize("role", READERS)
def test_agents_are_named_to_those_alone_who_may_see_them(shown, ask, role):
    at = shown(role, tables="agents", period="all")
    keys = set(ask(select(agent.c.agent_id))["agent_id"])
    listed = next(table.value for table in at.dataframe if "expected" in table.value.columns)["label"]
    if role in rights.ACTS["see_agents"]:
        assert set(listed) == keys
    else:
        assert all(label.startswith("Agent ") for label in listed)
        assert "your role sees agents by numbers" in said(at)


def test_the_statements_for_others_do_not_read_the_keys():
    assert "agent_id" not in compiled(collections.agents(EVER, named=False))[0]
    assert "member_id" not in compiled(collections.behind(EVER, AS_OF))[0]
    assert "agent_id" in compiled(collections.agents(EVER, named=True))[0]


def test_the_page_answers_its_questions(shown):
    text = said(shown(period="all"))
    for sentence in (
        "contacts reached somebody", "promises were kept", "¥10,000 of late money cured cost", "Cured within 30 days",
        "**Yes**",
        "Most are about **Collection calls**", "would break a rule", "differs by more than noise", "within 7 days",
    ):  # fmt: skip
        assert sentence in text


@pytest.mark.parametrize("chosen", choices.LADDER)
def test_the_ladder_can_be_looked_at_by_month(shown, chosen):
    at = shown(ladder=chosen)
    assert ("¥10,000 cured cost" if chosen == choices.COST else "the months before") in said(at)
    whole = shown(ladder=chosen, tables="contact-ladder", period="all")
    [table] = [
        each.value for each in whole.dataframe if "month" in each.value.columns and "label" in each.value.columns
    ]
    assert len(table) > 12


@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_result_of_agents_can_be_looked_at(shown, measure, language):
    at = shown(measure=measure.value, language=language, period="3")
    assert said(at)


def test_every_card_has_its_table(shown):
    cards = "agents~back-again~complaints~contact-ladder~overdue-cures~reminder-effect"
    at = shown(tables=cards, period="all")
    assert len(at.dataframe) == 7  # and the list of planned contacts
    assert not at.get("plotly_chart")


@pytest.mark.parametrize(
    ("missing", "named"),
    [({"contact"}, "`contact`"), ({"complaint"}, "`complaint`"), ({"instalment"}, "`instalment`")],
)
def test_a_book_without_a_table_is_told_which(shown, monkeypatch, missing, named):
    from pages.parts import reading

    read_frames = reading.frames

    def empty(page, view, asked):
        return {name: frame.iloc[:0] for name, frame in read_frames(page, view, asked).items()}

    monkeypatch.setattr(reading, "frames", empty)
    assert named in said(shown(missing=frozenset(missing)))
    assert "Nobody complained in this period." in said(shown())


@pytest.mark.parametrize("parameters", [{"measure": "none"}, {"period": "-1"}, {"tables": "x'--"}])
def test_hostile_parameters_are_read_as_the_opening_value(shown, parameters):
    assert said(shown(**parameters)) == said(shown())
