"""The view of a report that is written outside of a session, for a schedule: the newest snapshot, opening filters."""

from collections.abc import Callable
from datetime import datetime

from components.view import View
from desk import audit, operations, refresh, review_desk, review_source
from queries import book as books
from queries import snapshots
from rules import policy
from rules.calendar import business_date
from rules.filters import opening, resolve
from rules.member_filters import resolve_members
from rules.settings import Settings


def newest(read: Settings, language: str, clock: Callable[[], datetime]) -> View:
    """The newest snapshot of an installation, and all that a page works with set to be served from it."""
    source, engine, policies = refresh.source(read), audit.open_state(read), policy.load(read.policy_path)
    snapshots.use(source.folder)
    operations.use(operations.Operations(read, engine, clock))
    queue = review_source.of(read)
    review_desk.use(review_desk.ReviewDesk(engine, None, queue, policies, clock, lambda: ""))  # only counts are read
    book = books.facts(snapshots.current())
    rule = policy.in_force(policies, business_date(clock()))
    usual = opening(
        book, period=rule.display.opening_period, definition=rule.default.definition, horizon=rule.default.horizon
    )
    return View(
        staff_email="", language=language, theme="light", source=source.folder.name, book=book, filters=usual,
        selection=resolve(usual, book, rule.default.final_days_after_last_due), policy=rule,
        members=resolve_members(usual, book, mature_days=0),
    )  # fmt: skip
