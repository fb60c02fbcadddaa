"""What the review page works with: the state database, the loan database read live, the policy in force, the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from desk import review, review_next, review_unreachable
from desk.review import Asked, Done, Rule
from desk.review_next import GoodLines
from desk.review_store import Key
from loanbook.evidence import ReviewBook
from rules.calendar import business_date
from rules.policy import Policy, in_force
from rules.review_actions import Action


@dataclass(frozen=True)
class ReviewDesk:
    """Review of one book in one served process: `app.py` hands over what it works with."""

    engine: Engine
    book: ReviewBook
    source: str  # under which the book's cases are kept
    policies: tuple[Policy, ...]
    clock: Callable[[], datetime]
    new_key: Callable[[], str]  # for an action that is meant once

    def now(self) -> datetime:
        """What the clock says."""
        return self.clock()

    @property
    def rule(self) -> Rule:
        """What the policy says of review today."""
        version = in_force(self.policies, business_date(self.clock()))
        return Rule(version.review, version.effective_from)

    def perform(self, asked_key: str, case: Key, by: str, action: Action) -> Done:
        """Take an action on record; `Refused` where it is not taken, `Unreachable` where a database is not there."""
        with review_unreachable.telling():
            return review.perform(self.engine, Asked(asked_key, case, by, action), self.book, self.rule, self.clock())

    def take_next(self, asked_key: str, by: str, good: GoodLines | None = None) -> Key:
        """Claim the case that somebody should take next; `Refused` where none is, `Unreachable` as above."""
        with review_unreachable.telling():
            turn = review_next.Turn(asked_key, self.source, by, good)
            return review_next.take(self.engine, turn, self.book, self.rule, self.clock())


def use(served_desk: ReviewDesk) -> None:
    """Serve this to the pages of this process."""
    _served[:] = [served_desk]


def served() -> ReviewDesk:
    """What this process serves."""
    if not _served:
        raise RuntimeError("desk.review_desk.use(desk) was not called")
    return _served[0]


_served: list[ReviewDesk] = []
