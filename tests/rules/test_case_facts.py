"""The facts of a case from its live rows: by hand, and with whatever a book may lack."""

from datetime import UTC, date, datetime

import pytest

from rules.case_burden import burden
from rules.case_facts import Reason
from rules.case_margin import Share, margin
from rules.case_price import Caps, Terms, priced
from tests.rules.case_book import facts, loan, repaid


def test_price_and_day_of_an_application():
    found = facts(prime_rate=[{"id": "1", "starts_on": "2020-01-01", "one_year_rate": "0.04"},
                              {"id": "2", "starts_on": "2026-11-18", "one_year_rate": "0.03"},
                              {"id": "3", "starts_on": "2026-11-19", "one_year_rate": "0.01"}])  # fmt: skip
    assert found.applied_on == date(2026, 11, 18)  # half past midnight in Shanghai
    assert found.price.caps == Caps(0.24, pytest.approx(0.12))
    assert found.price.instalment_fen == 533_093  # 60,000 x 0.01 / (1 - 1.01^-12) = 5,330.93
    month = 1 + found.price.all_in.nominal / 12
    worth = sum(due * month**-number for number, due in enumerate(found.price.schedule.due_fen, start=1))
    assert worth == pytest.approx(5_940_000)  # what was asked for, less the upfront fee


@pytest.mark.parametrize("lacking", [{"annual_rate": None}, {"term_months": None}, {"term_months": 0}, {"amount": 0}])
def test_without_terms_there_is_no_price_and_no_burden(lacking):
    found = facts(application=lacking)
    assert (found.price, found.burden) == (None, None)


def test_the_membership_fee_that_was_required_is_in_the_price():
    paid = [{"id": "1", "tier_code": "gold", "started_at": "2026-11-01 04:00:00", "ended_at": None, "reason": "paid",
             "fee_paid": 29_800}]  # fmt: skip
    found = facts(membership=paid)
    assert found.price.terms.membership_fee_fen == 29_800
    assert found.price.all_in.nominal > found.price.own.nominal
    lent = {
        "earlier_application": [{"id": "5", "applied_at": "2026-11-02 04:00:00", "status": "disbursed"}],
        "loan": [{"id": "4", "application_id": "5", "tier_code": "gold"}],
    }
    assert facts(membership=paid, **lent).price.terms.membership_fee_fen == 0
    declined = {"earlier_application": lent["earlier_application"]}
    assert facts(membership=paid, **declined).price.terms.membership_fee_fen == 29_800


def test_income_is_the_applications_else_the_members():
    member = [{"id": "70", "monthly_income": 900_000}]
    assert facts(member=member).income_fen == 2_000_000
    assert facts(member=member, application={"monthly_income": None}).income_fen == 900_000
    assert facts(application={"monthly_income": None}).income_fen is None
    assert facts(application={"monthly_income": 0}).income_fen is None


def test_the_burden_by_hand():
    running = loan(status="active", closed_on=None, outstanding_fen=300_000, next_due_fen=90_000)
    found = facts(repaid(running, loan())).burden
    # 5,330.93 for this loan, 900 here, 5 % of 10,000 elsewhere, of 20,000
    assert (found.asked_fen, found.running_fen, found.elsewhere_fen) == (533_093, 90_000, 50_000)
    assert found.debt_to_income == pytest.approx(673_093 / 2_000_000)
    assert found.monthly_incomes == pytest.approx((6_000_000 + 300_000 + 1_000_000) / 2_000_000)


def test_a_burden_without_income_or_declared_debt():
    found = burden(income_fen=None, instalment_fen=100, amount_fen=1_000, running_fen=0, outstanding_fen=0,
                   declared_fen=None, elsewhere_monthly_ratio=0.05)  # fmt: skip
    assert (found.debt_to_income, found.monthly_incomes, found.elsewhere_fen) == (None, None, 0)


def test_the_newest_score_counts_and_the_weightiest_reason_stands_first():
    def row(key, at, points):
        reasons = [
            {"feature": "a", "value": 3, "contribution": 4},
            {"feature": "b", "contribution": -9},
            {"feature": "c"},
        ]
        return {"id": key, "score": points, "scored_at": at, "model_version": f"m{key}", "default_probability": None,
                "reasons": reasons}  # fmt: skip

    found = facts(score=[row("1", "2026-11-17 10:00:00", "640.5"), row("2", "2026-11-17 10:00:08", "612")]).score
    assert (found.points, found.model, found.default_probability) == (612.0, "m2", None)
    assert found.at == datetime(2026, 11, 17, 10, 0, 8, tzinfo=UTC)
    assert found.reasons == (Reason("b", "", -9.0), Reason("a", "3", 4.0), Reason("c", "", 0.0))
    assert facts().score is None


def test_the_line_is_the_newest_else_the_tiers():
    lines = [
        {"id": "2", "changed_at": "2026-03-01 00:00:00", "amount": 800},
        {"id": "1", "changed_at": "2026-02-01 00:00:00", "amount": 500},
    ]
    tier = [{"code": "gold", "credit_limit": 10_000}]
    owes = repaid(loan(status="active", outstanding_fen=300))
    assert (facts(owes, credit_line=lines, tier=tier).line_fen, facts(owes, credit_line=lines).line_left_fen) == (
        800,
        500,
    )
    assert facts(owes, tier=tier).line_left_fen == 9_700
    assert (facts().line_fen, facts().line_left_fen) == (None, None)
    assert facts(repaid(loan(status="active", outstanding_fen=900)), credit_line=lines).line_left_fen == 0


def test_what_a_person_said_is_no_check():
    def row(layer, code):
        return {"layer": layer, "code": code, "outcome": "pass", "value": None, "threshold": None, "provider": None,
                "checked_at": None}  # fmt: skip

    found = facts(application_check=[row("rules", "blacklist"), row("manual", "review"), row("model", "score")])
    assert [check.code for check in found.checks] == ["blacklist", "score"]


def test_devices_and_addresses_once_each():
    seen = [{"device_hash": "d", "address_hash": None}, {"device_hash": "e", "address_hash": "a"},
            {"device_hash": "d", "address_hash": "a"}]  # fmt: skip
    found = facts(device_sighting=seen)
    assert (found.device_hashes, found.address_hashes) == (("d", "e"), ("a",))


def test_a_loan_without_instalments_is_owed_in_full():
    told = repaid(loan(status="active", outstanding_fen=None, next_due_fen=None, days_past_due=None))
    assert (told.outstanding_fen, told.next_due_fen, told.days_past_due) == (500_000, 0, 0)


def test_the_margin_by_hand():
    price = priced(Terms(1_200_000, 3, 0.12, 12_000, 500, 6_800), Caps(0.24, None))
    # interest 12,000 + 8,040 + 4,040; owed 1,200,000, 803,973, 403,986: x 6 % / 12
    found = margin(price, Share(0.05, 0.04, 0.07, 400), 0.6, 0.06)
    assert found.interest_fen == sum(price.schedule.interest_fen)
    assert found.fee_fen == 3 * 500 + 12_000
    assert found.funding_fen == round(sum(price.schedule.balance_fen) * 0.005)
    assert (found.loss_fen, found.loss_low_fen, found.loss_high_fen) == (36_000, 28_800, 50_400)
    assert found.margin_fen == found.interest_fen + found.fee_fen - found.funding_fen - 36_000
    assert found.low_fen < found.margin_fen < found.high_fen
