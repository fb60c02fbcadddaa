"""What an application would cost its applicant: the schedule, the all-in rate with every fee, the caps of the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import expm1, log1p

from rules.price import AllInRate, all_in_rate

_MONTHS_A_YEAR = 12
_ROUNDING_FEN = 0.5  # of each instalment, as `loanbook.members.loan_price` allows it


@dataclass(frozen=True)
class Terms:
    """What is asked for and at which price."""

    amount_fen: int
    term_months: int
    annual_rate: float
    upfront_fee_fen: int
    monthly_fee_fen: int  # all that is paid each month beside interest, a guarantee's fee among it
    membership_fee_fen: int  # required for the loan; 0: none


@dataclass(frozen=True)
class Schedule:
    """What falls due each month."""

    principal_fen: tuple[int, ...]
    interest_fen: tuple[int, ...]
    fee_fen: tuple[int, ...]

    @property
    def due_fen(self) -> tuple[int, ...]:
        """All of it."""
        return tuple(map(sum, zip(self.principal_fen, self.interest_fen, self.fee_fen, strict=True)))

    @property
    def balance_fen(self) -> tuple[int, ...]:
        """Principal owed in each month, before its instalment."""
        total, owed = sum(self.principal_fen), []
        for principal in self.principal_fen:
            owed.append(total)
            total -= principal
        return tuple(owed)


@dataclass(frozen=True)
class Caps:
    """What loans may cost a year on the day; `prime` is None where the book holds no prime rate."""

    cap: float
    prime: float | None


@dataclass(frozen=True)
class Price:
    """What the loan would cost."""

    terms: Terms
    schedule: Schedule
    own: AllInRate  # with its own interest and fees
    all_in: AllInRate  # and with the membership fee that it required
    caps: Caps
    over_cap: bool
    over_prime: bool | None  # None where no prime rate is known

    @property
    def instalment_fen(self) -> int:
        """What falls due in the first month."""
        return self.schedule.due_fen[0]


@dataclass(frozen=True)
class FeePaid:
    """A membership fee."""

    tier: str
    paid_on: date
    fee_fen: int


def equal_payments(terms: Terms) -> Schedule:
    """The schedule of equal monthly payments, which applications are priced by: lending chooses the method later.

    Formula: P r / (1 - (1 + r)^-n) rounded to the fen, r = yearly rate / 12; interest on what is owed, rounded; the
    last instalment repays what is left.
    """
    owed, months, month = terms.amount_fen, terms.term_months, terms.annual_rate / _MONTHS_A_YEAR
    even = owed / months if month == 0 else -owed * month / expm1(-months * log1p(month))
    principal, interest = [], []
    for number in range(1, months + 1):
        charged = round(owed * month)
        repaid = owed if number == months else min(owed, round(even) - charged)
        principal.append(repaid)
        interest.append(charged)
        owed -= repaid
    return Schedule(tuple(principal), tuple(interest), (terms.monthly_fee_fen,) * months)


def priced(terms: Terms, caps: Caps) -> Price:
    """What the loan would cost, and whether that is over the caps with every fee inside.

    Formula: the internal rate of return of the amount less the upfront fee, less the membership fee that was required,
    against what falls due each month, fees inside; x 12 and compounded. Over a cap as `loanbook.members.loan_price`
    has it: what falls due, discounted at the cap, is worth more than what is got, rounding aside.
    Source: metrics.md, "all-in annual rate", trap 16.
    """
    schedule = equal_payments(terms)
    got, dues = terms.amount_fen - terms.upfront_fee_fen, schedule.due_fen
    with_fee = got - terms.membership_fee_fen
    return Price(
        terms=terms, schedule=schedule, own=_rate(got, dues), all_in=_rate(with_fee, dues), caps=caps,
        over_cap=_is_over(with_fee, dues, caps.cap),
        over_prime=None if caps.prime is None else _is_over(with_fee, dues, caps.prime),
    )  # fmt: skip


def required_fee(
    fees: Iterable[FeePaid], tier: str | None, applied_on: date, before: Iterable[tuple[str | None, date]], days: int
) -> int:
    """The membership fee that an application required, in fen.

    fees: what the applicant paid; before: tier and day of their earlier applications that were lent on; days: of the
    policy.
    Formula: a fee for the same tier paid within so many days before the application, where no earlier loan of the tier
    was applied for in those days; it counts whole. As `loanbook.members.loan_price`.
    Source: metrics.md, "all-in annual rate".
    """
    lent = [on for of, on in before if of == tier]
    return sum(
        fee.fee_fen
        for fee in fees
        if fee.tier == tier
        and 0 <= (applied_on - fee.paid_on).days <= days
        and not any(0 <= (on - fee.paid_on).days <= days for on in lent)
    )


def _rate(got_fen: int, dues_fen: tuple[int, ...]) -> AllInRate:
    return all_in_rate([got_fen, *(-fen for fen in dues_fen)])


def _is_over(got_fen: int, dues_fen: tuple[int, ...], cap: float) -> bool:
    month = 1 + cap / _MONTHS_A_YEAR
    worth = sum(fen * month**-number for number, fen in enumerate(dues_fen, start=1))
    return worth > got_fen + len(dues_fen) * _ROUNDING_FEN
