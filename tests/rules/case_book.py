"""Drawn rows of one application, as the loan database gives them."""

from datetime import UTC, date, datetime

from rules import policy
from rules.case_facts import Facts
from rules.repaid import EarlierLoan, MonthEnd, Repaid

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
POLICY = policy.load()[-1]
APPLICATION = {
    "id": "7", "external_number": "A-7", "member_id": "70", "product_id": "1", "applied_at": "2026-11-17 16:30:00",
    "amount": 6_000_000, "term_months": 12, "tier_code": "gold", "monthly_income": 2_000_000,
    "existing_debt": 1_000_000, "annual_rate": "0.12", "upfront_fee": 60_000, "monthly_fee": 0,
    "disclosed_rate": "0.139131",
    "disclosure_confirmed_at": "2026-11-17 16:29:00", "status": "open",
}  # fmt: skip
EMPTY = ("earlier_application", "member", "tier", "application_check", "score", "device_sighting", "membership", "perk",
         "credit_line", "loan", "instalment", "repayment", "schedule_change", "prime_rate")  # fmt: skip


def loan(**changes):
    values = {
        "loan_id": "4", "disbursed_on": date(2026, 1, 5), "principal_fen": 500_000, "term_months": 6,
        "annual_rate": 0.18, "status": "paid_off", "closed_on": date(2026, 7, 5), "outstanding_fen": 0,
        "overdue_fen": 0, "next_due_fen": 0, "days_past_due": 0, "worst_days_past_due": 0, "rescheduled": False,
    }  # fmt: skip
    return EarlierLoan(**values | changes)


def repaid(*loans, months=()):
    return Repaid(tuple(loans), tuple(MonthEnd(day, bucket, 1) for day, bucket in months))


def facts(history=None, now=NOW, rule=POLICY, **tables):
    """The facts of the drawn application; `application` changes fields of its row, other names give a table's rows."""
    asked = APPLICATION | tables.pop("application", {})
    content = {name: [] for name in EMPTY} | {"application": [asked]} | tables
    return Facts(content, history or Repaid((), ()), rule, now)
