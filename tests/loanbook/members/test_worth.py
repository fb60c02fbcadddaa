"""What members are worth, what was granted for what, and loans over the caps: a drawn book, worked by hand."""

from datetime import date

import pytest

from tests.loanbook.derived import derive

AS_OF = date(2024, 7, 10)  # the last whole month is June

# Member 1 registers on 31 January at midnight in Shanghai, that is in February by their clock.
BOOK = {
    "tier": "code rank name_en name_zh annual_fee credit_limit rate_discount\n"
    "ordinary 0 O O 0 1 0\nsilver 1 S S 10 1 0\ngold 2 G G 20 1 0",
    "member": """
        id  registered_at        acquisition_channel  birth_year  monthly_income  referred_by_id
        1   2024-01-31_16:00:00  organic              1990        5000            -
        2   2024-02-10_02:00:00  referral             -           -               1
        3   2024-07-02_02:00:00  organic              1991        4000            -
        """,
    "membership": """
        id  member_id  tier_code  started_at           ended_at             reason   fee_paid
        1   1          ordinary   2024-02-01_02:00:00  2024-03-10_02:00:00  task     0
        2   1          gold       2024-03-10_02:00:00  2024-05-31_02:00:00  paid     20
        3   1          silver     2024-05-31_02:00:00  -                    task     0
        """,
    "funder": "id name kind cost_rate share_of_margin\n1 Bank bank 0.073 1",
    "application": """
        id  member_id  applied_at           tier_code  status     amount  product_id
        1   1          2024-04-01_02:00:00  gold       disbursed  100     1
        2   1          2024-06-20_02:00:00  silver     disbursed  100     1
        3   2          2024-03-01_02:00:00  -          disbursed  100     1
        """,
    "loan": """
        id  application_id  member_id  disbursed_at         principal  term_months  status    closed_at  tier_code  \
funder_id  funder_share  upfront_fee
        1   1  1  2024-04-06_02:00:00  100  2  paid_off  2024-06-05_02:00:00  gold  1  0.5  2
        2   2  1  2024-06-20_02:00:00  100  1  active    -                    silver -  -   0
        3   3  2  2024-03-05_02:00:00  100  2  active    -                    -    -  -   0
        """,
    "instalment": """
        loan_id  number  due_on      principal_due  interest_due  fee_due
        1        1       2024-05-06  50             3             1
        1        2       2024-06-06  50             2             1
        2        1       2024-07-20  100            5             0
        3        1       2024-04-05  50             3             0
        3        2       2024-05-05  50             2             0
        """,
    "repayment": """
        id  loan_id  paid_at              amount
        1   1        2024-05-06_02:00:00  54
        2   1        2024-06-05_02:00:00  53
        3   3        2024-04-05_02:00:00  53
        """,
    "perk": """
        id  member_id  kind                  granted_at           expires_at           redeemed_at          cost
        1   1          interest_free_coupon  2024-03-10_02:00:00  2024-09-01_00:00:00  2024-04-06_02:00:00  1.5
        2   1          rate_cut              2024-06-06_02:00:00  2024-09-01_00:00:00  2024-06-20_02:00:00  0.9
        3   2          limit_boost           2024-03-09_02:00:00  2024-09-01_00:00:00  -                    0.3
        """,
    "contact": """
        id  member_id  loan_id  contacted_at         planned_at           cost
        1   2          3        2024-06-01_02:00:00  -                    0.06
        2   2          3        -                    2024-06-02_02:00:00  0
        3   2          3        2024-07-01_02:00:00  -                    3.5
        """,
    "reward_rule": "id kind trigger level amount starts_on\n1 one_off registered 1 5 2024-01-01",
    "reward": """
        id  reward_rule_id  side      beneficiary_id  referee_id  form  amount  accrued_at           reversed_at
        1   1               referrer  1               2           cash  5       2024-02-10_02:00:00  -
        2   1               referrer  1               2           cash  2       2024-03-01_02:00:00  2024-06-01_02:00:00
        """,
    "prime_rate": "id starts_on one_year_rate\n1 2024-01-01 0.03\n2 2024-06-01 0.06",
}  # fmt: skip
PARTS = ("interest", "fee", "membership_fee", "funding", "loss", "perk", "contact", "reward")


@pytest.fixture(scope="module")
def snapshot():
    return derive(AS_OF, BOOK)


def asked(snapshot, statement):
    return snapshot.execute(statement).fetchall()


