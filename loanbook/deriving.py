"""From the copied tables to the derived ones: rejected rows, settlement, loan states, the row per loan."""

from dataclasses import dataclass
from datetime import date

import duckdb
from sqlalchemy import TableClause, func, select

from loanbook import (
    cures,
    invariants,
    loan_dimensions,
    loan_fact,
    loan_month,
    loan_state,
    manual_decision,
    month_count,
    rejection,
    settling,
    standing,
)
from loanbook.collections import complained, contacts, messaged, overdue, reminded
from loanbook.compliance import findings
from loanbook.members import member_journey, member_number, movement, worth
from loanbook.monitoring import building as monitoring
from loanbook.referrals import acquired, acquisition_cost, growth, referral_levels, rewarding
from loanbook.stages import Progress
from loanbook.working import create_tables, drop, run, work_table, work_table_in_ranges
from rules.policy import Policy


@dataclass(frozen=True)
class Derived:
    """What has been derived from a book."""

    loans: int  # in loan_fact
    rejected_loans: int
    longest_term_months: int


@dataclass(frozen=True)
class Work:
    """What deriving loans leaves for deriving members."""

    derived: Derived
    loans: TableClause  # each loan that counts, in its order
    levels: TableClause  # each member's place in the referral tree


def derive(
    snapshot: duckdb.DuckDBPyConnection, present: frozenset[str], as_of: date, policy: Policy, progress: Progress
) -> Derived:
    """Fill every derived table from the copied ones; `present` names the tables that the source has."""
    work = of_loans(snapshot, present, as_of, policy, progress)
    of_members(snapshot, work, as_of, policy, progress)
    return work.derived


def of_loans(
    snapshot: duckdb.DuckDBPyConnection, present: frozenset[str], as_of: date, policy: Policy, progress: Progress
) -> Work:
    """Rejected rows, broken invariants, and everything that is derived of loans."""
    create_tables(snapshot, "rejected_row", "broken_invariant", "broken_row", "instalment_state", "loan_state")
    create_tables(snapshot, "loan_month_count", "dimension_value")
    progress("Checking rows", 0.0)
    rejected = rejection.reject(snapshot, present)
    invariants.find(snapshot, present)
    progress("Ordering loans", 0.1)
    loans = work_table(snapshot, "loan_standing", standing.loans(as_of))
    [(counted, longest)] = run(snapshot, select(func.count(), func.coalesce(func.max(loans.c.term_months), 0)))
    progress("Finding referral levels", 0.12)
    levels = referral_levels.build(snapshot)
    progress("Describing loans", 0.15)
    scored = loan_dimensions.latest_scores(loans)
    scores = work_table_in_ranges(snapshot, "latest_score", scored, "loan_no", counted)
    described = loan_dimensions.of_loans(snapshot, loans, scores, levels, policy.bands)
    coded = loan_fact.code(snapshot, described, counted, policy)
    drop(snapshot, scores)
    progress("Settling instalments", 0.2)
    loan_month.create(snapshot, coded.loans)
    spells = settling.fill(snapshot, loans, coded.loans, as_of)
    loan_month.add_tape(snapshot, loans, coded.loans, as_of)
    month_count.fill(snapshot)
    progress("Deriving loan states", 0.8)
    loan_state.fill(snapshot, loans, spells, as_of)
    progress("Following cures", 0.9)
    cured = cures.build(snapshot, as_of)
    create_tables(snapshot, "overdue_month")
    overdue.build(snapshot, loans, spells, counted, policy.collections)
    progress("Deriving loan facts", 0.92)
    loan_fact.build(snapshot, loans, coded, cured, as_of, policy)
    drop(snapshot, coded.loans, spells, cured)
    manual_decision.fill(snapshot, loans, as_of)
    return Work(Derived(counted, rejected, longest), loans, levels)


def of_members(
    snapshot: duckdb.DuckDBPyConnection, work: Work, as_of: date, policy: Policy, progress: Progress
) -> None:
    """Everything that is derived of members, from their loans."""
    loans, levels = work.loans, work.levels
    progress("Following members", 0.95)
    numbers = member_number.build(snapshot, as_of)
    member_journey.build(snapshot, numbers, loans, levels, as_of, policy)
    movement.build(snapshot, numbers, loans, as_of, policy)
    progress("Looking at rewards", 0.97)
    rewarding.build(snapshot, numbers, as_of, policy)
    progress("Valuing members", 0.98)
    worth.build(snapshot, numbers, loans, as_of, policy)
    progress("Laying out trees", 0.99)
    growth.build(snapshot, numbers, loans, as_of, policy)
    progress("Adding up what members cost", 0.995)
    ways = acquisition_cost.build(snapshot, numbers, as_of)
    acquired.build(snapshot, ways, as_of, policy.acquisition, policy.growth.value_months)
    progress("Holding the book against the rules", 0.998)
    findings.build(snapshot, numbers, loans, as_of, policy)
    create_tables(snapshot, "contact_month", "agent_month", "agent", "reminder_cell", "message_cell", "complaint_month")
    contacts.build(snapshot, loans, work.derived.loans, as_of, policy.collections)
    reminded.build(snapshot, loans, as_of, policy.collections)
    messaged.build(snapshot, numbers, loans, work.derived.loans, as_of)
    complained.build(snapshot, as_of)
    progress("Following applications and prices", 0.999)
    monitoring.build(snapshot, loans, work.derived.loans, as_of, policy)
    drop(snapshot, ways, numbers, loans, levels)
