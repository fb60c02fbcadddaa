"""The view by which a pack is formed: the whole book as of a month end, by the policy that was in force then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from components.overview import moved_choices
from components.overview.moved_choices import BEST, LATE
from components.view import View
from rules import calendar
from rules.filters import DateRange, Filters, Period, opening, resolve
from rules.goals import goals
from rules.like_for_like import Months
from rules.member_filters import resolve_members
from rules.overview_flows import Looked
from rules.pack_figures import Month
from rules.policy import Policy, in_force


@dataclass(frozen=True)
class AsOf:
    """A month end, its view, and that of the month end before."""

    end: date
    snapshot_as_of: date  # the last day that the snapshot counts
    view: View
    before: View

    @property
    def month(self) -> DateRange:
        """The days of the month."""
        return DateRange(calendar.first_of_month(self.end), self.end)

    def by(self, targets: pd.DataFrame) -> Month:
        """What the figures are formed by. targets: `queries.overview.goals`."""
        rule = self.view.policy
        looked = Looked(
            months=Months(calendar.first_of_month(self.end), self.end, 1),
            as_of=self.end,
            hours=rule.review.hours,
            significance=rule.display.significance,
            thin=rule.display.thin_borrowers,
            goals=goals(targets, rule.targets),
        )
        return Month(looked, rule.limits, self.codes)

    @property
    def codes(self) -> tuple[str, ...]:
        """The dimensions by which rates are split."""
        return moved_choices.splits_of(self.view, LATE)

    def asked(self, rate: str) -> moved_choices.Asked:
        """What is asked of a split of a rate against the month end before."""
        before, after = self.before.selection.disbursed, self.view.selection.disbursed
        if rate == LATE:
            before, after = (DateRange(each.book.as_of, each.book.as_of) for each in (self.before, self.view))
        return moved_choices.Asked(rate, before, after, self.codes, BEST)


def offered(as_of: date, months: int) -> list[date]:
    """The month ends of which a pack can be written, the newest first."""
    newest = calendar.newest_month_end(as_of)
    return [_back(newest, back) for back in range(months)]


def at(shown: View, end: date, policies: Sequence[Policy]) -> AsOf:
    """The whole book at a month end that the view's snapshot has reached, whatever is filtered.

    What was disbursed in the newest twelve months that had been observed long enough by then tells the default rate.
    """
    rule = in_force(tuple(policies), end)
    return AsOf(end, shown.book.as_of, _viewed(shown, end, rule), _viewed(shown, _back(end, 1), rule))


def _viewed(shown: View, end: date, rule: Policy) -> View:
    book = replace(shown.book, as_of=end)
    filters: Filters = opening(
        book, period=Period.MATURE_12, definition=rule.default.definition, horizon=rule.default.horizon
    )
    return replace(
        shown,
        book=book,
        filters=filters,
        selection=resolve(filters, book, rule.default.final_days_after_last_due),
        members=resolve_members(filters, book, mature_days=0),
        policy=rule,
    )


def _back(end: date, months: int) -> date:
    return calendar.last_of_month(calendar.add_months(calendar.first_of_month(end), -months))
