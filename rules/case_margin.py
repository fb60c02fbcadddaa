"""What a loan at its price is expected to bring in, and to cost."""

from dataclasses import dataclass

from rules.case_price import Price

_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Share:
    """A rate with its interval and the number that it is of."""

    rate: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Margin:
    """The parts of contribution, named as in `rules.worth`; over the loan's life, in fen."""

    interest_fen: int
    fee_fen: int
    funding_fen: int
    loss_fen: int
    loss_low_fen: int
    loss_high_fen: int
    default: Share  # how many of the score's band default within the horizon
    loss_ratio: float  # of what is owed when a loan defaults, the part that is lost in the end
    funding_ratio: float  # a year

    @property
    def income_fen(self) -> int:
        """What comes in if all is paid as it falls due."""
        return self.interest_fen + self.fee_fen

    @property
    def margin_fen(self) -> int:
        """What is left after funding and expected loss."""
        return self.income_fen - self.funding_fen - self.loss_fen

    @property
    def low_fen(self) -> int:
        """The same with the most losses that the band's record allows."""
        return self.income_fen - self.funding_fen - self.loss_high_fen

    @property
    def high_fen(self) -> int:
        """The same with the fewest."""
        return self.income_fen - self.funding_fen - self.loss_low_fen


def margin(price: Price, default: Share, loss_ratio: float, funding_ratio: float) -> Margin:
    """The expected margin of a loan.

    Formula: interest and fees as they fall due - principal owed x funding cost of its months - probability of default
    x loss ratio x the amount (what is owed at a default is taken to be all of it). A membership fee is left out: it was
    paid already.
    Source: metrics.md, "expected loss"; `rules.worth` for the parts.
    """
    amount, schedule = price.terms.amount_fen, price.schedule
    lost = amount * loss_ratio
    return Margin(
        interest_fen=sum(schedule.interest_fen),
        fee_fen=sum(schedule.fee_fen) + price.terms.upfront_fee_fen,
        funding_fen=round(sum(schedule.balance_fen) * funding_ratio / _MONTHS_A_YEAR),
        loss_fen=round(lost * default.rate),
        loss_low_fen=round(lost * default.low),
        loss_high_fen=round(lost * default.high),
        default=default,
        loss_ratio=loss_ratio,
        funding_ratio=funding_ratio,
    )
