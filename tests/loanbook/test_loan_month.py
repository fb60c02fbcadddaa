"""Each loan at each month end: drawn loans with answers by hand."""

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from tests.loanbook.derived import derive_loans

pytestmark = pytest.mark.usefixtures("each_engine")

STATES = "loan_id, month_end, previous_bucket, bucket, previous_outstanding_fen, outstanding_fen"


def months(snapshot: duckdb.DuckDBPyConnection, columns: str = STATES) -> list[tuple[Any, ...]]:
    joined = "SELECT m.*, f.loan_id FROM loan_month m JOIN loan_fact f USING (loan_no)"
    return snapshot.execute(f"SELECT {columns} FROM ({joined}) ORDER BY loan_id, month_end").fetchall()


def test_a_loan_has_a_row_from_the_month_of_disbursement_to_that_of_its_exit() -> None:
    drawn = {
        "loan": """
            id  disbursed_at         principal  term_months  status       closed_at            written_off_at
            1   2024-01-31_15:59:00  200        2            paid_off     2024-03-31_15:59:00  -
            2   2024-01-31_16:00:00  200        2            active       -                    -
            3   2024-01-10_02:00:00  100        1            written_off  -                    2024-04-01_02:00:00
            4   2024-01-05_02:00:00  100        1            paid_off     2024-01-20_02:00:00  -
            5   2024-04-02_02:00:00  100        1            active       -                    -
            """,
        "instalment": """
            loan_id  number  due_on      principal_due
            1        1       2024-02-29  100
            1        2       2024-03-31  100
            2        1       2024-02-29  100
            2        2       2024-03-31  100
            3        1       2024-02-10  100
            4        1       2024-02-05  100
            5        1       2024-05-02  100
            """,
        "repayment": """
            id  loan_id  paid_at              amount
            1   1        2024-02-29_15:59:00  100
            2   1        2024-03-31_15:59:00  100
            3   2        2024-02-29_16:00:00  100
            4   4        2024-01-20_02:00:00  100
            """,
    }
    jan, feb, mar = date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)
    # 1 is paid at 23:59 in Shanghai on the last days of the months; 2 at midnight, a day late, which no month end shows
    # but that the principal is still out. What is disbursed at midnight begins in February, 5 after the last month end.
    assert months(derive_loans(date(2024, 4, 10), drawn)) == [
        ("1", jan, None, "M0", None, 20000),
        ("1", feb, "M0", "M0", 20000, 10000),
        ("1", mar, "M0", "paid_off", 10000, 0),
        ("2", feb, None, "M0", None, 20000),
        ("2", mar, "M0", "M0", 20000, 10000),
        ("3", jan, None, "M0", None, 10000),
        ("3", feb, "M0", "M1", 10000, 10000),
        ("3", mar, "M1", "M2", 10000, 10000),
        ("4", jan, None, "paid_off", None, 0),
    ]
    assert months(derive_loans(date(2024, 4, 30), drawn))[-3:] == [
        ("3", date(2024, 4, 30), "M2", "written_off", 10000, 0),
        ("4", jan, None, "paid_off", None, 0),
        ("5", date(2024, 4, 30), None, "M0", None, 10000),
    ]


def test_buckets_change_when_more_than_30_60_and_90_days_are_past_due() -> None:
    # at the end of March: 0, 1, 30, 31, 60, 61, 89, 90, 91 days
    due = [date(2024, 3, 31) - timedelta(days) for days in (0, 1, 30, 31, 60, 61, 89, 90, 91)]
    drawn: dict[str, Any] = {
        "loan": [{"id": key, "disbursed_at": "2023-12-05 02:00:00"} for key in range(1, 10)],
        "instalment": [
            {"loan_id": key, "number": 1, "due_on": day, "principal_due": 100} for key, day in enumerate(due, start=1)
        ],
    }
    found = months(derive_loans(date(2024, 3, 31), drawn), "month_end, bucket, loan_id")
    assert [bucket for month_end, bucket, _ in found if month_end == date(2024, 3, 31)] == [
        "M0", "M1", "M1", "M2", "M2", "M3", "M3", "M3", "M3+",
    ]  # fmt: skip


