"""For and against: each point speaks the way that it must, with its value and what it is held against."""

import pandas as pd
import pytest

from rules import case_points
from rules.case_margin import Margin, Share
from rules.case_points import Side
from rules.case_standing import Line
from tests.rules.case_book import facts, loan, repaid

NOBODY = pd.DataFrame(columns=["devices", "addresses", "same_tree", "defaulted"])


def check(code, outcome, value="1", threshold="2"):
    return {"layer": "rules", "code": code, "outcome": outcome, "value": value, "threshold": threshold,
            "provider": None, "checked_at": None}  # fmt: skip


def said(history=None, *, line=None, margin=None, shared=None, **tables):
    found = case_points.points(facts(history, **tables), None, line, margin, shared)
    return {point.code: (point.side, dict(point.values)) for point in found}


def test_against_comes_first_then_for_then_neither():
    found = case_points.points(
        facts(application_check=[check("a", "flag"), check("b", "fail")]), None, None, None, None
    )
    sides = [point.side for point in found]
    assert sides == sorted(sides, key=[Side.AGAINST, Side.FOR, Side.NEITHER].index)
    assert set(sides) == set(Side)


def test_checks_speak_by_what_they_said():
    found = said(application_check=[check("a", "fail", "7", "5"), check("b", "pass")])
    assert found["check_failed"] == (Side.AGAINST, {"check": "a", "value": "7", "threshold": "5"})
    assert "checks_passed" not in found
    assert said(application_check=[check("a", "flag")])["check_flagged"][0] is Side.NEITHER
    assert said(application_check=[check("a", "pass"), check("b", "pass")])["checks_passed"] == (
        Side.FOR,
        {"checks": 2},
    )
    assert not {"check_failed", "check_flagged", "checks_passed"} & set(said())


@pytest.mark.parametrize(
    ("loans", "expected"),
    [
        ([], {"no_loans": Side.NEITHER}),
        ([{}], {"on_time": Side.FOR}),
        ([{"worst_days_past_due": 30}], {"on_time": Side.FOR}),
        ([{"worst_days_past_due": 31}], {"late_before": Side.AGAINST}),
        ([{"status": "active", "days_past_due": 1}], {"late_now": Side.AGAINST}),
        ([{"status": "active"}], {"on_time": Side.NEITHER}),  # nothing has been repaid yet
        ([{"status": "written_off", "worst_days_past_due": 140}, {}],
         {"written_off": Side.AGAINST, "late_before": Side.AGAINST}),
        ([{"rescheduled": True}], {"on_time": Side.FOR, "rescheduled": Side.NEITHER}),
    ],
)  # fmt: skip
def test_the_record_speaks_by_how_late_it_was(loans, expected):
    of_history = {"no_loans", "on_time", "late_before", "late_now", "written_off", "rescheduled"}
    found = said(repaid(*(loan(**each) for each in loans)))
    assert {code: side for code, (side, _) in found.items() if code in of_history} == expected


def test_debt_speaks_on_both_sides_of_its_limit():
    assert said()["debt_to_income"][0] is Side.FOR
    assert said(application={"monthly_income": 1_000_000})["debt_to_income"][0] is Side.AGAINST
    at_limit = said(application={"monthly_income": 1_060_170, "existing_debt": 1_000_000})
    assert at_limit["debt_to_income"] == (Side.FOR, {"ratio": pytest.approx(0.55, abs=1e-6), "limit": 0.55})
    assert said(application={"monthly_income": None})["no_income"][0] is Side.AGAINST
    assert said(application={"existing_debt": 30_000_000})["over_extended"][0] is Side.AGAINST


def test_the_line_speaks_where_too_little_of_it_is_left():
    assert "over_line" not in said()  # nobody knows the line
    enough = [{"id": "1", "changed_at": "2026-01-01", "amount": 6_000_000}]
    assert "over_line" not in said(credit_line=enough)
    owes = repaid(loan(status="active", outstanding_fen=1))
    assert said(owes, credit_line=enough)["over_line"] == (
        Side.AGAINST,
        {"amount_fen": 6_000_000, "left_fen": 5_999_999},
    )


def test_the_price_speaks_against_each_cap_by_itself():
    prime = [{"id": "1", "starts_on": "2020-01-01", "one_year_rate": "0.03"}]
    assert said()["under_caps"][0] is Side.FOR
    assert set(said(prime_rate=prime)) & {"under_caps", "over_cap", "over_prime"} == {"over_prime"}
    dear = said(application={"annual_rate": "0.3", "disclosed_rate": None})
    assert set(dear) & {"under_caps", "over_cap", "over_prime"} == {"over_cap"}
    assert said(application={"annual_rate": None})["no_price"][0] is Side.AGAINST


def test_what_the_applicant_was_told_has_to_be_the_price():
    assert not {"not_disclosed", "disclosed_otherwise"} & set(said())
    assert said(application={"disclosure_confirmed_at": None})["not_disclosed"][0] is Side.AGAINST
    assert said(application={"disclosed_rate": "0.12"})["disclosed_otherwise"][0] is Side.AGAINST
    assert "disclosed_otherwise" not in said(application={"disclosed_rate": "0.1395"})  # within rounding


def test_a_shared_device_speaks_against_and_an_address_alone_does_not():
    others = pd.DataFrame(
        {
            "devices": [1, 2, 0],
            "addresses": [0, 1, 1],
            "same_tree": [True, False, True],
            "defaulted": [True, True, False],
        }
    )
    found = said(shared=others)
    assert found["shared_device"] == (Side.AGAINST, {"members": 2, "same_tree": 1, "defaulted": 2})
    assert found["shared_address"] == (Side.NEITHER, {"members": 1})
    assert not {"shared_device", "shared_address"} & set(said(shared=NOBODY))


def test_the_margin_speaks_for_only_where_its_interval_is_above_nothing():
    def margin(loss, low, high):
        return Margin(100, 0, 20, loss, low, high, Share(0.1, 0.05, 0.2, 9), 0.5, 0.05)

    assert said(margin=margin(10, 5, 79))["margin"][0] is Side.FOR
    assert said(margin=margin(10, 5, 80))["margin"][0] is Side.NEITHER
    assert said(margin=margin(81, 5, 90))["margin"][0] is Side.AGAINST
    assert "margin" not in said()


def test_a_bad_line_is_never_held_against_anybody():
    bad = Line(
        members=50, borrowers=40, mature=30, defaulted=30, rate=1.0, low=0.9, high=1.0, book_rate=0.05, better=False
    )
    good = Line(
        members=50, borrowers=40, mature=30, defaulted=0, rate=0.0, low=0.0, high=0.1, book_rate=0.5, better=True
    )
    untold = Line(
        members=5, borrowers=2, mature=0, defaulted=0, rate=float("nan"), low=0, high=1, book_rate=0.5, better=False
    )
    assert said(line=bad)["line"][0] is Side.NEITHER
    assert said(line=good)["line"][0] is Side.FOR
    assert "line" not in said(line=untold)
