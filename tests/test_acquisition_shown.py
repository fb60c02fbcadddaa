"""What acquisition costs, through the product's own chain on a demo book: the planted truth, and what the page says."""

import io
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from components import access, downloads, export, view
from components.referrals import cost_rows
from components.referrals.cost_figures import Told
from desk import operations, spend, staff, state
from desk.staff import DEMO, Role
from loanbook import connection, demo
from queries import acquisition, read, snapshots
from queries import book as books
from queries import spend as queries_spend
from queries.acquisition import By
from rules import acquisition as rules
from rules import acquisition_forecast
from rules.acquisition import Step, asked_of
from rules.filters import Comparison, DateRange, Definition, Filters, Period, resolve
from rules.member_filters import MemberSelection, resolve_members
from rules.spend import Entry, Stage
from tests.demo_snapshot import AS_OF, NOW, POLICY, demo_snapshot
from tests.desk import states

EVERYBODY = MemberSelection(DateRange(), None, ())
TOLD = {"definition": Definition.DPD90, "horizon_months": 12}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = demo_snapshot(tmp_path_factory)
    snapshots.use(made.path.parent)
    yield made.snapshot_id
    read.forget()
    books.facts.cache_clear()


@pytest.fixture(scope="module")
def campaigns(built):
    """Cost per registration and per repaying borrower of each campaign, over its whole life."""
    asked = {
        "costs": acquisition.costs(EVERYBODY, By.CAMPAIGN),
        "outcomes": acquisition.outcomes(EVERYBODY, By.CAMPAIGN, **TOLD),
        "ages": acquisition.ages(EVERYBODY, By.CAMPAIGN, **TOLD),
        "first_loans": acquisition.first_loans(Definition.DPD90),
    }
    frames = read.read_all(asked, built)
    stays = acquisition_forecast.staying(frames["first_loans"], 12)
    told = acquisition_forecast.repaying(frames["outcomes"], frames["ages"], stays, missed_ratio=0.02, months=12)
    named = told["value"] != "unknown"
    costs = frames["costs"][frames["costs"]["value"] != "unknown"]
    return {
        step: rules.per_head(costs, told.loc[named], step, significance=0.05).set_index("value")
        for step in (Step.REGISTERED, Step.REPAYING)
    }


def test_the_dear_campaign_is_the_cheapest_of_its_channel_by_registration_and_the_dearest_by_repaying_borrower(
    campaigns,
):
    planted = demo.planted(demo.MEMBERS, demo.SEED, AS_OF)
    (dear,) = map(str, planted.dear_campaign_ids)
    registered, repaying = campaigns[Step.REGISTERED], campaigns[Step.REPAYING]
    of_channel = [str(number) for number in range(8, 15)]  # the campaigns of advertising
    assert registered.loc[of_channel, "each_fen"].idxmin() == dear
    assert repaying["each_fen"].idxmax() == dear
    others = repaying.drop(index=dear)
    assert repaying.loc[dear, "low"] > others["each_fen"].max()


def test_parts_re_sum_to_the_book(built):
    found = read.read(acquisition.costs(EVERYBODY, By.MONTH), built)
    folder = snapshots.path(built).parent.parent
    engine = connection.connect(f"sqlite:///{folder / 'book.sqlite'}", None)
    with engine.connect() as source:
        spent = pd.read_sql("SELECT sum(CAST(ROUND(amount * 100) AS INTEGER)) AS fen FROM campaign_spend", source)
        rewards = pd.read_sql("SELECT CAST(ROUND(amount * 100) AS INTEGER) AS fen, reversed_at FROM reward", source)
    by_part = found.groupby("part")["fen"].sum()
    kinds = [str(kind) for kind in rules.SPEND]
    assert by_part[kinds].sum() == spent["fen"].iloc[0]
    assert by_part["reversal"] == -rewards.loc[rewards["reversed_at"].notna(), "fen"].sum()
    assert by_part.sum() == spent["fen"].iloc[0] + rewards.loc[rewards["reversed_at"].isna(), "fen"].sum()


def _page():
    from pages import referrals

    referrals.show()


