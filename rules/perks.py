"""Perks: at which occasions they are granted, and whether members who were granted one do better than like ones."""

from enum import StrEnum

from rules.text import N_


class Occasion(StrEnum):
    """What a perk is granted for."""

    FIRST_REPAID = "first_repaid"  # the first loan was paid off
    FIRST_TIER = "first_tier"  # a tier above the lowest was joined for the first time


NONE, SEVERAL = "none", "several"  # granted nothing; granted perks of several kinds

STRATA = ("tier", "channel", "score_band", "quarter", "loans_before")
COVARIATES = {
    "income_fen": N_("monthly income"),
    "principal_fen": N_("size of the repaid loan"),
    "worst_days_past_due": N_("worst days past due"),
    "age_years": N_("age"),
    "member_days": N_("days since registration"),
    "value_before_fen": N_("contribution before"),
}
