"""What needs somebody today, of the overview: of the whole book whatever is filtered, for an alarm is no choice."""

from datetime import datetime, timedelta
from functools import partial

import streamlit as st

from components import access, view
from components.overview import attention
from components.overview.kpi_cards import Told
from desk import marks, operations, review_desk, review_queue, runs
from desk.attention import AttentionDesk, NoteError
from desk.review_queue import Show, Wanted
from pages.parts.reading import Frames
from queries import attention as queries
from queries import controls, default_rates, overview, system
from queries.read import Statement
from rules import attention as rules
from rules import default_rates as rates
from rules import overview_risk
from rules.attention import Item
from rules.default_rates import book_parts
from rules.filters import Selection, opening, resolve
from rules.intervals import rate
from rules.policy import Policy
from rules.text import N_

PAGE = "overview"
SEGMENTS = ("province", "channel", "tier")
_MOST_CASES = 200


def asked(shown: view.View, seen: frozenset[str]) -> dict[str, Statement]:
    """What the list is made of that somebody sees the page of."""
    book, statements = shown.book, {"broken": system.broken_invariants()}
    if "default_rates" in seen and not book.missing_tables & {"loan", "application"} and book.loans:
        whole = _opening(shown)
        statements |= {
            f"segments_{code}": default_rates.by_segment(whole, code, book) for code in SEGMENTS if book.values_of(code)
        }
        statements["all_quotas"] = overview.quotas(controls.WHOLE_BOOK)
        if "score" not in book.missing_tables:
            rule = shown.policy
            statements["scores"] = queries.scores(book.as_of, rule.attention.shift_days, rule.bands.score)
    if "referrals" in seen and book.members:
        statements["suspects"] = queries.suspects()
    return statements


def draw(shown: view.View, frames: Frames, told: Told, seen: frozenset[str]) -> None:
    """The list."""
    person, serving = access.require(PAGE), operations.served()
    desk = AttentionDesk(serving.engine, shown.source, shown.book.snapshot_id, person.email, serving.clock())
    loud, silent = told_now(shown, frames, told, seen, desk)
    may = access.may_do(person.role, "acknowledge")
    write = attention.Acknowledge(partial(_write, desk), partial(access.require, PAGE)) if may else None
    attention.draw(shown, loud, silent, write)


def told_now(
    shown: view.View, frames: Frames, told: Told, seen: frozenset[str], desk: AttentionDesk
) -> tuple[list[Item], list[Item]]:
    """What is told, and what is acknowledged."""
    items = _items(shown, frames, told, seen, desk.now)
    return rules.told(items, desk.known(), shown.policy.attention, desk.now)


def _items(shown: view.View, frames: Frames, told: Told, seen: frozenset[str], now: datetime) -> list[Item]:
    rule, serving = shown.policy.attention, operations.served()
    failure = runs.last_failure(serving.engine, shown.source)
    found = rules.of_data(
        now - shown.book.built_at,
        None if failure is None else failure.message or "",
        told.figures["lent_yesterday"],
        frames["broken"],
        rule,
    )
    found += rules.goals(told.figures.values(), shown.policy.display.significance)
    found += _of_book(repr((shown.book.snapshot_id, shown.policy, sorted(frames))), frames, shown.policy)
    if "suspects" in frames:
        judged = frozenset(each.member_id for each in marks.listed(serving.engine, shown.source))
        found += rules.abuse(frames["suspects"], judged)
    if "review_queue" in seen:
        found += _cases(shown, now)
    return found


@st.cache_data(show_spinner=False, max_entries=64)
def _of_book(told_by: str, _frames: Frames, _policy: Policy) -> list[Item]:
    """What stays as it is as long as the snapshot does; kept. told_by: all that it depends on."""
    rule, display, found = _policy.attention, _policy.display, []
    for code in SEGMENTS:
        parts = _frames.get(f"segments_{code}")
        if parts is not None:
            rows = rates.segment_rates(parts, display.significance, display.thin_borrowers)
            book = book_parts(parts)
            found += rules.segments(code, rows, float(rate(book["defaulted"], book["borrowers"])))
    if "all_quotas" in _frames:
        found += rules.quota(overview_risk.tightest(_frames["all_quotas"]), rule)
    if "scores" in _frames:
        found += rules.drift(_frames["scores"], rule, display.significance)
    return found


def _cases(shown: view.View, now: datetime) -> list[Item]:
    """Cases past their deadline, and those that will be within the policy's working hours."""
    desk, hours = review_desk.served(), shown.policy.review.hours
    late = review_queue.tally(desk.engine, desk.source, now, None, shown.staff_email).of(Show.OVERDUE)
    listed = {
        show: review_queue.listed(desk.engine, desk.source, Wanted(show), now, limit=_MOST_CASES)
        for show in (Show.OVERDUE, Show.WAITING)
    }
    until = hours.add(now, timedelta(hours=shown.policy.attention.due_within_hours))
    due = [breach for each in listed[Show.WAITING] if now < (breach := each.breach_at(hours, now)) <= until]
    oldest = min((each.due_at for each in listed[Show.OVERDUE]), default=now)
    return rules.cases(late, (now - oldest).total_seconds(), len(due), (min(due, default=now) - now).total_seconds())


def _opening(shown: view.View) -> Selection:
    """What the pages open with, for what presses does not depend on what somebody filters."""
    display, default = shown.policy.display, shown.policy.default
    usual = opening(shown.book, period=display.opening_period, definition=default.definition, horizon=default.horizon)
    return resolve(usual, shown.book, default.final_days_after_last_due)


def _write(desk: AttentionDesk, item: Item, note: str) -> str | None:
    try:
        desk.acknowledge(item.key, item.size, note)
    except NoteError as error:
        return str(error)
    except PermissionError:
        return N_("Your role may not acknowledge this any more.")
    return None
