"""What the part on quality is drawn from: read by the page, cut to what whoever looks may see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from components import downloads
from components.review.quality_choices import Chosen
from desk.blind import Pair
from desk.policy_versions import Recorded
from desk.review_store import Key

Note = Callable[[Key, str], str | None]  # takes note of a case with some words; a sentence where it was refused


@dataclass(frozen=True)
class Quality:
    """One look at how well is decided. Rows are those of `rules.review_quality`."""

    chosen: Chosen
    officers: Mapping[str, str]  # whose decisions may be seen apart, by address: everybody's, or one's own
    sees_all: bool  # everybody's
    me: str
    every: pd.DataFrame  # all decisions of the period
    rows: pd.DataFrame  # of the chosen officer
    cases: pd.DataFrame  # begun in the period, decided or not
    held: pd.DataFrame  # undecided cases in somebody's hands
    blind: Sequence[Pair]  # decided twice by people who did not know of each other
    differing: Sequence[Pair] | None  # those that nobody responsible has taken note of; None: not shown to this person
    note: Note | None  # None: this person may not
    repaid: pd.DataFrame  # parts of `queries.review_outcomes.repaid`
    versions: Sequence[Recorded]  # of the policy
    stream: downloads.Batches  # the decisions, for files
