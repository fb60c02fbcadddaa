"""For and against: what of a case speaks for a loan, what against it, each with its value and what it is held against.

A point is said by its code; the words for it are the screen's. Nothing here decides: a person does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

from rules.case_facts import Facts
from rules.case_margin import Margin
from rules.case_standing import Bands, Line

_TOLD_APART = 0.0005  # an all-in rate that was disclosed differs from the one that is found by no more


class Side(StrEnum):
    """Which way a point speaks."""

    FOR = "for"
    AGAINST = "against"
    NEITHER = "neither"


@dataclass(frozen=True)
class Point:
    """One thing that speaks for or against, or only has to be known. `values` fill the words of its code."""

    code: str
    side: Side
    values: Mapping[str, Any] = field(default_factory=dict)


def points(
    facts: Facts, bands: Bands | None, line: Line | None, margin: Margin | None, shared: pd.DataFrame | None
) -> tuple[Point, ...]:
    """All points of a case: those against it first, then those for it, then those that are neither."""
    found = [
        *_checks(facts), *_history(facts), *_burden(facts), *_line_left(facts), *_price(facts), *_devices(shared),
        *_score(facts, bands), *_margin(margin), *_referral(line),
    ]  # fmt: skip
    order = [Side.AGAINST, Side.FOR, Side.NEITHER]
    return tuple(sorted(found, key=lambda point: order.index(point.side)))


def _checks(facts: Facts) -> Iterator[Point]:
    passed = [check for check in facts.checks if check.outcome == "pass"]
    for check in facts.checks:
        values = {"check": check.code, "value": check.value, "threshold": check.threshold}
        if check.outcome == "fail":
            yield Point("check_failed", Side.AGAINST, values)
        elif check.outcome == "flag":
            yield Point("check_flagged", Side.NEITHER, values)
    if facts.checks and len(passed) == len(facts.checks):
        yield Point("checks_passed", Side.FOR, {"checks": len(passed)})


def _history(facts: Facts) -> Iterator[Point]:
    repaid, limit = facts.repaid, facts.policy.case.late_days
    if not repaid.loans:
        yield Point("no_loans", Side.NEITHER)
        return
    values = {"loans": repaid.paid_off, "months": repaid.on_time_months, "worst": repaid.worst_days_past_due}
    values |= {"late": repaid.days_past_due, "limit": limit, "written_off": repaid.written_off}
    if repaid.written_off:
        yield Point("written_off", Side.AGAINST, values)
    if repaid.days_past_due:
        yield Point("late_now", Side.AGAINST, values)
    if repaid.worst_days_past_due > limit:
        yield Point("late_before", Side.AGAINST, values)
    elif not repaid.days_past_due and not repaid.written_off:
        yield Point("on_time", Side.FOR if repaid.paid_off else Side.NEITHER, values)
    if any(loan.rescheduled for loan in repaid.loans):
        yield Point("rescheduled", Side.NEITHER, {"loans": sum(loan.rescheduled for loan in repaid.loans)})


def _burden(facts: Facts) -> Iterator[Point]:
    found, most = facts.burden, facts.policy.exposure.most_monthly_incomes
    limit = facts.policy.case.most_debt_to_income
    if found is None or found.debt_to_income is None or found.monthly_incomes is None:
        yield Point("no_income", Side.AGAINST)
        return
    over = found.debt_to_income > limit
    yield Point("debt_to_income", Side.AGAINST if over else Side.FOR, {"ratio": found.debt_to_income, "limit": limit})
    if found.monthly_incomes > most:
        yield Point("over_extended", Side.AGAINST, {"incomes": found.monthly_incomes, "limit": most})


def _line_left(facts: Facts) -> Iterator[Point]:
    left = facts.line_left_fen
    if left is not None and facts.amount_fen > left:
        yield Point("over_line", Side.AGAINST, {"amount_fen": facts.amount_fen, "left_fen": left})


def _price(facts: Facts) -> Iterator[Point]:
    price = facts.price
    if price is None:
        yield Point("no_price", Side.AGAINST)
        return
    values = {"rate": price.all_in.nominal, "cap": price.caps.cap, "prime": price.caps.prime}
    values["multiple"] = facts.policy.price.prime_multiple
    if price.over_cap:
        yield Point("over_cap", Side.AGAINST, values)
    if price.over_prime:
        yield Point("over_prime", Side.AGAINST, values)
    if not price.over_cap and not price.over_prime:
        yield Point("under_caps", Side.FOR, values)
    told = facts.disclosed_rate
    if facts.disclosure_confirmed_at is None:
        yield Point("not_disclosed", Side.AGAINST)
    elif told is not None and abs(told - price.own.nominal) > _TOLD_APART:
        yield Point("disclosed_otherwise", Side.AGAINST, {"told": told, "rate": price.own.nominal})


def _devices(shared: pd.DataFrame | None) -> Iterator[Point]:
    if shared is None or shared.empty:
        return
    on_device = shared.loc[shared["devices"] > 0]
    if len(on_device):
        values = {
            "members": len(on_device), "same_tree": int(on_device["same_tree"].sum()),
            "defaulted": int(on_device["defaulted"].sum()),
        }  # fmt: skip
        yield Point("shared_device", Side.AGAINST, values)
    elsewhere = shared.loc[shared["devices"] == 0]
    if len(elsewhere):
        yield Point("shared_address", Side.NEITHER, {"members": len(elsewhere)})


def _score(facts: Facts, bands: Bands | None) -> Iterator[Point]:
    if facts.score is None:
        yield Point("no_score", Side.NEITHER)
        return
    values: dict[str, Any] = {"score": facts.score.points, "band": bands.own if bands else "", "share": None}
    if bands is None or bands.share is None:
        yield Point("score", Side.NEITHER, values)
        return
    side = {"above": Side.AGAINST, "below": Side.FOR}.get(bands.verdict, Side.NEITHER)
    yield Point("score", side, values | {"share": bands.share})


def _margin(margin: Margin | None) -> Iterator[Point]:
    if margin is not None:
        side = Side.AGAINST if margin.margin_fen < 0 else Side.FOR if margin.low_fen > 0 else Side.NEITHER
        yield Point("margin", side, {"margin": margin})


def _referral(line: Line | None) -> Iterator[Point]:
    """A line whose others repay speaks for somebody; one whose others don't is never held against them."""
    if line is not None and line.told:
        yield Point("line", Side.FOR if line.better else Side.NEITHER, {"line": line})