@pytest.fixture
def serving(tmp_path):
    engine = states.opened(f"sqlite:///{tmp_path / 'state.sqlite'}", tmp_path)
    staff.add_demo(engine)
    operations.use(operations.Operations(None, engine, lambda: NOW))
    yield engine
    engine.dispose()


@pytest.fixture
def shown(built, serving, monkeypatch):
    """A function that runs the part."""

    def run(
        *, role=Role.MARKETING, language="en", period=Period.MATURE_12, missing=(), choices=(), at=None, **parameters
    ):
        monkeypatch.setattr(access, "require", lambda page: DEMO[role])
        monkeypatch.setattr(access, "guard", lambda page: lambda: None)
        facts = books.facts(built)
        facts = replace(facts, missing_tables=facts.missing_tables | set(missing))
        filters = Filters(period=period, compare_to=Comparison.PREVIOUS, choices=choices)
        at = AppTest.from_function(_page, default_timeout=300)
        at.session_state["_language"] = language
        at.session_state[view._KEY] = view.View(
            staff_email=DEMO[role].email,
            language=language,
            theme="light",
            source="drawn",
            book=facts,
            filters=filters,
            selection=resolve(filters, facts, POLICY.default.final_days_after_last_due),
            members=resolve_members(filters, facts, POLICY.acquisition.first_loan_days),
            policy=POLICY,
        )
        for key, value in {"part": "cost", **parameters}.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception
        return at

    return run


def said(at):
    texts = "\n".join(element.value for element in [*at.markdown, *at.caption, *at.success, *at.info, *at.error])
    return texts.replace("\u00a0", " ").replace("\u2060", "")


def test_each_card_answers_its_question(shown):
    text = said(shown())
    for question in (
        "What does a borrower cost, all in?",
        "When does a borrower pay back?",
        "What will a repaying borrower cost?",
        "Which campaigns earn their cost?",
        "What do newcomers cost now?",
        "Is spend within budget?",
        "What has been entered at the spend desk?",
        "What does each creator bring?",
    ):
        assert question in text
    assert "All in, a borrower costs **¥" in text
    assert "by the paid ones" in text
    assert "At the same age a first loan costs ¥" in text
    assert "is expected to come to **¥" in text
    assert "Nothing has been entered yet" in text


def test_the_dear_campaign_is_named_on_the_card_whatever_is_told_apart(shown, built):
    planted = demo.planted(demo.MEMBERS, demo.SEED, AS_OF)
    book = books.facts(built)
    name = book.name_of("campaign", str(planted.dear_campaign_ids[0]), "en")
    for by in ("channel", "campaign", "month"):
        assert f"**{name} only looks cheap**" in said(shown(period=Period.ALL, cost_by=by))
    others = (("channel", ("opinion_leader", "referral")),)
    assert "only looks cheap" not in said(shown(period=Period.ALL, choices=others))


@pytest.mark.parametrize(
    ("step", "by", "of"),
    [
        ("registered", "month", "own"),
        ("verified", "channel", "inherit"),
        ("approved", "campaign", "inherit"),
        ("repaying", "month", "inherit"),
        ("repaying", "channel", "own"),
    ],
)
def test_every_choice_of_the_link_is_drawn(shown, step, by, of):
    at = shown(cost_by=by, cost_per=step, cost_of=of)
    assert len(at.get("plotly_chart")) == 6


def test_hostile_parameters_are_read_as_the_opening_value(shown):
    hostile = dict.fromkeys(("cost_by", "cost_per", "cost_of"), "'; drop table acquired; --")
    assert said(shown(**hostile)) == said(shown())


def test_filters_that_cost_can_not_be_told_by_are_said(shown):
    text = said(shown(choices=(("channel", ("advertising",)), ("province", ("Hebei",)))))
    assert "Province is not applied here: spend is booked by campaign" in text


