"""A row per reward, by hand on drawn books: days of Shanghai, what has not happened yet, the cohort of the referee."""

from datetime import date, timedelta
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loanbook.derived import asked, derive
from tests.loanbook.referrals.rewarded import rewarded

AS_OF = date(2024, 12, 31)
CAMPAIGN = "id name channel starts_on budget\n 7 Films advertising 2024-01-01 100"
# 1 came by campaign 7 and brought 2 and 3; 3 brought 4.
MEMBERS = """
    id  registered_at        referred_by_id acquisition_channel campaign_id
    1   2024-01-01_08:00:00  -              advertising         7
    2   2024-02-01_08:00:00  1              referral            -
    3   2024-02-29_16:00:00  1              referral            -
    4   2024-04-01_08:00:00  3              referral            -
    """
RULES = """
    id  kind      trigger         level threshold amount starts_on
    1   one_off   first_loan      1     -         80     2024-01-01
    2   levelled  first_loan      2     -         20     2024-01-01
    8   team      referral_count  0     8         120    2024-01-01
    9   stepped   referral_count  1     10        200    2024-01-01
    9   stepped   referral_count  1     12        200    2024-01-01
    """
REWARDS = """
    id reward_rule_id side     beneficiary_id referee_id team_id level form  amount accrued_at           paid_at              reversed_at          reversal_reason
    11 1              referrer 1              2          -       1     cash  80     2024-03-01_15:59:59  2024-03-02_02:00:00  -                    -
    12 1              referrer 1              3          -       1     cash  80.5   2024-03-01_16:00:00  2025-01-01_02:00:00  2025-01-02_02:00:00  later
    13 2              referrer 1              4          -       2     cash  20     2024-05-01_02:00:00  2024-05-04_02:00:00  2024-06-01_02:00:00  farmed
    14 8              team     1              4          1       -     points 120   2024-05-01_02:00:00  -                    -                    -
    15 9              referrer 99             3          -       1     cash  200    2024-05-02_02:00:00  -                    -                    -
    16 1              referrer 1              2          -       1     cash  -      2024-05-02_02:00:00  -                    -                    -
    17 1              referrer 1              2          -       1     cash  80     2024-12-31_16:00:00  -                    -                    -
    """  # noqa: E501, the columns of a reward


def book(**tables: Any) -> duckdb.DuckDBPyConnection:
    return rewarded(AS_OF, {"campaign": CAMPAIGN, "member": MEMBERS, "reward_rule": RULES, "reward": REWARDS, **tables})


def test_days_are_those_of_shanghai_and_what_is_later_has_not_happened() -> None:
    assert asked(book(), "reward_id, accrued_on, due_on, paid_on, reversed_on, reversal_reason", "reward_fact") == {
        "11": (date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 2), None, None),
        "12": (date(2024, 3, 2), date(2024, 3, 3), None, None, None),  # paid and reversed in 2025
        "13": (date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 4), date(2024, 6, 1), "farmed"),
        "14": (date(2024, 5, 1), date(2024, 5, 2), None, None, None),
        "15": (date(2024, 5, 2), date(2024, 5, 3), None, None, None),
        # 16 has no amount; 17 is accrued on 1 January in Shanghai.
    }


def test_rewards_are_numbered_by_accrual_and_keep_members_and_rules_that_the_book_lacks() -> None:
    columns = "reward_no, reward_id, rule_id, kind, trigger, threshold, level, side, form, beneficiary_no, fen"
    assert asked(book(), columns, "reward_fact") == {
        1: ("11", "1", "one_off", "first_loan", None, 1, "referrer", "cash", 1, 8000),
        2: ("12", "1", "one_off", "first_loan", None, 1, "referrer", "cash", 1, 8050),
        3: ("13", "2", "levelled", "first_loan", None, 2, "referrer", "cash", 1, 2000),
        4: ("14", "8", "team", "referral_count", 8, None, "team", "points", 1, 12000),
        # Nobody can say which rule 9 is meant; member 99 is not in the book.
        5: ("15", None, None, None, None, 1, "referrer", "cash", None, 20000),
    }


