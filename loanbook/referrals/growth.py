"""What growth, quality and the trees are told by: fills the tables of `growth_schema`."""

from datetime import date

import duckdb
from sqlalchemy import TableClause, func, select

from loanbook import copied
from loanbook.referrals import invitation_journey, member_outcome, member_referring, tree_node
from loanbook.working import run
from rules.filters import Definition
from rules.policy import Policy


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, as_of: date, policy: Policy
) -> None:
    """Fill the tables, once members, their value, rewards and signals of abuse are there.

    numbers: those of `member_number`; loans: those of `standing.loans`.
    """
    [(own,)] = run(snapshot, select(func.max(copied.TABLES["book_note"].c.definition)))
    definition = Definition(own) if own in set(Definition) else policy.default.definition
    member_outcome.build(snapshot, numbers, loans, as_of, policy.growth.value_months)
    member_referring.build(snapshot, numbers, policy.growth.exposure_days)
    invitation_journey.build(snapshot, numbers, as_of)
    tree_node.build(snapshot, definition, policy.default.horizon)
