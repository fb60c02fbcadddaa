"""The journey of each member: drawn by hand, with the answers worked out, and against plain Python."""

from datetime import date, datetime, timedelta
from functools import cache

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loanbook.members import member_ancestry, member_number
from loanbook.referrals import referral_levels
from loanbook.snapshot_schema import UNREACHED, dimension_value, member_journey
from loanbook.working import create_tables, drop
from rules.funnel_steps import CODES
from tests.loanbook.derived import asked, copies, derive

AS_OF = date(2025, 6, 30)
DAY, HOUR = 86_400, 3_600

TIERS = """
    code      rank  name_en   name_zh
    ordinary  0     Ordinary  普通
    gold      3     Gold      金
    bronze    1     Bronze    铜
    """
# Member 1 goes all the way; times are UTC, so 2025-01-01 16:00 is midnight of the 2nd in Shanghai.
MEMBERS = """
    id  registered_at        verified_at          birth_year  gender  province  acquisition_channel  campaign_id  referred_by_id
    1   2025-01-01_16:00:00  2025-01-01_16:01:00  1990        female  Hubei     organic              7            -
    2   2025-01-02_16:00:00  2025-01-02_16:00:00  2005        -       -         referral             -            1
    3   2025-01-03_15:59:59  -                    -           male    Anhui     partner              8            2
    4   2025-06-30_15:59:59  2025-06-30_16:00:00  1980        male    Anhui     organic              -            -
    5   2025-06-30_16:00:00  2025-06-30_16:00:00  1980        male    Anhui     organic              -            1
    """  # noqa: E501
MEMBERSHIPS = """
    id  member_id  tier_code  started_at           ended_at             reason
    1   1          ordinary   2025-01-01_16:01:00  2025-01-01_18:00:00  task
    2   1          bronze     2025-01-01_18:00:00  2025-05-01_00:00:00  paid
    3   1          gold       2025-05-01_00:00:00  2025-07-15_00:00:00  upgrade
    4   2          gold       2025-01-02_15:00:00  2025-03-01_00:00:00  paid
    5   2          ordinary   2025-03-01_00:00:00  -                    lapse
    """
APPLICATIONS = """
    id  member_id  applied_at           decided_at           status     tier_code
    11  1          2025-01-01_17:00:00  2025-01-01_17:30:00  disbursed  ordinary
    12  1          2025-01-02_16:00:00  2025-01-03_16:00:00  declined   bronze
    13  1          2025-01-04_16:00:00  2025-01-04_17:00:00  disbursed  bronze
    14  1          2025-03-20_16:00:00  2025-03-20_17:00:00  disbursed  bronze
    15  2          2025-01-05_16:00:00  2025-01-05_17:00:00  approved   gold
    """
LOANS = """
    id  application_id  member_id  disbursed_at         principal  term_months  status    closed_at
    21  11              1          2025-01-01_17:40:00  100        1            paid_off  2025-02-01_17:40:00
    22  13              1          2025-01-04_18:00:00  100        2            paid_off  2025-03-04_16:00:00
    23  14              1          2025-03-20_18:00:00  100        1            active    -
    """


@cache
def journeys(**tables: str) -> duckdb.DuckDBPyConnection:
    drawn = {"tier": TIERS, "member": MEMBERS, "membership": MEMBERSHIPS, "application": APPLICATIONS, "loan": LOANS}
    return derive(AS_OF, {name: table for name, table in (drawn | tables).items() if table})


def steps(made: duckdb.DuckDBPyConnection) -> dict[str, tuple[int | None, ...]]:
    """Seconds after registration of every step, by member."""
    return asked(made, ", ".join(["member_id", *(f"{code}_s" for code in CODES[1:])]), "member_journey")


def test_each_step_is_the_first_at_or_after_the_one_before() -> None:
    found = steps(journeys())
    assert found["1"] == (
        60,
        2 * HOUR,  # bronze; ordinary is the lowest tier, and no step
        DAY,  # the application an hour after registration came before the tier, and counts for nothing
        3 * DAY + HOUR,  # the declined one was never approved
        3 * DAY + 2 * HOUR,
        62 * DAY,  # loan 22; loan 21 was disbursed before
        78 * DAY + 2 * HOUR,
    )
    # Verified in the second of registration; the tier had begun an hour before that, and nothing after it counts.
    assert found["2"] == (0, None, None, None, None, None, None)
    assert found["3"] == (None,) * 7


