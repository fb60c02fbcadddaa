"""Everything about rewards in a snapshot: rings over devices, the ledger, the signals of abuse, who has invited."""

from datetime import date

import duckdb
from sqlalchemy import TableClause

from loanbook.referrals import abuse, inviters, reward_fact, rings
from loanbook.referrals.reward_schema import member_ring
from loanbook.working import create_tables, drop
from rules.policy import Policy


def build(snapshot: duckdb.DuckDBPyConnection, numbers: TableClause, as_of: date, policy: Policy) -> None:
    """Fill the tables of `reward_schema`. `numbers`: the work table of `member_number`; `member_journey` is filled."""
    create_tables(snapshot, "ring", "member_ring", "abuse_signal", "signal_rate", "inviter")
    devices = rings.shared(snapshot, numbers, "device_hash", as_of)
    rings.build(snapshot, numbers, devices, as_of, policy.abuse.ring_members)
    reward_fact.build(snapshot, numbers, member_ring, as_of, policy.rewards)
    abuse.build(snapshot, numbers, devices, as_of, policy.abuse)
    inviters.fill(snapshot, numbers, as_of)
    drop(snapshot, devices)
