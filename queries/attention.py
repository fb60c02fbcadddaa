"""What only the list of what needs somebody asks: suspects, and the populations that scores have seen."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Select, String, case, cast, func, literal, select

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.referrals.reward_schema import abuse_signal
from rules import calendar

Rows = Select[*tuple[Any, ...]]

_score = copied.TABLES["score"]
_REFERENCE_DAYS = 365


def suspects() -> Rows:
    """Members who are suspected of abuse. Grain: one row each. Columns: member_id; reward_fen (received)."""
    row = abuse_signal.c
    return select(row.member_id, row.reward_fen).where(row.suspected).order_by(row.member_no)


def scores(as_of: date, days: int, edges: Sequence[int], kept: Sequence[ColumnElement[bool]] = ()) -> Rows:
    """Scores by model and band, of the newest days and of the year before them.

    edges: lower edges of the bands. kept: which scores count, where not all do.
    Grain: one row per model, time and band that occurs.
    Columns: model; recent (bool: scored in the newest days up to as_of); band (its lower edge, those below the first
    are in the first); scored (count).
    Source: metrics.md, "population stability".
    """
    row, day = _score.c, business_date(_score.c.scored_at)
    newest = calendar.add_days(as_of, -days)
    first = calendar.add_days(newest, -_REFERENCE_DAYS)
    told = (
        select(
            cast(row.model_version, String).label("model"),
            (day > literal(newest, Date)).label("recent"),
            band_of(row.score, edges).label("band"),
        )
        .where(day > literal(first, Date), day <= literal(as_of, Date), row.score.is_not(None), *kept)
        .subquery("told")
    )
    keys = told.c.model, told.c.recent, told.c.band
    return select(*keys, func.count().label("scored")).group_by(*keys).order_by(*keys)


def band_of(score: ColumnElement[Any], edges: Sequence[int]) -> ColumnElement[int]:
    """The lower edge of the band of a score; those below the first edge are in the first band."""
    return case(
        *((score >= edge, literal(edge, Integer)) for edge in reversed(edges[1:])), else_=literal(edges[0], Integer)
    )
