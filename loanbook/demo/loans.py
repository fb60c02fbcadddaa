"""Loans and their schedules."""

from dataclasses import dataclass

import numpy as np

from loanbook.demo.applications import Applications
from loanbook.demo.draw import DAY, Bools, Floats, Ints, Streams, add_months, pick
from loanbook.demo.people import People
from loanbook.demo.pricing import EQUAL_PAYMENT, EQUAL_PRINCIPAL, INTEREST_FIRST
from loanbook.demo.reference import FUNDER_PICKED, PRODUCTS

STATUSES = ("active", "paid_off", "written_off")
ACTIVE, PAID_OFF, WRITTEN_OFF = range(3)


@dataclass(frozen=True)
class Loans:
    """One row per loan, as disbursed."""

    application: Ints  # row
    member: Ints  # row
    tier: Ints
    product: Ints
    funder: Ints
    disbursed_at: Ints
    principal: Ints
    rate: Floats
    upfront: Ints
    monthly: Ints
    term: Ints
    method: Ints
    over_cap: Bools

    @property
    def disbursed_day(self) -> Ints:
        """The Asia/Shanghai date of disbursement."""
        return self.disbursed_at // DAY


@dataclass(frozen=True)
class Schedule:
    """One row per instalment, by loan and number."""

    loan: Ints  # row
    number: Ints
    due: Ints
    principal: Ints
    interest: Ints
    fee: Ints

    @property
    def total(self) -> Ints:
        """All that is due."""
        return self.principal + self.interest + self.fee


def disburse(streams: Streams, people: People, applications: Applications, first_row: int, number: int) -> Loans:
    """The loans of those of a round's applications that were disbursed; `first_row` is the first application's row."""
    draws = streams("loan", number).random((2, len(people.registered)))
    rows = np.flatnonzero(applications.disbursed_at >= 0)
    member = applications.member[rows]
    product = applications.product[rows]
    share = applications.approved[rows] / applications.amount[rows]
    chosen = draws[1, member]
    method = np.where(chosen < 0.72, EQUAL_PAYMENT, np.where(chosen < 0.88, EQUAL_PRINCIPAL, INTEREST_FIRST))
    # Fees weigh less on a loan whose principal is due at the end: what must be over the cap is not of that kind.
    amortised = (applications.term[rows] > 12) | applications.over_cap[rows]
    method = np.where((method == INTEREST_FIRST) & amortised, EQUAL_PAYMENT, method)
    return Loans(
        application=first_row + rows,
        member=member,
        tier=applications.tier[rows],
        product=product,
        funder=np.where(product == PRODUCTS.index("revolving"), 0, pick(draws[0, member], FUNDER_PICKED)),
        disbursed_at=applications.disbursed_at[rows],
        principal=applications.approved[rows],
        rate=applications.rate[rows],
        upfront=np.rint(applications.upfront[rows] * share).astype(np.int64),
        monthly=np.rint(applications.monthly[rows] * share).astype(np.int64),
        term=applications.term[rows],
        method=method,
        over_cap=applications.over_cap[rows],
    )


def schedule(loans: Loans) -> Schedule:
    """The instalments, due on the day of the month of disbursement; their principal sums to the loan's to the fen."""
    loan = np.repeat(np.arange(len(loans.term)), loans.term)
    number = np.arange(len(loan)) - np.repeat(np.cumsum(loans.term) - loans.term, loans.term) + 1
    principal, term, method = loans.principal[loan], loans.term[loan], loans.method[loan]
    monthly_rate = loans.rate[loan] / 12
    growth = np.log1p(monthly_rate)
    whole = np.expm1(term * growth)

    def repaid(through: Ints) -> Ints:
        """Principal repaid by the instalments up to one of each loan."""
        annuity = np.expm1(through * growth) / whole
        share = np.select([method == EQUAL_PAYMENT, method == EQUAL_PRINCIPAL], [annuity, through / term], 0.0)
        return np.where(through == term, principal, np.rint(principal * share).astype(np.int64))

    before = repaid(number - 1)
    part = repaid(number) - before
    payment = np.rint(principal * monthly_rate * (1 + whole) / whole).astype(np.int64)
    on_balance = np.rint((principal - before) * monthly_rate).astype(np.int64)
    return Schedule(
        loan=loan,
        number=number,
        due=add_months(loans.disbursed_day[loan], number),
        principal=part,
        interest=np.where(method == EQUAL_PAYMENT, (payment - part).clip(0), on_balance),
        fee=loans.monthly[loan],
    )