def test_files_hold_every_booking_and_what_was_entered_and_add_up(shown, built, taken):
    kept = shown(choices=(("channel", ("opinion_leader",)),)).session_state[view._KEY]
    chosen = asked_of(kept.members)
    statement = acquisition.bookings(chosen)
    entry = Entry(chosen.registered.first, "", "creator-07", "", "", "media", Stage.INVOICED, 12_345, None)
    elsewhere = replace(entry, campaign="0")  # of a campaign that the book does not know, so of no channel
    told = Told(kept, {}, chosen, [entry, elsewhere], {}, {}, np.array([]), 0.0)
    rows = partial(export.in_cny, partial(cost_rows.bookings, told, partial(read.stream, statement, built)))
    columns = export.cny_columns(cost_rows._BOOKED.names)
    text = downloads.file("csv", "cost-bookings", kept, partial(cost_rows.facts, told), columns, rows).decode(
        "utf-8-sig"
    )
    found = pd.read_csv(io.StringIO(text), comment="#", dtype={"campaign": str})
    booked = read.read(acquisition.costs(chosen, By.TOGETHER), built)
    assert round(found["amount_cny"].sum() * 100) == booked["fen"].sum() + 12_345
    assert len(found) == booked["bookings"].sum() + 1
    assert set(found["channel"]) == {"opinion_leader"}
    assert "# Descendants: Own code only" in text


def test_missing_tables_are_named_and_the_desk_stays(shown):
    text = said(shown(missing=["campaign_spend", "reward"]))
    assert "`campaign_spend`, `reward`" in text
    assert "What has been entered at the spend desk?" in text


def test_chinese_leaves_no_error(shown):
    assert "¥" in said(shown(language="zh"))


def cost(at):
    (chart,) = [each for each in at.get("plotly_chart") if "Media" in each.proto.spec]
    return chart.proto.spec


def typed(at, **values):
    """Fill the form in and store it."""
    widgets = {widget.label: widget for widget in [*at.text_input, *at.selectbox, *at.date_input]}
    for label, value in values.items():
        widgets[label.replace("_", " ")].set_value(value)
    (store,) = [button for button in at.button if button.label == "Store"]
    store.click().run()
    assert not at.exception, at.exception
    return at


def test_a_typed_row_is_stored_and_counts_at_once(shown, serving):
    before = cost(shown())
    row = {"Day": AS_OF - timedelta(days=150), "Campaign": "13", "Kind": "media", "Stage": "invoiced"}
    at = typed(shown(), **row, **{"Amount, CNY": "250,000.50"})
    assert "1 stored, 0 in place of earlier ones, 0 were stored already." in said(at)
    assert "**1** entry of **¥250k** in all, ¥250k of it invoiced" in said(at)
    assert cost(at) != before
    assert {each.entry.amount_fen for each in spend.in_force(serving, "drawn")} == {25_000_050}


def test_a_typed_row_with_faults_is_told_and_not_stored(shown, serving):
    at = typed(shown(), **{"Amount, CNY": "much"})
    assert "It names neither a campaign nor a creator." in said(at)
    assert "The amount “much” can't be read" in said(at)
    assert spend.in_force(serving, "drawn") == ()


def test_only_marketing_sees_the_form_and_a_right_taken_away_is_noticed(shown, serving):
    assert not shown(role=Role.MANAGER).text_input
    at = shown()
    with serving.begin() as connection:
        connection.execute(update(state.staff).values(active=False))
    at = typed(at, Campaign="13", **{"Amount, CNY": "1"})
    assert "Entering spend is not part of your role any more; nothing was stored." in said(at)
    assert spend.in_force(serving, "drawn") == ()


def test_an_entry_of_a_day_that_the_book_has_spend_of_is_not_counted_twice(shown, serving, built):
    days = read.read(queries_spend.spend_days(date(2026, 1, 1), AS_OF), built)
    row = days.loc[days["kind"] == "media"].iloc[0]
    before = cost(shown())
    entry = Entry(row["day"].date(), row["campaign"], "", "", "", "media", Stage.ESTIMATED, 10**8, None)
    spend.enter(serving, "drawn", [(2, entry)], staff_email=DEMO[Role.MARKETING].email, at=NOW)
    at = shown()
    assert cost(at) == before
    assert "but for ¥1m that the loan database has spend of on the same days" in said(at)
