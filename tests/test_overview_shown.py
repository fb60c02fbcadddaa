"""The overview through the product's own chain on a demo book: every figure is the one of the page behind it."""

import html
import math
import random
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components import access, view
from components.overview import deck, moved_choices
from components.overview.looked import looked_at
from components.referrals import cost_figures
from components.referrals.cost_choices import Step
from desk import operations, printing, review_desk, review_queue, rights, spend, staff
from desk.attention import AttentionDesk
from desk.review_queue import Show
from desk.staff import DEMO, Role
from pages import membership, overview, referrals
from pages.parts import (
    by_segment,
    cost,
    funnel,
    key_figures,
    movement,
    over_time,
    overall,
    overview_report,
    what_moved,
)
from queries import book as books
from queries import read, snapshots
from queries.read import read_all
from rules import (
    acquisition_cells,
    acquisition_return,
    calendar,
    decomposition,
    delinquency,
    loss_forecast,
    migration,
    retention,
    roll_rates,
)
from rules import funnel as funnel_rules
from rules.acquisition import asked_of
from rules.delinquency import Late
from rules.filters import Comparison, Definition, Filters, Horizon, Period, resolve
from rules.member_filters import resolve_members
from rules.metrics import METRICS
from tests.demo_snapshot import MONTH_END, NOW, POLICY, demo_snapshot
from tests.desk import states

EVERYTHING = frozenset(rights.PAGES)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = demo_snapshot(tmp_path_factory, 4_000, MONTH_END)
    snapshots.use(made.path.parent)
    yield made.snapshot_id
    read.forget()
    books.facts.cache_clear()


@pytest.fixture
def serving(tmp_path):
    engine = states.opened(f"sqlite:///{tmp_path / 'state.sqlite'}", tmp_path)
    staff.add_demo(engine)
    operations.use(operations.Operations(None, engine, lambda: NOW))
    review_desk.use(review_desk.ReviewDesk(engine, None, "demo", (POLICY,), lambda: NOW, lambda: "key"))
    yield engine
    engine.dispose()


def seen_by(snapshot_id, filters, members=None):
    """The view of one page, whose members are resolved as it does."""
    book = books.facts(snapshot_id)
    chosen = members(filters, book, POLICY) if members else resolve_members(filters, book, 0)
    return view.View(
        staff_email=DEMO[Role.MANAGER].email, language="en", theme="light", source="demo", book=book, filters=filters,
        selection=resolve(filters, book, POLICY.default.final_days_after_last_due), policy=POLICY, members=chosen,
    )  # fmt: skip


def some_filters(book):
    """Filters as people set them, drawn at random but the same on every run; those that the pages open with first."""
    draw = random.Random(20261122)
    found = [Filters()]
    for _each in range(4):
        period = draw.choice([Period.MATURE_12, Period.MATURE_6, Period.ALL, Period.CUSTOM])
        first = date(2025, draw.randint(1, 9), 1)
        choices = tuple(
            (code, tuple(sorted(draw.sample(held, draw.randint(1, len(held) - 1)))))
            for code in draw.sample(["channel", "tier", "province", "product"], draw.randint(0, 2))
            if len(held := book.values_of(code)) > 1
        )
        found.append(
            Filters(
                period=period,
                first_month=first if period is Period.CUSTOM else None,
                last_month=calendar.add_months(first, draw.randint(0, 3)) if period is Period.CUSTOM else None,
                compare_to=draw.choice(list(Comparison)),
                definition=draw.choice([Definition.DPD30, Definition.DPD90]),
                horizon=draw.choice([Horizon.M6, Horizon.M12]),
                choices=tuple(sorted(choices)),
            )
        )
    return found


def same(figure, number):
    assert figure.value == pytest.approx(float(number), rel=1e-12, nan_ok=True)


def test_every_figure_is_that_of_the_page_behind_it(built, serving):
    for filters in some_filters(books.facts(built)):
        shown = seen_by(built, filters)
        frames = read_all(key_figures.asked(shown, EVERYTHING), built, limit=100_000)
        figures = key_figures.told(shown, frames, EVERYTHING).figures
        assert {card.code for card in deck.DECK} - set(figures) <= {"approval_rate"}  # where no cohort is settled
        months = looked_at(shown)
        _as_default_rates(built, shown, figures, months)
        _as_membership(built, filters, figures, months)
        _as_referrals(built, filters, figures)
        tally = review_queue.tally(serving, "demo", NOW, None, shown.staff_email)
        same(figures["cases_waiting"], tally.of(Show.WAITING))
        same(figures["cases_late"], tally.of(Show.OVERDUE))


