"""The figures of the risk committee's pack: what is asked of the snapshot and of review, and the pack formed of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
import streamlit as st

from components.pack.as_of import AsOf
from components.rates.time import board
from components.review import quality_frames
from desk import pack_cases, review_quality
from desk.review_desk import ReviewDesk
from pages.parts import overall
from pages.parts.reading import Frames
from queries import (
    compliance,
    default_rates,
    first_payment,
    months,
    moved,
    overview,
    reserve,
    review_outcomes,
    system,
    vintages,
)
from queries.controls import WHOLE_BOOK
from queries.read import Statement
from rules import calendar, kpi, like_for_like, pack, pack_figures
from rules.calendar import BUSINESS_ZONE
from rules.delinquency import Late
from rules.filters import DateRange
from rules.like_for_like import Months
from rules.pack import Plain
from rules.vintages import Cohort

_JUDGED = ["application_id", "round", "stage", "decided_at", "override", "outcome", "amount_fen", "settled", "late"]
BOOK, LOANBOARD = "book", "loanboard"  # who tells what was decided


def asked(of: AsOf) -> dict[str, Statement]:
    """What the pack is made of, all of it as of the month end."""
    end, book, selection = of.end, of.view.book, of.view.selection
    whole = replace(WHOLE_BOOK, definition=selection.definition, horizon=selection.horizon)
    by_then = replace(whole, disbursed=DateRange(None, end))
    first = like_for_like.oldest(Months(calendar.first_of_month(end), end, 1))
    window = selection.disbursed
    oldest = window.first and calendar.add_months(window.first, -1)
    thirteen = replace(selection, disbursed=DateRange(oldest, window.last), compared=None)
    before, after = calendar.last_of_month(calendar.add_months(calendar.first_of_month(end), -1)), end
    kept = {"first": board.oldest(end)}
    return overall.asked(of.view) | {
        "goals": overview.goals(calendar.add_months(end, -kpi.MONTHS)),
        "lent": overview.lent(whole, first),
        "vintages": default_rates.by_segment(thirteen, "disbursed_month", book),
        "transitions": months.transitions(WHOLE_BOOK, **kept),
        "income": months.income(WHOLE_BOOK, **kept),
        "upfront": overview.upfront_fees(whole, first),
        "reserve": overview.reserve(end),
        "quotas": overview.quotas(WHOLE_BOOK),
        "funders": reserve.by_funder(end),
        "first_payments": first_payment.by_month(by_then, known_by=end),
        "cells": vintages.cells(by_then, Cohort.QUARTER, seen_by=end),
        "pairs": vintages.pairs(by_then, Cohort.QUARTER, seen_by=end),
        "late_before": moved.late(whole, of.codes, Late.DPD30, before),
        "late_after": moved.late(whole, of.codes, Late.DPD30, after),
        "default_before": moved.defaults(of.before.selection, of.codes, book),
        "default_after": moved.defaults(replace(selection, compared=None), of.codes, book),
        "judged": compliance.judged(of.month),
        "breaches": compliance.breaches(of.month),
        "broken": system.broken_invariants(),
        "decided": review_outcomes.decided(_instant(of.month.first or end)),
    }


def tells(frames: Frames, end: date) -> bool:
    """Whether the book tells anything of a month end."""
    return bool((pd.to_datetime(frames["transitions"]["month_end"]) == pd.Timestamp(end)).any())


def formed(of: AsOf, frames: Frames, desk: ReviewDesk) -> str:
    """The pack of a month end as text, with what review did in the month."""
    since, until = _instant(of.month.first or of.end), _instant(of.end + timedelta(days=1))
    rule, work = of.view.policy, review_quality.work(desk.engine, desk.source, since, desk.now())
    made, teller = _within(quality_frames.made(work, rule.review), until), LOANBOARD
    if made.empty:
        made, teller = _within(quality_frames.before(frames["decided"], rule.review), until), BOOK
    late = pack_cases.late(desk.engine, desk.source, since, until)
    about = _about(of) | {"decided_in": teller}
    known = of.view.policy, of.codes, sorted(of.view.book.missing_tables), about, made[_JUDGED].to_csv(), late.to_csv()
    return _formed(repr((of.end, known)), of, {**frames, "made": made, "late_cases": late}, about)


@st.cache_data(show_spinner=False, max_entries=32)
def _formed(told_by: str, _of: AsOf, _frames: Frames, _about: dict[str, Plain]) -> str:
    """The pack; kept, for a rerun changes none of it. told_by: all that it depends on."""
    return pack.to_text(pack_figures.formed(_frames, _of.by(_frames["goals"]), _about))


def _about(of: AsOf) -> dict[str, Plain]:
    """Where the figures come from, and by which rules."""
    view, rule, window, held = of.view, of.view.policy, of.view.selection.disbursed, of.before.selection.disbursed
    days = {
        "first": window.first, "last": window.last, "before_first": held.first, "before_last": held.last,
        "policy_from": rule.effective_from, "snapshot_as_of": of.snapshot_as_of,
    }  # fmt: skip
    return {
        "book": view.book.name,
        "snapshot": view.book.snapshot_id,
        "snapshot_built": view.book.built_at.isoformat(),
        "changed_by": rule.changed_by,
        "approved_by": rule.approved_by,
        "definition": view.selection.definition.value,
        "horizon": view.selection.horizon.value,
        "significance": rule.display.significance,
        "thin": rule.display.thin_borrowers,
        **{name: None if day is None else day.isoformat() for name, day in days.items()},
    }


def _within(made: pd.DataFrame, until: datetime) -> pd.DataFrame:
    return made.loc[made["decided_at"] < pd.Timestamp(until.replace(tzinfo=None))]


def _instant(day: date) -> datetime:
    """When a day begins in Shanghai."""
    return datetime.combine(day, time(), BUSINESS_ZONE).astimezone(UTC)
