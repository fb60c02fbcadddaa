"""What came before moves, prompts to borrow again, lines and exposure: drawn tables with answers by hand."""

from datetime import date

import duckdb
from sqlalchemy import Integer, literal, select

from loanbook.members.move_window import placed
from loanbook.working import run, work_table
from tests.loanbook.derived import asked
from tests.loanbook.members.drawn_movement import moved

AS_OF = date(2024, 6, 30)
TIERS = """
    code      rank
    ordinary  0
    silver    1
    gold      2
    """


def test_before_a_move_thirty_days_are_counted_and_a_like_member_stands_beside():
    # 1 rises to gold on 20 May 2024, with two applications, a loan, a perk, a contact and a referral in the thirty days
    # from 20 April to 19 May; one application is a day too early, one falls on the day itself. Silver since January,
    # by 1 May in its second quarter, like all the others, who stay; of twelve in a row one may be chosen in May.
    others = range(2, 14)
    tables = {
        "tier": TIERS,
        "member": [
            {"id": 1, "registered_at": "2024-01-02 02:00:00"},
            *({"id": number, "registered_at": "2024-01-02 02:00:00"} for number in others),
            {"id": 99, "registered_at": "2024-05-05 02:00:00", "referred_by_id": 1},
        ],
        "membership": [
            {"id": 0, "member_id": 1, "tier_code": "silver", "started_at": "2024-01-05 02:00:00",
             "ended_at": "2024-05-20 02:00:00", "reason": "paid", "fee_paid": 0},
            {"id": 1, "member_id": 1, "tier_code": "gold", "started_at": "2024-05-20 02:00:00", "reason": "upgrade",
             "fee_paid": 298},
            *({"id": number, "member_id": number, "tier_code": "silver", "started_at": "2024-01-05 02:00:00",
               "reason": "paid", "fee_paid": 0} for number in others),
        ],
        "application": """
            id  member_id  applied_at
            1   1          2024-04-19_02:00:00
            2   1          2024-04-20_02:00:00
            3   1          2024-05-19_02:00:00
            4   1          2024-05-20_02:00:00
            """,
        "loan": """
            id  member_id  disbursed_at
            1   1          2024-04-30_02:00:00
            """,
        "perk": """
            id  member_id  redeemed_at
            1   1          2024-05-01_02:00:00
            2   1          -
            """,
        "contact": """
            id  member_id  party   contacted_at
            1   1          debtor  2024-05-01_02:00:00
            2   1          third   2024-05-01_02:00:00
            3   1          debtor  -
            """,
    }  # fmt: skip
    before = {
        "instalment_state": """
            loan_no  number  due_on      settled_on
            1        1       2024-05-10  2024-05-10
            1        2       2024-05-11  2024-05-12
            1        3       2024-07-10  -
            """
    }
    found = moved(AS_OF, tables, before).execute(
        "SELECT kind, moved, member_no = 1, index_on, standing, stay_quarters, applications, loans, "
        "on_time_repayments, perks, contacts, referrals FROM move_window ORDER BY moved DESC"
    )
    day = date(2024, 5, 20)
    assert found.fetchall() == [
        ("upgrade", True, True, day, "silver", 1, 2, 1, 1, 1, 1, 1),
        ("upgrade", False, False, day, "silver", 1, 0, 0, 0, 0, 0, 0),
    ]


def test_moves_of_the_running_month_and_of_new_members_are_left_out():
    tables = {
        "tier": TIERS,
        "member": """
            id  registered_at
            1   2024-01-02_02:00:00
            2   2024-04-20_02:00:00
            """,
        "membership": """
            id  member_id  tier_code  started_at           reason  fee_paid
            1   1          silver     2024-06-05_02:00:00  paid    1
            2   2          silver     2024-05-05_02:00:00  paid    1
            """,
    }
    assert asked(moved(date(2024, 6, 29), tables), "member_no, kind", "move_window") == {}
    assert asked(moved(AS_OF, tables), "member_no, kind", "move_window") == {1: "upgrade"}


def test_a_member_counts_at_the_first_prompt_in_its_arm_and_borrows_again_from_that_day_on():
    tables = {
        "member": """
            id  registered_at
            1   2024-01-01_02:00:00
            2   2024-01-02_02:00:00
            3   2024-01-03_02:00:00
            """,
        "contact": """
            id  member_id  purpose       arm       planned_at           contacted_at
            1   1          reborrow      treated   2024-03-01_02:00:00  2024-03-01_02:01:00
            2   1          reborrow      held_out  2024-04-01_02:00:00  -
            3   2          reborrow      held_out  2024-03-05_02:00:00  -
            4   3          due_reminder  treated   2024-03-05_02:00:00  2024-03-05_02:00:00
            5   3          reborrow      -         2024-03-05_02:00:00  2024-03-05_02:00:00
            6   3          reborrow      treated   2024-07-05_02:00:00  -
            """,
        "loan": """
            id  member_id  disbursed_at
            1   1          2024-01-10_02:00:00
            2   1          2024-03-01_20:00:00
            3   1          2024-05-01_02:00:00
            4   2          2024-03-04_02:00:00
            """,
    }
    assert asked(moved(AS_OF, tables), "member_no, prompted_on, arm, again_on", "reborrow_prompt") == {
        1: (date(2024, 3, 1), "treated", date(2024, 3, 2)),  # 20:00 UTC is the next day in Shanghai
        2: (date(2024, 3, 5), "held_out", None),
    }


