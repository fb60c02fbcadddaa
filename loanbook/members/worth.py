"""What members are worth, what perks bring and what loans cost with every fee inside: fills those tables."""

from datetime import date

import duckdb
from sqlalchemy import TableClause

from loanbook.members import loan_price, member_value, membership_spell, perk_trial
from rules.policy import Policy


def build(
    snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, loans: TableClause, as_of: date, policy: Policy
) -> None:
    """Fill the tables of `worth_schema`, once loans, members, their spells on tiers and rewards are there.

    numbers: those of `member_number`; loans: those of `standing.loans`.
    """
    known = membership_spell.tiers(snapshot, policy.bands)
    member_value.build(snapshot, known, numbers, loans, as_of)
    perk_trial.build(snapshot, numbers, loans, as_of, policy.perks)
    loan_price.build(snapshot, numbers, loans, policy.price)
