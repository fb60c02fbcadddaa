"""What an applicant's income has to carry: this loan, their loans here, and the debt that they declared elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Burden:
    """A month's income against a month's obligations, and all debts against it. None: the book does not say."""

    income_fen: int | None
    asked_fen: int  # a month, for the loan that is asked for
    running_fen: int  # a month, for the loans that run here
    declared_fen: int | None  # debt elsewhere, all of it
    elsewhere_fen: int  # a month, for the debt elsewhere, by the policy's share of it
    owed_fen: int  # principal: asked for, running here, declared

    @property
    def monthly_fen(self) -> int:
        """All obligations of a month."""
        return self.asked_fen + self.running_fen + self.elsewhere_fen

    @property
    def debt_to_income(self) -> float | None:
        """All obligations of a month / income of a month, this loan included."""
        return self.monthly_fen / self.income_fen if self.income_fen else None

    @property
    def monthly_incomes(self) -> float | None:
        """All that would be owed, in monthly incomes."""
        return self.owed_fen / self.income_fen if self.income_fen else None


def burden(
    *, income_fen: int | None, instalment_fen: int, amount_fen: int, running_fen: int, outstanding_fen: int,
    declared_fen: int | None, elsewhere_monthly_ratio: float,
) -> Burden:  # fmt: skip
    """What the income has to carry with the loan that is asked for.

    Formula: debt to income = (the loan's instalment + what falls due next on loans that run here + declared debt x the
    policy's monthly share) / monthly income.
    """
    return Burden(
        income_fen=income_fen,
        asked_fen=instalment_fen,
        running_fen=running_fen,
        declared_fen=declared_fen,
        elsewhere_fen=round((declared_fen or 0) * elsewhere_monthly_ratio),
        owed_fen=amount_fen + outstanding_fen + (declared_fen or 0),
    )
