"""Which tier of a member is meant: the one reached first, the one at application, or today's."""

from components import linked
from components.language import _, dimension_name
from rules.dimensions import FIRST_TIER, MEMBER_TIERS

_KEY = "tier_of"
_CODES = [dimension.code for dimension in MEMBER_TIERS]


def chosen() -> str:
    """The code of the dimension that the link asks for; the tier reached first where it asks for none."""
    return linked.value(_KEY, _CODES, FIRST_TIER.code)


def draw() -> str:
    """The select box."""
    return linked.select(_KEY, _CODES, opening=FIRST_TIER.code, label=_("Tier"), named=dimension_name)
