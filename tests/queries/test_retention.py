"""Borrowing again, the prompt to, and lines over time: drawn rows with answers by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries import exposure, retention
from rules import policy
from rules.filters import DateRange
from rules.member_filters import MemberSelection
from rules.retention import HORIZONS, line_use
from tests.queries.drawn import book_of, run
from tests.queries.drawn_movement import draw, snapshot

EVERYBODY = MemberSelection(DateRange(), None, ())
NORTH = EVERYBODY.narrowed("province", "North")
AS_OF = date(2024, 6, 30)
BOOK = book_of([], as_of=AS_OF)
RULE = policy.load()[-1].exposure


def rows(frame):
    return list(frame.itertuples(index=False, name=None))


def member(number, first=None, second=None, **more):
    row = {"member_no": number, "member_id": f"M{number}", "first_disbursed_on": first, "second_disbursed_on": second}
    return {**row, "registered_on": date(2024, 1, 1), "province": "South", **more}


@pytest.fixture(scope="module")
def made():
    connection = snapshot()
    yield connection
    connection.close()


def test_cohorts_count_within_days_those_observed_so_long(made):
    draw(made, "member_journey", [
        member(1, date(2024, 5, 1), date(2024, 5, 8)),  # seven days: within
        member(2, date(2024, 5, 31), date(2024, 6, 8)),  # eight days; observed for thirty
        member(3, date(2024, 6, 1), None),  # observed for twenty-nine
        member(4, None, None),
    ])  # fmt: skip
    found = run(made, retention.by_cohort(EVERYBODY, BOOK))
    may, june = (row for row in found.itertuples())
    assert (may.month.date(), may.borrowers, may.observed_7, may.again_7) == (date(2024, 5, 1), 2, 2, 1)
    assert (may.observed_30, may.again_30, may.observed_60, may.again_60) == (2, 2, 1, 1)
    assert (june.month.date(), june.borrowers, june.observed_7, june.observed_30) == (date(2024, 6, 1), 1, 1, 0)


DAY = st.integers(0, 200).map(lambda days: AS_OF - timedelta(days=days))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(DAY, st.none() | st.integers(0, 200)), max_size=12))
def test_cohorts_are_those_of_the_definition(made, drawn):
    people = []
    for number, (first, gap) in enumerate(drawn):
        second = None if gap is None else first + timedelta(days=gap)
        people.append(member(number, first, second if second and second <= AS_OF else None))
    draw(made, "member_journey", people)
    found = run(made, retention.by_cohort(EVERYBODY, BOOK))
    for days in HORIZONS:
        observed = [row for row in people if row["first_disbursed_on"] + timedelta(days=days) <= AS_OF]
        again = [
            row for row in observed
            if row["second_disbursed_on"] and (row["second_disbursed_on"] - row["first_disbursed_on"]).days <= days
        ]  # fmt: skip
        assert found[f"observed_{days}"].sum() == len(observed)
        assert found[f"again_{days}"].sum() == len(again)
        assert (found[f"again_{days}"] <= found[f"observed_{days}"]).all()
    assert found["borrowers"].sum() == len(people)


def test_each_arm_counts_those_who_borrowed_again_since_the_plan(made):
    draw(made, "member_journey", [member(1), member(2, province="North"), member(3)])
    draw(made, "reborrow_prompt", [
        {"member_no": 1, "prompted_on": date(2024, 6, 1), "arm": "treated", "again_on": date(2024, 6, 8)},
        {"member_no": 2, "prompted_on": date(2024, 6, 24), "arm": "treated", "again_on": None},
        {"member_no": 3, "prompted_on": date(2024, 5, 31), "arm": "held_out", "again_on": date(2024, 6, 1)},
    ])  # fmt: skip
    found = run(made, retention.prompted(EVERYBODY, BOOK)).set_index("arm")
    assert found.loc["treated", ["members", "observed_7", "again_7", "observed_30"]].tolist() == [2, 1, 1, 0]
    assert found.loc["held_out", ["members", "observed_30", "again_30"]].tolist() == [1, 1, 1]
    assert run(made, retention.prompted(NORTH, BOOK))["members"].tolist() == [1]


def line(member_no, standing, fen, first, last):
    return {"member_no": member_no, "standing": standing, "line_fen": fen, "from_on": first, "last_on": last}


def owing(member_no, standing, fen, month_end, **more):
    return {"member_no": member_no, "standing": standing, "outstanding_fen": fen, "month_end": month_end} | more


def test_lines_in_force_are_those_begun_less_those_ended(made):
    draw(made, "line_spell", [
        line(1, "silver", 100, date(2024, 3, 5), date(2024, 4, 30)),  # still there on 30 April
        line(1, "gold", 300, date(2024, 5, 1), AS_OF),
        line(2, "silver", 50, date(2024, 4, 10), AS_OF),
        line(3, "silver", 0, date(2024, 4, 10), AS_OF),
    ])  # fmt: skip
    april, may = date(2024, 4, 30), date(2024, 5, 31)
    draw(made, "member_exposure", [
        owing(1, "silver", 30, april, line_fen=100),
        owing(1, "gold", 60, may, line_fen=300),
        owing(3, "silver", 999, may, line_fen=0),
        owing(4, "silver", 999, may),
    ])  # fmt: skip
    found = line_use(run(made, retention.lines(EVERYBODY)))
    shown = [
        (row.standing, row.month_end.date(), row.line_fen, row.members, row.used_fen, row.borrowers)
        for row in found.itertuples()
    ]
    assert shown == [
        ("silver", april, 150, 2, 30, 1),
        ("silver", may, 50, 1, 0, 0),
        ("gold", april, 0, 0, 0, 0),
        ("gold", may, 300, 1, 60, 1),
    ]
    assert found["use"].round(3).fillna(-1).tolist() == [0.2, 0.0, -1, 0.2]


SPELL = st.tuples(st.sampled_from(["silver", "gold"]), st.integers(0, 9), st.integers(0, 150), st.integers(0, 90))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SPELL, max_size=10))
def test_the_sums_are_the_lines_of_each_month_end(made, drawn):
    start, ends = date(2024, 1, 1), [date(2024, 2, 29), date(2024, 4, 30), AS_OF]
    spells = [
        (tier, fen, start + timedelta(days=first), min(AS_OF, start + timedelta(days=first + days)))
        for tier, fen, first, days in drawn
    ]
    draw(made, "line_spell", [line(place, *each) for place, each in enumerate(spells)])
    draw(made, "member_exposure", [owing(0, "silver", 1, end, line_fen=1) for end in ends])
    found = line_use(run(made, retention.lines(EVERYBODY)))
    for row in found.itertuples():
        in_force = [fen for tier, fen, first, last in spells
                    if tier == row.standing and first <= row.month_end.date() <= last and fen]  # fmt: skip
        assert (row.line_fen, row.members) == (sum(in_force), len(in_force))


OWED = [
    owing(1, "silver", 1_201, AS_OF, income_fen=100, declared_fen=None, raised_days=None),  # over by one fen
    owing(2, "silver", 200, AS_OF, income_fen=100, declared_fen=1_000, raised_days=None),  # twelve incomes: not over
    owing(3, "gold", 200, AS_OF, income_fen=100, declared_fen=1_001, raised_days=90),  # both
    owing(4, "gold", 900, AS_OF, income_fen=None, declared_fen=None, raised_days=91),  # neither can be said
    owing(5, "gold", 10, AS_OF, income_fen=0, declared_fen=None, raised_days=0),
]


def test_members_over_the_policy_are_counted_and_listed(made):
    assert (RULE.most_monthly_incomes, RULE.raise_days) == (12, 90)
    draw(made, "member_journey", [member(place, province="North" if place == 3 else "South") for place in range(1, 6)])
    draw(made, "member_exposure", OWED)
    found = rows(run(made, exposure.by_month(EVERYBODY, RULE)))
    assert [row[1:] for row in found] == [
        ("silver", 2, 2, 1_401, 2, 1, 0, 1, 1_201),
        ("gold", 3, 3, 1_110, 1, 1, 2, 2, 210),
    ]
    listed = run(made, exposure.watched(EVERYBODY, RULE, AS_OF))
    assert listed["member_id"].tolist() == ["M1", "M3", "M5"]
    assert listed["monthly_incomes"].round(2).fillna(-1).tolist() == [12.01, 12.01, -1]
    assert listed[["over", "raised"]].to_numpy().tolist() == [[True, False], [True, True], [False, True]]
    assert run(made, exposure.watched(NORTH, RULE, AS_OF))["member_id"].tolist() == ["M3"]
    assert run(made, exposure.watched(EVERYBODY, RULE, date(2024, 5, 31))).empty


FEN = st.integers(0, 5_000)
OWING = st.tuples(
    FEN.map(lambda fen: fen + 1), st.none() | FEN, st.none() | st.integers(0, 300), st.none() | st.integers(0, 200)
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OWING, max_size=10))
def test_the_list_re_sums_to_the_count(made, drawn):
    draw(made, "member_journey", [member(number) for number in range(len(drawn))])
    draw(made, "member_exposure", [
        owing(number, "gold", out, AS_OF, declared_fen=declared, income_fen=income, raised_days=raised)
        for number, (out, declared, income, raised) in enumerate(drawn)
    ])  # fmt: skip
    over = [bool(income) and out + (declared or 0) > 12 * income for out, declared, income, _raised in drawn]
    raised = [days is not None and days <= 90 for _out, _declared, _income, days in drawn]
    counted = run(made, exposure.by_month(EVERYBODY, RULE))
    listed = run(made, exposure.watched(EVERYBODY, RULE, AS_OF))
    assert counted["over"].sum() == listed["over"].sum() == sum(over)
    assert counted["raised"].sum() == listed["raised"].sum() == sum(raised)
    assert counted["watched"].sum() == len(listed) == sum(a or b for a, b in zip(over, raised, strict=True))
    assert counted["watched_fen"].sum() == listed["outstanding_fen"].sum()
