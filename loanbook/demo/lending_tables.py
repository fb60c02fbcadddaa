"""The history of lending as tables of the contract."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanbook.demo import pricing
from loanbook.demo.applications import (
    AVERAGE_SCORE,
    CUT_OFF,
    LARGE_FEN,
    MANUAL,
    PURPOSES,
    RULE_CODES,
    RULES,
    STATUSES,
    Applications,
)
from loanbook.demo.columns import Coded, prefixed, table
from loanbook.demo.draw import DAY, Floats, Ints, take
from loanbook.demo.loans import METHODS
from loanbook.demo.loans import STATUSES as LOAN_STATUSES
from loanbook.demo.people import People
from loanbook.demo.reference import FUNDER_SHARE, TIERS
from loanbook.demo.repayment import KINDS
from loanbook.demo.rounds import History
from loanbook.schema import CHANNELS, LAYERS

_SCENES = ("app", "store", "partner_checkout")
_GUARANTORS = ("Evergreen Guarantee",)
_MODEL_VERSIONS = ("A3",)
_SECONDS_TO_SCORE = 8


def tables(people: People, history: History, first: Callable[[str], int]) -> dict[str, pa.Table]:
    """All tables of the history of lending; `first` gives a table's first id."""
    applications = history.applications
    return {
        "application": application_table(people, applications, first("application")),
        "score": score_table(people, applications, first("score"), first("application")),
        "application_check": check_table(applications, first("application_check"), first("application")),
        **loan_tables(people, history, first("application"), first("loan"), first("repayment")),
    }


def application_table(people: People, rows: Applications, first_id: int) -> pa.Table:
    """One row per application."""
    ids = first_id + np.arange(len(rows.at))
    scene = np.where(rows.product == 1, 1 + ids % 2, 0)
    return table("application", {
        "id": ids, "external_number": prefixed("LA", ids, 9), "member_id": people.first_id + rows.member,
        "product_id": rows.product + 1, "scene": Coded(scene, _SCENES),
        "guarantor": Coded(np.where(rows.over_cap, 0, -1), _GUARANTORS), "applied_at": rows.at, "amount": rows.amount,
        "term_months": rows.term, "purpose": Coded(rows.purpose, PURPOSES), "tier_code": Coded(rows.tier, TIERS),
        "monthly_income": people.income[rows.member], "existing_debt": rows.debt, "annual_rate": rows.rate,
        "upfront_fee": rows.upfront, "monthly_fee": rows.monthly,
        "disclosed_rate": _disclosed_rate(rows), "disclosure_confirmed_at": rows.at - 30,
        "status": Coded(rows.status, STATUSES), "decided_at": rows.decided_at,
        "decided_by": Coded(rows.decided_by, LAYERS), "approved_amount": rows.approved,
    })  # fmt: skip


def score_table(people: People, rows: Applications, first_id: int, first_application: int) -> pa.Table:
    """One row per application that the rules let pass."""
    scored = np.flatnonzero(rows.failed_rule < 0)
    score = rows.score[scored]
    return table("score", {
        "id": first_id + np.arange(len(scored)), "application_id": first_application + scored,
        "model_version": Coded(np.zeros(len(scored)), _MODEL_VERSIONS), "score": score,
        "default_probability": default_probability(score),
        "reasons": _reasons(people, rows, scored), "scored_at": rows.at[scored] + _SECONDS_TO_SCORE,
    })  # fmt: skip


def default_probability(score: Floats) -> Floats:
    """What the model says of a score: within twelve months."""
    result: Floats = 1 / (1 + np.exp(2.95 + (score - 625) / 135))
    return result


def _disclosed_rate(rows: Applications) -> Floats:
    """The all-in rate that borrowers are told: right but for the guarantee fee, which is left out of it."""
    monthly = np.where(rows.over_cap, 0, rows.monthly)
    return pricing.all_in_rate(rows.amount, rows.upfront, monthly, rows.rate, rows.term)


