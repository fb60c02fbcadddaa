"""Settlement and days past due of random loans, held against a ladder that walks through their days one by one."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rules import calendar
from tests.loanbook.derived import asked, derive

AS_OF = date(2024, 3, 31)
days = st.integers(-20, 120)
amounts = st.integers(0, 60)
random_loan = st.fixed_dictionaries(
    {
        "dues": st.lists(st.tuples(days, amounts, amounts, amounts), min_size=1, max_size=5),
        "payments": st.lists(st.tuples(days, amounts), max_size=6),
        "ending": st.sampled_from(["active", "paid_off", "written_off"]),
        "ended": st.integers(0, 120),
    }
)
START = date(2024, 1, 1)


@settings(max_examples=8, deadline=None)
@given(st.lists(random_loan, min_size=30, max_size=40))
def test_settlement_is_equal_to_a_plain_ladder(loans: list[dict[str, object]]) -> None:
    tables: dict[str, list[dict[str, object]]] = {"loan": [], "instalment": [], "repayment": []}
    for key, loan in enumerate(loans, start=1):
        ended = f"{START + timedelta(loan['ended'])} 03:00:00"
        closing = {"paid_off": "closed_at", "written_off": "written_off_at"}.get(loan["ending"])
        row = {"id": key, "principal": 300, "status": loan["ending"], "disbursed_at": "2023-12-01 01:00:00"}
        tables["loan"].append(row | ({closing: ended} if closing else {}))
        for number, (day, principal, interest, fee) in enumerate(loan["dues"], start=1):
            parts = {"principal_due": principal, "interest_due": interest, "fee_due": fee}
            due = {"loan_id": key, "number": number, "due_on": START + timedelta(day)}
            tables["instalment"].append(due | parts)
        for day, amount in loan["payments"]:
            paid = {"id": len(tables["repayment"]), "loan_id": key, "amount": amount}
            tables["repayment"].append(paid | {"paid_at": f"{START + timedelta(day)} 05:00:00"})
    snapshot = derive(AS_OF, tables)
    names = "past_due_1_on, past_due_30_on, past_due_60_on, past_due_90_on"
    found = asked(snapshot, f"loan_no, {names}, days_past_due, worst_days_past_due, outstanding_fen, overdue_fen")
    assert found == {key: ladder(loan) for key, loan in enumerate(loans, start=1)}


def ladder(loan: dict[str, object]) -> tuple[object, ...]:
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