def _as_default_rates(built, shown, figures, months):
    answered = read_all(overall.asked(shown), built)
    answer = overall.answer(shown, answered)
    same(figures["default_rate"], answer.rate)
    assert figures["default_rate"].change.verdict is answer.verdict
    over = read_all(over_time.asked(shown), built, limit=100_000)
    found = delinquency.ratios(over["transitions"], Late.DPD30).set_index("month_end")
    end = pd.Timestamp(months.last)
    if end in found.index:
        row = found.loc[end]
        for code, column in (
            ("outstanding", "outstanding_fen"),
            ("late_30", "current_ratio"),
            ("lagged_30", "lagged_ratio"),
        ):
            same(figures[code], row[column])
    everything = replace(shown, filters=replace(shown.filters, period=Period.ALL, compare_to=Comparison.NONE))
    everything = seen_by(built, everything.filters)
    totals = read.read(by_segment.asked(everything)["totals"], built).iloc[0]
    same(figures["arrears"], totals["overdue_fen"])
    chosen = replace(shown.filters, period=Period.CUSTOM, first_month=months.first, last_month=months.last)
    same(
        figures["disbursed"], read.read(by_segment.asked(seen_by(built, chosen))["totals"], built).iloc[0].principal_fen
    )
    if not shown.filters.choices and months.last == MONTH_END:
        ends = roll_rates.month_ends(over["transitions"])[-roll_rates.MONTHS_BEFORE :]
        expected = loss_forecast.total_fen(loss_forecast.absorbing(over["transitions"], ends))
        reserve = read.read(key_figures.asked(shown, EVERYTHING)["reserve"], built)["fen"].sum()
        same(figures["reserve_cover"], reserve / expected)


def _as_membership(built, filters, figures, months):
    shown = seen_by(built, filters, membership.selection)
    asked = funnel.asked(shown)
    if asked:
        frames = read_all(asked, built, limit=100_000)
        chosen = key_figures._funnel(shown)
        rows = funnel_rules.conversions(frames["reached"], chosen.steps, 0.05, 1).set_index("step")
        same(figures["approval_rate"], rows.loc["approved", "rate"])
        by_month = frames["months"].groupby("registered_month")["members"].sum()
        every = [f"{month:%Y-%m}" for month in pd.date_range(months.first, months.last, freq="MS")]
        same(figures["new_members"], by_month.reindex(every, fill_value=0).sum())
    frames = read_all(movement.asked(shown), built, limit=100_000)
    if months.last == MONTH_END:
        ends = migration.ends(frames["flows"]).set_index("state")
        tiers = ends.loc[ends["place"] > migration.LOWEST]["after"]
        paid = tiers.loc[tiers.index.isin(shown.book.member_values_of("current_tier"))].sum()
        same(figures["paid_share"], paid / ends["after"].sum())
    cohorts = retention.cohorts(frames["cohorts"], shown.book.as_of, significance=0.05, thin_borrowers=1)
    newest = retention.newest(cohorts, 90, 0.05)
    same(figures["repeat_rate"], math.nan if newest is None else newest[1].rate)


def _as_referrals(built, filters, figures):
    shown = seen_by(built, filters, lambda f, b, p: resolve_members(f, b, p.acquisition.first_loan_days))
    frames = read_all(cost.asked(shown), built, limit=100_000)
    selection = asked_of(shown.members)
    observed = acquisition_return.valued(selection, shown.book.as_of, POLICY.growth.value_months)
    frames = acquisition_cells.apart(frames, selection, observed, "")
    told, _double = cost_figures.told(shown, frames, spend.in_force(operations.served().engine, "demo"))
    whole = cost_figures.together(told, Step.FIRST_LOAN).set_index("value").loc["all"]
    same(figures["borrower_cost"], whole["each_fen"])
    returned = cost_figures.returned(told)
    if len(returned):
        same(figures["value_over_cost"], returned["value_fen"].sum() / returned["cost_fen"].sum())


