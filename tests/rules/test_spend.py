"""Spend as it is entered: every fault named by row at once, what counts, how fast budgets are used."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import creator_sheet, spend_pace
from rules.filters import DateRange
from rules.member_filters import MemberSelection
from rules.spend import COLUMNS, MOST_ROWS, Entry, Stage, against_stored, counted, read_rows
from rules.spend_pace import Pace

TODAY = date(2026, 11, 21)
CAMPAIGNS = {"7": "7", "Films": "7", "8": "8"}
GOOD = ["2026-11-20", "Films", "ann", "post-1", "A1", "media", "estimated", "1,200.50", "340"]
ENTRY = Entry(date(2026, 11, 20), "7", "ann", "post-1", "A1", "media", Stage.ESTIMATED, 120_050, 340)
EVERYBODY = MemberSelection(DateRange(), None, ())


def read(*rows, heads=COLUMNS):
    return read_rows(heads, rows, campaigns=CAMPAIGNS, today=TODAY)


def test_a_row_is_read_as_it_stands():
    found = read(GOOD)
    assert (found.faults, found.entries) == ((), ((2, ENTRY),))


def test_every_fault_of_every_row_is_named_at_once_and_no_row_is_taken_for_another():
    found = read(
        GOOD,
        ["2026-11-31", "Films", "", "", "", "media", "estimated", "1", ""],
        [""] * 9,
        ["2026-11-22", "nowhere", "", "", "", "tips", "paid", "-5", "many"],
        ["1999-12-31", "", "", "", "", "media", "invoiced", "1.005", ""],
        [*GOOD[:6], "invoiced", "9", ""],
        ["2026-11-20", "", "bo", "x" * 201, "", "bonus", "invoiced", "0", ""],
    )
    told = [(fault.row, fault.sentence.format(**fault.values)) for fault in found.faults]
    assert told == [
        (3, "The day “2026-11-31” is no date; write one such as 2026-11-20."),
        (5, "The day 2026-11-22 has not come yet."),
        (5, "The book has no campaign “nowhere”; write its id or its name."),
        (5, "The kind “tips” is not known; write media, agency, production or bonus."),
        (5, "The stage “paid” is not known; write estimated or invoiced."),
        (5, "The amount “-5” can't be read; write CNY with two decimals at most, 0 or more, such as 1200.50."),
        (5, "The clicks “many” are no whole number."),
        (6, "The day 1999-12-31 is too long ago."),
        (6, "It names neither a campaign nor a creator."),
        (6, "The amount “1.005” can't be read; write CNY with two decimals at most, 0 or more, such as 1200.50."),
        (7, "It is about the same as row 2: the same day, campaign, creator, post, code and kind."),
        (8, "The post is longer than 200 letters."),
    ]


def test_heads_are_needed_once_each_and_known():
    found = read(["x"], heads=["day", "day", "mood", "stage"])
    assert [fault.sentence.format(**fault.values) for fault in found.faults] == [
        "There is no column kind; write it above the rows.",
        "There is no column amount; write it above the rows.",
        f"The column mood is not known; known are {', '.join(COLUMNS)}.",
        "The column day is there twice.",
    ]


def test_too_many_rows_are_refused():
    assert read(*[GOOD] * (MOST_ROWS + 1)).faults[0].row == 0


@given(st.lists(st.lists(st.text(max_size=12), min_size=9, max_size=9), min_size=1, max_size=5))
def test_no_text_breaks_it_and_each_row_is_an_entry_or_has_a_fault(rows):
    found = read(*rows)
    taken, faulty = {number for number, _entry in found.entries}, {fault.row for fault in found.faults}
    for number, row in enumerate(rows, start=2):
        assert number in taken | faulty or not any(cell.strip() for cell in row)


@given(st.integers(0, 10**11), st.booleans())
def test_amounts_are_exact_to_the_fen(fen, separated):
    text = f"{fen // 100:,}.{fen % 100:02}" if separated else f"{fen // 100}.{fen % 100:02}"
    [(_number, entry)] = read([*GOOD[:7], text, ""]).entries
    assert entry.amount_fen == fen


def test_an_estimate_may_not_take_an_invoices_place():
    invoice = replace(ENTRY, stage=Stage.INVOICED)
    assert [fault.row for fault in against_stored([(2, ENTRY)], {ENTRY.key: Stage.INVOICED})] == [2]
    assert against_stored([(2, ENTRY)], {ENTRY.key: Stage.ESTIMATED}) == ()
    assert against_stored([(2, invoice)], {ENTRY.key: Stage.INVOICED}) == ()


def test_what_the_book_has_spend_of_is_not_counted_once_more():
    agency = replace(ENTRY, kind="agency")
    own, double = counted([ENTRY, agency], {("7", "media", date(2026, 11, 20)), ("8", "agency", date(2026, 11, 20))})
    assert (own, double) == ([agency], [ENTRY])


ENTRIES = st.builds(
    Entry,
    day=st.dates(date(2026, 9, 1), date(2026, 11, 30)),
    campaign=st.sampled_from(["", "7", "8"]),
    creator=st.sampled_from(["ann", "bo"]),
    post=st.just(""),
    code=st.just(""),
    kind=st.sampled_from(["media", "bonus"]),
    stage=st.sampled_from(list(Stage)),
    amount_fen=st.integers(0, 10**6),
    clicks=st.none(),
)
CHANNELS = {"7": "advertising", "8": "partner"}


@given(
    st.lists(ENTRIES, max_size=8),
    st.sampled_from(["channel", "campaign", "month", ""]),
    st.sampled_from([(), (("channel", ("advertising",)),), (("campaign", ("8",)), ("channel", ("partner",)))]),
    st.sampled_from([DateRange(), DateRange(date(2026, 10, 1), date(2026, 10, 31))]),
)
def test_entries_re_sum_to_the_cent_over_any_filter(entries, by, choices, registered):
    selection = MemberSelection(registered, None, choices)
    found = spend_pace.as_costs(entries, by=by, selection=selection, channels=CHANNELS, as_of=date(2026, 11, 20))
    kept = dict(choices)
    expected = [
        entry
        for entry in entries
        if entry.day <= date(2026, 11, 20)
        and (registered.first is None or registered.first <= entry.day <= registered.last)
        and entry.campaign in kept.get("campaign", ("", "7", "8"))
        and CHANNELS.get(entry.campaign, "opinion_leader")
        in kept.get("channel", (*CHANNELS.values(), "opinion_leader"))
    ]
    assert found["fen"].sum() == sum(entry.amount_fen for entry in expected)
    for kind in ("media", "bonus"):
        of_kind = sum(entry.amount_fen for entry in expected if entry.kind == kind)
        assert found.loc[found["part"] == kind, "fen"].sum() == of_kind


def test_pace_is_held_against_the_plan_or_told_by_the_newest_weeks():
    campaigns = pd.DataFrame(
        {
            "campaign": ["a", "b", "c", "d", "e", "f"],
            "name": list("ABCDEF"),
            "channel": "advertising",
            # Ten weeks each, five of which have passed on 20 November.
            "starts_on": pd.to_datetime(["2026-10-17"] * 4 + ["2026-01-01", "2026-12-01"]),
            "ends_on": pd.to_datetime(["2026-12-25", "2026-12-25", "2026-12-25", None, "2026-02-01", None]),
            "budget_fen": [100_000] * 6,
        }
    )
    weeks = pd.DataFrame(
        [("a", 0, 54_000), ("b", 0, 70_000), ("c", 0, 20_000), ("d", 0, 10_000), ("d", 3, 10_000), ("d", 9, 40_000),
         ("e", 40, 120_000)],
        columns=["campaign", "week", "fen"],
    )  # fmt: skip
    found = spend_pace.pacing(campaigns, weeks, date(2026, 11, 20)).set_index("campaign")
    assert dict(found["pace"]) == {"a": Pace.ON, "b": Pace.AHEAD, "c": Pace.BEHIND, "d": Pace.OPEN, "e": Pace.OVER}
    assert found.loc["a", "planned_weekly_fen"] == pytest.approx(10_000)
    # 40,000 are left at 5,000 a week: eight weeks.
    assert found.loc["d", ["weekly_fen", "left_fen", "runs_out_on"]].tolist() == [5_000, 40_000, date(2027, 1, 15)]
    assert found.loc["e", "used_ratio"] == pytest.approx(1.2)


def test_a_creators_sheet_holds_fee_code_uses_and_what_each_cost():
    uses = pd.DataFrame(
        [("ann", "A1", "7", 10, 9, 8, 4), ("ann", "A1", "8", 5, 4, 2, 1), ("bo", "B1", "7", 3, 3, 0, 0)],
        columns=["creator", "code", "campaign", "sent", "opened", "members", "borrowers"],
    )
    entries = [ENTRY, replace(ENTRY, code="", post="post-2", amount_fen=29_950), replace(ENTRY, day=date(2026, 1, 1))]
    found = creator_sheet.sheet(uses, entries, period=(date(2026, 11, 1), None)).set_index("creator")
    columns = [
        "campaigns",
        "members",
        "borrowers",
        "fee_fen",
        "clicks",
        "posts",
        "each_member_fen",
        "each_borrower_fen",
    ]
    assert found.loc["ann", columns].tolist() == ["7, 8", 10, 5, 150_000, 680, 2, 15_000, 30_000]
    assert found.loc["bo", "fee_fen"] == 0
    assert pd.isna(found.loc["bo", "each_borrower_fen"])
