"""The past applications that are most like one, among those that were granted: only they have an outcome."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Double, Select, String, and_, cast, func, select

from loanbook.snapshot_schema import loan_fact
from rules.case_similar import FEATURES, Asked
from rules.filters import Definition

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Similar:
    """Which applications are looked for: like this one, so many, by this definition of default."""

    asked: Asked
    product: str
    most: int
    definition: Definition


def nearest(like: Similar) -> Rows:
    """The granted applications nearest to one, by the features that it has.

    Grain: one row per loan, the nearest first.
    Columns: loan_id; distance; applied_fen, principal_fen, term_months, score, income_fen, declared_fen; disbursed_on,
    observed_months, status, closed_on, days_past_due, default_month; compared (granted applications of the product that
    have all the features).
    Formula: the root of the mean of squared differences, each feature divided by its standard deviation over the
    compared; amount and income as logarithms. A feature that the application lacks is left out.
    Excludes: loans of other products; those of which a feature is not known; applications that were not granted, of
    which nobody knows what would have become.
    """
    values = like.asked.values
    features = {name: _FEATURES[name] for name in FEATURES if name in values}
    loan = loan_fact.c
    known = (
        select(loan.loan_no, *(each.label(name) for name, each in features.items()))
        .where(loan.product == like.product, and_(*(each.is_not(None) for each in features.values())))
        .cte("known")
    )
    spread = select(
        func.count().label("compared"),
        *(func.stddev_pop(known.c[name]).label(f"{name}_spread") for name in features),
    ).subquery("spread")
    terms = [
        func.coalesce(func.power((known.c[name] - values[name]) / _some(spread.c[f"{name}_spread"]), 2), 0.0)
        for name in features
    ]
    squared = sum(terms[1:], terms[0]) / float(len(terms))
    found = (
        select(known.c.loan_no, squared.label("squared"), spread.c.compared)
        .select_from(known.join(spread, known.c.loan_no > 0))
        .order_by(squared, known.c.loan_no.desc())
        .limit(like.most)
        .subquery("nearest")
    )
    return (
        select(
            loan.loan_id,
            func.sqrt(found.c.squared).label("distance"),
            *(loan[name] for name in ("applied_fen", "principal_fen", "term_months", "score", "income_fen")),
            *(loan[name] for name in ("declared_fen", "disbursed_on", "observed_months")),
            cast(loan.status, String).label("status"),
            loan.closed_on,
            loan.days_past_due,
            loan[f"default_month_{like.definition}"].label("default_month"),
            found.c.compared,
        )
        .join_from(found, loan_fact, loan.loan_no == found.c.loan_no)
        .order_by(found.c.squared, found.c.loan_no.desc())
    )


def _log(fen: ColumnElement[Any]) -> ColumnElement[Any]:
    """The logarithm of an amount; null where there is none."""
    return func.ln(_some(cast(func.greatest(fen, 0), Double)))


def _some(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A number that may be divided by: null for none. (A division by what has no type would be cut to three digits.)"""
    return func.nullif(value, 0.0, type_=Double())


_FEATURES: dict[str, ColumnElement[Any]] = {
    "amount": _log(loan_fact.c.applied_fen),
    "term": cast(loan_fact.c.term_months, Double),
    "income": _log(loan_fact.c.income_fen),
    "debt": cast(loan_fact.c.declared_fen, Double) / _some(cast(loan_fact.c.income_fen, Double)),
    "score": loan_fact.c.score,
}