MEMBER = """
    id  registered_at        monthly_income
    1   2024-01-02_02:00:00  1000
    2   2024-01-03_02:00:00  -
    """
LENT = {
    "tier": TIERS,
    "member": MEMBER,
    "membership": """
        id  member_id  tier_code  started_at           reason  fee_paid
        1   1          silver     2024-02-10_02:00:00  paid    1
        """,
    "credit_line": """
        id  member_id  changed_at           amount
        1   1          2024-01-20_02:00:00  100
        2   1          2024-02-10_02:00:00  300
        3   1          2024-02-10_03:00:00  500
        4   1          2024-04-01_02:00:00  0
        """,
    "application": """
        id  member_id  applied_at           monthly_income  existing_debt
        1   1          2024-03-01_02:00:00  -               700
        2   1          2024-04-15_02:00:00  2000            -
        """,
    "loan": """
        id  member_id  disbursed_at         principal
        1   1          2024-02-01_02:00:00  400
        2   1          2024-02-02_02:00:00  50
        3   2          2024-02-03_02:00:00  60
        """,
}
AGED = {
    "loan_state": """
        loan_no  past_due_30_on
        1        2024-04-20
        2        -
        3        2024-04-10
        """,
    "loan_month": """
        loan_no  month_end   bucket       outstanding_fen
        1        2024-02-29  M0           40000
        2        2024-02-29  M0           5000
        3        2024-02-29  M0           6000
        1        2024-04-30  M2           40000
        2        2024-04-30  M0           4000
        3        2024-04-30  M2           6000
        1        2024-05-31  M0           30000
        3        2024-05-31  written_off  0
        """,
}


def test_lines_hold_from_their_last_change_of_a_day_on_each_tier():
    found = moved(AS_OF, LENT).execute("SELECT standing, line_fen, from_on, last_on FROM line_spell").fetchall()
    assert found == [
        ("none", 10_000, date(2024, 1, 20), date(2024, 2, 9)),
        ("silver", 50_000, date(2024, 2, 10), date(2024, 3, 31)),
        ("silver", 0, date(2024, 4, 1), date(2024, 6, 30)),
    ]


def test_what_members_owe_stands_beside_what_they_have_declared_by_then():
    found = moved(AS_OF, LENT, AGED).execute(
        "SELECT month_end, member_no, standing, outstanding_fen, declared_fen, income_fen, line_fen, raised_days "
        "FROM member_exposure"
    )
    feb, april, may = date(2024, 2, 29), date(2024, 4, 30), date(2024, 5, 31)
    assert found.fetchall() == [
        (feb, 1, "silver", 45_000, None, 100_000, 50_000, None),
        (feb, 2, "none", 6_000, None, None, None, None),
        # The line was last raised on 10 February, 70 days before loan 1 went over 30 days past due; 0 is no raise.
        (april, 1, "silver", 44_000, 70_000, 200_000, 0, 70),
        (april, 2, "none", 6_000, None, None, None, None),
        (may, 1, "silver", 30_000, 70_000, 200_000, 0, None),  # current again, and nothing is out of the other
    ]


def test_a_first_line_is_no_raise():
    lines = """
        id  member_id  changed_at           amount
        1   1          2024-02-10_02:00:00  300
        """
    found = moved(AS_OF, {**LENT, "credit_line": lines}, AGED)
    assert found.execute("SELECT count(raised_days) FROM member_exposure").fetchall() == [(0,)]


def test_members_of_any_number_are_put_in_an_order():
    # 50,000 x 48,271 = 266,066,353 and 4,000,000 x 48,271 = 1,957,955,417, modulo 2^31 - 1
    with duckdb.connect() as snapshot:
        people = work_table(
            snapshot,
            "people",
            select(literal(1, Integer).label("kind"), literal(4_000_000, Integer).label("member_no")).union_all(
                select(literal(1, Integer), literal(50_000, Integer))
            ),
        )
        assert sorted(run(snapshot, select(placed(people, ["kind"])))) == [(1, 50_000, 1), (1, 4_000_000, 2)]
