"""Words that the cards over time share: what buckets, cohorts and depths of evidence are called, and axes of months."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from components import formats, language
from components.charts.lines import Ticks
from components.language import _, ngettext
from rules.ageing import PAID_OFF, WRITTEN_OFF
from rules.book import Book, Evidence
from rules.text import N_

_STATES = {
    "M0": N_("Current"),
    "M1": "1–30",
    "M2": "31–60",
    "M3": "61–90",
    "M3+": "90+",
    PAID_OFF: N_("Paid off"),
    WRITTEN_OFF: N_("Written off"),
}
_BEING = {"M0": N_("are current"), PAID_OFF: N_("are paid off"), WRITTEN_OFF: N_("are written off")}
_EVIDENCE = {
    Evidence.INSTALMENTS: N_("from instalments"),
    Evidence.TAPE: N_("from a month-end tape"),
    Evidence.OUTCOMES: N_("from outcomes alone"),
}
_TICKS = 6  # on an axis of months


def state(code: str) -> str:
    """What a state at a month end is called: Current, 1–30, ..., Written off."""
    return _(_STATES[code]) if code in _BEING else _STATES[code]


def late(bucket: str) -> str:
    """The loans of a bucket, within a sentence: loans 1–30 days late."""
    return _("current loans") if bucket == "M0" else _("loans {days} days late").format(days=_STATES[bucket])


def are(code: str) -> str:
    """That loans are in a state, within a sentence: are 31–60 days late."""
    if code in _BEING:
        return _(_BEING[code])
    return _("are {days} days late").format(days=_STATES[code])


def months_before(count: int) -> str:
    """The months that a month is held against, within a sentence."""
    return ngettext("the month before", "the {count} months before", count).format(count=count)


def evidence(book: Book, *, months: bool = False) -> list[str]:
    """What repayment is proved by in this book, deepest first; `months`: of what shows single month ends."""
    depths = [depth for depth in _EVIDENCE if depth in book.evidence]
    return [_(_EVIDENCE[depth]) for depth in depths if not (months and depth is Evidence.OUTCOMES)]


def cohort(code: str) -> str:
    """What loans disbursed together are called: Mar 2025, 2025Q1, 2025."""
    if len(code) == len("2025-03"):
        return formats.month(date.fromisoformat(f"{code}-01"))
    return code


def at_ages(curves: pd.DataFrame) -> list[str]:
    """What is said on hover of the rows of vintage curves."""
    return [
        "<br>".join(
            [
                _("<b>{cohort}</b> at month {month} on book").format(cohort=cohort(row.cohort), month=row.month),
                f"{formats.percent(row.incidence)} ({formats.interval(row.low, row.high)})",
                _("{count} of {all} loans at risk").format(
                    count=formats.count(row.at_risk), all=formats.count(row.loans)
                ),
            ]
        )
        for row in curves.itertuples()
    ]


def month_ticks(months: Sequence[date]) -> Ticks:
    """The axis of some months in a row, the last of them always named; years stand below where they begin."""
    every = max(1, -(-len(months) // _TICKS))
    places = sorted(range(len(months) - 1, -1, -every))
    named = [months[place] for place in places]
    years = [None, *(day.year for day in named[:-1])]
    texts = [
        f"{formats.month_alone(day)}<br>{day.year if day.year != before else ''}"
        for day, before in zip(named, years, strict=True)
    ]
    return Ticks(places, texts, "", max(1, len(months) - 1))


def sentences(*said: str) -> str:
    """Sentences after each other, with a space between them where the language has one."""
    return ("" if language.current() == "zh" else " ").join(text for text in said if text)


def days(months: "pd.Series[pd.Timestamp]") -> list[date]:
    """Month ends as dates."""
    return [when.date() for when in months]
