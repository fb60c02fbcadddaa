"""The parts of the page on referrals."""

from components.language import _
from components.parts import Part
from rules.text import N_

GROWTH, COST = "growth", "cost"
QUALITY, TREE = "quality", "tree"
REWARDS = "rewards"
ABUSE = "abuse"
PARTS = (
    Part(GROWTH, N_("Growth"), ":material/trending_up:"),
    Part(COST, N_("Cost"), ":material/payments:"),
    Part(QUALITY, N_("Quality"), ":material/verified:"),
    Part(TREE, N_("Tree"), ":material/account_tree:"),
    Part(REWARDS, N_("Rewards"), ":material/redeem:"),
    Part(ABUSE, N_("Abuse and limits"), ":material/policy:"),
)


def note(shown: str) -> str:
    """What is to be known of the part that is shown."""
    return _("Every member at every time: the filters say nothing here.") if shown == TREE else ""
