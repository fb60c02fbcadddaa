"""How rules are judged: rows by the limit that was in force on their day, counted by month, breaches kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import duckdb
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    Select,
    String,
    Table,
    and_,
    cast,
    desc,
    func,
    insert,
    literal,
    null,
    select,
)
from sqlalchemy.sql.selectable import CompoundSelect

from loanbook.compliance.compliance_schema import planned_breach, planned_count, rule_breach, rule_month
from loanbook.constructs import first_of_month
from loanbook.working import run
from rules.compliance import Rule
from rules.compliance_policy import One

Value = ColumnElement[Any]


@dataclass(frozen=True)
class Kept:
    """Where it is kept what was judged and found."""

    judged: Table
    breaches: Table


BOOK, PLANS = Kept(rule_month, rule_breach), Kept(planned_count, planned_breach)


def spans(limits: Sequence[One], day: Value) -> Iterator[tuple[One, ColumnElement[bool]]]:
    """Each limit with the condition that a day lies in its time: from its first day to the next one's."""
    for limit, following in zip_longest(limits, limits[1:]):
        within = day >= limit.from_on
        yield limit, within if following is None else and_(within, day < following.from_on)


def count(
    snapshot: duckdb.DuckDBPyConnection,
    rule: Rule,
    rows: FromClause,
    day: Value,
    within: ColumnElement[bool],
    into: Kept = BOOK,
) -> None:
    """Add the rows of a rule that were judged by a limit, by month."""
    month = first_of_month(day)
    counted = (
        select(literal(rule.value), month, func.count()).select_from(rows).where(within).group_by(month).order_by(month)
    )
    run(snapshot, insert(into.judged).from_select(["rule", "month", "judged"], counted))


def keep(snapshot: duckdb.DuckDBPyConnection, found: Select[Any] | CompoundSelect[Any], into: Kept = BOOK) -> None:
    """Add breaches, made by `breach`."""
    run(snapshot, insert(into.breaches).from_select([column.name for column in rule_breach.columns], found))


def breach(
    rule: Rule,
    *,
    on: Value,
    subject: Value,
    member: Value,
    at: Value | None = None,
    loan: Value | None = None,
    observed: Value | None = None,
    allowed: float | None = None,
) -> Select[Any]:
    """The columns of `rule_breach`, for what is found; the newest first."""
    return select(
        literal(rule.value),
        on.label("happened_on"),
        cast(null(), DateTime) if at is None else at,
        cast(subject, String).label("subject_id"),
        cast(member, String),
        cast(null(), String) if loan is None else cast(loan, String),
        cast(null(), Double) if observed is None else cast(observed, Double),
        cast(literal(allowed), Double),
    ).order_by(desc("happened_on"), "subject_id")
