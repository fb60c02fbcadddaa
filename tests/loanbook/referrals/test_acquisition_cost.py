"""What acquisition costs, by hand on drawn books: each booking once, on the cohort that it acquired."""

import random
from datetime import date, timedelta
from typing import Any

import duckdb

from rules import worth
from tests.loanbook.derived import asked, derive

AS_OF = date(2024, 12, 31)
CAMPAIGNS = """
    id name  channel        starts_on  budget
    7  Films advertising    2024-01-01 1000
    8  Reels opinion_leader 2024-01-01 500
    """
SPEND = """
    id campaign_id spent_on   kind   amount
    1  7           2024-01-05 media  100.10
    2  7           2024-01-05 bonus  20
    3  8           2024-02-05 media  50
    4  9           2024-02-05 agency 7
    5  7           2025-01-01 media  999
    """
# 1 came by campaign 7 and brought 2, who brought 3; 4 came by campaign 8; 5 by nobody.
MEMBERS = """
    id  registered_at        verified_at          referred_by_id acquisition_channel campaign_id
    1   2024-01-01_08:00:00  2024-01-01_09:00:00  -              advertising         7
    2   2024-02-01_08:00:00  2024-02-01_09:00:00  1              referral            -
    3   2024-03-01_16:30:00  -                    2              referral            -
    4   2024-02-02_08:00:00  2024-02-02_09:00:00  -              opinion_leader      8
    5   2024-02-02_08:00:00  -                    -              organic             -
    """
RULES = "id kind trigger level threshold amount starts_on\n 1 one_off first_loan 1 - 80 2024-01-01"
REWARDS = """
    id reward_rule_id side     beneficiary_id referee_id level form  amount accrued_at           paid_at  reversed_at
    11 1              referrer 1              2          1     cash  80     2024-03-01_02:00:00  -        -
    12 1              referrer 2              3          1     cash  80     2024-04-01_02:00:00  -        2024-05-01_02:00:00
    13 1              referrer 1              3          2     cash  20     2024-04-01_02:00:00  -        2025-05-01_02:00:00
    14 1              invitee  3              3          -     coupon 18    2024-03-02_02:00:00  -        -
    15 1              team     1              3          -     points 120   2024-06-30_16:00:00  -        -
    16 1              referrer 1              99         1     cash  5      2024-06-30_16:00:00  -        -
    """  # noqa: E501, the columns of a reward
LOANS = """
    id member_id application_id disbursed_at        principal term_months status
    1  1         11             2024-01-10_02:00:00 1000      1           active
    2  2         12             2024-08-01_02:00:00 1000      1           active
    3  1         13             2024-09-01_02:00:00 1000      1           active
    """
INSTALMENTS = """
    loan_id number due_on     principal_due
    1       1      2024-02-10 1000
    2       1      2024-09-01 1000
    3       1      2024-10-01 1000
    """
REPAYMENTS = """
    id loan_id paid_at             amount kind
    1  2       2024-09-01_02:00:00 1000   scheduled
    """


def book(**tables: Any) -> duckdb.DuckDBPyConnection:
    drawn = {
        "campaign": CAMPAIGNS, "campaign_spend": SPEND, "member": MEMBERS, "reward_rule": RULES, "reward": REWARDS,
        "loan": LOANS, "instalment": INSTALMENTS, "repayment": REPAYMENTS,
    }  # fmt: skip
    return derive(AS_OF, {**drawn, **tables})


def bookings(snapshot: duckdb.DuckDBPyConnection, columns: str) -> list[tuple[Any, ...]]:
    found = snapshot.execute(f"SELECT {columns} FROM acquisition_cost ORDER BY part, source_id").fetchall()
    return [tuple(row) for row in found]


def test_every_booking_is_there_once_with_its_part_and_day() -> None:
    assert bookings(book(), "source_id, part, day, fen, after_days") == [
        ("1", "media", date(2024, 1, 5), 10010, 0),
        ("3", "media", date(2024, 2, 5), 5000, 0),
        ("4", "agency", date(2024, 2, 5), 700, 0),
        ("2", "bonus", date(2024, 1, 5), 2000, 0),
        ("11", "reward_l1", date(2024, 2, 1), 8000, 29),
        ("12", "reward_l1", date(2024, 3, 2), 8000, 30),  # 00:30 in Shanghai
        ("16", "reward_l1", None, 500, None),  # the book does not hold member 99
        ("13", "reward_l2plus", date(2024, 3, 2), 2000, 30),  # taken back in 2025
        ("15", "team_reward", date(2024, 3, 2), 12000, 121),
        ("14", "invitee_benefit", date(2024, 3, 2), 1800, 0),
        ("12", "reversal", date(2024, 3, 2), -8000, 60),
    ]


