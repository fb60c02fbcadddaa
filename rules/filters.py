"""What a person has asked to see: filters as chosen, and the selection they resolve to on one book."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rules import calendar
from rules.book import Book


class Definition(StrEnum):
    """When a loan has defaulted: more than so many days past due, or earlier by charge-off or the source's own date.

    CHARGE_OFF is the charge-off alone; RECORDED what the source itself records, the charge-off or its own date.
    """

    DPD30 = "30"
    DPD60 = "60"
    DPD90 = "90"
    CHARGE_OFF = "charge_off"
    RECORDED = "recorded"


class Horizon(StrEnum):
    """Within how many months of disbursement a default counts."""

    M6 = "6"
    M12 = "12"
    FINAL = "final"

    @property
    def months(self) -> int | None:
        """The months, or None for the final outcome."""
        return None if self is Horizon.FINAL else int(self.value)


class Period(StrEnum):
    """Which disbursements are looked at."""

    MATURE_12 = "mature12"  # the newest twelve whole months that have been observed for the horizon
    MATURE_6 = "mature6"
    ALL = "all"
    CUSTOM = "custom"


class Comparison(StrEnum):
    """What a period is held against."""

    PREVIOUS = "previous"  # the period of the same length just before it
    YEAR_EARLIER = "year"
    NONE = "none"


@dataclass(frozen=True)
class DateRange:
    """Business dates, both ends included; None is open."""

    first: date | None = None
    last: date | None = None


Choice = tuple[str, tuple[str, ...]]  # dimension code, the values that are kept


@dataclass(frozen=True)
class Filters:
    """The choices as they stand in the URL. A choice that does not fit the book is dropped when it is resolved."""

    period: Period = Period.MATURE_12
    first_month: date | None = None  # for Period.CUSTOM, first day of the month
    last_month: date | None = None
    compare_to: Comparison = Comparison.PREVIOUS
    definition: Definition = Definition.DPD90
    horizon: Horizon = Horizon.M12
    choices: tuple[Choice, ...] = ()
    drill: tuple[tuple[str, str], ...] = ()  # the segments clicked, outermost first

    def drilled(self, code: str, value: str) -> "Filters":
        """With one more segment clicked; clicking again within a dimension replaces it."""
        kept = tuple(step for step in self.drill if step[0] != code)
        return replace(self, drill=(*kept, (code, value)))

    def undrilled(self, code: str) -> "Filters":
        """Without the click on a dimension, so that its other segments stay in sight beside the one clicked."""
        return replace(self, drill=tuple(step for step in self.drill if step[0] != code))

    def chosen_months(self) -> DateRange:
        """The period of Period.CUSTOM, the right way round."""
        first, last = self.first_month, self.last_month
        if first and last and first > last:
            first, last = last, first
        return DateRange(
            calendar.first_of_month(first) if first else None, calendar.last_of_month(last) if last else None
        )


@dataclass(frozen=True)
class Selection:
    """Filters resolved on one book: concrete dates and values. Statements take this and nothing else."""

    disbursed: DateRange
    compared: DateRange | None
    definition: Definition
    horizon: Horizon
    choices: tuple[Choice, ...]

    def comparison(self) -> "Selection | None":
        """The same choices over the period that is compared to, or None where there is none."""
        if self.compared is None:
            return None
        return replace(self, disbursed=self.compared, compared=None)

    def narrowed(self, code: str, value: str) -> "Selection":
        """Only the loans of one segment."""
        return replace(self, choices=(*self.choices, (code, (value,))))

    def over_all_time(self) -> "Selection":
        """The same choices over every disbursement, for figures that show each month beside the others."""
        return replace(self, disbursed=DateRange(), compared=None)


def opening(book: Book, *, period: Period, definition: Definition, horizon: Horizon) -> Filters:
    """What the pages open with on a book: the policy's choices, but the definition of default that the book brings."""
    own = Definition(book.definition) if book.definition in set(Definition) else definition
    return Filters(period=period, definition=own, horizon=horizon)


def newest_mature_month(book: Book, horizon: Horizon, days_after_last_due: int) -> date:
    """First day of the newest whole disbursement month of which every loan has been observed for the horizon.

    Formula: a month is mature when its last day + H months <= as_of; for the final outcome when its last day
    + the longest term + the days after the last due date by which an unpaid loan has defaulted <= as_of.
    Source: metrics.md, "default rate at H".
    """
    months = horizon.months
    if months is None:
        months = book.longest_term_months
        observed_to = calendar.add_days(book.as_of, -days_after_last_due)
    else:
        observed_to = book.as_of
    month = calendar.first_of_month(calendar.add_months(observed_to, -months))
    while calendar.add_months(calendar.last_of_month(month), months) > observed_to:
        month = calendar.add_months(month, -1)
    return month


def resolve(filters: Filters, book: Book, days_after_last_due: int) -> Selection:
    """The concrete selection that the filters mean on a book.

    Values that the book does not hold are dropped, a choice with none left is no choice: a link that was made on
    another book still opens. A period whose ends are the wrong way round is read the right way round.
    """
    disbursed = _disbursed(filters, book, days_after_last_due)
    known = tuple((code, tuple(v for v in values if v in book.values_of(code))) for code, values in filters.choices)
    drilled = tuple((code, (value,)) for code, value in filters.drill if value in book.values_of(code))
    return Selection(
        disbursed=disbursed,
        compared=compared_to(disbursed, filters.compare_to),
        definition=filters.definition,
        horizon=filters.horizon,
        choices=tuple(sorted(choice for choice in known + drilled if choice[1])),
    )


def _disbursed(filters: Filters, book: Book, days_after_last_due: int) -> DateRange:
    if filters.period is Period.ALL:
        return DateRange()
    if filters.period is Period.CUSTOM:
        return filters.chosen_months()
    newest = newest_mature_month(book, filters.horizon, days_after_last_due)
    if book.last_disbursed_on:
        newest = min(newest, calendar.first_of_month(book.last_disbursed_on))
    months = 12 if filters.period is Period.MATURE_12 else 6
    return DateRange(calendar.add_months(newest, 1 - months), calendar.last_of_month(newest))


def compared_to(months: DateRange, compare_to: Comparison) -> DateRange | None:
    """The months that a period of whole months is held against; None where it has an open end or nothing is chosen."""
    if compare_to is Comparison.NONE or months.first is None or months.last is None:
        return None
    length = calendar.months_between(months.first, months.last) + 1
    back = length if compare_to is Comparison.PREVIOUS else 12
    first = calendar.add_months(months.first, -back)
    return DateRange(first, calendar.last_of_month(calendar.add_months(first, length - 1)))
