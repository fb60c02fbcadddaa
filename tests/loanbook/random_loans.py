"""Random loans of a few instalments and payments, for what is held against plain Python."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

START = date(2024, 1, 1)
_MOST = 60  # CNY, of a part of an instalment or of a payment
_PRINCIPAL = 300
_CLOSING = {"paid_off": "closed_at", "written_off": "written_off_at"}
_PARTS = ("principal_due", "interest_due", "fee_due")

Loan = dict[str, Any]


def random_loans(chance: Random, count: int, *, first_day: int, days: int) -> list[Loan]:
    """Loans that end or run, with days after START: `dues` as (day, principal, interest, fee), `payments`."""

    def amount() -> int:
        return chance.choice((0, _MOST, chance.randint(0, _MOST)))

    def day() -> int:
        return chance.randint(first_day, days)

    return [
        {
            "dues": [(day(), amount(), amount(), amount()) for _ in range(chance.randint(1, 5))],
            "payments": [(day(), amount()) for _ in range(chance.randint(0, 6))],
            "ending": chance.choice(("active", *_CLOSING)),
            "ended": chance.randint(max(first_day, 0), days),
        }
        for _ in range(count)
    ]


def tables_of(loans: Sequence[Loan], *, disbursed_on: date) -> dict[str, list[dict[str, Any]]]:
    """The tables of such loans, numbered from 1."""
    tables: dict[str, list[dict[str, Any]]] = {"loan": [], "instalment": [], "repayment": []}
    for key, loan in enumerate(loans, start=1):
        ended = f"{START + timedelta(loan['ended'])} 03:00:00"
        row = {"id": key, "principal": _PRINCIPAL, "status": loan["ending"], "disbursed_at": f"{disbursed_on} 01:00:00"}
        closing = {_CLOSING[loan["ending"]]: ended} if loan["ending"] in _CLOSING else {}
        tables["loan"].append(row | closing)
        for number, (day, *parts) in enumerate(loan["dues"], start=1):
            due = {"loan_id": key, "number": number, "due_on": START + timedelta(day)}
            tables["instalment"].append(due | dict(zip(_PARTS, parts, strict=True)))
        for day, amount in loan["payments"]:
            paid = {"id": len(tables["repayment"]), "loan_id": key, "amount": amount}
            tables["repayment"].append(paid | {"paid_at": f"{START + timedelta(day)} 05:00:00"})
    return tables
