"""Members' tiers over time, what came before their moves, borrowing again and what they owe: fills those tables."""

from datetime import date

import duckdb
from sqlalchemy import Column, MetaData, Table, TableClause
from sqlalchemy.dialects.postgresql.named_types import CreateEnumType
from sqlalchemy.schema import CreateTable

from loanbook.members import member_exposure, member_state, membership_spell, move_window, reborrow_prompt
from loanbook.members.membership_spell import CHANGE, REASON, Tiers
from loanbook.members.movement_schema import line_spell
from loanbook.members.movement_schema import member_exposure as exposure_table
from loanbook.members.movement_schema import member_state as state_table
from loanbook.members.movement_schema import membership_spell as spell_table
from loanbook.members.movement_schema import move_window as window_table
from loanbook.working import create_tables, drop, run
from rules.policy import Policy

_TABLES = (spell_table, state_table, window_table, line_spell, exposure_table)


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, as_of: date, policy: Policy
) -> None:
    """Fill the tables of `movement_schema` from `member_journey`, the copied tables and the loans' states.

    numbers: those of `member_number`; loans: those of `standing.loans`.
    """
    known = membership_spell.tiers(snapshot, policy.bands)
    create_tables(snapshot, "reborrow_prompt")
    create(snapshot, known)
    standing = membership_spell.fill(snapshot, known, numbers, as_of)
    rule = policy.movement
    member_state.fill(snapshot, known, numbers, loans, standing, as_of, rule.dormant_days)
    move_window.fill(snapshot, known, numbers, loans, standing, as_of, rule.days_before_move)
    reborrow_prompt.fill(snapshot, numbers, loans, as_of)
    member_exposure.fill(snapshot, known, numbers, loans, standing, as_of)
    drop(snapshot, standing)


def create(snapshot: duckdb.DuckDBPyConnection, known: Tiers) -> None:
    """Create the tables whose columns hold tiers, states, reasons and changes in the types of those, which it makes."""
    for enum in (known.tier, known.state, REASON, CHANGE):
        run(snapshot, CreateEnumType(enum))
    types = {"tier": known.tier, "state": known.state, "standing": known.state, "reason": REASON, "change": CHANGE}
    for table in _TABLES:
        columns = [Column(column.name, types.get(column.name, column.type)) for column in table.columns]
        run(snapshot, CreateTable(Table(table.name, MetaData(), *columns)))
