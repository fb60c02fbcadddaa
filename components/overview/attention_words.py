"""How each thing that needs attention is said, and where it leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from components import formats
from components.language import _, ngettext, value_label
from components.markdown import plain
from components.overview import kpi_words
from components.overview.deck import DECK
from components.view import View
from rules.attention import Item, Kind


@dataclass(frozen=True)
class Said:
    """One line: what it is, what is behind it, and the page with its parameters."""

    title: str
    detail: str
    page: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def said(item: Item, shown: View) -> Said:
    """The line of an item."""
    return _SAID[item.kind](item.said, item.of, shown)


def _cases_late(about: Mapping[str, Any], _of: str, _shown: View) -> Said:
    cases = int(about["cases"])
    title = ngettext("{count} case past its deadline", "{count} cases past their deadline", cases)
    return Said(
        title.format(count=cases),
        _("the oldest for {time}").format(time=formats.duration(float(about["seconds"]))),
        "review_queue",
        {"state": "overdue"},
    )


def _cases_due(about: Mapping[str, Any], _of: str, _shown: View) -> Said:
    cases = int(about["cases"])
    title = ngettext("{count} case near its deadline", "{count} cases near their deadline", cases)
    return Said(
        title.format(count=cases),
        _("the next in {time}").format(time=formats.duration(max(0.0, float(about["seconds"])))),
        "review_queue",
    )


def _failed(about: Mapping[str, Any], _of: str, _shown: View) -> Said:
    return Said(_("The last refresh failed"), plain(str(about["reason"])), "system")


def _stale(about: Mapping[str, Any], _of: str, shown: View) -> Said:
    age = formats.duration(float(about["hours"]) * 3600)
    return Said(
        _("The data is {age} old").format(age=age),
        _("closed to {day}").format(day=formats.day(shown.book.as_of)),
        "system",
    )


def _incomplete(about: Mapping[str, Any], _of: str, shown: View) -> Said:
    return Said(
        _("{day} looks incomplete").format(day=formats.day(shown.book.as_of)),
        _("lent {share} less than on days of its kind").format(share=formats.percent(-float(about["change"]), 0)),
        "system",
    )


def _broken(about: Mapping[str, Any], _of: str, _shown: View) -> Said:
    rows = int(about["rows"])
    title = ngettext("{count} row breaks the contract", "{count} rows break the contract", rows)
    return Said(
        title.format(count=formats.count(rows)),
        ngettext("{count} rule of the loan database", "{count} rules of the loan database", int(about["rules"])).format(
            count=about["rules"]
        ),
        "system",
    )


def _goal(about: Mapping[str, Any], of: str, shown: View) -> Said:
    card = next(card for card in DECK if card.code == of)
    value, goal = (kpi_words.value(card, float(about[name])) for name in ("value", "goal"))
    title = (
        _("{figure}: {value} at this pace, target {goal}") if about["will"] else _("{figure} {value}, target {goal}")
    )
    return Said(
        title.format(figure=_(card.name), value=value, goal=goal),
        _("missed by more than noise"),
        card.page,
        card.behind(shown),
    )


def _segment(about: Mapping[str, Any], _of: str, shown: View) -> Said:
    code, segment = str(about["dimension"]), str(about["segment"])
    others = int(about["others"])
    more = ngettext("; {count} other stands out too", "; {count} others stand out too", others).format(count=others)
    return Said(
        _("{segment} defaults at {rate}").format(
            segment=plain(value_label(code, segment, shown.book)), rate=formats.percent(float(about["rate"]))
        ),
        _("{points} above the book, n = {count}").format(
            points=formats.points_size(float(about["above"])), count=formats.count(int(about["borrowers"]))
        )
        + (more if others else ""),
        "default_rates",
        {"by": code},
    )


def _abuse(about: Mapping[str, Any], _of: str, _shown: View) -> Said:
    members = int(about["members"])
    title = ngettext("{count} member suspected of abuse", "{count} members suspected of abuse", members)
    return Said(
        title.format(count=formats.count(members)),
        _("rewards of {money}, not judged yet").format(money=formats.money(int(about["fen"]))),
        "referrals",
        {"part": "abuse"},
    )


def _drift(about: Mapping[str, Any], of: str, _shown: View) -> Said:
    return Said(
        _("Score {model} has shifted: {psi}").format(model=plain(of), psi=formats.index(float(about["psi"]))),
        _("population stability; threshold {threshold}, by chance {mean}").format(
            threshold=formats.index(float(about["threshold"])), mean=formats.index(float(about["null_mean"]))
        ),
        "default_rates",
        {"by": "score_band"},
    )


def _quota(about: Mapping[str, Any], of: str, _shown: View) -> Said:
    return Said(
        _("{funder}: {share} of its quota used").format(funder=plain(of), share=formats.percent(float(about["used"]))),
        _("principal outstanding of loans in which it has a part"),
        "default_rates",
        {"by": "funder"},
    )


_SAID: Mapping[Kind, Callable[[Mapping[str, Any], str, View], Said]] = {
    Kind.CASES_LATE: _cases_late,
    Kind.CASES_DUE: _cases_due,
    Kind.REFRESH_FAILED: _failed,
    Kind.STALE: _stale,
    Kind.INCOMPLETE: _incomplete,
    Kind.BROKEN: _broken,
    Kind.GOAL: _goal,
    Kind.SEGMENT: _segment,
    Kind.ABUSE: _abuse,
    Kind.DRIFT: _drift,
    Kind.QUOTA: _quota,
}
