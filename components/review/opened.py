"""The case that is open on the page."""

from dataclasses import dataclass
from datetime import datetime

from desk.review import Rule
from desk.review_queue import Waiting
from desk.review_store import Key
from desk.staff import Staff
from loanbook.evidence import Seen
from rules.review_case import Case


@dataclass(frozen=True)
class Opened:
    """A case as it stands, and its application as the loan database says in this very run.

    `seen.evidence.hash` is what a decision is bound to.
    """

    key: Key
    waiting: Waiting
    case: Case
    person: Staff  # who looks
    seen: Seen
    now: datetime
    rule: Rule
