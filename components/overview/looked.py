"""By what the key figures of one run are formed."""

import pandas as pd

from components.view import View
from rules import like_for_like
from rules.goals import goals
from rules.like_for_like import Months
from rules.overview_flows import Looked


def looked_at(shown: View) -> Months:
    """The whole months that are looked at."""
    return like_for_like.months(shown.filters, shown.book.as_of)


def looked(shown: View, targets: pd.DataFrame) -> Looked:
    """All of it. targets: `queries.overview.goals`."""
    rule = shown.policy
    return Looked(
        months=looked_at(shown),
        as_of=shown.book.as_of,
        hours=rule.review.hours,
        significance=rule.display.significance,
        thin=rule.display.thin_borrowers,
        goals=goals(targets, rule.targets),
    )
