"""Everything about the rules of the policy, derived at once."""

from datetime import date

import duckdb
from sqlalchemy import TableClause

from loanbook.compliance import approvals, contact_rules, lending_rules, member_rules
from loanbook.working import create_tables
from rules.policy import Policy


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, as_of: date, policy: Policy
) -> None:
    """Fill the tables of `compliance_schema`; where a table is missing, nothing is judged by its rules.

    numbers: those of `member_number`; loans: those of `standing.loans`.
    """
    create_tables(snapshot, "rule_month", "rule_breach", "planned_count", "planned_breach", "approval_count")
    contact_rules.judge(snapshot, as_of, policy.compliance)
    contact_rules.judge_planned(snapshot, as_of, policy.compliance)
    lending_rules.judge(snapshot, numbers, loans, as_of, policy.compliance)
    member_rules.judge(snapshot, as_of, policy)
    approvals.build(snapshot, numbers, as_of, policy)