def test_a_reward_belongs_to_the_cohort_of_its_referee() -> None:
    columns = "reward_id, referee_no, registered_on, registered_month, channel, campaign, inherited_campaign"
    found = asked(book(), columns, "reward_fact")
    assert found["11"] == (2, date(2024, 2, 1), "2024-02", "referral", "unknown", "7")
    assert found["12"] == (3, date(2024, 3, 1), "2024-03", "referral", "unknown", "7")  # 00:00 in Shanghai
    assert found["14"] == (4, date(2024, 4, 1), "2024-04", "referral", "unknown", "7")  # the side doesn't matter


def test_a_ring_counts_where_beneficiary_and_referee_both_stand_in_it() -> None:
    seen = """
        id member_id device_hash address_hash first_seen_at        last_seen_at
        1  1         a           -            2024-05-01_08:00:00  2024-05-01_09:00:00
        2  2         a           -            2024-05-01_08:00:00  2024-05-01_09:00:00
        3  2         b           -            2024-05-01_08:00:00  2024-05-01_09:00:00
        4  4         b           -            2024-05-01_08:00:00  2024-05-01_09:00:00
        """
    found = asked(book(device_sighting=seen), "reward_id, ring_no", "reward_fact")
    assert found == {"11": 1, "12": None, "13": 1, "14": 1, "15": None}


def test_a_book_without_rewards_has_none() -> None:
    snapshot = derive(AS_OF, {"member": MEMBERS})
    assert snapshot.execute("SELECT count(*) FROM reward_fact").fetchone() == (0,)
    assert snapshot.execute("SELECT count(*) FROM referral_place").fetchone() == (0,)


def test_borrowers_are_counted_for_the_referrer_and_for_the_tree() -> None:
    loans = """
        id member_id disbursed_at
        1  3         2024-05-01_02:00:00
        2  2         2024-05-02_02:00:00
        3  4         2024-05-02_02:00:00
        4  1         2024-03-01_02:00:00
        5  3         2024-06-01_02:00:00
        """
    snapshot = derive(AS_OF, {"member": MEMBERS, "loan": loans})  # with all of the loans' tables
    places = asked(snapshot, "referee_no, referrer_no, root_no, direct_place, tree_place", "referral_place")
    # The root's own loan and second loans count for nobody; on one day the member who registered first comes first.
    assert places == {3: (1, 1, 1, 1), 2: (1, 1, 2, 2), 4: (3, 1, 1, 3)}


def test_who_had_paid_before_inviting() -> None:
    memberships = """
        id member_id tier_code started_at           reason  fee_paid
        1  1         gold      2024-02-01_15:59:59  paid    88
        2  1         gold      2024-03-05_02:00:00  paid    99
        3  3         gold      2024-04-01_02:00:00  task    0
        4  3         gold      2024-04-01_02:00:00  paid    0
        """
    found = asked(book(membership=memberships), "member_no, first_referral_on, paid_on, paid_fen", "inviter")
    # 1 paid on the day of the first referee, and again after it; 3 reached the tier by a task.
    assert found == {
        1: (date(2024, 2, 1), date(2024, 2, 1), 8800),
        3: (date(2024, 4, 1), None, 0),
    }


cents = st.integers(0, 10_000_000)
instants = st.integers(0, 800).map(lambda days: f"{date(2023, 6, 1) + timedelta(days=days)} 16:30:00")


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(cents, instants, st.sampled_from([1, 2, 3, 4, 99])), max_size=8))
def test_the_ledger_re_sums_to_the_cent(drawn: list[tuple[int, str, int]]) -> None:
    rewards = [
        {
            "id": place, "reward_rule_id": 1, "side": "referrer", "beneficiary_id": who, "referee_id": 5 - who,
            "level": 1, "form": "cash", "amount": fen / 100, "accrued_at": at,
        }
        for place, (fen, at, who) in enumerate(drawn)
    ]  # fmt: skip
    snapshot = rewarded(AS_OF, {"member": MEMBERS, "reward_rule": RULES, "reward": rewards})
    # 16:30 UTC is the next day in Shanghai.
    expected = sum(fen for fen, at, _who in drawn if date.fromisoformat(at[:10]) < AS_OF)
    assert snapshot.execute("SELECT coalesce(sum(fen), 0) FROM reward_fact").fetchone() == (expected,)
