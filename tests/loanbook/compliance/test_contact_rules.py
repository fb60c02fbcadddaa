"""Contacts held against hours, calls a day and third persons, on drawn contacts with answers by hand."""

from datetime import date, time

import duckdb
import pytest

from loanbook.compliance import contact_rules
from loanbook.working import create_tables
from rules.compliance import Rule
from rules.compliance_policy import ContactHours, MostCalls, ThirdPersons
from rules.legal_source import LegalSource
from tests.loanbook.derived import POLICY, copies

AS_OF = date(2026, 6, 30)
SOURCE = LegalSource(name_en="a rule", name_zh="规则", dated=date(2026, 1, 1))
NONE = POLICY.compliance.model_copy(
    update={"contact_hours": (), "answered_calls": (), "unanswered_calls": (), "third_persons": ()}
)
FILLERS = {"loan_id": 1, "party": "debtor", "purpose": "collection", "channel": "agent_call", "cost": 0}


def contact(key, at, **other):
    return {"id": key, "member_id": 1, **FILLERS, "contacted_at": at, "outcome": "answered", **other}


def found(contacts, **limits):
    """Breaches by rule and contact with what was observed, and what was judged by rule and month."""
    snapshot = copies({"contact": contacts})
    create_tables(snapshot, "rule_month", "rule_breach")
    contact_rules.judge(snapshot, AS_OF, NONE.model_copy(update=limits))
    return breaches(snapshot), dict(snapshot.execute("SELECT rule, sum(judged) FROM rule_month GROUP BY 1").fetchall())


def breaches(snapshot: duckdb.DuckDBPyConnection):
    asked = "SELECT rule, subject_id::INTEGER, happened_on, observed FROM rule_breach ORDER BY 1, 2"
    return [(Rule(rule), *rest) for rule, *rest in snapshot.execute(asked).fetchall()]


def hours(from_on, starts_at, ends_at):
    return ContactHours(from_on=from_on, source=SOURCE, starts_at=starts_at, ends_at=ends_at)


def calls(most):
    return (MostCalls(from_on=date(2026, 1, 1), source=SOURCE, calls=most),)


def test_hours_are_those_of_shanghai_and_the_last_minute_is_out():
    made = [
        contact(1, "2026-03-01 00:00:00"),  # 08:00:00 in Shanghai
        contact(2, "2026-02-28 23:59:59"),  # 07:59:59 on 1 March
        contact(3, "2026-03-01 13:59:59"),  # 21:59:59
        contact(4, "2026-03-01 14:00:00"),  # 22:00:00
        contact(5, "2026-03-01 15:59:59"),  # 23:59:59
        contact(6, "2026-03-01 16:00:00"),  # 00:00:00 on 2 March
        contact(7, "2026-03-01 16:00:00", purpose="reborrow"),
        contact(8, None, arm="held_out", outcome=None),
        contact(9, "2026-03-01 16:00:00", party="third"),
    ]
    listed, judged = found(made, contact_hours=(hours(date(2026, 1, 1), time(8), time(22)),))
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert [row[1:3] for row in listed] == [(2, first), (4, first), (5, first), (6, second), (9, second)]
    assert listed[1][3] == pytest.approx(22 / 24)
    assert judged == {"contact_hours": 7}


def test_a_limit_holds_from_its_day_in_shanghai_until_the_next_one():
    made = [
        contact(1, "2026-03-31 15:59:59"),  # 23:59:59 on 31 March: before the first limit
        contact(2, "2026-03-31 16:00:00"),  # midnight of 1 April: out under the first
        contact(3, "2026-04-30 13:00:00"),  # 21:00 on 30 April: in under the first
        contact(4, "2026-05-01 13:00:00"),  # 21:00 on 1 May: out under the second
        contact(5, "2026-06-30 16:00:00"),  # 1 July: after as_of
    ]
    limits = hours(date(2026, 4, 1), time(8), time(22)), hours(date(2026, 5, 1), time(8), time(20))
    listed, judged = found(made, contact_hours=limits)
    assert [row[1] for row in listed] == [2, 4]
    assert judged == {"contact_hours": 3}


def test_all_calls_of_a_day_with_too_many_answered_ones_are_listed():
    day = "2026-03-01"
    made = [contact(key, f"{day} 0{key}:00:00") for key in range(1, 5)]  # four answered
    made += [contact(5, f"{day} 05:00:00", outcome="unreachable"), contact(6, f"{day} 06:00:00", channel="sms")]
    made += [contact(7, f"{day} 07:00:00", party="third"), contact(8, f"{day} 16:00:00")]  # the next day in Shanghai
    made += [contact(9, f"{day} 01:00:00", member_id=2)]
    listed, judged = found(made, answered_calls=calls(3))
    assert [(row[1], row[3]) for row in listed] == [(key, 4) for key in range(1, 6)]
    assert judged == {"answered_calls": 7}
    assert found(made, answered_calls=calls(4))[0] == []


