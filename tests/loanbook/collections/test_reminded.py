"""Who was reminded of a due date and who was not, and who was late, on drawn books with answers by hand."""

from datetime import date

import pytest

from rules.reminders import LATE_DAYS
from tests.loanbook.derived import derive

AS_OF = date(2026, 3, 8)
MEMBERS = [{"id": key, "registered_at": "2025-01-01 02:00:00"} for key in range(1, 8)]
LOANS = [
    {"id": key, "member_id": key % 10, "disbursed_at": f"2026-01-{10 + key // 10} 02:00:00",
     "principal": 100 * (key % 10), "term_months": 1, "tier_code": "gold"}
    for key in (1, 2, 3, 4, 5, 11)  # the loan 11 is the member's of loan 1
]  # fmt: skip
DUES = [{"loan_id": loan["id"], "number": 1, "due_on": "2026-02-28", "principal_due": 50} for loan in LOANS]


def plan(key, loan, arm, at="2026-02-25 02:00:00", **other):
    made = {"contacted_at": at if arm == "treated" else None, "outcome": "delivered" if arm == "treated" else None}
    return {"id": key, "member_id": loan % 10, "loan_id": loan, "party": "debtor", "purpose": "due_reminder",
            "channel": "push", "planned_at": at, "arm": arm, "cost": 0, **made, **other}  # fmt: skip


def paid(loan, at):
    return {"id": loan, "loan_id": loan, "paid_at": at, "amount": 50}


def cells(contacts, repayments):
    """By design and arm: members; observed and late for each of LATE_DAYS; sum of the loans' CNY."""
    found = derive(
        AS_OF, {"loan": LOANS, "instalment": DUES, "repayment": repayments, "contact": contacts, "member": MEMBERS}
    ).execute(
        "SELECT design, arm, sum(members), "
        + ", ".join(f"sum(observed_{days}), sum(late_{days})" for days in LATE_DAYS)
        + ", sum(sum_principal_cny) FROM reminder_cell GROUP BY ALL ORDER BY ALL"
    )
    return {row[:2]: (row[2], [*zip(row[3:9:2], row[4:9:2], strict=True)], row[9]) for row in found.fetchall()}


def test_each_borrower_counts_once_in_the_arm_of_the_first_plan_whatever_reached_them():
    made = [
        plan(1, 1, "held_out"),
        plan(2, 11, "treated", at="2026-02-26 02:00:00"),  # a later plan of the same borrower
        plan(3, 2, "treated"),
        plan(4, 3, "treated", outcome="unreachable"),
        plan(5, 4, "treated", at="2026-02-10 02:00:00"),  # about nothing: due more than 7 days after
        plan(6, 5, None, contacted_at="2026-02-25 02:00:00"),  # has no arm
    ]
    found = cells(made, [paid(2, "2026-03-01 02:00:00"), paid(3, "2026-03-01 16:00:00")])
    assert found == {
        # Paid on 1 March, a day after the due date, is 0 days past due at its end; on 2 March in Shanghai it is late.
        # 30 days after the due date have not come by as_of, and 8 have: 8 March is the first day over 7.
        ("planned", "held_out"): (1, [(1, 1), (1, 1), (0, 0)], 100),
        ("planned", "treated"): (2, [(2, 1), (2, 0), (0, 0)], 500),
    }


def test_who_paid_before_the_plan_is_not_part_of_it():
    made = [plan(1, 1, "held_out"), plan(2, 2, "treated")]
    found = cells(made, [paid(1, "2026-02-24 15:59:59"), paid(2, "2026-02-24 16:00:00")])  # 24 and 25 February
    assert {key: row[0] for key, row in found.items()} == {("planned", "treated"): 1}


@pytest.mark.parametrize(
    ("at", "treated"), [("2026-02-20 16:00:00", 2), ("2026-02-20 15:59:59", 1), ("2026-02-28 16:00:00", 1)]
)
def test_without_arms_those_not_reminded_in_the_days_before_are_the_others(at, treated):
    made = [plan(1, 1, None, contacted_at="2026-02-25 02:00:00"), plan(2, 2, None, contacted_at=at)]
    found = cells(made, [paid(3, "2026-02-10 02:00:00")])  # before those days: not part of it
    assert {key: row[0] for key, row in found.items()} == {
        ("matched", "treated"): treated, ("matched", "held_out"): 4 - treated,
    }  # fmt: skip


def waiting(contacts, repayments, loans=LOANS, dues=DUES):
    """By arm and days before the due date: borrowers, and who of them was late."""
    tables = {"loan": loans, "instalment": dues, "repayment": repayments, "contact": contacts, "member": MEMBERS}
    found = derive(AS_OF, tables).execute(
        "SELECT arm, days_before, sum(members), sum(late_0) FROM reminder_cell GROUP BY ALL ORDER BY ALL"
    )
    return {row[:2]: row[2:] for row in found.fetchall()}


def test_each_borrower_waits_until_reminded_or_paid_or_due():
    made = [
        plan(1, 1, None, contacted_at="2026-02-25 02:00:00"),
        plan(2, 1, None, contacted_at="2026-02-27 02:00:00"),  # the second does not count
        plan(3, 2, None, contacted_at="2026-02-26 16:00:00"),  # on 27 February in Shanghai
        plan(4, 3, None, contacted_at="2026-02-26 02:00:00"),  # of somebody who had paid the day before
    ]
    repayments = [
        paid(2, "2026-02-27 02:00:00"), paid(3, "2026-02-25 02:00:00"), paid(4, "2026-02-28 02:00:00"),
        paid(11, "2026-02-01 02:00:00"),
    ]  # fmt: skip
    assert waiting(made, repayments) == {
        ("treated", 3): (1, 1),
        ("treated", 1): (1, 0),
        ("held_out", 3): (1, 0),  # unpaid as 25 February began
        ("held_out", 0): (2, 1),  # one pays on the day, one never; the loan 11 is not anybody's first
    }


def test_who_could_not_be_reminded_on_all_of_the_days_is_left_out():
    late = [{**LOANS[0], "disbursed_at": "2026-02-21 02:00:00"}, {**LOANS[1], "disbursed_at": "2026-02-21 16:00:00"}]
    to_come = {**LOANS[2], "member_id": 3}
    dues = [*DUES[:2], {**DUES[2], "due_on": "2026-03-09"}]  # after as_of
    made = [plan(1, 1, None, contacted_at="2026-02-25 02:00:00")]
    assert waiting(made, [], loans=[*late, to_come], dues=dues) == {("treated", 3): (1, 1)}


def test_strata_are_those_of_the_loan():
    made = [plan(1, 2, None, contacted_at="2026-02-25 02:00:00")]
    drawn = {"loan": LOANS, "instalment": DUES, "contact": made, "member": MEMBERS}
    snapshot = derive(AS_OF, {**drawn, "tier": [{"code": "gold", "rank": 1}]})
    found = snapshot.execute(
        "SELECT arm, tier, channel, score_band, quarter, known_score, known_term_months FROM reminder_cell ORDER BY 1"
    )
    like = "gold", "unknown", "unknown", "2026Q1", 0
    assert found.fetchall() == [("held_out", *like, 4), ("treated", *like, 1)]