def test_the_sums_that_no_page_shows_are_those_of_the_book(built, serving):
    """Applications, yield, risk and quotas, held against the tables as they were copied."""
    shown = seen_by(built, Filters())
    frames = read_all(key_figures.asked(shown, EVERYTHING), built, limit=100_000)
    figures = key_figures.told(shown, frames, EVERYTHING).figures
    with snapshots.cursor(built) as cursor:
        [(applied,)] = cursor.execute(
            "SELECT count(*) FROM application WHERE CAST(applied_at + INTERVAL 8 HOUR AS DATE) "
            "BETWEEN DATE '2026-10-01' AND DATE '2026-10-31'"
        ).fetchall()
        [(received, lost, opening, closing)] = cursor.execute(
            "SELECT sum(interest_fen + fee_fen), sum(lost_fen), sum(previous_outstanding_fen), sum(outstanding_fen) "
            "FROM loan_month WHERE month_end = DATE '2026-10-31'"
        ).fetchall()
        [(upfront,)] = cursor.execute(
            "SELECT sum(upfront_fee_fen) FROM loan WHERE CAST(disbursed_at + INTERVAL 8 HOUR AS DATE) "
            "BETWEEN DATE '2026-10-01' AND DATE '2026-10-31'"
        ).fetchall()
        [(left,)] = cursor.execute(
            "SELECT sum(quota_fen - used) FROM (SELECT quota_fen, (SELECT coalesce(sum(outstanding_fen), 0) "
            "FROM loan_fact WHERE loan_fact.funder = funder.name) AS used FROM funder WHERE quota_fen IS NOT NULL)"
        ).fetchall()
        [(yesterday,)] = cursor.execute(
            "SELECT coalesce(sum(principal_fen), 0) FROM loan_fact WHERE disbursed_on = DATE '2026-10-31'"
        ).fetchall()
    same(figures["applications"], applied)
    same(figures["yield"], 12 * (received + upfront) / ((opening + closing) / 2))
    same(figures["risk_cost"], 12 * lost / ((opening + closing) / 2))
    same(figures["quota_left"], left)
    same(figures["lent_yesterday"], yesterday)


def _page():
    from pages import overview

    overview.show()


@pytest.fixture
def run(built, serving, monkeypatch):
    """A function that runs the page as somebody sees it."""

    def run(*, role=Role.MANAGER, language="en", missing=(), **parameters):
        monkeypatch.setattr(access, "require", lambda page: DEMO[role])
        shown = replace(seen_by(built, Filters()), language=language)
        shown = replace(shown, book=replace(shown.book, missing_tables=shown.book.missing_tables | set(missing)))
        at = AppTest.from_function(_page, default_timeout=300)
        at.session_state["_language"], at.session_state[view._KEY] = language, shown
        for key, value in parameters.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception
        return at

    return run


def labels(at):
    return [metric.label for metric in at.metric]


def test_a_manager_sees_all_cards_six_first(run):
    at = run()
    assert labels(at)[:3] == ["Lent yesterday", "Arrears", "Funders' quota left"]
    assert len(labels(at)) == len(deck.DECK) == 20
    assert not [metric.label for metric in at.metric if metric.value == "–"]
    assert "against Sep 2026" in "\n".join(caption.value for caption in at.caption)


@pytest.mark.parametrize(
    "role", [Role.MANAGER, Role.MARKETING, Role.RISK_OFFICER, Role.SENIOR_RISK_OFFICER, Role.AUDITOR]
)
def test_cards_of_pages_that_a_role_does_not_see_are_neither_shown_nor_read(run, built, role):
    seen = frozenset(page for page in rights.PAGES if rights.sees(role, page))
    at = run(role=role, language="zh" if role is Role.MARKETING else "en")
    assert len(labels(at)) == len([card for card in deck.DECK if card.page in seen])
    asked = key_figures.asked(seen_by(built, Filters()), seen)
    assert ("transitions" in asked) == ("default_rates" in seen)
    assert ("channel_costs" in asked) == ("referrals" in seen)
    assert ("standings" in asked) == ("membership" in seen)


