"""All that is drawn of one case: the live facts, what the snapshot says beside them, and what follows from both."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from components.review.opened import Opened
from components.view import View
from rules import case_points, case_standing
from rules.case_facts import Facts
from rules.case_margin import Margin
from rules.case_points import Point
from rules.case_standing import Bands, Frames, Line
from rules.filters import Selection


@dataclass(frozen=True)
class Seen:
    """One case on the screen. `rates` says by which definition and horizon of default rates are told."""

    shown: View
    opened: Opened
    frames: Frames
    rates: Selection

    @cached_property
    def facts(self) -> Facts:
        """What the live rows say."""
        seen = self.opened.seen
        return Facts(seen.content, seen.repaid_by(self.opened.now), self.shown.policy, self.opened.now)

    @cached_property
    def bands(self) -> Bands | None:
        """The bands of the score."""
        return case_standing.bands(self.facts, self.frames)

    @cached_property
    def line(self) -> Line | None:
        """The record of the referral line."""
        return case_standing.line(self.facts, self.frames)

    @cached_property
    def margin(self) -> Margin | None:
        """What the loan is expected to bring in and to cost."""
        return case_standing.expected_margin(self.facts, self.frames, self.bands, self.rates.definition)

    @property
    def shared(self) -> pd.DataFrame | None:
        """Who else was seen on the applicant's devices and at their addresses."""
        return self.frames.get("shared")

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """What speaks for and against."""
        return case_points.points(self.facts, self.bands, self.line, self.margin, self.shared)

    def lacks(self, *tables: str) -> list[str]:
        """Which of some tables the loan database does not have."""
        return [name for name in tables if name in self.opened.seen.missing]
