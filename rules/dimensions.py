"""The dimensions by which loans and members are filtered and grouped: one vocabulary for widgets, URLs and SQL."""

from dataclasses import dataclass

from rules.text import N_


@dataclass(frozen=True)
class Dimension:
    """One attribute. Its code is the column in `loan_fact` or `member_journey`, and the URL parameter."""

    code: str
    name: str
    source: str  # the contract's column that holds it, to be named where a book does not record it
    ordered: bool = False  # the values have an order of their own; others are listed by rate or size
    shared: bool = False  # offered among the filters on every page


TIER = Dimension("tier", N_("Tier at origination"), "loan.tier_code", ordered=True, shared=True)
CHANNEL = Dimension("channel", N_("Channel"), "loan.acquisition_channel", shared=True)
PRODUCT = Dimension("product", N_("Product"), "loan.product_id", shared=True)
PROVINCE = Dimension("province", N_("Province"), "member.province", shared=True)
SCORE_BAND = Dimension("score_band", N_("Score band"), "score.score", ordered=True, shared=True)
AGE_BAND = Dimension("age_band", N_("Age band"), "member.birth_year", ordered=True)
TERM = Dimension("term", N_("Term"), "loan.term_months", ordered=True)
AMOUNT_BAND = Dimension("amount_band", N_("Amount band"), "loan.principal", ordered=True)
REFERRAL_LEVEL = Dimension("referral_level", N_("Referral level"), "member.referred_by_id", ordered=True)
FUNDER = Dimension("funder", N_("Funder"), "loan.funder_id")
DISBURSED_MONTH = Dimension("disbursed_month", N_("Disbursement month"), "loan.disbursed_at", ordered=True)
DECIDED_BY = Dimension("decided_by", N_("Risk layer that decided"), "application.decided_by")
GRADE = Dimension("grade", N_("Lender's grade"), "application.grade", ordered=True)
PURPOSE = Dimension("purpose", N_("Purpose"), "application.purpose")
CREDIT_POLICY = Dimension("credit_policy", N_("Credit policy"), "application.within_policy")

ALL: tuple[Dimension, ...] = (
    TIER,
    CHANNEL,
    PRODUCT,
    PROVINCE,
    SCORE_BAND,
    AGE_BAND,
    TERM,
    AMOUNT_BAND,
    REFERRAL_LEVEL,
    FUNDER,
    DISBURSED_MONTH,
    DECIDED_BY,
    GRADE,
    PURPOSE,
    CREDIT_POLICY,
)

# Which tier of a member is meant: the three differ, and only the first two were known when what follows happened.
FIRST_TIER = Dimension("first_tier", N_("Tier reached first"), "membership.tier_code", ordered=True)
APPLICATION_TIER = Dimension("application_tier", N_("Tier at application"), "application.tier_code", ordered=True)
CURRENT_TIER = Dimension("current_tier", N_("Today's tier"), "membership.tier_code", ordered=True)
MEMBER_TIERS = (FIRST_TIER, APPLICATION_TIER, CURRENT_TIER)

CAMPAIGN = Dimension("campaign", N_("Campaign"), "member.campaign_id")
GENDER = Dimension("gender", N_("Gender"), "member.gender")

# Of a member: channel, campaign and level by which they came, age at registration.
MEMBER: tuple[Dimension, ...] = (
    *MEMBER_TIERS,
    CHANNEL,
    CAMPAIGN,
    PROVINCE,
    AGE_BAND,
    GENDER,
    REFERRAL_LEVEL,
)

BY_CODE = {dimension.code: dimension for dimension in (*ALL, *MEMBER)}
SHARED = tuple(dimension for dimension in ALL if dimension.shared)

UNKNOWN = "unknown"  # the value of a loan for which the book records nothing
