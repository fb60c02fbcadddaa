"""The oracle itself, on a drawn book."""

from datetime import date

import pandas as pd

from tests.loanbook.demo import oracle

DUE = [("2024-02-01", 100), ("2024-03-01", 100), ("2024-04-01", 100)]


def drawn(payments, closed_at=None):
    due = pd.DataFrame(
        [(1, n + 1, pd.Timestamp(on), amount, 0, 0) for n, (on, amount) in enumerate(DUE)],
        columns=["loan_id", "number", "due_on", "principal_due", "interest_due", "fee_due"],
    )
    paid = pd.DataFrame(
        [(1, pd.Timestamp(at), x) for at, x in payments], columns=["loan_id", "paid_at", "amount"]
    ).astype({"loan_id": "int64", "paid_at": "datetime64[us]", "amount": "int64"})
    loan = pd.DataFrame({"id": [1], "closed_at": [pd.Timestamp(closed_at) if closed_at else pd.NaT]})
    return {"instalment": due, "repayment": paid, "loan": loan}


def defaulted(payments, as_of=date(2024, 12, 31), closed_at=None):
    return oracle.first_default(drawn(payments, closed_at), as_of).loc[1]


def test_punctual_never_defaults():
    assert pd.isna(defaulted([("2024-02-01 09:00", 100), ("2024-03-01", 100), ("2024-04-01", 100)]))


def test_nothing_paid_defaults_on_the_91st_day_after_the_first_due_date():
    # 1 February 2024 + 91 days = 2 May 2024 (leap year: 28 + 31 + 30 + 2)
    assert defaulted([("2024-02-01", 40)]) == pd.Timestamp("2024-05-02")


def test_a_payment_on_the_91st_day_still_settles_and_one_on_the_92nd_does_not():
    rest = [("2024-03-01", 100), ("2024-04-01", 100)]
    assert pd.isna(defaulted([("2024-05-02 23:00", 300)]))
    assert defaulted([("2024-05-03 01:00", 300)]) == pd.Timestamp("2024-05-02")
    # The later payments go to the oldest instalment: the third is what stays open.
    assert defaulted(rest) == pd.Timestamp("2024-07-01")


def test_not_yet_at_the_as_of_date():
    assert pd.isna(defaulted([], as_of=date(2024, 5, 1)))
    assert defaulted([], as_of=date(2024, 5, 2)) == pd.Timestamp("2024-05-02")


def test_closing_settles_what_is_left():
    assert pd.isna(defaulted([("2024-02-01", 100)], closed_at="2024-02-20 10:00"))