def test_each_amount_belongs_to_the_month_of_its_date_and_to_the_tier_held_at_its_end(snapshot):
    columns = ", ".join(f"{part}_fen" for part in PARTS)
    rows = asked(snapshot, f"SELECT member_no, month, tier, {columns} FROM member_value ORDER BY 1, 2")
    found = {(no, month): (tier, *amounts) for no, month, tier, *amounts in rows}
    # Funding of loan 1: 7.3 % x half of 100.00 is 1 fen a day; 24 days of April, 31 of May (100.00 at its beginning),
    # and 5 days of June on the 50.00 left: 2.5 fen. The membership fee is paid in March, two fen of upfront in April.
    assert found[1, 1] == ("gold", 0, 0, 2000, 0, 0, 0, 0, 0)
    assert found[1, 2] == ("gold", 0, 200, 0, 24, 0, 150, 0, 0)
    assert found[1, 3] == ("silver", 300, 100, 0, 31, 0, 0, 0, 0)
    assert found[1, 4] == ("silver", 200, 100, 0, 3, 0, 0, 0, 0)  # the rate cut is missing from the interest already
    assert found[2, 0] == (None, 0, 0, 0, 0, 0, 0, 0, 500)
    assert found[2, 1] == (None, 0, 0, 0, 0, 0, 30, 0, 200)
    assert found[2, 2] == (None, 300, 0, 0, 0, 0, 0, 0, 0)
    assert found[2, 4] == (None, 0, 0, 0, 0, 0, 0, 6, -200)  # the contact of July is in no whole month
    assert {no for no, _month in found} == {1, 2}
    assert asked(snapshot, "SELECT min(month_end), max(month_end) FROM member_value") == [
        (date(2024, 2, 29), date(2024, 6, 30))
    ]


def test_months_on_a_tier_are_the_month_ends_at_which_it_was_held(snapshot):
    # Member 1: February ordinary, March and April gold, May (the 31st) and June silver. Member 2 is on none.
    rows = asked(snapshot, "SELECT member_no, tier, months FROM tier_value ORDER BY member_no, tier NULLS LAST")
    assert rows == [(1, "ordinary", 1), (1, "silver", 2), (1, "gold", 2), (2, None, 5)]
    assert asked(snapshot, "SELECT sum(interest_fen) FROM tier_value") == asked(
        snapshot, "SELECT sum(interest_fen) FROM member_value"
    )


def test_a_book_without_a_write_off_expects_no_loss(snapshot):
    assert asked(snapshot, "SELECT * FROM loss_expected ORDER BY bucket") == [
        ("M0", 0), ("M1", 0), ("M2", 0), ("M3", 0), ("M3+", 0),
    ]  # fmt: skip


def test_a_perk_counts_for_the_occasion_on_whose_day_or_the_day_after_it_was_granted(snapshot):
    columns = "member_no, occasion, occurred_on, kind, redeemed, tier, quarter, loans_before, age_years, member_days"
    assert asked(snapshot, f"SELECT {columns} FROM perk_trial ORDER BY 1, 2") == [
        (1, "first_repaid", date(2024, 6, 5), "rate_cut", True, "silver", "2024Q2", 1, 34, 125),
        (1, "first_tier", date(2024, 3, 10), "interest_free_coupon", True, "gold", "2024Q1", 0, 34, 38),
    ]
    after = "again_days, observed_days, observed_months, value_before_fen, value_fen"
    # Before June: 20.00 + 2.00 - 0.24 - 1.50 + 4.00 - 0.31. Six months after are not over yet.
    assert asked(snapshot, f"SELECT {after} FROM perk_trial ORDER BY occasion") == [
        (15, 35, 0, 2395, None),
        (27, 122, 3, 0, None),
    ]


def test_a_membership_fee_counts_for_the_first_loan_of_its_tier_within_the_policys_days(snapshot):
    # Loan 1 costs 7 on 100 over two months with 2 upfront: 9 on 98, about 72 % a year; loan 2 5 % in a month, 60 %;
    # loan 3 5 on 100 over two months, about 40 %. All are over the cap; the fee of 10 March is 22 days old on 1 April.
    rows = asked(
        snapshot,
        "SELECT loan_id, upfront_fee_fen, membership_fee_fen, over_cap, over_cap_with_fee, over_prime "
        "FROM loan_price JOIN loan_fact USING (loan_no) ORDER BY 1",
    )
    assert rows == [("1", 200, 2000, True, True, True), ("2", 0, 0, True, True, True), ("3", 0, 0, True, True, True)]
