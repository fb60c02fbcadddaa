"""What came of contacts, on drawn books with answers by hand."""

from datetime import date

import pytest

from loanbook.constructs import compiled
from queries import collections
from rules.collections import BEHIND, CONTACT_PARTS
from rules.filters import DateRange
from tests.loanbook.derived import derive

AS_OF = date(2026, 6, 30)
EVER = DateRange(None, AS_OF)
LOANS = [
    {"id": key, "member_id": key % 10, "disbursed_at": "2026-01-10 02:00:00", "principal": 100, "term_months": 2}
    for key in (1, 2, 3, 11)  # the loan 11 is the member's of loan 1
]
DUES = [
    {"loan_id": loan["id"], "number": number, "due_on": due_on, "principal_due": 50}
    for loan in LOANS
    for number, due_on in ((1, "2026-02-28"), (2, "2026-03-31"))
]


def contact(key, loan, at, **other):
    """A text message about a late loan."""
    filled = {"party": "debtor", "purpose": "overdue_reminder", "channel": "sms", "outcome": "delivered", "cost": 0.06}
    return {"id": key, "member_id": loan % 10, "loan_id": loan, "contacted_at": at, **filled, **other}


def call(key, loan, at, agent=7, **other):
    filled = {"purpose": "collection", "channel": "agent_call", "outcome": "answered", "cost": 3.5}
    return contact(key, loan, at, **{**filled, "agent_id": agent, **other})


def paid(key, loan, at, amount=50):
    return {"id": key, "loan_id": loan, "paid_at": at, "amount": amount}


def derived(contacts, repayments):
    return derive(
        AS_OF,
        {"loan": LOANS, "instalment": DUES, "repayment": repayments, "contact": contacts,
         "member": [{"id": key, "registered_at": "2025-01-01 02:00:00"} for key in (1, 2, 3)]},
    )  # fmt: skip


def summed(contacts, repayments, period=EVER):
    """The parts that are not 0 by purpose, channel."""
    made = derived(contacts, repayments)
    rows = made.execute(*compiled(collections.ladder(period))).fetchall()
    return {row[:2]: {part: value for part, value in zip(CONTACT_PARTS, row[2:], strict=True) if value} for row in rows}


