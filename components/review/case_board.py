"""The open case at a glance: whose it is, what is asked, what speaks for and against it, how was repaid before."""

from datetime import date

import streamlit as st

from components import access, cards, formats
from components.charts.bucket_strip import Month, bucket_strip
from components.language import _, ngettext, value_label
from components.review import panel, point_words, queue_words, reveal
from components.review.draft import PAGE
from components.review.panel import Value
from components.review.seen import Seen
from desk.review_queue import Show
from rules.ageing import WRITTEN_OFF
from rules.calendar import add_months, last_of_month, newest_month_end
from rules.calendar import business_date as day_of
from rules.case_points import Side
from rules.dimensions import TIER
from rules.repaid import MonthEnd
from rules.review_case import UNDECIDED

_LATE = {"M1": "1–30", "M2": "31–60", "M3": "61–90", "M3+": ">90"}


def draw(seen: Seen) -> None:
    """Draw the card."""
    access.require(PAGE)
    with st.container(border=True, key="card-case", gap="small"):
        _head(seen)
        reveal.draw(seen.opened)
        panel.grid(_figures(seen))
        _points(seen)
        _strip(seen)


def _head(seen: Seen) -> None:
    opened = seen.opened
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head-case"):
        tier = "" if opened.waiting.tier is None else value_label(TIER.code, opened.waiting.tier, seen.shown.book)
        name = reveal.masked_name(opened)
        st.markdown(f"## {opened.waiting.external_number} {name} :gray[{tier}]", width="stretch", anchors=False)
        if opened.case.state in UNDECIDED:
            hours = opened.rule.review.hours
            due = queue_words.due(opened.waiting, Show.WAITING, hours, opened.now)
            if not due.startswith((queue_words.LATE, queue_words.STANDS)):
                due = _("{time} left").format(time=due)
            st.badge(due, color="red" if queue_words.LATE in due else "gray", help=_("Working time until it is due"))


def _figures(seen: Seen) -> list[Value]:
    facts = seen.facts
    price, left = facts.price, facts.line_left_fen
    over = price is not None and (price.over_cap or price.over_prime)
    months = facts.application["term_months"]
    return [
        Value(_("Asked"), formats.money_exact(facts.amount_fen)),
        Value(_("Line left"), "–" if left is None else formats.money_exact(left)),
        Value(_("All-in rate"), "–" if price is None else formats.percent(price.all_in.nominal, 2),
              side=Side.AGAINST if over else None),
        Value(_("Term"), ngettext("{months} month", "{months} months", months or 0).format(months=months or "–")),
        Value(_("Monthly"), "–" if price is None else panel.cny(price.instalment_fen)),
        Value(_("Income"), "–" if facts.income_fen is None else formats.money_exact(facts.income_fen)),
    ]  # fmt: skip


def _points(seen: Seen) -> None:
    title = _("For and against")
    st.markdown(
        f"**{title}**",
        help=_(
            "Found from checks, record, income, price, devices, score and referral line, each with its value and what "
            "it is held against. What is against comes first. Nothing is decided by it."
        ),
    )
    lines = [f"{panel.marked(point.side)} {point_words.sentence(point)}" for point in seen.points]
    st.markdown(panel.unbroken("  \n".join(lines)))
    st.caption(_("▼ against · ▲ for · ≈ neither"))


def _strip(seen: Seen) -> None:
    facts, count = seen.facts, seen.shown.policy.case.months
    if not facts.repaid.months:
        return
    shown = ngettext("Repayment, last month", "Repayment, last {count} months", count).format(count=count)
    st.markdown(f"**{shown}**", help=_("The latest of the loans that ran at each month end; days past due over it."))
    newest = newest_month_end(day_of(seen.opened.now))
    ends = [last_of_month(add_months(newest.replace(day=1), -back)) for back in range(count - 1, -1, -1)]
    by_day = {month.day: month for month in facts.repaid.months}
    months = [_month(by_day.get(end), end, place) for place, end in enumerate(ends)]
    cards.chart(bucket_strip(months), "case-strip")
    st.caption(_("month ends up to {day}, read live").format(day=formats.day(newest)))


def _month(found: MonthEnd | None, end: date, place: int) -> Month:
    below = formats.month_alone(end) if place % 3 == 1 else ""
    if found is None:
        return Month(None, "", below, _("{month}: no loan ran").format(month=formats.month(end)))
    late = _("lost") if found.bucket == WRITTEN_OFF else _LATE.get(found.bucket, "")
    told = _("written off") if found.bucket == WRITTEN_OFF else found.bucket
    hover = ngettext("{month}: {bucket}, {count} loan", "{month}: {bucket}, {count} loans", found.loans)
    return Month(found.bucket, late, below, hover.format(month=formats.month(end), bucket=told, count=found.loans))
