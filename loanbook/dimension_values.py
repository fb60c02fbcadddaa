"""The values of each dimension: how a loan's attributes are banded and labelled, and in which order they are listed."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, literal

from rules.bands import labels
from rules.dimensions import (
    AGE_BAND,
    AMOUNT_BAND,
    CREDIT_POLICY,
    DECIDED_BY,
    MEMBER_TIERS,
    REFERRAL_LEVEL,
    SCORE_BAND,
    TERM,
    TIER,
    UNKNOWN,
)
from rules.policy import Bands

MOST_EXACT_TERMS = 12  # a book with more different terms than this has them banded
DEEPEST_LEVEL = 5

_FIXED = {
    DECIDED_BY.code: ("rules", "model", "manual"),
    CREDIT_POLICY.code: ("within", "outside"),
    REFERRAL_LEVEL.code: (*(str(level) for level in range(DEEPEST_LEVEL)), f"{DEEPEST_LEVEL}+"),
}


def banded(value: ColumnElement[Any], edges: Sequence[int], unit: int = 1) -> ColumnElement[Any]:
    """The band of a value: it belongs to the last edge, in so many of the value's units, that it reaches."""
    names = labels(edges)
    below = [(value < edge * unit, literal(name)) for edge, name in zip(edges, names, strict=False)]
    return case((value.is_(None), literal(UNKNOWN)), *below, else_=literal(names[-1]))


def level(distance: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value of a referral level; the deep ones are one."""
    return case((distance >= DEEPEST_LEVEL, literal(f"{DEEPEST_LEVEL}+")), else_=cast(distance, String))


def text(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A recorded text as a value; an empty one counts as not recorded."""
    return func.coalesce(func.nullif(func.trim(value), literal("")), literal(UNKNOWN))


def in_order(code: str, values: Iterable[str], bands: Bands, tier_ranks: dict[str, int]) -> list[str]:
    """The values of a dimension in their own order, unknown last.

    Tiers by rank, bands by their edges, numbers by size, decision layers as they follow each other, the rest by name.
    """
    by_rank = sorted(tier_ranks, key=lambda tier: (tier_ranks[tier], tier))
    known = {
        SCORE_BAND.code: labels(bands.score),
        AGE_BAND.code: labels(bands.age),
        AMOUNT_BAND.code: labels(bands.amount),
        TERM.code: labels(bands.term_months),
        **dict.fromkeys((tier.code for tier in (TIER, *MEMBER_TIERS)), by_rank),
        **_FIXED,
    }.get(code, [])
    position = {value: place for place, value in enumerate(known)}

    def key(value: str) -> tuple[bool, int, int, str]:
        number = int(value) if value.isdecimal() else -1
        return value == UNKNOWN, position.get(value, len(position)), number, value

    return sorted(values, key=key)
