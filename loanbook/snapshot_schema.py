"""The tables of a snapshot that statements read: derived once at the refresh, money as integer fen, no identifiers."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
)

from rules import ageing, dimensions

metadata = MetaData()

UNREACHED = 2**31 - 1  # seconds: longer than any window

FORMAT = 5  # raised with every change of these tables; a snapshot of another format is rebuilt, not read

# How a loan leaves its vintage, its default, its cure.
LEFT_AS = {
    "vintage": ("default", "payoff"),
    "cure": ("cured", "rescheduled", "paid_off", "written_off"),
    "redefault": ("redefault", "paid_off"),
}

DEFINITIONS = ("30", "60", "90", "charge_off", "recorded")

# The states of a loan at a month end, in order: how late it is (days past due > 0, 30, 60, 90), or how it has left.
BUCKETS, EXITS, STATES = ageing.BUCKETS, ageing.EXITS, ageing.STATES

# One row: what the snapshot is.
snapshot_note = Table(
    "snapshot_note",
    metadata,
    Column("snapshot_id", String),
    Column("format", Integer),
    Column("book_name", String),
    Column("as_of", Date),
    Column("built_at", DateTime),  # UTC
    Column("evidence", String),  # the depths present, comma-separated, deepest first
    Column("imputed_dates", BigInteger),
    Column("source_rows", BigInteger),
    Column("longest_term_months", Integer),  # the longest term of any usable loan; 0 without loans
    Column("definition", String),  # of default, with which the pages open; null: the policy's
)

# One row per row of the book that can't be used, and why. A loan that is listed here is in no other table below.
rejected_row = Table(
    "rejected_row",
    metadata,
    Column("table_name", String),
    Column("key", String),  # "17", or "17, 3" where two columns are the key; empty where it has none
    Column("reason", String),  # an English sentence part, marked for the catalogues in loanbook/rejection.py
)

# One row per source table: what was read, and whether it was there.
source_table = Table(
    "source_table",
    metadata,
    Column("name", String),
    Column("present", Boolean),
    Column("rows", BigInteger),
    Column("checksum", String),  # the sums that were compared with the source, as text
    Column("missing_columns", String),  # optional ones, null in the copy; comma-separated
)

# One row per dimension value that occurs in loan_fact or in member_journey, in the dimension's own order.
dimension_value = Table(
    "dimension_value",
    metadata,
    Column("subject", String),  # loan or member: whose dimension it is
    Column("dimension", String),
    Column("position", Integer),
    Column("value", String),
    Column("name_en", String),  # the lender's own names (tier, product); null elsewhere
    Column("name_zh", String),
    Column("varies", Boolean),  # whether some borrower has loans with different values of the dimension
)

# One row per instalment of a usable loan: repayments up to as_of allocated oldest due first.
instalment_state = Table(
    "instalment_state",
    metadata,
    Column("loan_no", Integer),
    Column("number", SmallInteger),
    Column("due_on", Date),
    Column("due_fen", BigInteger),  # principal, interest and fee
    Column("paid_fen", BigInteger),  # within an instalment fee first, then interest, then principal
    Column("principal_paid_fen", BigInteger),
    Column("settled_on", Date),  # first day on which it was paid in full; the day of an early payoff; null while open
)

# One row per loan: how it has been repaid, from the deepest evidence it has. What the evidence can't tell is null.
loan_state = Table(
    "loan_state",
    metadata,
    Column("loan_no", Integer),
    Column("loan_id", String),
    Column("evidence", String),
    Column("past_due_1_on", Date),  # first day with days past due >= 1
    Column("past_due_30_on", Date),  # first day with days past due > 30
    Column("past_due_60_on", Date),
    Column("past_due_90_on", Date),
    Column("charged_off_on", Date),
    Column("defaulted_on", Date),  # the source's own date
    Column("days_past_due", Integer),  # at as_of; of a written-off loan on that day; 0 once paid off
    Column("worst_days_past_due", Integer),
    Column("outstanding_fen", BigInteger),  # principal not yet repaid; 0 once closed or written off
    Column("overdue_fen", BigInteger),  # principal, interest and fees due before as_of and unpaid
    Column("months_on_book", SmallInteger),  # calendar months from disbursement to closing, else to as_of
    Column("closed_on", Date),  # paid off or written off, by as_of
    Column("closed_as", String),  # early, at_term, written_off
    Column("last_due_on", Date),
    Column("dates_imputed", Boolean),
    Column("first_due_on", Date),  # of the first instalment; null without instalments
    Column("first_payment_missed", Boolean),  # it was unpaid for more than 30 days; null until that can be known
    Column("rescheduled", Boolean),  # a due date of it was moved by as_of
)

# One row per loan, narrow, ordered by disbursement: what every default-rate statement scans. Dimensions are enums.
loan_fact = Table(
    "loan_fact",
    metadata,
    Column("loan_no", Integer),  # 1.., by (disbursed_on, loan id): the order of a borrower's loans
    Column("loan_id", String),
    Column("borrower_no", Integer),
    Column("disbursed_on", Date),
    *(Column(dimension.code, String) for dimension in dimensions.ALL),
    # Date of the borrower's loan before this one (any), and of the one before with the same value of a dimension.
    # The latter are filled only for dimensions that vary within a borrower; elsewhere previous_on says the same.
    Column("previous_on", Date),
    *(Column(f"previous_{dimension.code}_on", Date) for dimension in dimensions.ALL),
    Column("applied_fen", BigInteger),  # asked for in its application; null where the book does not say
    # What else its application said, each null where the book does not say; the latest score by the disbursement.
    Column("score", Double),
    Column("income_fen", BigInteger),  # a month's
    Column("declared_fen", BigInteger),  # debt elsewhere
    Column("term_months", SmallInteger),
    Column("principal_fen", BigInteger),
    Column("outstanding_fen", BigInteger),
    Column("overdue_fen", BigInteger),
    Column("days_past_due", Integer),
    Column("observed_months", SmallInteger),  # most months m with disbursed_on + m months <= as_of
    Column("final_observed", Boolean),  # as_of is past the last due date by the policy's days
    # Fewest months m with default date <= disbursed_on + m months; null where it has not defaulted by as_of.
    *(Column(f"default_month_{definition}", SmallInteger) for definition in DEFINITIONS),
    *(Column(f"default_on_{definition}", Date) for definition in DEFINITIONS),
    Column("status", String),  # active, paid_off, written_off
    Column("dates_imputed", Boolean),
    Column("closed_on", Date),  # paid off or written off, by as_of
    # How the loan left its vintage, by the definition of default: default, payoff, or null while it is open; and after
    # how many calendar months on book (0: by the end of the month of disbursement), open ones at the last month end
    # that as_of has reached. An exit after that month end has not happened yet. Null where no month end has come.
    *(Column(f"vintage_exit_{definition}", String) for definition in DEFINITIONS),
    *(Column(f"vintage_month_{definition}", SmallInteger) for definition in DEFINITIONS),
    Column("first_due_on", Date),  # of the first instalment; null without instalments
    Column("first_payment_missed", Boolean),  # it was unpaid for more than 30 days; null until that can be known
    # From the first day over 90 days past due: cured (nothing past due at a month end and at the three after it, which
    # is when it counts), rescheduled (a due date was moved: no cure), paid_off, written_off, or null while open; and
    # after how many calendar months, open ones at the last month end that as_of has reached.
    Column("past_due_90_on", Date),  # null where it came after that month end
    Column("cure_exit", String),
    Column("cure_month", SmallInteger),
    # From the month end at which a cure counts: redefault (over 90 again, or written off), paid_off, or null while
    # open; and after how many calendar months.
    Column("redefault_exit", String),
    Column("redefault_month", SmallInteger),
    Column("rescheduled", Boolean),  # a due date of it was moved by as_of
)

# One row per loan and month end, from the month of disbursement to the one in which it left, else to the last month end
# that as_of has reached; ordered by month end. Loans with a tape have rows for the month ends on it.
loan_month = Table(
    "loan_month",
    metadata,
    Column("loan_no", Integer),
    Column("month_end", Date),
    Column("months_on_book", SmallInteger),  # calendar months since the month of disbursement
    Column("previous_bucket", String),  # at the month end before; null in the first month and after a gap
    Column("bucket", String),  # one of STATES
    Column("previous_outstanding_fen", BigInteger),  # principal at the month end before; null likewise
    Column("outstanding_fen", BigInteger),  # principal at this month end; 0 once it has left
    Column("rescheduled", Boolean),  # a due date was moved in this month
    # Received in the month, as settlement allocates, and principal lost when the loan left in it: written off, or not
    # paid at a payoff. Null where a tape is the evidence. See `loanbook.ageing`.
    Column("interest_fen", BigInteger),
    Column("fee_fen", BigInteger),
    Column("lost_fen", BigInteger),
    *(Column(dimension.code, String) for dimension in dimensions.ALL),
)

# One row per month end, bucket before, bucket and value of a shared dimension, null for all loans together: the sums of
# loan_month that answer most choices.
loan_month_count = Table(
    "loan_month_count",
    metadata,
    Column("dimension", String),
    Column("value", String),
    *(Column(name, loan_month.c[name].type) for name in ("month_end", "previous_bucket", "bucket")),
    Column("loans", BigInteger),
    Column("previous_outstanding_fen", BigInteger),
    Column("outstanding_fen", BigInteger),
    Column("rescheduled", BigInteger),
    *(Column(name, BigInteger) for name in ("interest_fen", "fee_fen", "lost_fen")),  # null where none is told
)

# One row per member, narrow, ordered by registration: what every statement about members scans. Dimensions are enums.
# Nothing after as_of is in it. What the book's tables don't tell is null.
member_journey = Table(
    "member_journey",
    metadata,
    Column("member_no", Integer),  # 1.., by (registered_at, id)
    Column("member_id", String),
    Column("registered_on", Date),  # Asia/Shanghai
    Column("registered_month", String),  # "2025-03", an enum
    Column("registered_s", Integer),  # seconds of that day before the registration
    # When each step was reached, in seconds after registration: the first time at or after the step before, null where
    # that one was not reached. So the steps nest; windows are laid over the differences.
    Column("verified_s", Integer),
    Column("joined_s", Integer),  # a tier above the lowest
    Column("applied_s", Integer),
    Column("approved_s", Integer),
    Column("disbursed_s", Integer),
    Column("repaid_s", Integer),  # that loan, on time: see loanbook/member_journey.py
    Column("again_s", Integer),  # another disbursement
    # Seconds from the step before that the book records to this one; UNREACHED where it was not reached, rather than
    # null: whether windows were kept is then a plain comparison, twice as fast to tell.
    Column("verified_gap_s", Integer),
    Column("joined_gap_s", Integer),
    Column("applied_gap_s", Integer),
    Column("approved_gap_s", Integer),
    Column("disbursed_gap_s", Integer),
    Column("repaid_gap_s", Integer),
    Column("again_gap_s", Integer),
    # Plain firsts, whatever came before them.
    Column("first_applied_on", Date),
    Column("first_approved_on", Date),
    Column("first_disbursed_on", Date),
    Column("second_disbursed_on", Date),
    Column("last_active_on", Date),  # the last day on which the member did something
    Column("dates_imputed", Boolean),  # the registration is an estimate: of no use for how long something took
    Column("observed_days", Integer),  # as_of - registered_on
    *(Column(dimension.code, String) for dimension in dimensions.MEMBER),
    Column("inherited_campaign", String),  # the campaign of the member, else of the nearest referrer above who has one
    Column("referrer_no", Integer),  # member_no of the referrer, as the tree is once cycles are cut; null for a root
    Column("root_no", Integer),
    Column("level", Integer),  # steps to the root; 0 is the root itself
    Column("subtree_size", Integer),  # the member and everybody below
    Column("tree_size", Integer),  # the subtree of the root
    Column("referrals", Integer),  # members referred directly
)

# One row per application that a person decided by as_of, or of which the book does not say who decided it.
manual_decision = Table(
    "manual_decision",
    metadata,
    Column("application_id", String),
    Column("recorded", Boolean),  # the book says that a person decided it
    Column("applied_at", DateTime),  # UTC
    Column("decided_at", DateTime),
    Column("product", String),
    Column("amount_fen", BigInteger),  # asked for
    Column("outcome", String),  # of rules.review_case.Outcome
    Column("override", String),  # of rules.review_case.Override; null where it went as rules and model said
    Column("reason", String),  # what was written of the person's own check; null where nothing was
    Column("loan_no", Integer),  # of the loan that it led to
)

# One row per way in which the book departs from the contract, as the rows of the copy show it.
broken_invariant = Table(
    "broken_invariant",
    metadata,
    Column("kind", String),  # one of loanbook.finding.SENTENCES
    Column("severity", String),
    Column("table_name", String),
    Column("column_name", String),  # empty where the finding is about whole rows
    Column("expected", String),
    Column("rows", BigInteger),  # how many there are
)

# The rows behind a broken invariant, the first of them where there are very many.
broken_row = Table(
    "broken_row",
    metadata,
    Column("kind", String),
    Column("table_name", String),
    Column("column_name", String),
    Column("key", String),  # "17", or "17, 3" where two columns are the key
)


def previous_on(code: str | None, varying: frozenset[str]) -> Column[Any]:
    """The column with the date of the borrower's loan before, of the same value where the dimension varies."""
    return loan_fact.c[f"previous_{code}_on"] if code in varying else loan_fact.c.previous_on
