"""What the part on movement of the membership page asks."""

from datetime import date

from queries import exposure, migration, retention
from queries.read import Statement
from rules import calendar
from rules.book import Book
from rules.member_filters import MemberSelection
from rules.policy import Policy


def asked(
    selection: MemberSelection, book: Book, rule: Policy, *, days: tuple[date, date], watched_on: date
) -> dict[str, Statement]:
    """The statements of the part, whenever members registered.

    days: between which moves are counted; flows_before: the moves of as many days before them, whole months where both
    are month ends. watched_on: the month end whose watched members are listed.
    """
    held, (first, last) = selection.over_all_time(), days
    return {
        "flows": migration.flows(held, first, last),
        "flows_before": migration.flows(held, earlier(first, last), first),
        "upgrades": migration.upgrades(held, first, last),
        "stays": migration.stays(held, book.as_of),
        "before_moves": migration.before_moves(held),
        "cohorts": retention.by_cohort(held, book),
        "prompted": retention.prompted(held, book),
        "lines": retention.lines(held),
        "exposure": exposure.by_month(held, rule.exposure),
        "watched": exposure.watched(held, rule.exposure, watched_on),
    }


def earlier(first: date, last: date) -> date:
    """The day that lies as far before the first as that does before the last."""
    if first == calendar.last_of_month(first) and last == calendar.last_of_month(last):
        return calendar.last_of_month(calendar.add_months(first, -calendar.months_between(first, last)))
    return calendar.add_days(first, -(last - first).days)
