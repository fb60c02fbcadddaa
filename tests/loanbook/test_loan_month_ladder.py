"""Each loan at each month end, of thousands of random loans, held against a ladder that walks from month to month."""

from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from loanbook.snapshot_schema import BUCKETS
from rules import calendar
from rules.calendar import newest_month_end
from tests.loanbook.derived import derive_loans
from tests.loanbook.random_loans import START, random_loans, tables_of

AS_OF = date(2024, 5, 14)
STATES = "loan_id::INTEGER, month_end, previous_bucket, bucket, loan_month.outstanding_fen"


@settings(max_examples=4, deadline=None, phases=[Phase.generate])  # a seed has no simpler one
@given(seed=st.integers(0, 10**9), count=st.integers(300, 900))
def test_month_ends_are_equal_to_a_plain_ladder(seed: int, count: int) -> None:
    loans = random_loans(Random(seed), count, first_day=1, days=150)
    snapshot = derive_loans(AS_OF, tables_of(loans, disbursed_on=START))
    joined = f"SELECT {STATES} FROM loan_month JOIN loan_fact USING (loan_no)"
    found = snapshot.execute(joined).fetchall()
    expected = [(key, *row) for key, loan in enumerate(loans, start=1) for row in ladder(loan)]
    assert sorted(found) == sorted(expected)


def ladder(loan: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What is expected of one loan, month end by month end."""
    ended = START + timedelta(loan["ended"])
    closing = loan["ending"] if loan["ending"] != "active" and ended <= newest_month_end(AS_OF) else None
    dues = sorted((START + timedelta(day), number, *parts) for number, (day, *parts) in enumerate(loan["dues"]))
    rows: list[tuple[Any, ...]] = []
    month_end, before = calendar.last_of_month(START), None
    while month_end <= AS_OF:
        if closing and month_end >= ended:
            return [*rows, (month_end, before, closing, 0)]
        left = sum(amount for day, amount in loan["payments"] if START + timedelta(day) <= month_end)
        late, owed = 0, 300
        for due_on, _, principal, interest, fee in dues:
            if left < principal + interest + fee:
                late = max(late, (month_end - due_on).days)
            paid = min(left, principal + interest + fee)
            left -= paid
            owed -= max(paid - fee - interest, 0)
        bucket = BUCKETS[sum(late > limit for limit in (0, 30, 60, 90))]
        rows.append((month_end, before, bucket, owed * 100))
        before = bucket
        month_end = calendar.last_of_month(calendar.add_months(month_end, 1))
    return rows
