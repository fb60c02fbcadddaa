"""The queue on both kinds of state database: what waits, in which order, how much stands how."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from desk import review_opening, review_queue
from desk.review_queue import Show, Sort, Wanted
from desk.review_tables import review_case
from rules.review_actions import Answer, Ask, Assign, Escalate, Park, Withdraw
from rules.review_case import Person, State
from tests.desk.reviewing import BOOK, JUNIOR, MANAGER, NOW, OFFICER, OTHER, RULE, Desk, application, staffed


def later(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def queue(both):
    """Four cases: 2 is due first, then 1, 4 (the larger) and 3. 5 h 60 min of working time are left for 2."""
    found = [
        application(1, applied_at=later(10), default_probability=0.05), application(2, signals=("many_lenders",)),
        application(3, applied_at=later(20), default_probability=0.31, amount_fen=4_000_000, product="instalment"),
        application(4, applied_at=later(20), amount_fen=9_000_000, member_id="80", default_probability=0.05),
    ]  # fmt: skip
    review_opening.open_cases(staffed(both), BOOK, found, RULE, NOW)
    return both


def numbers(engine, now=NOW, limit=50, offset=0, **wanted):
    return [each.case[1] for each in review_queue.listed(engine, BOOK, Wanted(**wanted), now, limit, offset)]


def tally(engine, now=NOW, of=None, by=OFFICER, **part):
    counted = review_queue.tally(engine, BOOK, now, of, by)
    return {show.value: counted.of(show, **part) for show in Show if counted.of(show, **part)}


def test_cases_come_by_deadline_then_amount_a_page_at_a_time(queue):
    assert numbers(queue) == ["2", "1", "4", "3"]
    assert numbers(queue, limit=2, offset=1) == ["1", "4"]
    assert review_queue.listed(queue, "another book", Wanted(), NOW) == ()


def test_they_are_sorted_by_amount_age_and_risk_those_without_a_score_last(queue):
    assert numbers(queue, sort=Sort.AMOUNT) == ["4", "2", "1", "3"]
    assert numbers(queue, sort=Sort.AGE) == ["2", "1", "4", "3"]
    assert numbers(queue, sort=Sort.RISK) == ["3", "1", "4", "2"]


def test_what_the_queue_tells_of_a_case(queue):
    second = review_queue.listed(queue, BOOK, Wanted(), NOW)[0]
    assert (second.external_number, second.opened_for, second.tier) == ("A-2", "amount", "gold")
    assert (second.signals, second.default_probability) == (("many_lenders",), None)
    assert (second.applied_at, second.decisions) == (NOW, 0)


def test_a_case_is_counted_by_how_it_stands_and_cases_return_by_themselves(queue):
    Desk(queue, 2).decide(OFFICER)
    desk = Desk(queue, 1)
    desk.act(OFFICER, Park(desk.claim(OFFICER).tokens, later(60), "call back"))
    Desk(queue, 3).claim(OTHER)
    assert tally(queue) == {"waiting": 2, "claimed": 1, "parked": 1, "sent": 1}
    assert (numbers(queue, show=Show.PARKED), numbers(queue, show=Show.SENT)) == (["1"], ["2"])
    assert [each.holder for each in review_queue.listed(queue, BOOK, Wanted(show=Show.CLAIMED), NOW)] == [OTHER]
    assert tally(queue, later(60)) == {"waiting": 3, "sent": 1}  # 1 came back, 3 is in nobody's hands any more
    assert numbers(queue, later(60)) == ["1", "4", "3"]


def test_second_decisions_withdrawn_and_late_cases_are_found(queue):
    Desk(queue, 2).decide(JUNIOR)
    Desk(queue, 4).act(OFFICER, Withdraw("They called"))
    assert tally(queue) == {"waiting": 3, "second": 1, "withdrawn": 1}
    late = NOW + timedelta(days=1, hours=1)
    assert tally(queue, late) == {"waiting": 3, "overdue": 3, "second": 1, "withdrawn": 1}
    assert numbers(queue, late, show=Show.SECOND) == ["2"]


def test_while_information_is_awaited_the_clock_stands(queue):
    for number, at in ((2, later(30)), (1, later(60))):
        desk = Desk(queue, number)
        desk.act(OFFICER, Ask(desk.claim(OFFICER, at).tokens, "Payslips?"), at)
    much_later = NOW + timedelta(days=2)
    assert tally(queue, much_later) == {"waiting": 2, "overdue": 2, "asked": 2}
    first, second = review_queue.listed(queue, BOOK, Wanted(show=Show.ASKED), much_later)
    # asked when half an hour was gone of the 8 h of 2; 1 came ten minutes later and had been there for 50 minutes
    assert (first.case[1], first.left) == ("1", timedelta(hours=7, minutes=10))
    assert (second.case[1], second.left) == ("2", timedelta(hours=7, minutes=30))
    friday = much_later  # 10:00 in Shanghai: 7 h 10 min later it is 17:10
    assert first.breach_at(RULE.review.hours, friday) == friday + timedelta(hours=7, minutes=10)
    back = Desk(queue, 1).act(OFFICER, Answer("They came"), friday)
    assert (back.due_at, back.left) == (friday + timedelta(hours=7, minutes=10), None)


def test_what_is_late_when_it_is_asked_about_stays_late(queue):
    late = NOW + timedelta(days=1, hours=1)
    desk = Desk(queue, 2)
    desk.act(OFFICER, Ask(desk.claim(OFFICER, late).tokens, "Payslips?"), late)
    assert numbers(queue, late, show=Show.OVERDUE) == ["2", "1", "4", "3"]
    (asked,) = review_queue.listed(queue, BOOK, Wanted(show=Show.ASKED), late)
    assert asked.breach_at(RULE.review.hours, late) == asked.due_at


def test_somebodys_own_are_what_they_hold_were_given_parked_or_decided(queue):
    Desk(queue, 2).decide(OFFICER)
    desk = Desk(queue, 1)
    desk.act(OFFICER, Park(desk.claim(OFFICER).tokens, later(60), "call back"))
    Desk(queue, 3).claim(OFFICER)
    Desk(queue, 4).act(MANAGER, Assign(Person(OTHER, "", None), "please"))
    assert tally(queue, of=OFFICER) == {"waiting": 1, "claimed": 1, "parked": 1, "sent": 1}
    assert numbers(queue, of=OFFICER) == ["3"]
    assert numbers(queue, of=OTHER) == ["4"]
    assert [review_queue.tally(queue, BOOK, NOW, None, by).mine for by in (OFFICER, OTHER, JUNIOR)] == [2, 1, 0]
    assert review_queue.tally(queue, BOOK, later(15), None, OFFICER).mine == 1  # the lease of 3 has run out


def test_cases_are_listed_and_counted_by_product_and_cause(queue):
    assert (numbers(queue, product="instalment"), numbers(queue, cause="referred")) == (["3"], ["3"])
    assert tally(queue, product="cash", cause="amount") == {"waiting": 3}
    assert tally(queue, product="cash", cause="referred") == {}
    counted = review_queue.tally(queue, BOOK, NOW, None, OFFICER)
    assert (counted.products, counted.causes) == (("cash", "instalment"), ("amount", "referred"))


def test_a_case_is_found_by_its_number(queue):
    assert review_queue.found(queue, BOOK, " a-4 ", NOW).amount_fen == 9_000_000
    assert review_queue.found(queue, BOOK, "A-9", NOW) is None


def test_a_case_that_was_escalated_says_by_whom(queue):
    desk = Desk(queue, 1)
    desk.act(OFFICER, Escalate(desk.claim(OFFICER).tokens, "odd"))
    assert review_queue.found(queue, BOOK, "A-1", NOW).escalated_by == OFFICER


def test_every_case_stands_in_one_state_of_the_list(queue):
    shown = [show for show in Show if show not in {Show.OVERDUE, Show.CLAIMED, Show.SECOND, Show.REFUSED}]
    for at, each in enumerate([State.WAITING, State.PARKED, State.ASKED, State.DECIDED, State.WITHDRAWN, State.CLOSED]):
        values = {"state": each.value, "parked_until": later(5), "delivery": ("pending", "acknowledged")[at % 2]}
        with queue.begin() as connection:
            connection.execute(update(review_case).values(values))
        counted = review_queue.tally(queue, BOOK, NOW, None, OFFICER)
        assert sum(counted.of(show) for show in shown) == 4
