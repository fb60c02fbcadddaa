"""What is received of each loan in each month, and what is lost when it leaves: drawn loans with answers by hand."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanbook import ageing
from loanbook.ageing import NO_STATE, Spans, Spells
from loanbook.settlement import NEVER, Dues, Payments, settle
from loanbook.snapshot_schema import STATES
from rules import calendar
from tests.loanbook.derived import derive_loans

JAN, FEB, MAR, APR = date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)

# Loans of 100, lent on 5 January. Each has two instalments of 50 principal, 20 interest and 10 fee.
BOOK = {
    "loan": """
        id  disbursed_at         principal  term_months  status       closed_at            written_off_at
        1   2024-01-05_02:00:00  100        2            active       -                    -
        2   2024-01-05_02:00:00  100        2            active       -                    -
        3   2024-01-05_02:00:00  100        2            paid_off     2024-02-15_02:00:00  -
        4   2024-01-05_02:00:00  100        2            paid_off     2024-02-15_02:00:00  -
        5   2024-01-05_02:00:00  100        2            written_off  -                    2024-03-20_02:00:00
        6   2024-01-05_02:00:00  100        2            paid_off     2024-03-05_02:00:00  -
        7   2024-01-05_02:00:00  100        2            active       -                    -
        """,
    "instalment": "loan_id number due_on principal_due interest_due fee_due\n"
    + "\n".join(f"{loan} 1 2024-02-10 50 20 10\n{loan} 2 2024-03-10 50 20 10" for loan in range(1, 7)),
    "month_state": "loan_id month_end days_past_due outstanding\n7 2024-02-29 0 70",
    "repayment": """
        id  loan_id  paid_at              amount
        1   1        2024-02-20_02:00:00  25
        2   1        2024-03-10_02:00:00  60
        3   2        2024-02-10_02:00:00  80
        4   2        2024-03-10_02:00:00  100
        5   3        2024-02-10_02:00:00  80
        6   3        2024-02-15_02:00:00  53
        7   4        2024-02-15_02:00:00  70
        8   5        2024-02-10_02:00:00  90
        9   5        2024-03-25_02:00:00  40
        10  6        2024-02-10_02:00:00  80
        11  6        2024-02-12_02:00:00  -80
        12  6        2024-02-20_02:00:00  80
        13  6        2024-03-05_02:00:00  53
        """,
}


@pytest.fixture(scope="module")
def received():
    """A function: loan -> month end -> interest, fee, lost in CNY."""
    snapshot = derive_loans(date(2024, 5, 10), BOOK)
    rows = snapshot.execute(
        "SELECT loan_id, month_end, interest_fen, fee_fen, lost_fen FROM loan_month JOIN loan_fact USING (loan_no)"
    ).fetchall()
    return lambda loan: {
        day: tuple(None if fen is None else fen / 100 for fen in amounts)
        for key, day, *amounts in sorted(rows, key=lambda row: row[1])
        if key == str(loan)
    }


def test_fee_then_interest_then_principal_of_the_oldest_instalment_in_the_month_of_the_payment(received):
    # 25 in February: 10 fee, 15 interest. 60 in March: 5 interest and 50 principal of the first, 5 fee of the second.
    assert received(1) == {JAN: (0, 0, 0), FEB: (15, 10, 0), MAR: (5, 5, 0), APR: (0, 0, 0)}


def test_nothing_is_received_beyond_what_is_due(received):
    assert received(2)[MAR] == (20, 10, 0)


def test_an_early_payoff_pays_principal_first_and_owes_no_interest_for_months_to_come(received):
    # By allocation the 133 of February would pay 20 + 40 of fees and interest.
    assert received(3) == {JAN: (0, 0, 0), FEB: (23, 10, 0)}


def test_what_a_payoff_leaves_of_the_principal_is_lost(received):
    assert received(4)[FEB] == (0, 0, 30)


def test_a_write_off_loses_the_principal_not_paid_for_by_that_day(received):
    # 90 by the write-off: 80 for the first instalment, 10 fee of the second. The 40 that follow were lost before.
    assert received(5) == {JAN: (0, 0, 0), FEB: (20, 20, 0), MAR: (0, 0, 50)}


def test_a_payment_that_was_taken_back_counts_no_more_when_the_loan_leaves(received):
    # 133 came in for good, 33 of it above the principal: one instalment's fee was due, the rest is interest.
    assert [sum(amounts) for amounts in zip(*received(6).values(), strict=True)] == [23, 10, 0]


def test_a_tape_does_not_tell(received):
    assert set(received(7).values()) == {(None, None, None)}


@st.composite
def books(draw):
    """A loan of a few instalments and payments on some days: dues, payments (fen), how and when it left."""
    dues = draw(st.lists(st.tuples(st.integers(1, 60), *[st.integers(0, 60)] * 2), min_size=1, max_size=4))
    payments = draw(st.lists(st.tuples(st.integers(1, 150), st.integers(1, 90)), max_size=8))
    left = draw(st.sampled_from([NO_STATE, STATES.index("paid_off"), STATES.index("written_off")]))
    return dues, sorted(payments), left, draw(st.integers(1, 150)), draw(st.integers(0, 90))


LENT, NEWEST = date(2024, 1, 5), date(2024, 6, 30)


def aged(dues, payments, left, exit_on, taken_back):
    """The months of one loan, as ageing sees it."""
    columns = zip(*(
        (0, number, (LENT + timedelta(30 * number)).toordinal(), sum(due), due[0], due[2])
        for number, due in enumerate(dues, start=1)
    ), strict=True)  # fmt: skip
    paid = zip(*((0, (LENT + timedelta(day)).toordinal(), amount) for day, amount in payments), strict=True)
    empty = np.zeros(0, np.int64)
    settled = settle(
        Dues(*(np.array(column) for column in columns)),
        Payments(*(np.array(column) for column in paid)) if payments else Payments(empty, empty, empty),
        np.array([exit_on.toordinal() if left == STATES.index("paid_off") else NEVER]),
    )
    last = exit_on.month - 1 if left != NO_STATE else NEWEST.month
    spans = Spans(
        first_no=np.array([2024 * 12 + LENT.month - 1]),
        last_no=np.array([2024 * 12 + last - 1]),
        exit_state=np.array([left]),
        exit_on=np.array([exit_on.toordinal()]),
        principal_fen=np.array([sum(due[0] for due in dues)]),
        taken_back_fen=np.array([taken_back]),
    )
    return ageing.months(settled, spans, Spells(empty, empty, empty, empty))


@settings(max_examples=300, deadline=None)
@given(books())
def test_all_that_is_paid_is_interest_fee_principal_or_too_much(book):
    dues, payments, left, exit_day, taken_back = book
    exit_on, principal = LENT + timedelta(exit_day), sum(due[0] for due in dues)
    found = aged(dues, payments, left, exit_on, taken_back)
    interest, fee, lost = (int(each.sum()) for each in (found.interest_fen, found.fee_fen, found.lost_fen))
    until = {NO_STATE: NEWEST, STATES.index("written_off"): exit_on}.get(left, calendar.last_of_month(exit_on))
    paid = sum(amount for day, amount in payments if LENT + timedelta(day) <= until)
    if left != NO_STATE:
        paid = max(paid - taken_back, 0)
    if left == STATES.index("paid_off"):
        repaid, charges = min(paid, principal), sum(due[1] + due[2] for due in dues)
        assert (interest + fee, lost) == (min(paid - repaid, charges), principal - repaid)
        due_by_then = sum(due[2] for number, due in enumerate(dues, 1) if LENT + timedelta(30 * number) <= exit_on)
        all_fees = sum(due[2] for due in dues)
        assert fee == (all_fees if interest + fee == charges else min(due_by_then, interest + fee))
        return
    *expected, repaid = ladder(dues, paid)
    assert [interest, fee] == expected
    assert lost == (principal - repaid if left != NO_STATE else 0)
    assert interest + fee + repaid == min(paid, sum(map(sum, dues)))


def ladder(dues, paid):
    """Interest, fee and principal that a sum pays for, instalment by instalment."""
    got = Counter()
    for principal, interest, fee in dues:
        for part, due in (("fee", fee), ("interest", interest), ("principal", principal)):
            takes = min(paid, due)
            got[part] += takes
            paid -= takes
    return got["interest"], got["fee"], got["principal"]
