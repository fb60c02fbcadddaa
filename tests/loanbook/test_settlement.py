"""Repayments allocated oldest due first, and what a loan's state is after it: drawn loans with answers by hand."""

from datetime import date

import pytest

from tests.loanbook.derived import asked, derive_loans

pytestmark = pytest.mark.usefixtures("each_engine")

LATE = "past_due_1_on, past_due_30_on, past_due_60_on, past_due_90_on"


def test_a_threshold_is_crossed_on_the_first_day_over_it() -> None:
    # 2024-06-30 less 30, 31, 60, 61, 89, 90, 91 days; never paid
    drawn = {
        "loan": "id\n1\n2\n3\n4\n5\n6\n7\n8\n9",
        "instalment": """
            loan_id  number  due_on      principal_due
            1        1       2024-06-30  100
            2        1       2024-06-29  100
            3        1       2024-05-31  100
            4        1       2024-05-30  100
            5        1       2024-05-01  100
            6        1       2024-04-30  100
            7        1       2024-04-02  100
            8        1       2024-04-01  100
            9        1       2024-03-31  100
            """,
    }
    state = derive_loans(date(2024, 6, 30), drawn)
    today = date(2024, 6, 30)
    assert asked(state, "loan_no, days_past_due, worst_days_past_due") == {
        1: (0, 0),
        2: (1, 1),
        3: (30, 30),
        4: (31, 31),
        5: (60, 60),
        6: (61, 61),
        7: (89, 89),
        8: (90, 90),
        9: (91, 91),
    }
    assert asked(state, f"loan_no, {LATE}") == {
        1: (None, None, None, None),
        2: (today, None, None, None),
        3: (date(2024, 6, 1), None, None, None),
        4: (date(2024, 5, 31), today, None, None),
        5: (date(2024, 5, 2), date(2024, 6, 1), None, None),
        6: (date(2024, 5, 1), date(2024, 5, 31), today, None),
        7: (date(2024, 4, 3), date(2024, 5, 3), date(2024, 6, 2), None),
        8: (date(2024, 4, 2), date(2024, 5, 2), date(2024, 6, 1), None),
        9: (date(2024, 4, 1), date(2024, 5, 1), date(2024, 5, 31), today),
    }


def test_a_payment_on_the_day_itself_still_avoids_it_over_a_leap_day() -> None:
    # due on 2024-02-01; more than 30 days past due first on 2024-03-03, for February has 29 days
    drawn = {
        "loan": "id\n1\n2\n3",
        "instalment": """
            loan_id  number  due_on      principal_due
            1        1       2024-02-01  100
            2        1       2024-02-01  100
            3        1       2024-02-01  100
            """,
        "repayment": """
            id  loan_id  paid_at              amount
            1   1        2024-03-02_04:00:00  100
            2   2        2024-03-03_04:00:00  100
            3   3        2024-03-04_04:00:00  100
            """,
    }
    state = derive_loans(date(2024, 12, 1), drawn)
    assert asked(state, "loan_no, past_due_30_on, worst_days_past_due, days_past_due, outstanding_fen") == {
        1: (None, 29, 0, 0),
        2: (None, 30, 0, 0),
        3: (date(2024, 3, 3), 31, 0, 0),
    }


def test_a_payment_at_16_utc_is_the_next_day_in_shanghai() -> None:
    drawn = {
        "loan": "id\n1\n2",
        "instalment": """
            loan_id  number  due_on      principal_due
            1        1       2024-02-29  100
            2        1       2024-02-29  100
            """,
        "repayment": """
            id  loan_id  paid_at              amount
            1   1        2024-03-01_15:59:59  100
            2   2        2024-03-01_16:00:00  100
            """,
    }
    state = derive_loans(date(2024, 6, 1), drawn)
    assert asked(state, "loan_no, settled_on", "instalment_state") == {1: date(2024, 3, 1), 2: date(2024, 3, 2)}
    assert asked(state, "loan_no, past_due_1_on") == {1: None, 2: date(2024, 3, 1)}
    the_day_before = derive_loans(date(2024, 3, 1), drawn)
    assert asked(the_day_before, "loan_no, settled_on", "instalment_state") == {1: date(2024, 3, 1), 2: None}


