"""Members on the move, through the product's own chain on a small demo book: what is planted, what the page says."""

import io
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components import access, downloads, export, view
from components.membership import watch_list
from pages.parts import reading
from queries import book as books
from queries import migration, movement, read, snapshots
from rules import migration as moved
from rules import moves, retention
from rules.filters import Comparison, DateRange, Filters, Period, resolve
from rules.member_filters import MemberSelection, resolve_members
from rules.migration import ENTERED, LAPSED
from tests.demo_snapshot import MONTH_END, POLICY, demo_snapshot

EVERYBODY = MemberSelection(DateRange(), None, ())
DAYS = date(2025, 10, 31), MONTH_END


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = demo_snapshot(tmp_path_factory, 4_000, MONTH_END)
    snapshots.use(made.path.parent)
    yield made.snapshot_id
    read.forget()
    books.facts.cache_clear()


@pytest.fixture(scope="module")
def frames(built):
    asked = movement.asked(EVERYBODY, books.facts(built), POLICY, days=DAYS, watched_on=MONTH_END)
    return read.read_all(asked, built)


def test_the_states_of_both_days_sum_to_the_members(built, frames):
    ends = moved.ends(frames["flows"])
    assert ends["after"].sum() == books.facts(built).members
    entered = frames["flows"].loc[frames["flows"]["from_state"] == ENTERED, "members"].sum()
    assert ends["before"].sum() == books.facts(built).members - entered
    before = movement.earlier(*DAYS)
    assert before == date(2024, 10, 31)
    # The days before end where the days chosen begin.
    assert moved.ends(frames["flows_before"]).set_index("state")["after"].drop(LAPSED).sum() == (
        ends.set_index("state")["before"].drop(LAPSED).sum()
    )


def test_seven_in_ten_who_join_pay_and_all_who_rise(frames):
    joined = frames["upgrades"].loc[frames["upgrades"]["change"] == "joined"].groupby("way")["upgrades"].sum()
    assert 0.66 < joined["paid"] / joined.sum() < 0.74
    risen = frames["upgrades"].loc[frames["upgrades"]["change"] == "rose"]
    assert set(risen["way"]) == {"paid"}


def test_nobody_lapses_before_a_year(frames):
    found = frames["stays"].loc[frames["stays"]["tier"] == "platinum"]
    assert found.loc[found["ended"], "days"].min() >= 365  # nothing is above platinum, so all leave it by lapse or fall
    (row,) = [row for row in _times(frames).itertuples() if row.tier == "platinum"]
    assert row.mean_days > max(r.mean_days for r in _times(frames).itertuples() if r.tier == "ordinary")


def _times(frames):
    from rules import tier_time

    return tier_time.summary(frames["stays"], thin_stays=50, confidence=0.95)


def test_the_prompt_to_borrow_again_changes_nothing(frames):
    found = retention.prompt_effect(frames["prompted"], significance=0.05)
    assert (found["held"] > 100).all()
    assert (found["stands_out"] == "").all()
    assert (found["low"] < 0).all()
    assert (found["high"] > 0).all()


def test_like_members_stand_beside_nearly_every_move(frames):
    for kind in moves.Kind:
        row = moves.compare(frames["before_moves"], kind, significance=0.05).iloc[0]
        assert row["movers"] > 60
        assert row["stayers"] <= row["movers"]
        assert row["shared"] > 0.9


def test_the_list_re_sums_to_the_count(frames):
    now = frames["exposure"].loc[frames["exposure"]["month_end"] == pd.Timestamp(MONTH_END)]
    listed = frames["watched"]
    assert len(listed) == now["watched"].sum() > 10
    assert listed["outstanding_fen"].sum() == now["watched_fen"].sum()
    assert set(listed.columns) == {
        "member_id", "standing", "channel", "province", "age_band", "outstanding_fen", "monthly_incomes", "over",
        "raised", "raised_days",
    }  # fmt: skip


def test_what_is_used_is_what_borrowers_with_a_line_owe(frames):
    found = retention.line_use(frames["lines"])
    now = found.loc[found["month_end"] == pd.Timestamp(MONTH_END)]
    owed = frames["exposure"].loc[frames["exposure"]["month_end"] == pd.Timestamp(MONTH_END)]
    assert 0 < now["used_fen"].sum() <= owed["outstanding_fen"].sum()
    assert (now["borrowers"] <= now["members"]).all()


def test_choices_narrow_what_is_counted(built, frames):
    parts = [
        read.read(migration.flows(EVERYBODY.narrowed("channel", channel), *DAYS), built)["members"].sum()
        for channel in books.facts(built).member_values_of("channel")
    ]
    assert sum(parts) == frames["flows"]["members"].sum()


def _page():
    from pages import membership

    membership.show()


@pytest.fixture
def shown(built, monkeypatch):
    """A function that runs the part."""
    monkeypatch.setattr(access, "require", lambda page: None)
    monkeypatch.setattr(access, "guard", lambda page: lambda: None)

    def run(*, language="en", tables=(), missing=(), choices=(), **parameters):
        facts = books.facts(built)
        facts = replace(facts, missing_tables=facts.missing_tables | set(missing))
        filters = Filters(period=Period.ALL, compare_to=Comparison.NONE, choices=choices)
        at = AppTest.from_function(_page, default_timeout=300)
        at.session_state["_language"] = language
        at.query_params["tables"] = "~".join(tables)
        at.session_state[view._KEY] = view.View(
            staff_email="manager@demo.invalid",
            language=language,
            theme="light",
            source="drawn",
            book=facts,
            filters=filters,
            selection=resolve(filters, facts, POLICY.default.final_days_after_last_due),
            members=resolve_members(filters, facts, 0),
            policy=POLICY,
        )
        for key, value in {"part": "movement", **parameters}.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception
        return at

    return run


