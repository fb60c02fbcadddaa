"""From the copied tables to the derived ones: rejected rows, settlement, loan states, the row per loan."""

from dataclasses import dataclass
from datetime import date

import duckdb
from sqlalchemy import func, select

from loanbook import loan_dimensions, loan_fact, loan_state, referral_levels, rejection, settlement, standing
from loanbook.stages import Progress
from loanbook.working import create_tables, drop, run, work_table
from rules.policy import Policy


@dataclass(frozen=True)
class Derived:
    """What has been derived from a book."""

    loans: int  # in loan_fact
    rejected_loans: int
    longest_term_months: int


def derive(
    snapshot: duckdb.DuckDBPyConnection, present: frozenset[str], as_of: date, policy: Policy, progress: Progress
) -> Derived:
    """Fill every derived table from the copied ones; `present` names the tables that the source has."""
    create_tables(snapshot, "rejected_row", "broken_invariant", "broken_row", "instalment_state", "loan_state")
    create_tables(snapshot, "dimension_value")
    progress("Checking rows", 0.0)
    rejected = rejection.reject(snapshot, present)
    progress("Ordering loans", 0.2)
    loans = work_table(snapshot, "loan_standing", standing.loans(as_of))
    progress("Settling instalments", 0.25)
    settlement.fill(snapshot, loans, as_of)
    progress("Deriving loan states", 0.6)
    loan_state.fill(snapshot, loans, as_of)
    progress("Finding referral levels", 0.7)
    levels = referral_levels.build(snapshot)
    progress("Describing loans", 0.75)
    described = loan_dimensions.of_loans(snapshot, loans, levels, policy.bands)
    loan_fact.build(snapshot, loans, described, as_of, policy)
    [(counted, longest)] = run(snapshot, select(func.count(), func.coalesce(func.max(loans.c.term_months), 0)))
    drop(snapshot, loans, levels)
    return Derived(counted, rejected, longest)