def test_gaps_are_the_seconds_between_steps() -> None:
    found = asked(journeys(), ", ".join(["member_id", *(f"{c}_gap_s" for c in CODES[1:])]), "member_journey")
    assert found["1"] == (60, 2 * HOUR - 60, 22 * HOUR, 2 * DAY + HOUR, HOUR, 59 * DAY - 2 * HOUR, 16 * DAY + 2 * HOUR)
    assert found["2"] == (0, *[UNREACHED] * 6)


def test_what_is_after_as_of_has_not_happened() -> None:
    made = journeys()
    assert set(steps(made)) == {"1", "2", "3", "4"}  # member 5 registered on the day after, in Shanghai
    assert steps(made)["4"] == (None,) * 7  # verified a second after the end of that day


def test_days_are_those_of_shanghai() -> None:
    found = asked(
        journeys(), "member_id, registered_on, registered_month, registered_s, observed_days", "member_journey"
    )
    assert found["1"] == (date(2025, 1, 2), "2025-01", 0, 179)
    assert found["3"] == (date(2025, 1, 3), "2025-01", DAY - 1, 178)
    assert found["4"] == (AS_OF, "2025-06", DAY - 1, 0)


def test_a_loan_that_was_late_is_not_repaid_on_time() -> None:
    instalments = """
        loan_id  number  due_on      principal_due
        22       1       2025-03-01  100
        """
    paid = """
        id  loan_id  paid_at              amount
        31  22       2025-03-04_10:00:00  100
        """
    late = steps(journeys(instalment=instalments, repayment=paid))
    assert late["1"][4:] == (3 * DAY + 2 * HOUR, None, None)  # disbursed, then nothing in order
    in_time = steps(journeys(instalment=instalments, repayment=paid.replace("03-04_10", "03-01_10")))
    assert in_time["1"][5] == 62 * DAY


def test_tiers_are_told_apart_by_when_they_are_meant() -> None:
    found = asked(journeys(), "member_id, first_tier, application_tier, current_tier", "member_journey")
    assert found["1"] == ("bronze", "ordinary", "gold")  # the membership of gold runs on beyond as_of
    assert found["2"] == ("gold", "gold", "ordinary")
    assert found["3"] == ("unknown", "unknown", "unknown")


def test_other_dimensions_and_the_order_of_their_values() -> None:
    made = journeys()
    found = asked(made, "member_id, channel, campaign, province, age_band, gender, referral_level", "member_journey")
    assert found["1"] == ("organic", "7", "Hubei", "35-39", "female", "0")
    assert found["2"] == ("referral", "unknown", "unknown", "18-24", "unknown", "1")
    listed = made.execute(
        f"SELECT value, name_zh FROM {dimension_value.name} WHERE subject = 'member' AND dimension = 'current_tier' "
        "ORDER BY position"
    ).fetchall()
    assert listed == [("ordinary", "普通"), ("gold", "金"), ("unknown", None)]


def test_plain_firsts_heed_no_order() -> None:
    columns = "first_applied_on, first_approved_on, first_disbursed_on, second_disbursed_on, last_active_on"
    found = asked(journeys(), f"member_id, {columns}", "member_journey")
    day = date(2025, 1, 2)
    assert found["1"] == (day, day, day, date(2025, 1, 5), date(2025, 5, 1))
    assert found["2"] == (date(2025, 1, 6), date(2025, 1, 6), None, None, date(2025, 1, 6))
    assert found["3"] == (None, None, None, None, date(2025, 1, 3))  # registering is being active


def test_ancestry_and_the_campaign_that_is_handed_down() -> None:
    columns = "referrer_no, root_no, level, subtree_size, tree_size, referrals, inherited_campaign"
    found = asked(journeys(), f"member_no, {columns}", "member_journey")
    assert found[1] == (None, 1, 0, 3, 3, 1, "7")  # member 5, whom 1 brought too, is not there yet
    assert found[2] == (1, 1, 1, 2, 3, 1, "7")
    assert found[3] == (2, 1, 2, 1, 3, 0, "8")
    assert found[4] == (None, 4, 0, 1, 1, 0, "unknown")


def test_members_alone_have_no_steps_but_a_row() -> None:
    made = derive(AS_OF, {"member": "id registered_at\n1 2025-01-01_16:00:00\n2 2025-01-01_16:00:00"})
    assert steps(made) == {"1": (None,) * 7, "2": (None,) * 7}
    assert asked(made, "member_no, member_id, first_tier, channel, campaign", "member_journey") == {
        1: ("1", *["unknown"] * 3),
        2: ("2", *["unknown"] * 3),
    }