def test_oldest_due_first_and_fee_interest_principal_within() -> None:
    # 50 paid of (10 fee + 20 interest + 70 principal): 20 of principal. 80 more settles it and pays 30 of the second:
    # 10 fee, 20 interest, no principal.
    drawn = {
        "loan": "id principal\n1 140",
        "instalment": """
            loan_id  number  due_on      principal_due  interest_due  fee_due
            1        2       2024-04-01  70             20            10
            1        1       2024-03-01  70             20            10
            """,
        "repayment": """
            id  loan_id  paid_at              amount
            1   1        2024-03-01_02:00:00  50
            2   1        2024-03-20_02:00:00  80
            """,
    }
    states = "number, due_fen, paid_fen, principal_paid_fen, settled_on"
    first = derive_loans(date(2024, 3, 10), drawn)
    assert asked(first, states, "instalment_state") == {1: (10000, 5000, 2000, None), 2: (10000, 0, 0, None)}
    assert asked(first, "loan_no, days_past_due, outstanding_fen, overdue_fen") == {1: (9, 14000 - 2000, 5000)}
    then = derive_loans(date(2024, 4, 1), drawn)
    assert asked(then, states, "instalment_state") == {
        1: (10000, 10000, 7000, date(2024, 3, 20)),
        2: (10000, 3000, 0, None),
    }
    # due on as_of is not overdue yet; a day later it is
    assert asked(then, "loan_no, days_past_due, outstanding_fen, overdue_fen") == {1: (0, 7000, 0)}
    assert asked(derive_loans(date(2024, 4, 2), drawn), "loan_no, days_past_due, overdue_fen") == {1: (1, 7000)}


def test_same_day_payments_count_together_and_an_overpayment_reaches_the_next() -> None:
    drawn = {
        "loan": "id principal\n1 200",
        "instalment": """
            loan_id  number  due_on      principal_due
            1        1       2024-03-01  100
            1        2       2024-04-01  100
            """,
        "repayment": """
            id  loan_id  paid_at              amount
            1   1        2024-03-05_02:00:00  60
            2   1        2024-03-05_03:00:00  60
            3   1        2024-03-31_03:00:00  500
            """,
    }
    state = derive_loans(date(2024, 6, 1), drawn)
    assert asked(state, "number, settled_on, paid_fen", "instalment_state") == {
        1: (date(2024, 3, 5), 10000),
        2: (date(2024, 3, 31), 10000),
    }
    assert asked(state, "loan_no, outstanding_fen, overdue_fen, worst_days_past_due") == {1: (0, 0, 3)}


def test_instalments_due_together_are_settled_in_their_order_and_one_of_nothing_when_due() -> None:
    drawn = {
        "loan": "id principal\n1 200",
        "instalment": """
            loan_id  number  due_on      principal_due
            1        1       2024-03-01  0
            1        2       2024-03-01  100
            1        3       2024-03-01  100
            """,
        "repayment": "id loan_id paid_at amount\n1 1 2024-03-09_02:00:00 100",
    }
    state = derive_loans(date(2024, 6, 1), drawn)
    settled = {1: date(2024, 3, 1), 2: date(2024, 3, 9), 3: None}
    assert asked(state, "number, settled_on", "instalment_state") == settled


def test_payments_after_as_of_and_negative_ones_are_not_allocated() -> None:
    drawn = {
        "loan": "id\n1",
        "instalment": "loan_id number due_on principal_due\n1 1 2024-03-01 100",
        "repayment": """
            id  loan_id  paid_at              amount
            7   1        2024-03-02_02:00:00  100
            8   1        2024-02-02_02:00:00  -100
            9   1        2024-02-03_02:00:00  -
            """,
    }
    state = derive_loans(date(2024, 3, 1), drawn)
    assert asked(state, "loan_no, outstanding_fen") == {1: 10000}
    assert asked(derive_loans(date(2024, 3, 2), drawn), "loan_no, outstanding_fen") == {1: 0}
    assert asked(state, "key, table_name, reason", "rejected_row") == {
        "8": ("repayment", "its amount is negative: reported, not allocated"),
        "9": ("repayment", "it has no date or no amount"),
    }


