"""What the link asks of the card on what moved: the rate, the two periods, and the dimension that splits it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from components import linked
from components.language import _, dimension_name
from components.membership import funnel_choices
from components.overview.looked import looked_at
from components.view import View
from rules import calendar
from rules.dimensions import ALL, CAMPAIGN, DISBURSED_MONTH, FUNDER, GENDER, GRADE, MEMBER, REFERRAL_LEVEL
from rules.filters import Comparison, DateRange, newest_mature_month
from rules.member_filters import newest_mature_registrations
from rules.text import N_

DEFAULT, FIRST_PAYMENT, LATE, APPROVAL = "default_rate", "first_payment", "late_30", "approval_rate"
BEST = "most"
_RATE, _SPAN, _SPLIT = "moved", "span", "split"
_FILTERS = "filters"
_SPANS = {"1": 1, "3": 3, "6": 6, "12": 12}
_FIRST_DUE_DAYS = 62  # after the month's end its last loan's first due date has been waited for
_MOST_VALUES = 40  # of a dimension by which a rate is split
_LEFT_OUT = {DISBURSED_MONTH.code, CAMPAIGN.code}

RATES = {
    DEFAULT: ("default_rates", "default_rate", N_("Default rate")),
    FIRST_PAYMENT: ("default_rates", "first_payment_default", N_("First-payment default")),
    LATE: ("default_rates", "current_late_ratio", N_("Late 30+")),
    APPROVAL: ("membership", "approval_rate", N_("Approval rate")),
}


@dataclass(frozen=True)
class Asked:
    """The choices of one run, and the two periods that they mean; None where one of them is not there."""

    rate: str
    before: DateRange | None
    after: DateRange | None
    codes: tuple[str, ...]  # the dimensions by which it can be split
    split: str  # one of them, or BEST


def offered(seen: frozenset[str]) -> list[str]:
    """The rates of which somebody sees the page."""
    return [code for code, (page, _metric, _name) in RATES.items() if page in seen]


def asked(shown: View, seen: frozenset[str]) -> Asked | None:
    """What the link asks for; None where nothing can be asked."""
    rates = offered(seen)
    if not rates:
        return None
    rate = linked.value(_RATE, rates, rates[0])
    codes = splits_of(shown, rate)
    before, after = _periods(shown, rate)
    return Asked(rate, before, after, codes, linked.value(_SPLIT, [BEST, *codes], BEST))


def draw(shown: View, chosen: Asked, seen: frozenset[str]) -> None:
    """The select boxes."""
    rates = offered(seen)
    linked.select(_RATE, rates, opening=rates[0], label=_("Rate"), named=lambda code: _(RATES[code][2]))
    linked.select(_SPAN, [_FILTERS, *_SPANS], opening=_FILTERS, label=_("Periods"), named=_span)
    linked.select(_SPLIT, [BEST, *chosen.codes], opening=BEST, label=_("Split by"), named=_split)


def _span(code: str) -> str:
    if code == _FILTERS:
        return _("As filtered")
    return {"1": _("Newest month"), "3": _("Newest 3 months"), "6": _("Newest 6 months"), "12": _("Newest year")}[code]


def _split(code: str) -> str:
    return _("What tells most") if code == BEST else dimension_name(code)


def splits_of(shown: View, rate: str) -> tuple[str, ...]:
    """The dimensions by which a rate can be split on a book."""
    book = shown.book
    held = book.member_values_of if rate == APPROVAL else book.values_of
    order: Sequence[str] = [each.code for each in (MEMBER if rate == APPROVAL else ALL)]
    usual = [code for code in order if code not in {FUNDER.code, GENDER.code, REFERRAL_LEVEL.code, GRADE.code}]
    every = [*usual, *(code for code in order if code not in usual)]
    return tuple(code for code in every if code not in _LEFT_OUT and 1 < len(held(code)) <= _MOST_VALUES)


def _periods(shown: View, rate: str) -> tuple[DateRange | None, DateRange | None]:
    """The earlier and the later period."""
    span = linked.value(_SPAN, [_FILTERS, *_SPANS], _FILTERS)
    if rate == LATE:
        return _month_ends(shown, span)
    if span == _FILTERS:
        if rate == APPROVAL:
            chosen = funnel_choices.chosen(shown)
            return (None, None) if not chosen.is_settled else (
                chosen.held.registered if chosen.held else None, chosen.counted.registered,
            )  # fmt: skip
        return shown.selection.compared, shown.selection.disbursed
    length, newest = _SPANS[span], _newest(shown, rate)
    after = DateRange(calendar.add_months(newest, 1 - length), calendar.last_of_month(newest))
    back = 12 if shown.filters.compare_to is Comparison.YEAR_EARLIER else length
    return _shifted(after, back), after


def _month_ends(shown: View, span: str) -> tuple[DateRange | None, DateRange | None]:
    months = looked_at(shown)
    back = (months.lag or 1) if span == _FILTERS else _SPANS[span]
    last = months.last
    earlier = calendar.last_of_month(calendar.add_months(calendar.first_of_month(last), -back))
    return DateRange(earlier, earlier), DateRange(last, last)


def _newest(shown: View, rate: str) -> date:
    """First day of the newest month that has had its time."""
    book, default = shown.book, shown.policy.default
    if rate == DEFAULT:
        return newest_mature_month(book, shown.selection.horizon, default.final_days_after_last_due)
    if rate == APPROVAL:
        return newest_mature_registrations(book, funnel_choices.mature_days(shown.policy, book))
    return calendar.first_of_month(calendar.add_days(calendar.first_of_month(book.as_of), -_FIRST_DUE_DAYS))


def _shifted(months: DateRange, back: int) -> DateRange:
    first, last = months.first, months.last
    return DateRange(
        None if first is None else calendar.add_months(first, -back),
        None if last is None else calendar.last_of_month(calendar.add_months(calendar.first_of_month(last), -back)),
    )