def _reasons(people: People, rows: Applications, scored: Ints) -> pa.Array:
    """What moved each score from the average, as JSON; the contributions sum to the difference."""
    income, debt = people.income[rows.member[scored]], rows.debt[scored]
    months = (rows.at[scored] - people.registered[rows.member[scored]]) // (30 * DAY)
    burden = debt * 100 // (income * 12)
    from_burden, from_months = np.rint(8 - burden * 0.4).astype(np.int64), np.minimum(months, 12)
    rest = np.rint(rows.score[scored]).astype(np.int64) - AVERAGE_SCORE - from_burden - from_months
    parts = []
    for feature, value, contribution in (
        ("external_score", rest + 600, rest), ("debt_percent_of_income", burden, from_burden),
        ("months_a_member", months, from_months),
    ):  # fmt: skip
        parts += [
            f'{{"feature": "{feature}", "value": ',
            _text(value),
            ', "contribution": ',
            _text(contribution),
            "}, ",
        ]
    return pc.binary_join_element_wise("[", *parts[:-1], "}]", "")


def _text(numbers: Ints) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def check_table(rows: Applications, first_id: int, first_application: int) -> pa.Table:
    """Rules, model and review of each application, as far as it came; the layer that stops it fails."""
    count = len(rows.at)
    to_model = np.flatnonzero(rows.failed_rule < 0)
    to_manual = np.flatnonzero(rows.decided_by == MANUAL)
    application = np.concatenate([np.arange(count), to_model, to_manual])
    layer = np.repeat(np.arange(3), [count, len(to_model), len(to_manual)])
    rules_code = np.where(rows.failed_rule < 0, len(RULE_CODES), rows.failed_rule)
    code = np.concatenate([rules_code, np.full(len(to_model), 5), np.full(len(to_manual), 6)])
    low = rows.score[to_model] < CUT_OFF
    large = rows.amount[to_model] >= LARGE_FEN
    refused = rows.status[to_manual] == STATUSES.index("declined")
    outcome = np.concatenate([
        np.where(rows.failed_rule < 0, 0, 2), np.where(low, 2, np.where(large, 1, 0)), np.where(refused, 2, 0)
    ])  # fmt: skip
    checked = np.concatenate([rows.at + 3, rows.at[to_model] + _SECONDS_TO_SCORE, rows.decided_at[to_manual]])
    scores = pa.array(np.rint(rows.score).astype(np.int64)).cast(pa.string())
    order = np.lexsort((layer, application))
    shown = pa.array(np.where(layer == RULES + 1, application, -1)[order], mask=(layer != RULES + 1)[order])
    return table("application_check", {
        "id": first_id + np.arange(len(order)), "application_id": first_application + application[order],
        "layer": Coded(layer[order], LAYERS), "code": Coded(code[order], (*RULE_CODES, "all_rules", "score", "review")),
        "outcome": Coded(outcome[order], ("pass", "flag", "fail")), "value": scores.take(shown),
        "threshold": Coded(np.where(layer == RULES + 1, 0, -1)[order], (str(CUT_OFF),)), "checked_at": checked[order],
    })  # fmt: skip


def loan_tables(
    people: People, history: History, first_application: int, first_loan: int, first_repayment: int
) -> dict[str, pa.Table]:
    """Loans, instalments and repayments."""
    loans, outcome, plan, repaid = history.loans, history.outcome, history.plan, history.repayments
    return {
        "loan": table("loan", {
            "id": first_loan + np.arange(len(loans.term)), "application_id": first_application + loans.application,
            "member_id": people.first_id + loans.member, "product_id": loans.product + 1, "funder_id": loans.funder + 1,
            "funder_share": take(FUNDER_SHARE, loans.funder), "tier_code": Coded(loans.tier, TIERS),
            "acquisition_channel": Coded(people.channel[loans.member], CHANNELS), "disbursed_at": loans.disbursed_at,
            "principal": loans.principal, "annual_rate": loans.rate, "upfront_fee": loans.upfront,
            "monthly_fee": loans.monthly, "term_months": loans.term, "method": Coded(loans.method, METHODS),
            "status": Coded(outcome.status, LOAN_STATUSES), "closed_at": outcome.closed_at,
            "written_off_at": outcome.written_off_at,
        }),
        "instalment": table("instalment", {
            "loan_id": first_loan + plan.loan, "number": plan.number, "due_on": plan.due,
            "principal_due": plan.principal, "interest_due": plan.interest, "fee_due": plan.fee,
        }),
        "repayment": table("repayment", {
            "id": first_repayment + np.arange(len(repaid.at)), "loan_id": first_loan + repaid.loan,
            "paid_at": repaid.at, "amount": repaid.amount, "kind": Coded(repaid.kind, KINDS),
        }),
    }  # fmt: skip