def test_what_is_paid_counts_once_for_the_last_contact_before_it():
    at, call_unheard = "2026-03-05 02:00:00", {"channel": "automatic_call", "outcome": "unreachable", "cost": 0.12}
    made = [contact(1, 1, "2026-03-02 02:00:00"), contact(2, 1, at), contact(3, 1, at, **call_unheard)]
    found = summed(made, [paid(1, 1, "2026-03-08 02:00:00")])
    assert found == {
        ("overdue_reminder", "sms"): {"sent": 2, "reached": 2, "followed": 2, "followed_cost_fen": 12, "cost_fen": 12},
        # Of two at one instant the later key is the last.
        ("overdue_reminder", "automatic_call"): {
            "sent": 1, "followed": 1, "cured": 1, "cured_fen": 5000, "followed_cost_fen": 12, "cost_fen": 12,
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("paid_at", "cured"),
    [
        ("2026-03-19 15:59:59", 1),  # the last second in Shanghai of the 14th day after 5 March
        ("2026-03-19 16:00:00", 0),
    ],
)
def test_a_cure_has_its_days_in_shanghai(paid_at, cured):
    found = summed([contact(1, 1, "2026-03-05 02:00:00")], [paid(1, 1, paid_at)])
    assert found["overdue_reminder", "sms"].get("cured", 0) == cured


def test_a_part_of_what_is_late_is_no_cure():
    found = summed([contact(1, 1, "2026-04-05 02:00:00")], [paid(1, 1, "2026-04-06 02:00:00", 60)])
    assert found == {("overdue_reminder", "sms"): {"sent": 1, "reached": 1, "followed": 1, "followed_cost_fen": 6,
                                                   "cost_fen": 6}}  # fmt: skip
    found = summed([contact(1, 1, "2026-04-05 02:00:00")], [paid(1, 1, "2026-04-06 02:00:00", 100)])
    assert found["overdue_reminder", "sms"]["cured_fen"] == 10_000


def test_contacts_too_young_to_be_followed_and_about_nothing_late_count_as_sent_alone():
    young = contact(1, 1, "2026-06-20 02:00:00")  # 14 days after that lie after as_of
    idle = contact(2, 2, "2026-02-28 15:59:59")  # on the due date in Shanghai: nothing is late yet
    late = contact(3, 3, "2026-02-28 16:00:00")  # 1 March in Shanghai
    found = summed([young, idle, late], [])
    parts = found["overdue_reminder", "sms"]
    assert (parts["sent"], parts["followed"], parts["cost_fen"], parts["followed_cost_fen"]) == (3, 1, 18, 6)
    assert summed([young, idle, late], [], DateRange(date(2026, 3, 1), AS_OF))["overdue_reminder", "sms"]["sent"] == 2


def test_a_reminder_is_cured_by_the_due_date():
    def reminder(key, loan, at, **other):
        return contact(key, loan, at, purpose="due_reminder", channel="push", outcome="read", cost=0.01, **other)

    made = [
        reminder(1, 1, "2026-02-25 02:00:00"),  # paid on the due date
        reminder(2, 2, "2026-02-25 02:00:00"),  # paid a day later
        reminder(3, 3, "2026-02-20 02:00:00"),  # due more than the policy's 7 days after
        reminder(4, 11, "2026-02-25 02:00:00"),  # paid before it: about nothing
    ]
    found = summed(
        made,
        [paid(1, 1, "2026-02-28 15:59:59"), paid(2, 2, "2026-02-28 16:00:00"), paid(3, 11, "2026-02-20 02:00:00")],
    )
    parts = found["due_reminder", "push"]
    assert (parts["sent"], parts["answered"], parts["followed"], parts["cured"]) == (4, 4, 2, 1)
    assert parts["cured_fen"] == 5000


def test_other_contacts_and_planned_ones_are_left_out():
    made = [
        contact(1, 1, "2026-03-05 02:00:00", purpose="reborrow"),
        contact(2, 1, None, outcome=None, arm="held_out", planned_at="2026-03-05 02:00:00"),
        contact(3, 1, "2026-06-30 16:00:00"),  # the day after as_of
        contact(4, 99, "2026-03-05 02:00:00"),  # of no loan that counts
    ]
    assert summed(made, []) == {}


def promise(key, loan, **other):
    return call(key, loan, "2026-03-05 02:00:00", outcome="promised", **other)


def test_a_promise_is_kept_by_what_is_paid_from_the_call_to_its_day():
    made = [
        promise(1, 1, promised_on="2026-03-07", promised_amount=50),  # paid in the last second of the day
        promise(2, 2, promised_on="2026-03-07", promised_amount=50),  # a second too late
        promise(3, 3, promised_on="2026-03-07", promised_amount=20),  # paid before the call, and a bounced payment
        promise(4, 11, promised_on="2026-07-01", promised_amount=20),  # its day has not come
        promise(5, 11),  # for no day and no amount
    ]
    repayments = [
        paid(1, 1, "2026-03-07 15:59:59"),
        paid(2, 2, "2026-03-07 16:00:00"),
        paid(3, 3, "2026-03-05 01:59:59"),
        paid(4, 3, "2026-03-06 02:00:00", 50),
        paid(5, 3, "2026-03-06 03:00:00", -50),
    ]
    parts = summed(made, repayments)["collection", "agent_call"]
    assert (parts["promised"], parts["promises_due"], parts["kept"]) == (5, 3, 1)


def by_agent(made, period, *, named):
    rows = made.execute(*compiled(collections.agents(period, named=named))).fetchall()
    return {(row[0], row[1]): (row[2], row[3], row[9]) for row in rows}  # calls; sent and followed of first calls


def test_agents_calls_count_whole_and_their_first_calls_once_a_debtor():
    made = derived(
        [
            call(1, 1, "2026-03-05 02:00:00"),
            call(2, 1, "2026-03-05 02:00:00"),
            call(3, 11, "2026-04-05 02:00:00"),  # the same debtor, another loan, more than 30 days late
            call(4, 2, "2026-04-05 02:00:00", agent=8),
            call(5, 2, "2026-04-06 02:00:00"),  # another agent's debtor
            call(6, 3, "2026-04-05 02:00:00", agent=None),
        ],
        [],
    )
    assert by_agent(made, EVER, named=True) == {
        ("7", "M1"): (2, 1, 1), ("7", "M2"): (2, 1, 1), ("8", "M2"): (1, 1, 1),
    }  # fmt: skip
    april = DateRange(date(2026, 4, 1), AS_OF)
    assert by_agent(made, april, named=True) == {("7", "M2"): (2, 2, 2), ("8", "M2"): (1, 1, 1)}
    numbered = by_agent(made, EVER, named=False)
    assert {agent for agent, _bucket in numbered} == {"1", "2"}
    assert sorted(numbered.values()) == sorted(by_agent(made, EVER, named=True).values())


def test_the_contacts_behind_the_ladder_re_sum_to_it_and_name_nobody():
    later = "2026-03-31 16:00:00"  # in April in Shanghai
    made = derived([call(1, 1, "2026-03-05 02:00:00"), contact(2, 2, later), contact(3, 99, later)], [])
    for period, keys in ((EVER, ["2", "1"]), (DateRange(date(2026, 4, 1), AS_OF), ["2"])):
        text, values = compiled(collections.behind(period, AS_OF))
        cursor = made.execute(text, values)
        assert [column[0] for column in cursor.description] == list(BEHIND)
        assert [row[0] for row in cursor.fetchall()] == keys
    assert not {"member_id", "agent_id", "full_name", "phone"} & set(BEHIND)
