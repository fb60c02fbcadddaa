"""The words of what speaks for and against: one sentence a point, each with its value and what it is held against."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from components import formats
from components.language import _, ngettext
from components.markdown import plain
from components.review import act_words, panel
from rules.case_margin import Margin, Share
from rules.case_points import Point
from rules.case_standing import Line

Values = Mapping[str, Any]


def sentence(point: Point) -> str:
    """What a point says, safe to stand in Markdown."""
    return plain(_TELLING[point.code](point.values))


def _check(values: Values, told: str) -> str:
    said = told.format(check=act_words.check(values["check"]).replace("\\", ""))
    seen, limit = values["value"], values["threshold"]
    if seen is None:
        return said
    if limit is None:
        return _("{said}: {seen}").format(said=said, seen=seen)
    return _("{said}: {seen}, limit {limit}").format(said=said, seen=seen, limit=limit)


def _failed(values: Values) -> str:
    return _check(values, _("{check} failed"))


def _flagged(values: Values) -> str:
    return _check(values, _("{check} flagged"))


def _passed(values: Values) -> str:
    return ngettext("The check of rules and model is passed", "All {count} checks are passed", values["checks"]).format(
        count=values["checks"]
    )


def _no_loans(_values: Values) -> str:
    return _("No earlier loan here")


def _on_time(values: Values) -> str:
    told = [_months(values["months"])]
    if values["loans"]:
        told.append(ngettext("{count} loan repaid", "{count} loans repaid", values["loans"]).format(
            count=values["loans"]))  # fmt: skip
    if values["worst"]:
        told.append(_("at worst {days} late, limit {limit}").format(days=_days(values["worst"]), limit=values["limit"]))
    return panel.listed(told)


def _late_now(values: Values) -> str:
    return _("{days} late now").format(days=_days(values["late"]))


def _late_before(values: Values) -> str:
    return _("Was {days} late, limit {limit}").format(days=_days(values["worst"]), limit=values["limit"])


def _written_off(values: Values) -> str:
    return ngettext("{count} loan written off", "{count} loans written off", values["written_off"]).format(
        count=values["written_off"]
    )


def _rescheduled(values: Values) -> str:
    return ngettext(
        "Due dates of {count} loan were moved, which is no repayment",
        "Due dates of {count} loans were moved, which is no repayment",
        values["loans"],
    ).format(count=values["loans"])


def _no_income(_values: Values) -> str:
    return _("No income is known that could be held against the debts")


def _debt_to_income(values: Values) -> str:
    ratio, limit = formats.index(values["ratio"]), formats.index(values["limit"])
    return _("Debt to income {ratio} with this loan, limit {limit}").format(ratio=ratio, limit=limit)


def _over_extended(values: Values) -> str:
    incomes, limit = formats.index(values["incomes"], 1), formats.index(values["limit"], 0)
    return _("Would owe {incomes} monthly incomes, limit {limit}").format(incomes=incomes, limit=limit)


def _over_line(values: Values) -> str:
    asked, left = formats.money_exact(values["amount_fen"]), formats.money_exact(values["left_fen"])
    return _("Asks for {asked}, line left {left}").format(asked=asked, left=left)


def _no_price(_values: Values) -> str:
    return _("The application states no rate or no term, so its price can't be found")


def _over_cap(values: Values) -> str:
    return _("All-in rate {rate}, cap {cap}").format(rate=_rate(values["rate"]), cap=_rate(values["cap"]))


def _over_prime(values: Values) -> str:
    told = _("All-in rate {rate}, over {multiple} times the prime rate, {cap}")
    multiple = formats.index(values["multiple"], 0)
    return told.format(rate=_rate(values["rate"]), multiple=multiple, cap=_rate(values["prime"]))


def _not_disclosed(_values: Values) -> str:
    return _("The applicant has not confirmed the all-in rate")


def _disclosed_otherwise(values: Values) -> str:
    told = _("Told {told} all-in, found {rate}")
    return told.format(told=_rate(values["told"]), rate=_rate(values["rate"]))


def _shared_device(values: Values) -> str:
    told = ngettext("Device shared with {count} member", "Device shared with {count} members", values["members"])
    found = [told.format(count=values["members"])]
    if values["same_tree"]:
        found.append(_("{count} of the same tree").format(count=values["same_tree"]))
    if values["defaulted"]:
        found.append(_("{count} defaulted").format(count=values["defaulted"]))
    return panel.listed(found)


def _shared_address(values: Values) -> str:
    return ngettext(
        "Address shared with {count} member, weak by itself",
        "Address shared with {count} members, weak by itself",
        values["members"],
    ).format(count=values["members"])


def _no_score(_values: Values) -> str:
    return _("No score")


def _score(values: Values) -> str:
    points, share = points_told(values["score"]), values["share"]
    if share is None:
        return _("Score {points}; nobody in its band has been followed for long enough").format(points=points)
    return _("Score {points}: {share} of its band default").format(points=points, share=share_told(share))


def _margin(values: Values) -> str:
    margin: Margin = values["margin"]
    return _("Expected margin {margin} ({low} to {high})").format(
        margin=panel.cny(margin.margin_fen), low=panel.cny(margin.low_fen), high=panel.cny(margin.high_fen)
    )


def _line(values: Values) -> str:
    line: Line = values["line"]
    share = share_told(Share(line.rate, line.low, line.high, line.mature))
    told = (
        _("Others of the referral line: {share} default, fewer than the book's {book}")
        if line.better
        else _("Others of the referral line: {share} default; never held against anybody")
    )
    return told.format(share=share, book=formats.percent(line.book_rate))


def points_told(points: float) -> str:
    """A score in whole points, rounded down as its check and its band are: 649.6 is not yet 650."""
    return formats.count(math.floor(points))


def share_told(share: Share) -> str:
    """A rate with its interval and n."""
    return _("{rate} ({interval}), n = {count}").format(
        rate=formats.percent(share.rate), interval=formats.interval(share.low, share.high),
        count=formats.count(share.n),
    )  # fmt: skip


def _rate(ratio: float) -> str:
    return formats.percent(ratio, 2)


def _days(count: int) -> str:
    return ngettext("{count} day", "{count} days", count).format(count=count)


def _months(count: int) -> str:
    return ngettext("{count} month on time", "{count} months on time", count).format(count=count)


_TELLING: dict[str, Callable[[Values], str]] = {
    "check_failed": _failed, "check_flagged": _flagged, "checks_passed": _passed, "no_loans": _no_loans,
    "on_time": _on_time, "late_now": _late_now, "late_before": _late_before, "written_off": _written_off,
    "rescheduled": _rescheduled, "no_income": _no_income, "debt_to_income": _debt_to_income,
    "over_extended": _over_extended, "over_line": _over_line, "no_price": _no_price, "over_cap": _over_cap,
    "over_prime": _over_prime, "under_caps": _over_cap, "not_disclosed": _not_disclosed,
    "disclosed_otherwise": _disclosed_otherwise, "shared_device": _shared_device, "shared_address": _shared_address,
    "no_score": _no_score, "score": _score, "margin": _margin, "line": _line,
}  # fmt: skip
