"""Settlement and days past due of random loans, held against a ladder that walks through their days one by one."""

from datetime import date, timedelta
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rules import calendar
from tests.loanbook.derived import asked, derive_loans
from tests.loanbook.random_loans import START, Loan, random_loans, tables_of

AS_OF = date(2024, 3, 31)
DATES = "past_due_1_on, past_due_30_on, past_due_60_on, past_due_90_on"
STATES = f"loan_no, {DATES}, days_past_due, worst_days_past_due, outstanding_fen, overdue_fen"


@settings(max_examples=4, deadline=None, phases=[Phase.generate])  # a seed has no simpler one
@given(seed=st.integers(0, 10**9), count=st.integers(300, 900))
def test_settlement_is_equal_to_a_plain_ladder(seed: int, count: int) -> None:
    loans = random_loans(Random(seed), count, first_day=-20, days=120)
    found = asked(derive_loans(AS_OF, tables_of(loans, disbursed_on=date(2023, 12, 1))), STATES)
    assert found == {key: ladder(loan) for key, loan in enumerate(loans, start=1)}


def ladder(loan: Loan) -> tuple[object, ...]:
    """What is expected of one loan, found by walking through its days one by one."""
    ended = START + timedelta(loan["ended"])
    closing = loan["ending"] if loan["ending"] != "active" and ended <= AS_OF else None
    dues = sorted((START + timedelta(day), number, *parts) for number, (day, *parts) in enumerate(loan["dues"]))
    payments = sorted((START + timedelta(day), amount) for day, amount in loan["payments"])
    first = dict.fromkeys((0, 30, 60, 90))
    past_due, worst = 0, 0
    day = calendar.add_days(START, -21)
    while day <= (ended if closing else AS_OF):
        is_over = closing == "paid_off" and day == ended
        left = sum(amount for paid_on, amount in payments if paid_on <= day)
        past_due = 0
        for due_on, _, *parts in dues:
            if left < sum(parts) and not is_over:
                past_due = max((day - due_on).days, 0)
                break
            left -= sum(parts)
        worst = max(worst, past_due)
        first = {limit: seen or (day if past_due > limit else None) for limit, seen in first.items()}
        day += timedelta(1)
    outstanding, overdue = 300, 0
    left = sum(amount for paid_on, amount in payments if paid_on <= AS_OF)
    for due_on, _, principal, interest, fee in dues:
        paid = min(left, principal + interest + fee)
        left -= paid
        outstanding -= min(max(paid - fee - interest, 0), principal)
        overdue += (principal + interest + fee - paid) if due_on < AS_OF else 0
    if closing:
        outstanding = overdue = 0
    return (*first.values(), past_due, worst, outstanding * 100, overdue * 100)