def test_a_reward_belongs_to_its_referees_way_and_a_descendant_inherits_campaign_and_channel() -> None:
    ways = bookings(book(), "source_id, channel, campaign, inherited_channel, inherited_campaign")
    assert ways[0] == ("1", "advertising", "7", "advertising", "7")
    assert ways[2] == ("4", "unknown", "9", "unknown", "9")  # spend of a campaign that the book does not hold
    assert ways[4] == ("11", "referral", "unknown", "advertising", "7")
    assert ways[5] == ("12", "referral", "unknown", "advertising", "7")
    assert ways[6] == ("16", "unknown", "unknown", "unknown", "unknown")


def test_without_spend_rewards_and_campaigns_nothing_is_booked() -> None:
    bare = derive(AS_OF, {"member": MEMBERS})
    assert bookings(bare, "fen") == []
    assert asked(bare, "registered_on, sum(members)", "acquired GROUP BY 1") == {
        date(2024, 1, 1): 1, date(2024, 2, 1): 1, date(2024, 2, 2): 2, date(2024, 3, 2): 1,
    }  # fmt: skip


def test_whom_each_day_brought() -> None:
    columns = (
        "registered_on || ' ' || channel, members, verified, borrowers, early_borrowers, window_borrowers, "
        "observed_6, bad_90_6, observed_12, bad_90_12, first_due, first_missed, borrower_reward_fen"
    )
    assert asked(book(), columns, "acquired") == {
        # Lent to after 9 days, never repaid: over 90 days past due on 11 May; observed for 11 months.
        "2024-01-01 advertising": (1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0),
        # Lent to after half a year, repaid; the referrer was rewarded with 80.
        "2024-02-01 referral": (1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 8000),
        "2024-02-02 opinion_leader": (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        "2024-02-02 organic": (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        "2024-03-02 referral": (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    }


def test_first_loans_by_their_age_with_what_has_failed_so_far() -> None:
    columns = "registered_on || ' ' || channel, loan_months, borrowers, bad_90_6, bad_90_12, first_due, first_missed"
    assert asked(book(), columns, "acquired_loan") == {
        "2024-01-01 advertising": (11, 1, 1, 1, 1, 1),
        "2024-02-01 referral": (4, 1, 0, 0, 1, 0),
    }


def test_bookings_are_summed_by_day_way_and_part_and_apart_at_the_age_of_first_loans() -> None:
    columns = "part || ' ' || coalesce(day::VARCHAR, ''), bookings, fen, window_bookings, window_fen"
    assert asked(book(), columns, "acquisition_sum") == {
        "media 2024-01-05": (1, 10010, 1, 10010),
        "media 2024-02-05": (1, 5000, 1, 5000),
        "agency 2024-02-05": (1, 700, 1, 700),
        "bonus 2024-01-05": (1, 2000, 1, 2000),
        "reward_l1 2024-02-01": (1, 8000, 1, 8000),
        "reward_l1 2024-03-02": (1, 8000, 1, 8000),
        "reward_l1 ": (1, 500, 0, 0),
        "reward_l2plus 2024-03-02": (1, 2000, 1, 2000),
        "team_reward 2024-03-02": (1, 12000, 0, 0),  # after 121 days
        "invitee_benefit 2024-03-02": (1, 1800, 1, 1800),
        "reversal 2024-03-02": (1, -8000, 1, -8000),
    }


def test_value_is_summed_by_cohort_way_and_month() -> None:
    snapshot = book()
    parts = ", ".join(f"sum({name})" for name in worth.COLUMNS)
    summed = snapshot.execute(f"SELECT month, {parts} FROM cohort_value GROUP BY 1 ORDER BY 1").fetchall()
    assert summed
    assert summed == snapshot.execute(f"SELECT month, {parts} FROM member_value GROUP BY 1 ORDER BY 1").fetchall()


def test_rewards_of_members_are_summed_and_squared_as_they_stand_and_at_the_age_of_first_loans() -> None:
    columns = (
        "registered_on, sum(reward_fen), sum(reward_cny_squared), sum(window_reward_fen), sum(verified_reward_fen)"
    )
    found = asked(book(), columns, "acquired GROUP BY 1")
    # 80 + 20 + 18 + 120 - 80 = 158; by the 90th day the team's reward is not there yet.
    assert found[date(2024, 3, 2)] == (15800, 158**2, 3800, 0)
    assert found[date(2024, 2, 1)] == (8000, 6400, 8000, 8000)


def test_value_counts_for_members_who_were_observed_for_all_its_months() -> None:
    found = asked(book(), "registered_on, sum(valued), sum(valued_borrowers)", "acquired GROUP BY 1")
    assert found[date(2024, 1, 1)] == (1, 1)  # January to December
    assert found[date(2024, 2, 1)] == (0, 0)


def test_a_code_counts_for_whom_it_brought_last() -> None:
    invitations = """
        id referrer_id creator code medium campaign_id sent_at              opened_at            referee_id
        1  -           ann     A1   link   8           2024-01-01_02:00:00  2024-01-31_02:00:00  1
        2  -           bo      B1   link   8           2024-01-01_02:00:00  2024-01-30_02:00:00  1
        3  -           ann     A1   link   8           2024-01-01_02:00:00  -                    -
        4  -           ann     A1   link   8           2025-01-01_02:00:00  -                    4
        5  1           -       C1   link   -           2024-01-01_02:00:00  -                    2
        """
    columns = "creator || coalesce(' ' || month, ''), code, campaign, sent, opened, members, borrowers"
    assert asked(book(invitation=invitations), columns, "creator_use") == {
        "ann 2024-01": ("A1", "8", 1, 1, 1, 1),
        "ann": ("A1", "8", 1, 0, 0, 0),
        "bo": ("B1", "8", 1, 1, 0, 0),
    }


def day(number: int) -> date:
    return date(2024, 1, 1) + timedelta(days=number)


def test_parts_re_sum_to_the_spend_table_and_the_ledger_to_the_cent() -> None:
    draw = random.Random(7)
    days = [draw.randint(0, 400) for _ in range(120)]
    back = [draw.choice([None, draw.randint(0, 400)]) for _ in days]
    cents = [draw.randint(0, 99_999) for _ in days]
    rewards = [
        {
            "id": number, "reward_rule_id": 1, "form": "cash", "amount": cents[number] / 100,
            "side": draw.choice(["referrer", "invitee", "team"]), "beneficiary_id": draw.randint(1, 6),
            "referee_id": draw.randint(1, 6), "level": draw.choice([None, 1, 2, 3]),
            "accrued_at": f"{day(days[number])} 02:00:00",
            "reversed_at": None if back[number] is None else f"{day(back[number])} 02:00:00",
        }
        for number in range(len(days))
    ]  # fmt: skip
    spent = [
        {"id": number, "campaign_id": draw.choice([7, 8, 9]), "spent_on": str(day(draw.randint(0, 400))),
         "kind": draw.choice(["media", "agency", "production", "bonus"]), "amount": draw.randint(0, 99_999) / 100}
        for number in range(60)
    ]  # fmt: skip
    found = asked(book(reward=rewards, campaign_spend=spent), "part, sum(fen)", "acquisition_cost GROUP BY 1")
    for kind in ("media", "agency", "production", "bonus"):
        of_kind = [row for row in spent if row["kind"] == kind and row["spent_on"] <= str(AS_OF)]
        assert found[kind] == sum(round(row["amount"] * 100) for row in of_kind)
    counted = [number for number, on in enumerate(days) if day(on) <= AS_OF]
    taken = [number for number in counted if back[number] is not None and day(back[number]) <= AS_OF]
    earned = sum(found[part] for part in ("reward_l1", "reward_l2plus", "team_reward", "invitee_benefit"))
    assert earned == sum(cents[number] for number in counted)
    assert found["reversal"] == -sum(cents[number] for number in taken)