def test_part_payments_lower_the_principal_from_their_month_on_and_an_active_loan_may_owe_nothing() -> None:
    drawn = {
        "loan": "id disbursed_at principal term_months\n1 2024-01-10_02:00:00 200 2",
        "instalment": """
            loan_id  number  due_on      principal_due  interest_due
            1        1       2024-02-10  100            10
            1        2       2024-03-10  100            10
            """,
        "repayment": """
            id  loan_id  paid_at              amount
            1   1        2024-02-05_02:00:00  30
            2   1        2024-03-01_02:00:00  20
            3   1        2024-03-20_02:00:00  70
            4   1        2024-04-20_02:00:00  100
            5   1        2024-05-02_02:00:00  5
            """,
    }
    # Paid up 30, 120, 220 of dues 110, 220. February: 20 of the first's principal; March: 100 and the interest alone.
    assert [row[3:] for row in months(derive_loans(date(2024, 5, 31), drawn))] == [
        ("M0", None, 20000),
        ("M1", 20000, 18000),
        ("M1", 18000, 10000),
        ("M0", 10000, 0),
        ("M0", 0, 0),
    ]


def test_a_gap_on_the_tape_is_no_transition() -> None:
    drawn = {
        "loan": "id disbursed_at status closed_at\n1 2024-01-10_02:00:00 paid_off 2024-06-03_02:00:00",
        "month_state": """
            loan_id  month_end   days_past_due  outstanding
            1        2024-01-31  0              100
            1        2024-03-31  31             80
            1        2024-04-15  3              70
            1        2024-04-30  0              60
            1        2024-06-30  0              0
            """,
    }
    assert months(derive_loans(date(2024, 6, 30), drawn)) == [
        ("1", date(2024, 1, 31), None, "M0", None, 10000),
        ("1", date(2024, 3, 31), None, "M2", None, 8000),
        ("1", date(2024, 4, 30), "M2", "M0", 8000, 6000),
        ("1", date(2024, 6, 30), None, "paid_off", None, 0),
    ]


def test_a_moved_instalment_counts_from_its_old_date_until_the_change() -> None:
    drawn = {
        "loan": "id disbursed_at\n1 2024-01-10_02:00:00",
        "instalment": "loan_id number due_on principal_due\n1 1 2024-06-10 100",
        "schedule_change": """
            id  loan_id  changed_at           kind       old_due_on  new_due_on
            1   1        2024-05-12_02:00:00  extension  2024-02-10  2024-06-10
            """,
    }
    rows = "loan_id, month_end, bucket, rescheduled"
    moved = derive_loans(date(2024, 7, 31), drawn)
    assert [row[2:] for row in months(moved, rows)] == [
        ("M0", False), ("M1", False), ("M2", False), ("M3", False), ("M0", True), ("M1", False), ("M2", False),
    ]  # fmt: skip
    # 2024-02-10 + 91 days is the day before the change: the default stays
    facts = "past_due_90_on, rescheduled, cure_exit, cure_month, days_past_due"
    assert moved.execute(f"SELECT {facts} FROM loan_fact").fetchall() == [
        (date(2024, 5, 11), True, "rescheduled", 0, 51)
    ]
    # before the change nothing of it is known: the instalment is due on its old date
    before = derive_loans(date(2024, 5, 11), drawn)
    assert before.execute(f"SELECT {facts} FROM loan_fact").fetchall() == [(None, False, None, None, 91)]
    assert before.execute("SELECT past_due_90_on FROM loan_state").fetchall() == [(date(2024, 5, 11),)]
    assert before.execute("SELECT due_on FROM instalment_state").fetchall() == [(date(2024, 2, 10),)]
