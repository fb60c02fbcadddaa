"""The history of lending as tables of the contract."""

import numpy as np
import pyarrow as pa

from loanbook.demo import pricing
from loanbook.demo.applications import CUT_OFF, LARGE_FEN, MANUAL, PURPOSES, STATUSES, Applications
from loanbook.demo.columns import Coded, prefixed, table
from loanbook.demo.draw import NONE, Floats, Ints, Streams, take
from loanbook.demo.loans import STATUSES as LOAN_STATUSES
from loanbook.demo.payments import KINDS
from loanbook.demo.people import People
from loanbook.demo.reference import FUNDER_SHARE, TIERS
from loanbook.demo.rounds import History
from loanbook.schema import CHANNELS, LAYERS

_SCENES = ("app", "store", "partner_checkout")
_GUARANTORS = ("Evergreen Guarantee", "Harbour Guarantee")
_GUARANTEED = 0.15  # of loans at or above the review amount
_DEBT_UNKNOWN = 0.04
_UNDISCLOSED = 30


def application_table(streams: Streams, people: People, history: History, undisclosed: Ints, first_id: int) -> pa.Table:
    """One row per application; `undisclosed`: the rows of those whose borrower never confirmed the rate."""
    rows = history.applications
    rng = streams("application details")
    ids = first_id + np.arange(len(rows.at))
    scene = np.where(rows.product == 1, 1 + ids % 2, 0)
    guaranteed = (rows.approved >= LARGE_FEN) & (rng.random(len(ids)) < _GUARANTEED)
    confirmed = rows.at - 30
    confirmed[undisclosed] = NONE
    rescued = (rows.score < CUT_OFF) & (rows.decided_by == MANUAL) & (rows.status != STATUSES.index("declined"))
    decided = np.where(rows.decided_at == NONE, -1, ~rescued)
    return table("application", {
        "id": ids, "external_number": prefixed("LA", ids, 9), "member_id": people.first_id + rows.member,
        "product_id": rows.product + 1, "scene": Coded(scene, _SCENES),
        "guarantor": Coded(np.select([rows.over_cap, guaranteed], [0, 1], -1), _GUARANTORS), "applied_at": rows.at,
        "amount": rows.amount, "term_months": rows.term, "purpose": Coded(rows.purpose, PURPOSES),
        "tier_code": Coded(rows.tier, TIERS), "monthly_income": people.income[rows.member],
        "existing_debt": np.where(rng.random(len(ids)) < _DEBT_UNKNOWN, NONE, rows.debt), "annual_rate": rows.rate,
        "upfront_fee": rows.upfront, "monthly_fee": rows.monthly, "disclosed_rate": _disclosed_rate(history),
        "disclosure_confirmed_at": confirmed, "status": Coded(rows.status, STATUSES), "decided_at": rows.decided_at,
        "decided_by": Coded(rows.decided_by, LAYERS), "approved_amount": rows.approved,
        "within_policy": pa.array(decided == 1, mask=decided < 0),
    })  # fmt: skip


def undisclosed_rows(rows: Applications, *, planted: bool) -> Ints:
    """Applications that were disbursed though the all-in rate was never confirmed, evenly over the book."""
    lent = np.flatnonzero(rows.disbursed_at != NONE)
    count = min(_UNDISCLOSED, len(lent) // 20) if planted else 0
    return lent[np.linspace(0, len(lent) - 1, count + 2)[1:-1].astype(np.int64)] if count else lent[:0]


def _disclosed_rate(history: History) -> Floats:
    """The all-in rate that borrowers are told: right but for the guarantee fee, which is left out of it.

    What came to no loan is told as one of equal payments.
    """
    rows = history.applications
    method = np.full(len(rows.at), pricing.EQUAL_PAYMENT)
    method[history.loans.application] = history.loans.method
    monthly = np.where(rows.over_cap, 0, rows.monthly)
    return pricing.all_in_rate(rows.amount, rows.upfront, monthly, rows.rate, rows.term, method)


def loan_table(people: People, history: History, *, first_id: int, first_application: int) -> pa.Table:
    """One row per loan."""
    loans, outcome = history.loans, history.outcome
    return table("loan", {
        "id": first_id + np.arange(len(loans.term)), "application_id": first_application + loans.application,
        "member_id": people.first_id + loans.member, "product_id": loans.product + 1, "funder_id": loans.funder + 1,
        "funder_share": take(FUNDER_SHARE, loans.funder), "tier_code": Coded(loans.tier, TIERS),
        "acquisition_channel": Coded(people.channel[loans.member], CHANNELS), "disbursed_at": loans.disbursed_at,
        "principal": loans.principal, "annual_rate": loans.rate, "upfront_fee": loans.upfront,
        "monthly_fee": loans.monthly, "term_months": loans.term, "method": Coded(loans.method, pricing.METHODS),
        "status": Coded(outcome.status, LOAN_STATUSES), "closed_at": outcome.closed_at,
        "written_off_at": outcome.written_off_at,
    })  # fmt: skip


def instalment_table(history: History, first_loan: int) -> pa.Table:
    """One row per loan and number, due on the date to which it was moved."""
    plan = history.plan
    return table("instalment", {
        "loan_id": first_loan + plan.loan, "number": plan.number, "due_on": plan.due, "principal_due": plan.principal,
        "interest_due": plan.interest, "fee_due": plan.fee,
    })  # fmt: skip


def repayment_table(history: History, first_id: int, first_loan: int) -> pa.Table:
    """One row per repayment, by instant."""
    repaid = history.repayments
    return table("repayment", {
        "id": first_id + np.arange(len(repaid.at)), "loan_id": first_loan + repaid.loan, "paid_at": repaid.at,
        "amount": repaid.amount, "kind": Coded(repaid.kind, KINDS),
    })  # fmt: skip
