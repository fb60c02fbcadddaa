"""Drawn members and rewards with what is derived of rewards alone: a fifth of the time of a whole refresh."""

from collections.abc import Mapping
from datetime import date

import duckdb

from loanbook import standing
from loanbook.members import member_journey, member_number
from loanbook.referrals import referral_levels, rewarding
from loanbook.working import create_tables, work_table
from tests.loanbook.derived import POLICY, Drawing, copies


def rewarded(as_of: date, tables: Mapping[str, Drawing]) -> duckdb.DuckDBPyConnection:
    """A snapshot in memory with the journeys of the drawn members, who have no loans, and the tables of rewards."""
    snapshot = copies(tables)
    create_tables(snapshot, "rejected_row", "dimension_value", "loan_state", "loan_fact", "instalment_state")
    numbers = member_number.build(snapshot, as_of)
    loans = work_table(snapshot, "loan_standing", standing.loans(as_of))
    member_journey.build(snapshot, numbers, loans, referral_levels.build(snapshot), as_of, POLICY)
    rewarding.build(snapshot, numbers, as_of, POLICY)
    return snapshot
