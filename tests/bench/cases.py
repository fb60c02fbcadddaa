"""The statements of both parts of the default rates page, each beside the same by hand and in pandas."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pandas as pd

from components.rates.dimension_choice import controls as held_equal
from components.rates.time.board import oldest
from queries import controls, cures, default_rates, first_payment, months, vintages
from queries.book import facts
from rules import policy
from rules.cures import Course
from rules.filters import Filters, Selection, resolve
from rules.vintages import Cohort
from tests.bench.by_hand_months import MonthsByHand, MonthsInPandas
from tests.bench.by_hand_segments import CHANNEL, SegmentsByHand, SegmentsInPandas
from tests.bench.rivals import CODES

SHOWN_LOANS = 250
_COURSES = {Course.CURE: "cures", Course.REDEFAULT: "re-defaults"}
_PARTS = ["borrowers", "defaulted", "principal_fen"]
_FIRST_PARTS = ["borrowers", "defaulted", "first_principal_fen"]
_TOTALS = ["loans", "borrowers", "principal_fen", "outstanding_fen"]


@dataclass
class Case:
    """One statement, four ways."""

    name: str
    statement: Any
    by_hand: str  # for DuckDB and for PostgreSQL
    in_pandas: Callable[[], Any] | None  # None where its frame would not fit into memory
    compared: list[str]  # columns of which all ways agree in their sums
    ms: dict[str, list[float]] = field(default_factory=dict)  # by way


@dataclass(frozen=True)
class Part:
    """One part of the page."""

    name: str
    page: list[Case]  # all that it reads after one filter change
    others: list[Case]  # kept from one filter change to the next, or asked only when such a pair is chosen


def parts(snapshot_id: str, loans: pd.DataFrame, month_ends: pd.DataFrame | None) -> list[Part]:
    """Both parts, for the page's opening filters and one channel."""
    book = facts(snapshot_id)
    days = policy.load()[-1].default.final_days_after_last_due
    chosen = resolve(Filters(choices=(("channel", (CHANNEL,)),)), book, days_after_last_due=days)
    answer = _answer(chosen, book, loans)
    once_more = [replace(case, ms={}) for case in answer]
    page, others = _segments(chosen, book, loans)
    return [
        Part("by segment", [*answer, *page], others),
        Part("over time", [*once_more, *_over_time(chosen, book, loans, month_ends)], []),
    ]


def _answer(chosen: Selection, book: Any, loans: pd.DataFrame) -> list[Case]:
    found = []
    for name, selection in {"the period": chosen, "the period before": chosen.comparison()}.items():
        hand, in_pandas = SegmentsByHand(selection.disbursed), SegmentsInPandas(loans, selection.disbursed)
        statement = default_rates.overall(selection, book)
        found.append(Case(name, statement, hand.overall(), in_pandas.overall, _PARTS))
    return found


def _segments(chosen: Selection, book: Any, loans: pd.DataFrame) -> tuple[list[Case], list[Case]]:
    hand, in_pandas = SegmentsByHand(chosen.disbursed), SegmentsInPandas(loans, chosen.disbursed)
    held = held_equal(book, other_than="tier")
    page = [
        Case("by tier, with the rest of the book", default_rates.by_segment(chosen, "tier", book), hand.by_segment(),
             in_pandas.by_segment, _FIRST_PARTS),
        Case("by province and age band", default_rates.by_pair(chosen, "province", "age_band", book), hand.by_pair(),
             in_pandas.by_pair, _FIRST_PARTS),
        Case(f"tiers in the strata of {len(held)} controls",
             default_rates.by_group_and_stratum(chosen, "tier", held, book), hand.by_stratum(held),
             partial(in_pandas.by_stratum, held), ["borrowers", "defaulted"]),
        Case("control totals", controls.totals(chosen, book), hand.totals(filtered=True),
             partial(in_pandas.totals, filtered=True), _TOTALS),
        Case(f"the first {SHOWN_LOANS} loans behind",
             default_rates.loans_behind(chosen, (), book, first=SHOWN_LOANS), hand.loans_behind(CODES, SHOWN_LOANS),
             partial(in_pandas.loans_behind, SHOWN_LOANS), ["defaulted"]),
    ]  # fmt: skip
    others = [
        Case("control totals of the whole book", controls.totals(controls.WHOLE_BOOK, book),
             hand.totals(filtered=False), partial(in_pandas.totals, filtered=False), _TOTALS),
        Case("by tier and product (both vary within a borrower)",
             default_rates.by_pair(chosen, "tier", "product", book), hand.by_grouped_pair(), in_pandas.by_grouped_pair,
             _FIRST_PARTS),
    ]  # fmt: skip
    return page, others


def _over_time(chosen: Selection, book: Any, loans: pd.DataFrame, month_ends: pd.DataFrame | None) -> list[Case]:
    first, always = oldest(book.as_of), chosen.over_all_time()
    hand, in_pandas = MonthsByHand(first), MonthsInPandas(loans, month_ends, first)
    moved = ["loans", "previous_outstanding_fen", "outstanding_fen", "rescheduled"]
    found = [
        Case("vintages by quarter: cells", vintages.cells(always, Cohort.QUARTER), hand.vintage_cells(),
             in_pandas.vintage_cells, ["loans", "principal_fen"]),
        Case("vintages by quarter: borrowers' pairs", vintages.pairs(always, Cohort.QUARTER), hand.vintage_pairs(),
             in_pandas.vintage_pairs, ["pairs"]),
        Case("month ends: rolls and lateness", months.transitions(always, first=first), hand.transitions(),
             None if month_ends is None else in_pandas.transitions, moved),
        Case("first payments", first_payment.by_month(always), hand.first_payments(), in_pandas.first_payments,
             ["borrowers", "missed", "waiting"]),
    ]  # fmt: skip
    for course, name in _COURSES.items():
        found += [
            Case(f"{name}: cells", cures.cells(always, course, Cohort.YEAR), hand.course_cells(course),
                 partial(in_pandas.course_cells, course), ["loans", "rescheduled", "principal_fen"]),
            Case(f"{name}: borrowers' pairs", cures.pairs(always, course, Cohort.YEAR), hand.course_pairs(course),
                 partial(in_pandas.course_pairs, course), ["pairs"]),
        ]  # fmt: skip
    return found
