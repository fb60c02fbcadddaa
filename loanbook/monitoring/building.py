"""Everything about risk layers, scores and prices, derived at once."""

from datetime import date

import duckdb
from sqlalchemy import TableClause

from loanbook.monitoring import applications, loan_charges, loan_scores, stops
from rules.policy import Policy


def build(snapshot: duckdb.DuckDBPyConnection, loans: TableClause, counted: int, as_of: date, policy: Policy) -> None:
    """Fill `application_fact`, `application_stop`, `loan_score` and `loan_charge`.

    loans: those of `standing.loans`, so many.
    """
    applications.build(snapshot, loans, as_of, policy.bands)
    stops.build(snapshot)
    loan_scores.build(snapshot, loans, counted)
    loan_charges.build(snapshot, loans, as_of)