def test_steps_that_no_table_records_are_passed_over() -> None:
    """As in Lending Club's book: neither verification nor tiers, and everything on one day."""
    made = derive(
        AS_OF,
        {
            "member": "id registered_at\n1 2025-01-01_16:00:00",
            "application": "id member_id applied_at decided_at status\n"
            "11 1 2025-01-01_16:00:00 2025-01-01_16:00:00 disbursed",
            "loan": "id application_id member_id disbursed_at term_months status closed_at principal\n"
            "21 11 1 2025-01-01_16:00:00 1 paid_off 2025-02-01_16:00:00 100",
        },
    )
    assert steps(made) == {"1": (None, None, 0, 0, 0, 31 * DAY, None)}
    gaps = asked(made, "member_id, verified_gap_s, joined_gap_s, applied_gap_s, repaid_gap_s", "member_journey")
    assert gaps == {"1": (UNREACHED, UNREACHED, 0, 31 * DAY)}


def test_without_members_there_is_an_empty_table() -> None:
    made = derive(AS_OF, {"loan": "id\n21"})
    assert made.execute("SELECT count(*) FROM member_journey").fetchall() == [(0,)]
    assert {name for (name, *_) in made.execute("DESCRIBE member_journey").fetchall()} == {
        column.name for column in member_journey.columns
    }


def test_members_without_a_date_or_with_a_repeated_key_are_left_out() -> None:
    made = derive(
        AS_OF,
        {"member": "id registered_at\n1 -\n2 2025-01-01_16:00:00\n2 2025-01-02_16:00:00\n3 2025-01-03_16:00:00"},
    )
    assert asked(made, "member_no, member_id", "member_journey") == {1: "3"}


def test_keys_may_be_texts() -> None:
    made = derive(
        AS_OF,
        {
            "member": "id registered_at verified_at referred_by_id\nM-2 2025-01-02_16:00:00 2025-01-02_16:00:05 M-1\n"
            "M-1 2025-01-01_16:00:00 - -"
        },
    )
    assert asked(made, "member_no, member_id, verified_s, referrer_no", "member_journey") == {
        1: ("M-1", None, None),
        2: ("M-2", 5, 1),
    }


@pytest.fixture(scope="module")
def emptied():
    made = copies({})
    create_tables(made, "rejected_row")
    yield made
    made.close()


FORESTS = st.lists(st.tuples(st.none() | st.integers(0, 14), st.booleans()), max_size=15)


@given(FORESTS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_ancestry_is_that_of_walks_one_step_at_a_time(emptied: duckdb.DuckDBPyConnection, drawn: list) -> None:
    """Members in order of registration; who is referred by somebody later, or by nobody known, may close a cycle."""
    emptied.execute("DELETE FROM member")
    for place, (referrer, bears) in enumerate(drawn):
        at = datetime(2025, 1, 1) + timedelta(hours=place)
        emptied.execute(
            "INSERT INTO member (id, registered_at, referred_by_id, campaign_id) VALUES (?, ?, ?, ?)",
            [place + 1, at, None if referrer is None else referrer + 1, 7 if bears else None],
        )
    members, levels = member_number.build(emptied, AS_OF), referral_levels.build(emptied)
    found = member_ancestry.find(emptied, members, levels).sort_by("member_no").to_pylist()
    cut = dict(emptied.execute(f"SELECT member_id, referrer_id FROM {levels.name}").fetchall())
    drop(emptied, members, levels)
    for row in found:
        line = [row["member_no"]]
        while cut[line[-1]] is not None:
            line.append(cut[line[-1]])
        below = [each for each in cut if row["member_no"] in _line(each, cut)]
        assert row["referrer_no"] == cut[row["member_no"]]
        assert (row["root_no"], row["level"]) == (line[-1], len(line) - 1)
        assert row["subtree_size"] == len(below)
        assert row["tree_size"] == sum(line[-1] in _line(each, cut) for each in cut)
        assert row["referrals"] == list(cut.values()).count(row["member_no"])
        assert row["bringer_no"] == next((each for each in line if drawn[each - 1][1]), None)


def _line(member: int, cut: dict[int, int | None]) -> list[int]:
    line = [member]
    while (above := cut[line[-1]]) is not None:
        line.append(above)
    return line
