"""Who was told of a raised limit or prompted, beside whom, and who borrowed again, on drawn books by hand."""

from datetime import date

import pytest

from rules.messages import PROMPT, RAISED
from tests.loanbook.derived import derive

AS_OF = date(2026, 6, 30)
MEMBERS = [{"id": key, "registered_at": "2025-01-01 02:00:00"} for key in range(1, 10)]
DUE = {1: "2026-02-10", 2: "2026-03-10", 3: "2026-04-10"}


def loan(key, member, at="2026-01-10 02:00:00", **other):
    return {"id": key, "member_id": member, "disbursed_at": at, "principal": 30, "term_months": 3, "tier_code": "gold",
            **other}  # fmt: skip


def dues(*keys):
    return [
        {"loan_id": key, "number": number, "due_on": due_on, "principal_due": 10}
        for key in keys
        for number, due_on in DUE.items()
    ]


def pays(key, *days):
    """The instalments of a loan in their order, each on a day."""
    return [
        {"id": 10 * key + n, "loan_id": key, "paid_at": f"{day} 02:00:00", "amount": 10} for n, day in enumerate(days)
    ]


def message(key, member, at, purpose=RAISED, **other):
    return {"id": key, "member_id": member, "loan_id": member, "party": "debtor", "purpose": purpose, "channel": "push",
            "planned_at": at, "contacted_at": at, "outcome": "delivered", "cost": 0, **other}  # fmt: skip


def cells(contacts, loans, instalments=(), repayments=()):
    """By purpose, arm and moment: borrowers, observed for seven days, borrowed again within them."""
    tables = {"loan": loans, "instalment": list(instalments), "repayment": list(repayments), "contact": contacts,
              "member": MEMBERS}  # fmt: skip
    found = derive(AS_OF, tables).execute(
        "SELECT purpose, arm, moment, sum(members), sum(observed), sum(again) FROM message_cell GROUP BY ALL"
    )
    return {row[:3]: row[3:] for row in found.fetchall()}


def alone(loans, repayments, told="2026-03-07 02:00:00"):
    """How the second borrower is counted, where the first got a message; None where they are left out."""
    contacts = [message(1, 1, told)]
    found = cells(contacts, loans, dues(1, 2), repayments)
    return found.get((RAISED, "held_out", "2 3"))


ON_TIME = ("2026-02-10", "2026-03-10")


@pytest.mark.parametrize(
    ("paid", "counted"),
    [
        (ON_TIME, (1, 1, 0)),
        (("2026-03-06", "2026-03-10"), (1, 1, 0)),  # late once, but nothing as that day begins
        (("2026-03-07", "2026-03-10"), None),  # late still
        (("2026-02-10", "2026-03-06"), None),  # has paid before that day
        (("2026-02-10", "2026-03-07"), (1, 1, 0)),
        (("2026-02-10",), (1, 1, 0)),  # what comes later is not looked at
    ],
)
def test_who_stands_beside_one_who_was_told(paid, counted):
    assert alone([loan(1, 1), loan(2, 2)], [*pays(1, *ON_TIME), *pays(2, *paid)]) == counted


@pytest.mark.parametrize(
    ("again_at", "counted"),
    [
        ("2026-03-06 15:59:59", None),  # on 6 March in Shanghai
        ("2026-03-06 16:00:00", (1, 1, 1)),
        ("2026-03-14 15:59:59", (1, 1, 1)),
        ("2026-03-14 16:00:00", (1, 1, 0)),
    ],
)
def test_borrowing_again_counts_from_that_day_to_the_seventh_after_it(again_at, counted):
    loans = [loan(1, 1), loan(2, 2), loan(3, 2, at=again_at)]
    assert alone(loans, [*pays(1, *ON_TIME), *pays(2, *ON_TIME)]) == counted


def test_who_is_told_later_waited_until_then_and_the_first_message_counts():
    told = [message(1, 1, "2026-03-07 02:00:00"), message(2, 1, "2026-03-09 02:00:00"),
            message(3, 2, "2026-03-09 02:00:00")]  # fmt: skip
    loans = [loan(1, 1), loan(2, 2), loan(12, 2, at="2026-03-12 02:00:00")]
    found = cells(told, loans, dues(1, 2), [*pays(1, *ON_TIME), *pays(2, *ON_TIME)])
    assert found[RAISED, "treated", "2 3"] == (1, 1, 0)
    assert found[RAISED, "treated", "2 1"] == (1, 1, 1)
    # A day is drawn for each: of 2 that of 1, on which it waited; or its own, on which it did not.
    waited = {key[2]: row for key, row in found.items() if key[1] == "held_out"}
    assert waited in ({}, {"2 3": (1, 1, 1)})


def test_a_message_to_who_owes_something_late_is_not_compared():
    told = [message(1, 1, "2026-03-07 02:00:00")]
    assert cells(told, [loan(1, 1), loan(2, 2)], dues(1, 2), pays(2, *ON_TIME)) == {}


def test_a_prompt_without_arms_is_held_against_as_many_days_after_the_payoff():
    loans = [
        loan(1, 1, status="paid_off", closed_at="2026-04-10 02:00:00"),
        loan(2, 2, status="paid_off", closed_at="2026-05-10 02:00:00"),
        loan(3, 3, status="paid_off", closed_at="2026-06-22 02:00:00"),  # 4 days after is not 7 before as_of
        loan(4, 4, status="paid_off", closed_at="2026-06-28 02:00:00"),  # 4 days after have not come
        loan(5, 5),
        loan(12, 2, at="2026-05-20 02:00:00"),
    ]
    found = cells([message(1, 1, "2026-04-14 02:00:00", purpose=PROMPT)], loans)
    assert found == {(PROMPT, "treated", "0 -4"): (1, 1, 0), (PROMPT, "held_out", "0 -4"): (2, 1, 1)}


def test_where_chance_held_some_out_the_arms_count_whatever_reached_them():
    contacts = [
        message(1, 1, "2026-04-14 02:00:00", purpose=PROMPT, arm="treated", outcome="unreachable"),
        message(2, 2, "2026-04-14 02:00:00", purpose=PROMPT, arm="held_out", contacted_at=None),
    ]
    loans = [loan(1, 1), loan(2, 2), loan(12, 2, at="2026-04-20 02:00:00")]
    found = cells(contacts, loans)
    assert found == {(PROMPT, "held_out", ""): (1, 1, 1), (PROMPT, "treated", ""): (1, 1, 0)}


def test_nothing_is_counted_where_no_message_was_sent():
    assert cells([], [loan(1, 1)], dues(1)) == {}
