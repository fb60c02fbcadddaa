"""The tables of a snapshot about reminders, collection and complaints: counts by month, no identifiers of members."""

from sqlalchemy import BigInteger, Column, Date, Double, Integer, SmallInteger, String, Table

from loanbook.snapshot_schema import metadata
from rules.collections import CONTACT_PARTS
from rules.messages import LIKE
from rules.reminders import COVARIATES, LATE_DAYS, STRATA

# Of what borrowers were like: how many have it told, its sum, and that of its squares, which no whole number may hold.
_MOMENTS = {"known": BigInteger, "sum": BigInteger, "squared": Double}

# Sums of contacts about what is or becomes due, by month of the contact in Shanghai; a cell may have several rows.
contact_month = Table(
    "contact_month",
    metadata,
    Column("month", Date),  # its first day
    Column("purpose", String),  # due_reminder, overdue_reminder, collection
    Column("channel", String),
    *(Column(part, BigInteger) for part in CONTACT_PARTS),
)

# Sums of agents' calls, by month and by the month in which the agent had last called the same debtor before.
agent_month = Table(
    "agent_month",
    metadata,
    Column("agent_no", Integer),
    Column("month", Date),
    Column("previous_month", Date),  # null at the first call
    Column("bucket", String),  # how late the loan was at the call; "" where nothing of it was late
    *(Column(part, BigInteger) for part in CONTACT_PARTS),
)

# One row per agent. The numbers say nothing of the keys.
agent = Table("agent", metadata, Column("agent_no", Integer), Column("agent_id", String))

# One row per bucket, month of entry into it, month of the same borrower's entry before, and end: the loans with these.
overdue_month = Table(
    "overdue_month",
    metadata,
    Column("bucket", String),  # M1, M2, M3, M3+
    Column("month", Date),
    Column("previous_month", Date),  # null at the first entry
    Column("days", SmallInteger),  # from the entry to the end, or to as_of while it lasts; at most the policy's
    Column("exit", String),  # cured, moved, written_off; "" where it lasts
    Column("loans", BigInteger),
    Column("principal_fen", BigInteger),  # as disbursed
)

# Sums of borrowers before a due date, reminded of it or not, by what they were like; each borrower is in one cell.
reminder_cell = Table(
    "reminder_cell",
    metadata,
    Column("design", String),  # one of rules.reminders.Design
    Column("arm", String),  # treated, held_out
    *(Column(stratum, String) for stratum in STRATA),
    # How long before the due date: of the reminder; of who was not reminded, the last day that began with it unpaid. 0
    # where chance decided.
    Column("days_before", SmallInteger),
    Column("members", BigInteger),
    *(Column(f"{what}_{days}", BigInteger) for days in LATE_DAYS for what in ("observed", "late")),
    *(Column(f"{what}_{name}", kind) for name in COVARIATES for what, kind in _MOMENTS.items()),
)

# Sums of borrowers who got a message and of those beside them, by what they were like; whom chance decides on, by arm.
message_cell = Table(
    "message_cell",
    metadata,
    Column("purpose", String),  # one of rules.messages.MESSAGES
    Column("design", String),  # one of rules.reminders.Design
    Column("arm", String),  # treated, held_out
    *(Column(part, String) for part in LIKE),
    Column("members", BigInteger),
    Column("observed", BigInteger),  # of those: for so many days
    Column("again", BigInteger),  # of those: borrowed again within them
    *(Column(f"{what}_{name}", kind) for name in COVARIATES for what, kind in _MOMENTS.items()),
)

# Complaints by topic, month of receipt, and for how many days they waited: until resolved, else to as_of.
complaint_month = Table(
    "complaint_month",
    metadata,
    Column("topic", String),
    Column("month", Date),
    Column("days", Integer),
    Column("resolved", BigInteger),
    Column("waiting", BigInteger),
)
