"""What stood there before a decision: nothing that came later, nothing that tells how it was decided."""

from datetime import UTC, datetime

from loanbook.evidence import Seen, hash_of
from loanbook.evidence_before import before
from rules.review_case import Check, Evidence

AT = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
SOON, LATER = "2026-11-18 01:59:59", "2026-11-18 02:00:00"
UNDECIDED = {"status": "open", "decided_at": None, "decided_by": None, "approved_amount": None}


def seen(**tables):
    empty = dict.fromkeys(
        ("application", "earlier_application", "product", "tier", "member", "application_check", "score",
         "device_sighting", "prime_rate", "membership", "perk", "credit_line", "loan", "instalment", "repayment",
         "schedule_change"),
    )  # fmt: skip
    content = {**{name: [] for name in empty}, "application": [{"id": "7"}], **tables}
    evidence = Evidence("7", "later", False, 100, "cash", None, "70", None, (), frozenset())
    return Seen(evidence, content)


def left(**tables):
    return before(seen(**tables), AT).content


def test_the_application_waits_and_does_not_say_how_it_was_decided():
    decided = {"id": "7", "amount": 100, "status": "disbursed", "decided_at": LATER, "decided_by": "manual",
               "approved_amount": 60}  # fmt: skip
    found = before(seen(application=[decided]), AT)
    assert found.content["application"] == [{"id": "7", "amount": 100, **UNDECIDED}]
    assert found.evidence.open
    assert found.evidence.hash == hash_of(found.content)


def test_the_loan_that_came_of_it_is_not_there_nor_what_belongs_to_it():
    tables = {
        "loan": [{"id": "1", "application_id": "3", "disbursed_at": SOON, "status": "active"},
                 {"id": "2", "application_id": "7", "disbursed_at": LATER, "status": "active"},
                 {"id": "3", "application_id": "7", "disbursed_at": SOON, "status": "active"}],
        "instalment": [{"loan_id": "1", "number": 1}, {"loan_id": "2", "number": 1}],
        "repayment": [{"id": "1", "loan_id": "1", "paid_at": SOON}, {"id": "2", "loan_id": "1", "paid_at": LATER},
                      {"id": "3", "loan_id": "2", "paid_at": SOON}],
        "schedule_change": [{"id": "1", "loan_id": "2", "changed_at": SOON}],
    }  # fmt: skip
    found = left(**tables)
    assert [row["id"] for row in found["loan"]] == ["1"]
    assert found["instalment"] == [{"loan_id": "1", "number": 1}]
    assert [row["id"] for row in found["repayment"]] == ["1"]
    assert found["schedule_change"] == []


def test_what_a_person_checked_is_left_out_and_what_rules_said_stays():
    rules = {"layer": "rules", "code": "court", "outcome": "fail", "checked_at": SOON}
    person = {"layer": "manual", "code": "review", "outcome": "pass", "checked_at": SOON}
    again = {"layer": "rules", "code": "device", "outcome": "pass", "checked_at": LATER}
    found = before(seen(application_check=[rules, person, again]), AT)
    assert found.content["application_check"] == [rules]
    assert found.evidence.checks == (Check("rules", "court", "fail"),)
    assert found.evidence.failed


def test_what_happened_later_to_what_was_there_is_blank():
    tables = {
        "loan": [{"id": "1", "application_id": "3", "disbursed_at": SOON, "status": "paid_off", "closed_at": LATER,
                  "written_off_at": None, "defaulted_on": None},
                 {"id": "2", "application_id": "3", "disbursed_at": SOON, "status": "paid_off", "closed_at": SOON,
                  "written_off_at": None, "defaulted_on": "2026-11-17"},
                 {"id": "4", "application_id": "3", "disbursed_at": SOON, "status": "active", "closed_at": None,
                  "written_off_at": None, "defaulted_on": "2026-11-18"}],
        "membership": [{"started_at": SOON, "ended_at": LATER}, {"started_at": LATER, "ended_at": None}],
        "perk": [{"granted_at": SOON, "redeemed_at": LATER, "loan_id": "2"}],
        "earlier_application": [{"applied_at": SOON, "status": "declined", "decided_at": LATER},
                                {"applied_at": SOON, "status": "declined", "decided_at": SOON},
                                {"applied_at": LATER, "status": "open", "decided_at": None}],
        "score": [{"scored_at": SOON, "reasons": [{"feature": "income"}]},
                  {"scored_at": LATER, "reasons": [{"feature": "later"}]}],
        "credit_line": [{"changed_at": SOON}, {"changed_at": LATER}],
        "prime_rate": [{"starts_on": "2026-11-18"}, {"starts_on": "2026-11-19"}],
        "member": [{"id": "70"}],
    }  # fmt: skip
    found = before(seen(**tables), AT)
    content = found.content
    assert [(row["status"], row["closed_at"], row["defaulted_on"]) for row in content["loan"]] == [
        ("active", None, None), ("paid_off", SOON, "2026-11-17"), ("active", None, None)
    ]  # fmt: skip
    assert content["membership"] == [{"started_at": SOON, "ended_at": None}]
    assert content["perk"] == [{"granted_at": SOON, "redeemed_at": None, "loan_id": None}]
    assert [row["status"] for row in content["earlier_application"]] == ["open", "declined"]
    assert found.evidence.score_reasons == {"income"}
    assert (len(content["credit_line"]), len(content["prime_rate"]), content["member"]) == (1, 1, [{"id": "70"}])


def test_it_is_the_same_however_often_and_whatever_came_of_the_decision():
    first = {"id": "1", "application_id": "3", "disbursed_at": SOON, "status": "active"}
    granted = seen(
        application=[{"id": "7", "status": "disbursed", "decided_at": LATER, "approved_amount": 60}],
        loan=[first, {"id": "2", "application_id": "7", "disbursed_at": LATER, "status": "active"}],
    )
    declined = seen(
        application=[{"id": "7", "status": "declined", "decided_at": LATER, "approved_amount": None}], loan=[first]
    )
    waiting = seen(
        application=[{"id": "7", "status": "open", "decided_at": None, "approved_amount": None}], loan=[first]
    )
    hashes = {before(each, AT).evidence.hash for each in (granted, declined, waiting, before(granted, AT))}
    assert len(hashes) == 1
