"""A book's lending history: round after round every member who applies is decided on, lent to and repays or not."""

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from loanbook.demo import applications as asking
from loanbook.demo import default, repayment
from loanbook.demo import loans as lending
from loanbook.demo.applications import Applications, joined, kept
from loanbook.demo.draw import DAY, NEVER, NONE, Ints, Streams, Window, take
from loanbook.demo.loans import Loans, Schedule
from loanbook.demo.offers import COMES_BACK, RATE_CUT, VALID_DAYS, drawn_offers
from loanbook.demo.payments import Repayments
from loanbook.demo.people import People
from loanbook.demo.repayment import Outcome, Settled
from loanbook.demo.rescheduling import Moves, reschedule
from loanbook.demo.tiers import Standing

T = TypeVar("T", Schedule, Repayments, Moves)

_ROUNDS = 9
_MOST_LOANS = 8
_HALFWAY = 0.4  # of longer loans: applies again when half is repaid


@dataclass(frozen=True)
class History:
    """All rounds: applications and repayments by instant, loans by disbursement, instalments by loan and number.

    `moves` holds the instalments whose due dates were moved, in no order.
    """

    applications: Applications
    loans: Loans
    outcome: Outcome
    plan: Schedule
    settled: Settled
    repayments: Repayments
    moves: Moves


_Round = tuple[Loans, Outcome, Schedule, Settled, Repayments, Moves]


def play(streams: Streams, window: Window, people: People, standing: Standing, *, planted: bool) -> History:
    """The rounds until nobody applies any more."""
    next_at = asking.first_instants(streams, people)
    had_loans = np.zeros(len(next_at), dtype=np.int64)
    cut_until = np.zeros(len(next_at), dtype=np.int64)
    offers = drawn_offers(streams, len(next_at))
    fixed = people.in_ring | (people.planned_borrower >= 0)
    asked: list[Applications] = []
    lent: list[_Round] = []
    applications_before = loans_before = 0
    for number in range(_ROUNDS):
        applied = asking.submit(streams, window, people, standing, next_at=next_at, cut_until=cut_until, number=number)
        if number and not len(applied.at):
            break
        next_at = np.full_like(next_at, NEVER)
        next_at[applied.member] = applied.again_at
        loans = lending.disburse(streams, people, applied, applications_before, number)
        asked.append(applied)
        applications_before += len(applied.at)
        plan = lending.schedule(loans)
        ratio, exempt = default.hazard_ratio(people, loans, window), fixed[loans.member]
        stops = default.onset(streams, people, loans, plan, ratio, number=number)
        plan, moved, moves = reschedule(streams, window, loans, plan, stops, exempt=exempt, number=number)
        outcome, repaid, settled = repayment.repay(
            streams, window, loans, plan, moved, ratio=ratio, stops=stops, exempt=exempt, number=number,
            planted=planted and number == 0,
        )  # fmt: skip
        had_loans[loans.member] += 1
        offered = (had_loans[loans.member] == 1) & (outcome.closed_at != NONE)
        cut_until[loans.member] = np.where(
            offered & (offers[loans.member] == RATE_CUT), outcome.closed_at + VALID_DAYS * DAY, 0
        )
        next_at[loans.member] = _again_at(
            streams, people, loans, outcome, had_loans=had_loans, offers=offers, number=number
        )
        plan, repaid, moves = (
            _shifted(plan, loans_before),
            _shifted(repaid, loans_before),
            _shifted(moves, loans_before),
        )
        lent.append((loans, outcome, plan, settled, repaid, moves))
        loans_before += len(loans.term)
    return _in_order(asked, lent)


def _again_at(
    streams: Streams, people: People, loans: Loans, outcome: Outcome, *, had_loans: Ints, offers: Ints, number: int
) -> Ints:
    """When borrowers apply again: after repaying in full, or halfway through a longer loan in good standing."""
    draws = streams("again", number).random((3, len(people.registered)))[:, loans.member]
    halfway = (loans.term >= 12) & (draws[0] < _HALFWAY) & (outcome.stops_at == 0)
    since = np.where(halfway, outcome.halfway_at, np.where(outcome.closed_at == NONE, NEVER, outcome.closed_at))
    offered = (had_loans[loans.member] == 1) & ~halfway
    likely = take(COMES_BACK, np.where(offered, offers[loans.member], 0))
    comes = (draws[1] < likely) & (outcome.stops_at == 0) & (had_loans[loans.member] < _MOST_LOANS)
    comes &= ~people.in_ring[loans.member]
    gap = ((0.2 - 18 * np.log1p(-draws[2])) * DAY).astype(np.int64)
    return np.where(comes & (since < NEVER), since + gap, NEVER)


def _shifted(rows: T, loans_before: int) -> T:
    """With loan rows that count on from those of earlier rounds."""
    return replace(rows, loan=rows.loan + loans_before)


def _in_order(asked: list[Applications], lent: list[_Round]) -> History:
    """All rounds in one, in the order in which a lender numbers them."""
    applications = joined(asked)
    loans, outcome, plan, settled, repaid, moves = (joined(list(parts)) for parts in zip(*lent, strict=True))
    by_instant = np.argsort(applications.at, kind="stable")
    by_disbursement = np.argsort(loans.disbursed_at, kind="stable")
    application_row, loan_row = _ranks(by_instant), _ranks(by_disbursement)
    first = np.cumsum(loans.term) - loans.term
    term = loans.term[by_disbursement]
    instalments = np.repeat(first[by_disbursement] - (np.cumsum(term) - term), term) + np.arange(term.sum())
    moved = {field.name: getattr(loans, field.name)[by_disbursement] for field in fields(loans)}
    plan = kept(plan, instalments)
    paid_order = np.lexsort((loan_row[repaid.loan], repaid.at))
    repaid = kept(repaid, paid_order)
    return History(
        applications=kept(applications, by_instant),
        loans=Loans(**{**moved, "application": application_row[moved["application"]]}),
        outcome=kept(outcome, by_disbursement),
        plan=replace(plan, loan=loan_row[plan.loan]),
        settled=kept(settled, instalments),
        repayments=replace(repaid, loan=loan_row[repaid.loan]),
        moves=replace(moves, loan=loan_row[moves.loan]),
    )


def _ranks(order: Ints) -> Ints:
    """Where each row goes when rows are put in an order."""
    result = np.empty(len(order), dtype=np.int64)
    result[order] = np.arange(len(order))
    return result
