"""The tables of a snapshot about the rules that bind lending and collection."""

from sqlalchemy import BigInteger, Column, Date, DateTime, Double, String, Table

from loanbook.snapshot_schema import metadata

# One row per rule and month in which something was judged by it.
rule_month = Table(
    "rule_month",
    metadata,
    Column("rule", String),  # one of rules.compliance.Rule
    Column("month", Date),  # its first day, in Shanghai
    Column("judged", BigInteger),
)

# One row per breach: a contact, a loan, an application, a reward, a member or the root of a tree, whose key is the
# subject.
rule_breach = Table(
    "rule_breach",
    metadata,
    Column("rule", String),
    Column("happened_on", Date),
    Column("happened_at", DateTime),  # UTC; of contacts
    Column("subject_id", String),
    Column("member_id", String),
    Column("loan_id", String),  # null where a breach is about no single loan
    Column("observed", Double),  # what is held against the limit, in the unit of the rule; null where it is a yes or no
    Column("allowed", Double),
)

# The same of contacts that are planned and not made yet: what would break a rule if they were made as planned.
planned_count, planned_breach = (
    Table(name, metadata, *(Column(column.name, column.type) for column in like.columns))
    for name, like in (("planned_count", rule_month), ("planned_breach", rule_breach))
)

# One row per month of decision, attribute and group in which applications were decided.
approval_count = Table(
    "approval_count",
    metadata,
    Column("month", Date),  # its first day
    Column("attribute", String),  # one of rules.adverse_impact.ATTRIBUTES
    Column("value", String),
    Column("decided", BigInteger),
    Column("approved", BigInteger),
)
