"""The contract: the tables of the loan database that Loanboard reads, as SQLAlchemy tables.

Money is CNY with two decimals, rates are yearly fractions, instants are UTC, dates are Asia/Shanghai business dates.
A key is an integer or a text. Direct identifiers are marked and never enter the snapshot. What else the contract says
of a column (its codes, the table that its key refers to, whether an amount may be negative) stands in its `info`.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
)

metadata = MetaData()

MONEY = Numeric(14, 2)
RATE = Numeric(9, 6)


CHANNELS = ("organic", "referral", "opinion_leader", "advertising", "offline", "partner")
LAYERS = ("rules", "model", "manual")


def _key(name: str, to: str | None = None, *, optional: bool = False, primary: bool = False) -> Column[Any]:
    """A key of the source, integer or text, perhaps to a row of another table."""
    info = {"key": True, "references": to}
    return Column(name, BigInteger, primary_key=primary, nullable=optional, info=info, autoincrement=False)


def _id() -> Column[Any]:
    return _key("id", primary=True)


def _personal(name: str, *, optional: bool = False) -> Column[Any]:
    """A direct identifier (P in data-model.md): masked wherever it is shown, never copied."""
    return Column(name, String, nullable=optional, info={"personal": True})


def _c(name: str, type_: Any, *, optional: bool = False, **info: Any) -> Column[Any]:
    return Column(name, type_, nullable=optional, info=info)


def _code(name: str, codes: tuple[str, ...], *, optional: bool = False) -> Column[Any]:
    """One of a few codes."""
    return _c(name, String, optional=optional, codes=codes)


def _tier_code(*, optional: bool = False) -> Column[Any]:
    return _c("tier_code", String, optional=optional, references="tier")


tier = Table(
    "tier", metadata, Column("code", String, primary_key=True), _c("rank", SmallInteger), _c("name_en", String),
    _c("name_zh", String), _c("annual_fee", MONEY), _c("credit_limit", MONEY), _c("rate_discount", RATE),
)  # fmt: skip

member = Table(
    "member", metadata, _id(), _c("registered_at", DateTime), _c("verified_at", DateTime, optional=True),
    _personal("full_name"), _personal("phone"), _personal("id_number"), _c("birth_year", SmallInteger, optional=True),
    _c("gender", String, optional=True), _c("province", String, optional=True),
    _c("monthly_income", MONEY, optional=True), _code("acquisition_channel", CHANNELS, optional=True),
    _key("campaign_id", "campaign", optional=True), _key("referred_by_id", "member", optional=True),
    _c("referral_code", String, optional=True, unique=True), _c("sensitive_data_consent_at", DateTime, optional=True),
    _c("consent_version", String, optional=True), _c("marketing_consent_at", DateTime, optional=True),
    _c("dates_imputed", Boolean, optional=True),  # true: the date of the registration is an estimate
)  # fmt: skip

membership = Table(
    "membership", metadata, _id(), _key("member_id", "member"), _tier_code(), _c("started_at", DateTime),
    _c("ended_at", DateTime, optional=True), _code("reason", ("paid", "task", "upgrade", "downgrade", "lapse")),
    _c("fee_paid", MONEY),
)  # fmt: skip

perk = Table(
    "perk", metadata, _id(), _key("member_id", "member"),
    _code("kind", ("interest_free_coupon", "limit_boost", "rate_cut")), _c("granted_at", DateTime),
    _c("expires_at", DateTime), _c("redeemed_at", DateTime, optional=True), _key("loan_id", "loan", optional=True),
    _c("cost", MONEY),
)  # fmt: skip

device_sighting = Table(
    "device_sighting", metadata, _id(), _key("member_id", "member"), _c("device_hash", String),
    _c("address_hash", String, optional=True), _c("first_seen_at", DateTime), _c("last_seen_at", DateTime),
)  # fmt: skip

campaign = Table(
    "campaign", metadata, _id(), _c("name", String), _code("channel", CHANNELS), _c("starts_on", Date),
    _c("ends_on", Date, optional=True), _c("budget", MONEY),
)  # fmt: skip

campaign_spend = Table(
    "campaign_spend", metadata, _id(), _key("campaign_id", "campaign"), _c("spent_on", Date),
    _code("kind", ("media", "agency", "production", "bonus")), _c("amount", MONEY),
)  # fmt: skip

invitation = Table(
    "invitation", metadata, _id(), _key("referrer_id", "member", optional=True), _c("creator", String, optional=True),
    _c("code", String), _code("medium", ("link", "qr", "code")), _key("campaign_id", "campaign", optional=True),
    _c("sent_at", DateTime), _c("opened_at", DateTime, optional=True), _key("referee_id", "member", optional=True),
)  # fmt: skip

reward_rule = Table(
    "reward_rule", metadata, _id(), _key("campaign_id", "campaign", optional=True),
    _code("kind", ("one_off", "dynamic", "stepped", "levelled", "team")),
    _code("trigger", ("registered", "first_loan", "on_time_repayment", "second_loan", "referral_count")),
    _c("level", SmallInteger), _c("threshold", Integer, optional=True), _c("amount", MONEY), _c("starts_on", Date),
    _c("ends_on", Date, optional=True),
)  # fmt: skip

reward = Table(
    "reward", metadata, _id(), _key("reward_rule_id", "reward_rule"), _code("side", ("referrer", "invitee", "team")),
    _key("beneficiary_id", "member"), _key("referee_id", "member"), _key("team_id", optional=True),
    _c("level", SmallInteger, optional=True), _code("form", ("cash", "points", "coupon", "limit")),
    _c("amount", MONEY), _c("accrued_at", DateTime), _c("paid_at", DateTime, optional=True),
    _c("reversed_at", DateTime, optional=True), _c("reversal_reason", String, optional=True),
)  # fmt: skip

product = Table(
    "product", metadata, _id(), _c("code", String), _c("name_en", String), _c("name_zh", String),
    _code("kind", ("cash", "instalment", "revolving")),
)  # fmt: skip

funder = Table(
    "funder", metadata, _id(), _c("name", String), _code("kind", ("own", "bank", "trust", "consumer_finance")),
    _c("cost_rate", RATE), _c("quota", MONEY, optional=True), _c("share_of_margin", RATE),
)  # fmt: skip

application = Table(
    "application", metadata, _id(), _c("external_number", String), _key("member_id", "member"),
    _key("product_id", "product"), _c("scene", String, optional=True),
    _personal("guarantor", optional=True),  # who may be a person
    _c("applied_at", DateTime), _c("amount", MONEY), _c("term_months", SmallInteger),
    _c("purpose", String, optional=True), _tier_code(optional=True), _c("monthly_income", MONEY, optional=True),
    _c("existing_debt", MONEY, optional=True), _c("annual_rate", RATE, optional=True),
    _c("upfront_fee", MONEY, optional=True), _c("monthly_fee", MONEY, optional=True),
    _c("disclosed_rate", RATE, optional=True),
    _c("disclosure_confirmed_at", DateTime, optional=True),
    _code("status", ("open", "approved", "declined", "withdrawn", "disbursed")),
    _c("decided_at", DateTime, optional=True), _code("decided_by", LAYERS, optional=True),
    _c("approved_amount", MONEY, optional=True),
    _c("grade", String, optional=True),  # the lender's own risk grade, where it gives one
    _c("within_policy", Boolean, optional=True),  # false: approved outside the lender's credit policy
)  # fmt: skip

application_check = Table(
    "application_check", metadata, _id(), _key("application_id", "application"), _code("layer", LAYERS),
    _c("provider", String, optional=True), _c("code", String), _code("outcome", ("pass", "flag", "fail")),
    _c("value", String, optional=True), _c("threshold", String, optional=True), _c("checked_at", DateTime),
)  # fmt: skip

score = Table(
    "score", metadata, _id(), _key("application_id", "application"), _c("model_version", String),
    _c("score", Numeric(9, 3)), _c("default_probability", RATE, optional=True), _c("reasons", JSON, optional=True),
    _c("scored_at", DateTime),
)  # fmt: skip

loan = Table(
    "loan", metadata, _id(), _key("application_id", "application"), _key("member_id", "member"),
    _key("product_id", "product"), _key("funder_id", "funder", optional=True),
    _c("funder_share", RATE, optional=True), _tier_code(optional=True),
    _code("acquisition_channel", CHANNELS, optional=True), _c("disbursed_at", DateTime), _c("principal", MONEY),
    _c("annual_rate", RATE, optional=True), _c("upfront_fee", MONEY, optional=True),
    _c("monthly_fee", MONEY, optional=True), _c("term_months", SmallInteger),
    _code("method", ("equal_payment", "equal_principal", "interest_first"), optional=True),
    _code("status", ("active", "paid_off", "written_off")), _c("closed_at", DateTime, optional=True),
    _c("written_off_at", DateTime, optional=True), _c("defaulted_on", Date, optional=True),
    _c("dates_imputed", Boolean, optional=True),  # true: dates of it are estimates
    # All that was received on it, for books without repayments: principal with recoveries, interest and fees.
    _c("principal_received", MONEY, optional=True), _c("charges_received", MONEY, optional=True),
)  # fmt: skip

instalment = Table(
    "instalment", metadata, _key("loan_id", "loan", primary=True),
    Column("number", SmallInteger, primary_key=True, autoincrement=False), _c("due_on", Date),
    _c("principal_due", MONEY), _c("interest_due", MONEY), _c("fee_due", MONEY),
)  # fmt: skip

repayment = Table(
    "repayment", metadata, _id(), _key("loan_id", "loan"), _c("paid_at", DateTime), _c("amount", MONEY),
    _code("kind", ("scheduled", "early", "recovery")),
)  # fmt: skip

month_state = Table(
    "month_state", metadata, _key("loan_id", "loan", primary=True), Column("month_end", Date, primary_key=True),
    _c("days_past_due", Integer), _c("outstanding", MONEY),
)  # fmt: skip

credit_line = Table(
    "credit_line", metadata, _id(), _key("member_id", "member"), _c("changed_at", DateTime), _c("amount", MONEY),
    _c("reason", String),
)  # fmt: skip

schedule_change = Table(
    "schedule_change", metadata, _id(), _key("loan_id", "loan"), _c("changed_at", DateTime),
    _code("kind", ("extension", "restructuring")), _c("old_due_on", Date), _c("new_due_on", Date),
    _c("number", SmallInteger, optional=True),  # of the instalment; without it the one due on new_due_on is meant
)  # fmt: skip

reserve_movement = Table(
    "reserve_movement", metadata, _id(), _c("moved_on", Date), _c("amount", MONEY, signed=True), _c("reason", String),
)  # fmt: skip

prime_rate = Table("prime_rate", metadata, _id(), _c("starts_on", Date), _c("one_year_rate", RATE))

contact = Table(
    "contact", metadata, _id(), _key("member_id", "member"), _key("loan_id", "loan"),
    _code("party", ("debtor", "third")), _key("agent_id", optional=True), _c("planned_at", DateTime, optional=True),
    _code("arm", ("treated", "held_out"), optional=True),
    _code("purpose", ("due_reminder", "overdue_reminder", "collection", "limit_raise", "reborrow")),
    _code("channel", ("push", "sms", "automatic_call", "agent_call")), _c("contacted_at", DateTime, optional=True),
    _code("outcome", ("delivered", "read", "answered", "promised", "refused", "unreachable"), optional=True),
    _c("promised_on", Date, optional=True), _c("promised_amount", MONEY, optional=True), _c("cost", MONEY),
)  # fmt: skip

complaint = Table(
    "complaint", metadata, _id(), _key("member_id", "member"), _c("received_at", DateTime), _c("topic", String),
    _c("resolved_at", DateTime, optional=True),
)  # fmt: skip

target = Table(
    "target", metadata, _id(), _c("metric", String), _c("period_start", Date), _c("period_end", Date),
    _c("value", Numeric(18, 6)),
)  # fmt: skip

# What only a book that Loanboard wrote itself (demo or import) holds: what it is, which day it has closed, which
# definition of default it opens with, and what tells it from another one of the same name.
book_note = Table(
    "book_note", metadata, Column("name", String, primary_key=True), _c("as_of", Date), _c("public", Boolean),
    _c("source", String), _c("definition", String, optional=True),  # of default, where the source has its own
    _c("edition", String, optional=True),  # of a book that is made anew, with other applications of the same ids
)  # fmt: skip

OWN_TABLES = frozenset({"book_note"})


def is_personal(column: Column[Any]) -> bool:
    """Whether a column is a direct identifier, which never enters the snapshot."""
    return bool(column.info.get("personal"))


def is_key(column: Column[Any]) -> bool:
    """Whether a column is a key of the source, integer or text."""
    return bool(column.info.get("key"))