@pytest.mark.parametrize("rate", list(moved_choices.RATES))
def test_what_moved_sums_to_the_change_whatever_splits_it(built, serving, rate, monkeypatch):
    monkeypatch.setattr(
        moved_choices.linked, "value", lambda key, options, opening: rate if key == "moved" else opening
    )
    shown = seen_by(built, Filters())
    chosen = moved_choices.asked(key_figures._funnel_view(shown), EVERYTHING)
    frames = read_all(what_moved.asked(shown, EVERYTHING), built)
    before, after = what_moved.both(frames)
    changes = []
    for code in chosen.codes:
        found = decomposition.split(*(rows.loc[rows["dimension"] == code] for rows in (before, after)))
        whole = decomposition.change(found)
        changes.append((whole.before, whole.after))
        assert whole.mix_effect + whole.rate_effect == pytest.approx(whole.difference, abs=1e-12)
    assert all(each == pytest.approx(changes[0], abs=1e-12) for each in changes)  # all count the same people
    figures = key_figures.told(shown, read_all(key_figures.asked(shown, EVERYTHING), built, limit=100_000), EVERYTHING)
    if rate in figures.figures:
        assert changes[0][1] == pytest.approx(figures.figures[rate].value)
    if rate == "default_rate":
        answer = overall.answer(shown, read_all(overall.asked(shown), built))
        assert changes[0] == pytest.approx((answer.comparison_rate, answer.rate))


def test_the_card_on_what_moved_is_drawn_and_can_be_split_otherwise(run):
    text = "\n".join(each.value for each in run(moved="first_payment", span="3", split="province").markdown)
    assert "What moved it? :gray[First-payment default]" in text
    assert re.search(r"(Up|Down) \*\*[0-9.]+.points", text)


def test_what_is_acknowledged_is_not_told_again(run, serving):
    def told(at):
        return [each.value for each in at.markdown if ":material/warning:" in each.value or "/error:" in each.value]

    before = told(run())
    assert any("Score A3 has shifted" in line for line in before)
    assert any("suspected of abuse" in line for line in before)
    desk = AttentionDesk(serving, "demo", "snapshot", DEMO[Role.MANAGER].email, NOW)
    desk.acknowledge("drift:A3", 10.0, "The model is being rebuilt")
    at = run()
    assert "1 acknowledged" in [each.label for each in at.expander]
    assert len(told(at)) == len(before)  # it stands below, among those acknowledged
    assert not [button for button in run(role=Role.AUDITOR).button if "acknowledge" in (button.key or "")]


def test_the_report_says_what_the_page_says(built, serving):
    shown = seen_by(built, Filters())
    page = overview_report.written(shown, EVERYTHING, NOW)
    for card in deck.DECK:
        assert f"<div>{html.escape(card.name)}</div>" in page
    assert "Score A3 has shifted" in page
    assert "as of 31 Oct 2026" in page
    assert "#0000" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    chinese = overview_report.written(replace(shown, language="zh"), frozenset({"system", "membership"}), NOW)
    assert "2026-10-31" in chinese
    assert "Disbursed" not in chinese


def test_without_a_chromium_the_report_says_what_to_do(tmp_path):
    with pytest.raises(printing.PrintError, match="no Chromium"):
        printing.found(None)
    with pytest.raises(printing.PrintError, match="could not print"):
        printing.write_pdf("<p>", tmp_path / "a.pdf", "/bin/false")


def test_who_does_not_see_the_page():
    assert not rights.sees(Role.ADMINISTRATOR, "overview")


@pytest.mark.parametrize("table", ["reserve_movement", "loan"])
def test_a_card_says_which_table_it_needs(run, table):
    at = run(missing={table})
    said = "\n".join(caption.value for caption in at.caption)
    needing = [card for card in deck.DECK if table in card.needs]
    assert ("`" + table + "`" in said) == bool(needing)
    assert len(labels(at)) == len(deck.DECK)


def test_each_card_names_a_metric_and_a_page():
    for card in deck.DECK:
        assert card.metric in METRICS
        assert card.page in rights.PAGES
    assert overview.PAGE in rights.PAGES
    assert referrals.PAGE in {card.page for card in deck.DECK}