def test_of_unanswered_calls_those_alone_are_listed():
    made = [contact(key, f"2026-03-01 0{key}:00:00", outcome="unreachable") for key in range(1, 4)]
    made.append(contact(4, "2026-03-01 04:00:00"))
    listed, judged = found(made, unanswered_calls=calls(2))
    assert [(row[1], row[3]) for row in listed] == [(1, 3), (2, 3), (3, 3)]
    assert judged == {"unanswered_calls": 4}


def test_somebody_else_is_asked_only_while_the_debtor_can_not_be_reached():
    limit = ThirdPersons(from_on=date(2026, 1, 1), source=SOURCE, reached_days=30)
    made = [
        contact(1, "2026-03-01 02:00:00"),
        contact(2, "2026-03-31 02:00:00", party="third"),  # 30 days after the debtor answered
        contact(3, "2026-04-01 02:00:00", party="third"),  # 31 days
        contact(4, "2026-04-01 02:00:00", party="third", member_id=2),  # never reached
        contact(5, "2026-04-02 02:00:00", member_id=2),
        contact(6, "2026-04-03 02:00:00", party="third", member_id=3),
        contact(7, "2026-04-02 02:00:00", member_id=3, outcome="unreachable"),
    ]
    listed, judged = found(made, third_persons=(limit,))
    assert [(row[1], row[3]) for row in listed] == [(2, 30)]
    assert judged == {"third_persons": 4}


def test_nothing_is_judged_without_contacts():
    assert found([], answered_calls=calls(3), contact_hours=(hours(date(2026, 1, 1), time(8), time(22)),)) == ([], {})


def planned(key, at, **other):
    return contact(key, None, planned_at=at, outcome=None, **other)


def found_of_plans(contacts, **limits):
    snapshot = copies({"contact": contacts})
    create_tables(snapshot, "planned_count", "planned_breach")
    contact_rules.judge_planned(snapshot, AS_OF, NONE.model_copy(update=limits))
    rows = snapshot.execute("SELECT rule, subject_id::INTEGER FROM planned_breach ORDER BY 1, 2").fetchall()
    judged = snapshot.execute("SELECT rule, sum(judged) FROM planned_count GROUP BY 1").fetchall()
    return [(Rule(rule), key) for rule, key in rows], dict(judged)


def test_plans_after_as_of_alone_are_held_against_the_hours():
    made = [
        planned(1, "2026-06-30 16:00:00"),  # midnight of 1 July in Shanghai
        planned(2, "2026-07-01 02:00:00"),
        planned(3, "2026-06-30 15:59:59"),  # as_of itself, and was not made
        planned(4, "2026-06-30 16:00:00", arm="held_out"),
        planned(5, "2026-06-30 16:00:00", purpose="limit_raise"),
        contact(6, "2026-06-29 16:00:00"),  # was made at midnight
    ]
    rows, judged = found_of_plans(made, contact_hours=(hours(date(2026, 1, 1), time(8), time(22)),))
    assert rows == [(Rule.CONTACT_HOURS, 1)]
    assert judged == {"contact_hours": 2}


def test_more_planned_calls_than_may_be_answered_are_found_and_messages_are_none():
    made = [planned(key, f"2026-07-01 0{key}:00:00") for key in range(1, 4)]
    made += [planned(4, "2026-07-01 04:00:00", channel="sms"), planned(5, "2026-07-01 04:00:00", party="third")]
    assert found_of_plans(made, answered_calls=calls(3))[0] == []
    made.append(planned(6, "2026-07-01 15:59:59"))  # the last second of the day in Shanghai
    assert [key for _rule, key in found_of_plans(made, answered_calls=calls(3))[0]] == [1, 2, 3, 6]
    made[-1] = planned(6, "2026-07-01 16:00:00")
    assert found_of_plans(made, answered_calls=calls(3))[0] == []


def test_a_third_person_is_not_to_be_asked_while_the_debtor_answers():
    rule = (ThirdPersons(from_on=date(2026, 1, 1), source=SOURCE, reached_days=30),)
    third = planned(2, "2026-07-01 02:00:00", party="third")
    assert found_of_plans([contact(1, "2026-06-10 02:00:00"), third], third_persons=rule)[0] == [
        (Rule.THIRD_PERSONS, 2)
    ]
    assert found_of_plans([contact(1, "2026-05-10 02:00:00"), third], third_persons=rule)[0] == []
