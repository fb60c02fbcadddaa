"""The part on growth: its cards in two columns, drawn from frames that the page has read."""

from collections.abc import Mapping

import pandas as pd

from components.referrals import growth_weeks, growth_words
from components.view import View
from rules import growth

Frames = Mapping[str, pd.DataFrame]


def draw(shown: View, frames: Frames) -> None:
    """Draw the part. frames: what the statements of `queries.growth.asked` return."""
    weeks = growth.by_week(frames["weeks"], growth_words.levels(shown.book), shown.book.as_of)
    growth_weeks.draw(shown, weeks)
