"""The tables of a snapshot about risk layers, scores and prices: money as integer fen, no identifiers."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Integer, String, Table

from loanbook.snapshot_schema import metadata
from rules import dimensions
from rules.filters import Horizon

HORIZON_MONTHS = tuple(horizon.months for horizon in Horizon if horizon.months is not None)

# One row per application made by as_of, in the order in which they were made. Dimensions are enums.
application_fact = Table(
    "application_fact",
    metadata,
    Column("application_no", Integer),  # 1.., by (applied_at, id)
    Column("application_id", String),
    Column("applied_on", Date),  # Asia/Shanghai
    *(Column(dimension.code, String) for dimension in dimensions.SHARED),  # as it was applied for
    Column("amount_fen", BigInteger),  # asked for
    Column("outcome", String),  # approved, declined, or open: nobody has decided it by as_of, or it was withdrawn
    Column("decided_by", String),  # the layer; null where open, or where the book does not say
    Column("below_cut_off", Boolean),  # the model failed it; null where the model did not judge it
    Column("later_loan_no", Integer),  # of a declined one: the first loan that its member was granted afterwards
)

# One row per declined application and reason for which its layer declined it.
application_stop = Table(
    "application_stop",
    metadata,
    Column("application_no", Integer),
    Column("layer", String),
    Column("reason", String),  # code of the check; of a person's own check what was written of it; or unknown
    Column("alone", Boolean),  # there was no other reason
)

# One row per loan and model that scored its application by the day of disbursement: that model's last score.
loan_score = Table(
    "loan_score",
    metadata,
    Column("loan_no", Integer),
    Column("model", String),
    Column("score", Double),
    Column("probability", Double),  # of default, as the model says; null where it says none
    Column("decides", Boolean),  # the last score of all, as in loan_fact
)

# One row per model that scored a loan.
score_model = Table(
    "score_model",
    metadata,
    Column("model", String),
    Column("loans", BigInteger),
    Column("decided", BigInteger),  # loans it decided on
    Column("last_loan_no", Integer),  # the newest of those; null where it never decided
)

# One row per loan whose price is known, in the order of loan_no: what it charges, what it costs.
loan_charge = Table(
    "loan_charge",
    metadata,
    Column("loan_no", Integer),
    Column("rate", Double),  # all-in, a year (a month's internal rate x 12), without a membership fee
    # Money lent x years, over the contract and within its first months: rate x it is what is charged in them.
    Column("lent_year_fen", BigInteger),
    *(Column(f"lent_year_{months}_fen", BigInteger) for months in HORIZON_MONTHS),
    Column("prime", Double),  # one-year prime rate of the day; null where the book holds none
    Column("funding", Double),  # the funder's cost a year x its share
    Column("funded_share", Double),  # of the principal, by its funder; 1 where the book does not say
    Column("perk_fen", BigInteger),  # granted for or used on the loan, but those that are missing from its rate
    Column("contact_fen", BigInteger),  # by as_of
    # What came of a loan that has ended; null while it runs, and where the book does not tell.
    Column("received_fen", BigInteger),  # all of it, recoveries and the upfront fee inside
    Column("lost_fen", BigInteger),  # principal that was not repaid
)
