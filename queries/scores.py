"""What scores said of loans and how these ended, and the populations that scores have seen."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Double, FromClause, Integer, Select, String, cast, func, select

from loanbook import copied
from loanbook.constructs import business_date, first_of_month
from loanbook.monitoring.monitoring_schema import application_fact, loan_score, score_model
from loanbook.snapshot_schema import loan_fact
from queries import layers
from queries.attention import band_of
from queries.default_rates import defaulted, mature
from queries.earliest import is_earliest, passing
from rules.book import Book
from rules.filters import Selection

Rows = Select[*tuple[Any, ...]]

STEPS = 200  # of either model's range, in which two models are held against each other
_MILLION = 1_000_000
_DIGITS = 2

_score = copied.TABLES["score"]


def models() -> Rows:
    """The models that scored loans, the one that decided on the newest loan first.

    Grain: one row per model. Columns: model; loans (scored); decided (of those, it decided on).
    """
    row = score_model.c
    return select(row.model, row.loans, row.decided).order_by(
        func.coalesce(row.last_loan_no, 0).desc(), row.loans.desc(), row.model
    )


def outcomes(selection: Selection, model: str, book: Book) -> Rows:
    """Borrowers by what a model scored their loan, and who of them defaulted.

    Grain: one row per score, to a hundredth, rising. Columns: score; borrowers, defaulted (count); told (of the
    borrowers, those of whom the model said a probability), told_defaulted; expected_millionths (its sum).
    Formula: a borrower counts by their earliest passing loan, once it has been observed for the horizon, as in
    `queries.default_rates`.
    Excludes: loans that the model did not score.
    Source: metrics.md, "KS, Gini, calibration".
    """
    row = loan_score.c
    is_told, has_defaulted = row.probability.is_not(None), defaulted(selection)
    value = func.round(row.score, _DIGITS)
    return (
        select(
            value.label("score"),
            func.count().label("borrowers"),
            func.count().filter(has_defaulted).label("defaulted"),
            func.count().filter(is_told).label("told"),
            func.count().filter(is_told & has_defaulted).label("told_defaulted"),
            cast(func.coalesce(func.sum(func.round(row.probability * _MILLION)), 0), BigInteger).label(
                "expected_millionths"
            ),
        )
        .join_from(loan_score, loan_fact, loan_fact.c.loan_no == row.loan_no)
        .where(row.model == model, passing(selection), is_earliest(selection, (), book), mature(selection))
        .group_by(value)
        .order_by(value)
    )


def against(selection: Selection, first: str, second: str, book: Book) -> Rows:
    """Borrowers whose loan both models scored, by where each score lies.

    Grain: one row per pair of steps that occurs. Columns: first_step, second_step (0 to STEPS: of each model's range
    over these loans, higher is higher); borrowers, defaulted (count).
    Formula, excludes, source: as `outcomes`.
    """
    one, other = loan_score.alias("one"), loan_score.alias("other")
    both = (
        select(one.c.score.label("first"), other.c.score.label("second"), defaulted(selection).label("bad"))
        .join_from(one, other, other.c.loan_no == one.c.loan_no)
        .join(loan_fact, loan_fact.c.loan_no == one.c.loan_no)
        .where(
            one.c.model == first,
            other.c.model == second,
            passing(selection),
            is_earliest(selection, (), book),
            mature(selection),
        )
        .cte("both")
    )
    steps = [_step(both, name).label(f"{name}_step") for name in ("first", "second")]
    placed = select(*steps, both.c.bad).subquery("placed").c
    return (
        select(
            placed.first_step,
            placed.second_step,
            func.count().label("borrowers"),
            func.count().filter(placed.bad).label("defaulted"),
        )
        .group_by(placed.first_step, placed.second_step)
        .order_by(placed.first_step, placed.second_step)
    )


def _step(both: FromClause, name: str) -> Any:
    value, lowest, highest = both.c[name], func.min(both.c[name]).over(), func.max(both.c[name]).over()
    width: Any = func.nullif(cast(highest - lowest, Double), 0.0, type_=Double())
    return cast(func.coalesce(func.round((value - lowest) / width * STEPS), 0), Integer)


def by_month(selection: Selection, first: date, as_of: date, edges: Sequence[int]) -> Rows:
    """Scores by model, month and band, whether or not a loan came of them.

    edges: lower edges of the bands. Grain: one row per model, month and band that occurs.
    Columns: model; month (its first day); band (its lower edge, as `queries.attention.scores`); scored (count).
    Excludes: scores before `first` and after as_of; of the selection only those choices count that an application has.
    Source: metrics.md, "population stability".
    """
    row, day = _score.c, business_date(_score.c.scored_at)
    kept = of_applications(selection)
    month = first_of_month(day)
    band = band_of(row.score, edges)
    told = (
        select(cast(row.model_version, String).label("model"), month.label("month"), band.label("band"))
        .where(day >= first, day <= as_of, row.score.is_not(None), *kept)
        .subquery("told")
    )
    keys = told.c.model, told.c.month, told.c.band
    return select(*keys, func.count().label("scored")).group_by(*keys).order_by(*keys)


def of_applications(selection: Selection) -> list[Any]:
    """That a score is of an application with what is chosen, whenever it was made; nothing where nothing is chosen."""
    if len(layers.untold(selection)) == len(selection.choices):
        return []
    passed = select(application_fact.c.application_id).where(layers.passing(selection.over_all_time()))
    return [cast(_score.c.application_id, String).in_(passed)]
