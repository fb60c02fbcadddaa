"""What filters mean on a book."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from rules import calendar
from rules.book import Book, Evidence
from rules.filters import (
    Comparison,
    DateRange,
    Definition,
    Filters,
    Horizon,
    Period,
    newest_mature_month,
    opening,
    resolve,
)

BOOK = Book(
    snapshot_id="s",
    name="Drawn",
    as_of=date(2026, 11, 20),
    built_at=datetime(2026, 11, 21, tzinfo=UTC),
    loans=3,
    evidence=frozenset({Evidence.INSTALMENTS}),
    imputed_dates=0,
    first_disbursed_on=date(2023, 1, 5),
    last_disbursed_on=date(2026, 11, 20),
    longest_term_months=24,
    values=(("tier", ("ordinary", "gold")), ("product", ("cash",))),
    varying=frozenset(),
    missing_tables=frozenset(),
)
DAYS_AFTER = 180


def test_newest_mature_month_has_had_every_day_observed_for_the_horizon():
    # 20 Nov 2026 - 12 months = 20 Nov 2025: November 2025 is not whole, October is.
    assert newest_mature_month(BOOK, Horizon.M12, DAYS_AFTER) == date(2025, 10, 1)
    assert newest_mature_month(BOOK, Horizon.M6, DAYS_AFTER) == date(2026, 4, 1)
    # On a month's last day that month itself is whole.
    assert newest_mature_month(replace(BOOK, as_of=date(2026, 11, 30)), Horizon.M12, DAYS_AFTER) == date(2025, 11, 1)
    # 28 Feb 2026 + 12 months = 28 Feb 2027, also for 29 February's own month.
    assert newest_mature_month(replace(BOOK, as_of=date(2025, 2, 28)), Horizon.M12, DAYS_AFTER) == date(2024, 2, 1)
    # Final: 180 days before 20 Nov 2026 is 24 May 2026; 24 months before that, April 2024 is the newest whole month.
    assert newest_mature_month(BOOK, Horizon.FINAL, DAYS_AFTER) == date(2024, 4, 1)


def test_a_book_opens_with_the_policys_choices_and_its_own_definition_where_it_brings_one():
    usual = {"period": Period.ALL, "definition": Definition.DPD60, "horizon": Horizon.M6}
    assert opening(BOOK, **usual) == Filters(period=Period.ALL, definition=Definition.DPD60, horizon=Horizon.M6)
    recorded = opening(replace(BOOK, definition="recorded"), **usual)
    assert recorded == Filters(period=Period.ALL, definition=Definition.RECORDED, horizon=Horizon.M6)
    assert opening(replace(BOOK, definition="nobody's"), **usual).definition is Definition.DPD60


@given(st.dates(date(2010, 1, 1), date(2040, 12, 31)), st.sampled_from([Horizon.M6, Horizon.M12]))
def test_newest_mature_month_is_mature_and_the_next_is_not(as_of, horizon):
    month = newest_mature_month(replace(BOOK, as_of=as_of), horizon, DAYS_AFTER)
    observed_to = [
        calendar.add_months(calendar.last_of_month(m), horizon.months) for m in (month, calendar.add_months(month, 1))
    ]
    assert observed_to[0] <= as_of < observed_to[1]


def test_mature12_is_compared_with_the_twelve_months_before():
    selection = resolve(Filters(), BOOK, DAYS_AFTER)
    assert selection.disbursed == DateRange(date(2024, 11, 1), date(2025, 10, 31))
    assert selection.compared == DateRange(date(2023, 11, 1), date(2024, 10, 31))
    assert selection.comparison().disbursed == selection.compared
    assert selection.comparison().comparison() is None


def test_six_months_can_be_held_against_the_year_before():
    filters = Filters(period=Period.MATURE_6, compare_to=Comparison.YEAR_EARLIER)
    selection = resolve(filters, BOOK, DAYS_AFTER)
    assert selection.disbursed == DateRange(date(2025, 5, 1), date(2025, 10, 31))
    assert selection.compared == DateRange(date(2024, 5, 1), date(2024, 10, 31))


def test_a_book_that_ended_long_ago_opens_on_its_last_months():
    ended = replace(BOOK, last_disbursed_on=date(2024, 12, 1))
    assert resolve(Filters(), ended, DAYS_AFTER).disbursed == DateRange(date(2024, 1, 1), date(2024, 12, 31))


def test_open_periods_have_no_comparison():
    for filters in (
        Filters(period=Period.ALL),
        Filters(period=Period.CUSTOM),
        Filters(period=Period.CUSTOM, first_month=date(2025, 1, 1)),
        Filters(compare_to=Comparison.NONE),
    ):
        assert resolve(filters, BOOK, DAYS_AFTER).compared is None


def test_a_custom_period_the_wrong_way_round_is_read_the_right_way_round():
    filters = Filters(period=Period.CUSTOM, first_month=date(2025, 6, 1), last_month=date(2025, 2, 1))
    assert resolve(filters, BOOK, DAYS_AFTER).disbursed == DateRange(date(2025, 2, 1), date(2025, 6, 30))


def test_choices_that_the_book_does_not_hold_are_dropped():
    filters = Filters(
        choices=(("tier", ("gold", "'; drop table loan--")), ("province", ("Sichuan",))),
        drill=(("product", "cash"), ("nonsense", "x"), ("tier", "diamond")),
    )
    assert resolve(filters, BOOK, DAYS_AFTER).choices == (("product", ("cash",)), ("tier", ("gold",)))


def test_over_all_time_keeps_everything_but_the_period():
    selection = resolve(Filters(choices=(("tier", ("gold",)),), definition=Definition.DPD60), BOOK, DAYS_AFTER)
    assert selection.over_all_time() == replace(selection, disbursed=DateRange(), compared=None)
    assert selection.over_all_time().choices == (("tier", ("gold",)),)


def test_drilling_again_within_a_dimension_replaces_the_step():
    filters = Filters().drilled("tier", "gold").drilled("product", "cash").drilled("tier", "ordinary")
    assert filters.drill == (("product", "cash"), ("tier", "ordinary"))
