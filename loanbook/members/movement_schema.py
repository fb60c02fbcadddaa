"""The tables of a snapshot about members' tiers over time, borrowing again and what members owe: no identifiers."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, SmallInteger, String, Table

from loanbook.snapshot_schema import metadata
from rules.moves import ACTIVITIES

# One row per membership by as_of, ordered by member and by when it began. Members are `member_journey.member_no`.
membership_spell = Table(
    "membership_spell",
    metadata,
    Column("member_no", Integer),
    Column("tier", String),  # an enum in the order of the tiers' ranks
    Column("from_on", Date),  # not before the registration
    Column("until_on", Date),  # the first day after it, at the latest that of the next one; null while it runs
    Column("reason", String),  # paid, task, upgrade, downgrade, lapse
    Column("fee_fen", BigInteger),
    Column("change", String),  # what it changed: one of rules.migration.CHANGES
    Column("stay_from_on", Date),  # when the member came to this tier without having left it since
    Column("stay_ends", Boolean),  # no renewal follows: the stay on the tier ends with it, or has not ended yet
)

# One row per member and stretch of days in one state, from the registration to as_of without gaps, ordered by member
# and day. The states are those of rules/migration.py.
member_state = Table(
    "member_state",
    metadata,
    Column("member_no", Integer),
    Column("state", String),  # an enum: none, the tiers in the order of their ranks, lapsed, dormant
    Column("from_on", Date),
    Column("last_on", Date),  # the last day of it by as_of
)

# One row per upgrade or lapse of the newest twelve whole months, and per like member who did not move: what each did in
# the days before. Ordered as they come.
move_window = Table(
    "move_window",
    metadata,
    Column("kind", String),  # one of rules.moves.Kind
    Column("moved", Boolean),  # false: a like member, looked at on the same day
    Column("member_no", Integer),
    Column("index_on", Date),  # the day of the move; the days before it are looked at
    Column("standing", String),  # tier before, in the type of member_state.state
    Column("stay_quarters", SmallInteger),  # quarters of 90 days spent there by the first of the month
    *(Column(activity, Integer) for activity in ACTIVITIES),
)

# One row per member who was to be prompted to borrow again, at the first such plan, treated or held out by chance.
reborrow_prompt = Table(
    "reborrow_prompt",
    metadata,
    Column("member_no", Integer),
    Column("prompted_on", Date),
    Column("arm", String),  # treated, held_out
    Column("again_on", Date),  # the first disbursement from that day on; null by as_of
)

# One row per member and stretch of days with one credit line on one tier, ordered by member and day.
line_spell = Table(
    "line_spell",
    metadata,
    Column("member_no", Integer),
    Column("standing", String),  # tier, none or lapsed, in the type of member_state.state
    Column("line_fen", BigInteger),
    Column("from_on", Date),
    Column("last_on", Date),  # the last day of it by as_of
)

# One row per member with principal outstanding and month end, of the newest month ends, ordered by month end.
member_exposure = Table(
    "member_exposure",
    metadata,
    Column("member_no", Integer),
    Column("month_end", Date),
    Column("standing", String),  # tier, none or lapsed on that day, in the type of member_state.state
    Column("outstanding_fen", BigInteger),  # principal of all loans
    Column("declared_fen", BigInteger),  # debt elsewhere by the latest application that says; null: none says
    Column(
        "income_fen", BigInteger
    ),  # a month's, by the latest application that says, else the member's; null likewise
    Column("line_fen", BigInteger),  # in force on that day; null without one
    Column("raised_days", SmallInteger),  # days from the last raise of the line to the day on which a loan that is over
    # 30 days past due at this month end became so; the fewest of several; null without such a loan or raise
)
