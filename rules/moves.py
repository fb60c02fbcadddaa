"""What members did in the days before an upgrade or a lapse, beside like members who did not move."""

from enum import StrEnum

ACTIVITIES = ("applications", "loans", "on_time_repayments", "perks", "contacts", "referrals")


class Kind(StrEnum):
    """Which way a member moved."""

    UPGRADE = "upgrade"
    LAPSE = "lapse"
