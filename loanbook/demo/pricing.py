"""What a loan costs: prime rate and a spread by risk, fees below the cap, and the all-in yearly rate."""

import numpy as np

from loanbook.demo.draw import Bools, Floats, Ints, take
from loanbook.demo.reference import PRODUCTS, TIER_DISCOUNT, prime_rate

RATE_CUT = 0.01
_SPREAD = 0.118
_SPREAD_PER_POINT = 0.0004
_FEE_CEILING = 0.232  # fees are sized so that the all-in rate stays below it
_NEWTON_STEPS = 6
_STEP = 1e-6  # of a month's rate, over which its slope is taken
METHODS = ("equal_payment", "equal_principal", "interest_first")
EQUAL_PAYMENT, EQUAL_PRINCIPAL, INTEREST_FIRST = range(len(METHODS))
_GUARANTEE_FEE = 0.01  # of the principal a month, on the planted loans over the cap


def yearly_rate(score: Floats, tier: Ints, product: Ints, days: Ints, is_cut: Bools) -> Floats:
    """The nominal yearly rate, in tenths of a percent; a rate cut takes a point off it."""
    spread = _SPREAD - _SPREAD_PER_POINT * (score - 640) - take(TIER_DISCOUNT, tier)
    spread -= 0.015 * (product == PRODUCTS.index("instalment"))
    spread -= RATE_CUT * is_cut
    result: Floats = np.rint((prime_rate(days) + spread).clip(0.08, 0.238) * 1000) / 1000
    return result


def fee_shares(rate: Floats, product: Ints, term: Ints, over_cap: Bools) -> tuple[Floats, Floats]:
    """The upfront and the monthly fee as shares of the principal.

    An upfront fee adds about 24 / (term + 1) of itself to the yearly rate, a monthly one at most 24 times itself.
    """
    room = (_FEE_CEILING - rate).clip(0)
    cash, bought = product == PRODUCTS.index("cash"), product == PRODUCTS.index("instalment")
    upfront = np.where(cash, (0.5 * room * (term + 1) / 24).clip(0, 0.02), 0.0)
    monthly = np.where(bought, (0.6 * room / 24).clip(0, 0.002), 0.0)
    return upfront, np.where(over_cap, _GUARANTEE_FEE, monthly)


def all_in_rate(principal: Ints, upfront: Ints, monthly: Ints, rate: Floats, term: Ints, method: Ints) -> Floats:
    """The internal rate of return of a loan with its fees, x 12, by how it is repaid (Newton's method on columns)."""
    nominal = rate / 12
    received = principal - upfront
    level = principal * nominal / -np.expm1(-term * np.log1p(nominal))

    def worth(month: Floats) -> Floats:
        """What is paid, discounted, beyond what was received."""
        left = np.exp(-term * np.log1p(month))
        annuity = (1 - left) / month
        rising = (annuity * (1 + month) - term * left) / month  # of 1, 2, ... to the term
        less = principal * nominal / term  # interest by each month
        falling = (principal / term + principal * nominal + less) * annuity - less * rising
        last = principal * nominal * annuity + principal * left
        paid = np.choose(method, [level * annuity, falling, last])
        beyond: Floats = paid + monthly * annuity - received
        return beyond

    month = nominal
    for _ in range(_NEWTON_STEPS):
        value = worth(month)
        month = month - value * _STEP / (worth(month + _STEP) - value)
    result: Floats = 12 * month
    return result
