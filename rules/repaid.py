"""How somebody repaid: their loans as they stand today, and how late they were at each month end."""

from dataclasses import dataclass
from datetime import date

from rules.ageing import BUCKETS


@dataclass(frozen=True)
class EarlierLoan:
    """One loan as it stands. What instalments would tell is None where the book has none of the loan."""

    loan_id: str
    disbursed_on: date
    principal_fen: int
    term_months: int | None
    annual_rate: float | None
    status: str  # active, paid_off, written_off
    closed_on: date | None
    outstanding_fen: int | None  # principal not repaid; 0 once closed
    overdue_fen: int | None  # due before today and unpaid
    next_due_fen: int | None  # of the instalment that falls due next; 0 once closed
    days_past_due: int | None
    worst_days_past_due: int | None
    rescheduled: bool  # a due date was moved


@dataclass(frozen=True)
class MonthEnd:
    """How late somebody was at the end of a month: by the latest of their loans."""

    day: date
    bucket: str  # of rules.ageing.BUCKETS, or written_off in the month of it
    loans: int  # that ran then


@dataclass(frozen=True)
class Repaid:
    """All loans of a member, the oldest first, and the month ends at which any of them ran."""

    loans: tuple[EarlierLoan, ...]
    months: tuple[MonthEnd, ...]

    @property
    def running(self) -> tuple[EarlierLoan, ...]:
        """The loans that are not repaid and not written off."""
        return tuple(loan for loan in self.loans if loan.status == "active")

    @property
    def paid_off(self) -> int:
        """How many loans were repaid."""
        return sum(loan.status == "paid_off" for loan in self.loans)

    @property
    def written_off(self) -> int:
        """How many loans were written off."""
        return sum(loan.status == "written_off" for loan in self.loans)

    @property
    def on_time_months(self) -> int:
        """Month ends with nothing past due."""
        return sum(month.bucket == BUCKETS[0] for month in self.months)

    @property
    def days_past_due(self) -> int:
        """Of the latest loan that runs."""
        return max((loan.days_past_due or 0 for loan in self.running), default=0)

    @property
    def worst_days_past_due(self) -> int:
        """Of any loan, ever."""
        return max((loan.worst_days_past_due or 0 for loan in self.loans), default=0)

    @property
    def outstanding_fen(self) -> int:
        """Principal of all loans that is not repaid; of one without instalments what was lent."""
        return sum(
            loan.principal_fen if loan.outstanding_fen is None else loan.outstanding_fen for loan in self.running
        )

    @property
    def next_due_fen(self) -> int:
        """What falls due next on the loans that run."""
        return sum(loan.next_due_fen or 0 for loan in self.running)