def test_an_early_payoff_settles_the_rest_and_owes_no_later_interest() -> None:
    # pays 100 + 5 on the first due date and 100 on 03-15, closing: the interest of April was never owed
    drawn = {
        "loan": "id principal status closed_at\n1 200 paid_off 2024-03-15_02:00:00",
        "instalment": """
            loan_id  number  due_on      principal_due  interest_due
            1        1       2024-03-01  100            5
            1        2       2024-04-01  100            5
            """,
        "repayment": """
            id  loan_id  paid_at              amount
            1   1        2024-03-01_02:00:00  105
            2   1        2024-03-15_02:00:00  100
            """,
    }
    state = derive_loans(date(2024, 12, 1), drawn)
    assert asked(state, "number, settled_on", "instalment_state") == {1: date(2024, 3, 1), 2: date(2024, 3, 15)}
    columns = "loan_no, past_due_1_on, days_past_due, outstanding_fen, overdue_fen, closed_on, closed_as"
    assert asked(state, columns) == {1: (None, 0, 0, 0, date(2024, 3, 15), "early")}
    # as of a day before, it has not been paid off: 100 of 200 are out
    before = derive_loans(date(2024, 3, 14), drawn)
    assert asked(before, "loan_no, outstanding_fen, closed_on, closed_as") == {1: (10000, None, None)}


def test_a_paid_off_loan_is_at_term_from_its_last_due_date_on() -> None:
    drawn = {
        "loan": """
            id  status    closed_at
            1   paid_off  2024-02-29_15:59:00
            2   paid_off  2024-02-29_16:00:00
            """,
        "instalment": """
            loan_id  number  due_on      principal_due
            1        1       2024-03-01  100
            2        1       2024-03-01  100
            """,
    }
    state = derive_loans(date(2024, 6, 1), drawn)
    assert asked(state, "loan_no, closed_as, months_on_book") == {1: ("early", 1), 2: ("at_term", 2)}


def test_a_write_off_stops_the_clock_and_keeps_its_figure() -> None:
    # written off 50 days past due: 30 is crossed, 60 never; the recovery after it changes nothing
    drawn = {
        "loan": "id status written_off_at\n1 written_off 2024-04-20_02:00:00",
        "instalment": "loan_id number due_on principal_due\n1 1 2024-03-01 100",
        "repayment": "id loan_id paid_at amount kind\n1 1 2024-05-20_02:00:00 100 recovery",
    }
    state = derive_loans(date(2024, 12, 1), drawn)
    assert asked(state, f"loan_no, {LATE}") == {1: (date(2024, 3, 2), date(2024, 4, 1), None, None)}
    columns = "loan_no, days_past_due, worst_days_past_due, outstanding_fen, overdue_fen, charged_off_on, closed_as"
    assert asked(state, columns) == {1: (50, 50, 0, 0, date(2024, 4, 20), "written_off")}
    before = derive_loans(date(2024, 4, 19), drawn)
    assert asked(before, "loan_no, days_past_due, outstanding_fen, charged_off_on") == {1: (49, 10000, None)}


def test_a_month_end_tape_is_used_where_there_are_no_instalments_and_outcomes_where_there_is_neither() -> None:
    drawn = {
        "loan": """
            id  principal  term_months  status       closed_at            written_off_at       disbursed_at
            1   100        6            active       -                    -                    2024-01-31_02:00:00
            2   100        1            paid_off     2024-02-29_02:00:00  -                    2024-01-31_02:00:00
            3   100        6            written_off  -                    2024-05-05_02:00:00  2024-01-31_02:00:00
            4   100        6            active       -                    -                    2024-01-31_02:00:00
            """,
        "instalment": "loan_id number due_on principal_due\n4 1 2024-07-31 100",
        "month_state": """
            loan_id  month_end   days_past_due  outstanding
            1        2024-02-29  0              100
            1        2024-03-31  31             90
            1        2024-04-30  61             80
            1        2024-05-31  0              70
            1        2024-06-30  99             60
            """,
    }
    state = derive_loans(date(2024, 6, 29), drawn)
    assert asked(state, "loan_no, evidence, days_past_due, worst_days_past_due, outstanding_fen, overdue_fen") == {
        1: ("tape", 0, 61, 7000, None),
        2: ("outcomes", 0, None, 0, 0),
        3: ("outcomes", None, None, 0, 0),
        4: ("instalments", 0, 0, 10000, 0),
    }
    assert asked(state, f"loan_no, {LATE}")[1] == (date(2024, 3, 31), date(2024, 3, 31), date(2024, 4, 30), None)
    assert asked(state, "loan_no, last_due_on, closed_as") == {
        1: (date(2024, 7, 31), None),
        2: (date(2024, 2, 29), "at_term"),
        3: (date(2024, 7, 31), "written_off"),
        4: (date(2024, 7, 31), None),
    }
