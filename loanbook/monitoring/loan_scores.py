"""What each model said of the applications that loans were made on."""

from typing import Any

import duckdb
from sqlalchemy import Column, Double, FromClause, MetaData, Select, String, Table, cast, func, insert, select
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType
from sqlalchemy.schema import CreateTable

from loanbook import copied
from loanbook.constructs import business_date
from loanbook.monitoring.monitoring_schema import loan_score, score_model
from loanbook.working import in_ranges, keep_table, run
from rules.dimensions import UNKNOWN

_score = copied.TABLES["score"]


def build(snapshot: duckdb.DuckDBPyConnection, loans: FromClause, counted: int) -> None:
    """Fill `loan_score` and `score_model`; loans: those of `standing.loans`, so many.

    Formula: of each model the last score by the day of disbursement, of several of one instant the highest key's; the
    last of all models' is the one that decides, as `loan_dimensions.latest_scores` has it.
    Excludes: scores without a value, and those of no loan.
    """
    found = run(snapshot, select(_score.c.model_version).distinct().order_by(_score.c.model_version))
    model = ENUM(*([each for (each,) in found if each is not None] or [UNKNOWN]), name="score_model")
    run(snapshot, CreateEnumType(model))
    columns = [Column(each.name, model if each.name == "model" else each.type) for each in loan_score.columns]
    kept = Table(loan_score.name, MetaData(), *columns)
    run(snapshot, CreateTable(kept))
    ranked = _ranked(loans)
    for each in in_ranges(ranked, "loan_no", counted):
        row = each.subquery("ranked").c
        said = (
            select(row.loan_no, cast(row.model, model), row.score, row.probability, row.overall == 1)
            .where(row.place == 1)
            .order_by(row.loan_no)
        )
        run(snapshot, insert(kept).from_select([column.name for column in kept.columns], said))
    keep_table(snapshot, score_model, _models())


def _models() -> Select[*tuple[Any, ...]]:
    row = loan_score.c
    return (
        select(
            cast(row.model, String).label("model"),
            func.count().label("loans"),
            func.count().filter(row.decides).label("decided"),
            func.max(row.loan_no).filter(row.decides).label("last_loan_no"),
        )
        .group_by(row.model)
        .order_by("model")
    )


def _ranked(loans: FromClause) -> Select[Any]:
    row, newest = _score.c, (_score.c.scored_at.desc(), _score.c.id.desc())
    return (
        select(
            loans.c.loan_no,
            row.model_version.label("model"),
            cast(row.score, Double).label("score"),
            cast(row.default_probability, Double).label("probability"),
            func.row_number().over(partition_by=(loans.c.loan_no, row.model_version), order_by=newest).label("place"),
            func.row_number().over(partition_by=loans.c.loan_no, order_by=newest).label("overall"),
        )
        .join_from(loans, _score, row.application_id == loans.c.application_id)
        .where(
            business_date(row.scored_at) <= loans.c.disbursed_on, row.score.is_not(None), row.model_version.is_not(None)
        )
    )
