"""Where members stand on a day, and how they move between two days.

On a day a registered member is in exactly one of these states:

- a tier: the membership in force at the end of the day, unless one of the states below holds;
- NONE: no membership has begun yet;
- LAPSED: the newest membership is a lapse, or has ended and none follows it;
- DORMANT: on a tier or NONE, and for more than the policy's days without a sign of life: a registration, verification,
  membership that the member took (not a lapse or downgrade), application, running loan, redeemed perk, invitation or
  the registration of somebody they referred. Who has lapsed is LAPSED, dormant or not.

Who registers after the first of two days is ENTERED there; who registers after the second is not counted.
"""

from collections.abc import Sequence

import pandas as pd

from rules.intervals import rate, wilson

NONE, LAPSED, DORMANT, ENTERED = "none", "lapsed", "dormant", "entered"

# What a membership changes: STARTED on the lowest tier; JOINED above it for the first time; ROSE, FELL between tiers;
# RENEWED on the same one; LAPSED; RETURNED above the lowest after a lapse.
STARTED, JOINED, ROSE, FELL, RENEWED, RETURNED = "started", "joined", "rose", "fell", "renewed", "returned"
CHANGES = (STARTED, JOINED, ROSE, FELL, RENEWED, LAPSED, RETURNED)
UPGRADES = (JOINED, ROSE, RETURNED)