def said(at):
    texts = "\n".join(element.value for element in [*at.markdown, *at.caption])
    return texts.replace("\u00a0", " ").replace("\u2060", "")


YEAR = {"moved_from": "2025-10-31", "moved_to": "2026-10-31"}


def test_each_card_answers_its_question(shown, frames):
    text = said(shown(**YEAR))
    counted = moved.moves(frames["flows"])
    assert f"Of the {counted.before:,} members on 31 Oct 2025, **{counted.rose:,} moved up** by 31 Oct 2026" in text
    assert f"**{counted.lapsed:,} lapsed** and **{counted.fell_dormant:,} fell dormant**." in text
    assert f"of the {int(frames['upgrades']['upgrades'].sum()):,} upgrades after 31 Oct 2025 and by 31 Oct 2026" in text
    assert "days, members spend **" in text
    assert "**No effect shows**: **" in text
    assert "did so again within 90 days" in text
    assert "of lines in force at the end of Oct 2026." in text
    now = frames["exposure"].loc[frames["exposure"]["month_end"] == pd.Timestamp(MONTH_END)]
    assert f"**{int(now['watched'].sum())}** of {int(now['members'].sum()):,} members who owe are watched" in text
    assert f"These **{len(frames['watched'])}** members are those counted at the end of Oct 2026" in text


TABLES = {
    "migration": "from_label",
    "tier-time": "median_days",
    "upgrades": "paid_rate",
    "before-moves": "movers_rate",
    "again": "observed",
    "prompt": "treated_rate",
    "line-use": "line_fen",
    "exposure": "watched_rate",
    "exposure-tiers": "verdict",
}


def test_every_chart_has_its_table(shown):
    assert len(shown().get("plotly_chart")) == len(TABLES)
    at = shown(tables=TABLES)
    assert not at.get("plotly_chart")
    heads = [set(frame.value.columns) for frame in at.dataframe]
    assert len(heads) == len(TABLES) + 1  # and the list
    assert all(any(head in columns for columns in heads) for head in TABLES.values())


def test_any_two_days_are_read_the_right_way_round(shown):
    text = said(shown(moved_from="2026-05-17", moved_to="2026-02-03"))
    assert "members on 3 Feb 2026" in text
    assert "by 17 May 2026" in text


def test_hostile_parameters_are_read_as_the_opening_value(shown):
    hostile = "'; drop table member_state; --"
    keys = ("moves", "before", "again_within", "watched")
    asked = dict.fromkeys(keys, hostile) | {"moved_from": "1066-10-14", "moved_to": hostile}
    assert said(shown(**asked)) == said(shown())


def test_choices_in_the_link_are_kept(shown):
    text = said(shown(moves="matrix", before="lapse", again_within="30", watched="2026-06-30")).lower()
    assert "row = before, column = after; a row sums to 100 %" in text
    assert "before a lapse" in text
    assert "did so again within 30 days" in text
    assert "borrowed again within 30 days" in text
    assert "are those counted at the end of jun 2026" in text


def test_tables_that_are_missing_are_named(shown):
    text = said(shown(missing=["membership", "contact", "credit_line"]))
    for name in ("membership", "contact", "credit_line"):
        assert f"`{name}`" in text
    assert "Who moved between tiers?" not in text
    assert "Who borrows again, and how soon?" in text


def test_filters_that_leave_few(shown):
    few = said(shown(choices=(("province", ("Qinghai",)),)))
    assert "members on 30 Sep 2026" in few
    assert "Too few members of any tier have a line for a curve" in few


def test_chinese_shows_the_same_numbers(shown, frames):
    text = said(shown(language="zh", **YEAR))
    assert f"{moved.moves(frames['flows']).before:,}" in text
    assert str(len(frames["watched"])) in text


def test_files_hold_every_watched_member_and_say_what_they_are(shown, built, frames, taken):
    kept = shown().session_state[view._KEY]
    statement = movement.asked(EVERYBODY, kept.book, POLICY, days=DAYS, watched_on=MONTH_END)["watched"]
    columns = export.cny_columns(column.name for column in statement.selected_columns)
    rows = partial(export.in_cny, lambda: reading.checked(statement, built, lambda: None))
    text = downloads.file("csv", "watch", kept, partial(watch_list.facts, kept, MONTH_END), columns, rows).decode(
        "utf-8-sig"
    )
    head = [line for line in text.splitlines() if line.startswith("# ")]
    assert "# Metric: Over-extended" in head
    assert "# Month end: 2026-10-31" in head
    found = pd.read_csv(io.StringIO(text), comment="#")
    assert len(found) == len(frames["watched"])
    assert round(found["outstanding_cny"].sum() * 100) == frames["watched"]["outstanding_fen"].sum()


def test_a_file_is_not_built_for_whoever_may_not_see_the_page(built):
    def refuse():
        raise PermissionError("membership")

    statement = movement.asked(EVERYBODY, books.facts(built), POLICY, days=DAYS, watched_on=MONTH_END)["watched"]
    with pytest.raises(PermissionError):
        next(reading.checked(statement, built, refuse))
