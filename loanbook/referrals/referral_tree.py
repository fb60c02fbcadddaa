"""The referral tree as arrays: who stands on a circle, who stands so many levels above whom. Ends on any input."""

from typing import Any

import numpy as np
import numpy.typing as npt

from loanbook.referrals.generations import NOBODY, of_referrers, on_circles

Places = npt.NDArray[Any]  # integers


class ReferralTree:
    """Members by their place, each with at most one referrer. Walks are doubled: one of any length takes few steps."""

    def __init__(self, members: int, below: Places, above: Places) -> None:
        """So many members at the places from 0; each of those in `below` was referred by the one in `above`."""
        self.members = members  # also the place of nobody, whom a walk beyond a root reaches and never leaves
        self._referrer = np.full(members + 1, members, dtype=np.int64)
        self._referrer[below] = above

    def on_circles(self) -> Places:
        """The members from whom a walk up the referrers comes back to them."""
        referrers = np.where(self._referrer == self.members, NOBODY, self._referrer)[:-1]
        return on_circles(referrers, of_referrers(referrers))

    def is_above(self, upper: Places, lower: Places, levels: Places) -> npt.NDArray[np.bool_]:
        """Whether the one stands exactly so many levels above the other."""
        steps = np.maximum(levels.astype(np.int64), 0)
        reached, stride = lower.astype(np.int64), self._referrer
        for bit in range(int(steps.max(initial=0)).bit_length()):
            reached = np.where(steps >> bit & 1, stride[reached], reached)
            stride = stride[stride]
        result: npt.NDArray[np.bool_] = (reached == upper) & (reached != self.members) & (steps > 0)
        return result
