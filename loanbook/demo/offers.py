"""Offers to borrowers whose first loan is repaid, given by chance: one brings them back, the other changes nothing."""

from loanbook.demo.draw import Ints, Streams, pick
from loanbook.demo.truth import TRUTH

# An offer is the place of its kind among the perks; the coupon, which is given with a tier, stands for none.
PERKS = ("interest_free_coupon", "limit_boost", "rate_cut")
LIMIT_BOOST, RATE_CUT = PERKS.index(TRUTH.idle_perk), PERKS.index(TRUTH.helping_perk)
COMES_BACK = (0.82, 0.82, 0.97)  # after a loan that was repaid, by the offer
VALID_DAYS = 90
_SHARES = (0.4, 0.3, 0.3)


def drawn_offers(streams: Streams, members: int) -> Ints:
    """What each member will be offered when their first loan is repaid; 0: nothing."""
    return pick(streams("offers").random(members), _SHARES)
