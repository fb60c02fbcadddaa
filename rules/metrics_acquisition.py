"""The metrics of acquisition: what members cost, what they bring back, and how spend stands against its budget."""

from rules.metric import Metric, Unit
from rules.text import N_

_BY_COHORT = N_("members registered in the period; spend of its days; rewards for those members, up to the as-of date")
_AS_OF_SPEND = N_("spend up to the as-of date, the loan database's and what marketing has entered")
_LOGARITHM = N_("normal in the logarithm: spend taken as given, the members who came as the sample")

ACQUISITION = (
    Metric(
        code="cost_per_acquisition",
        name=N_("Cost per acquisition"),
        definition=N_(
            "Media, agency, production and bonuses, and rewards of all levels, forms and sides accrued for the members "
            "of the cohort, less those taken back, divided by the members of the cohort who got that far. A member "
            "belongs to the campaign with whose code they registered, the last one they had; descendants of a campaign "
            "count for it only where that is switched on. Rewards marked as farmed are a part of their own, in place "
            "of their other part, never added twice."
        ),
        unit=Unit.CNY,
        parts=("fen", "borrowers", "reward_fen", "reward_cny_squared"),
        calendar=_BY_COHORT,
        interval=_LOGARITHM,
        noise_test=N_(
            "difference of logarithms over its error, against the period before with both cohorts at the same age"
        ),
        source='metrics.md, "cost per acquisition", trap 14',
    ),
    Metric(
        code="cost_per_repaying_borrower",
        name=N_("Cost per repaying borrower"),
        definition=N_(
            "The same cost divided by the borrowers whose first loan has been observed for the horizon without default "
            "(24 months for the final outcome). Of first loans that are younger the expected ones count: at the book's "
            "pace of default, faster or slower as the cohort's own defaults and missed first payments say. Rewards are "
            "those accrued so far."
        ),
        unit=Unit.CNY,
        parts=("fen", "observed", "defaulted", "first_due", "first_missed"),
        calendar=_BY_COHORT,
        interval=N_("normal in the logarithm, widened by what is forecast"),
        noise_test=None,
        source='metrics.md, "cost per acquisition"',
    ),
    Metric(
        code="payback",
        name=N_("Payback"),
        definition=N_(
            "The first month since registration at whose end the cohorts' cumulative contribution (interest, fees and "
            "membership fees less funding, losses, perks and contacts) has reached what their acquisition cost."
        ),
        unit=Unit.COUNT,
        parts=("fen", "borrowers", "members"),
        calendar=_BY_COHORT,
        interval=None,
        noise_test=None,
        source='metrics.md, "payback"',
    ),
    Metric(
        code="acquisition_return",
        name=N_("Return of a campaign"),
        definition=N_(
            "Contribution of the members' first twelve months, rewards left out, divided by what their acquisition "
            "cost, rewards included; only members who have been observed for all of those months, with their own cost."
        ),
        unit=Unit.INDEX,
        parts=("value_fen", "fen", "value_cny_squared", "reward_cny_squared"),
        calendar=N_("every cohort that has been observed for those months, whatever the period"),
        interval=N_("normal, spend taken as given and the members as the sample"),
        noise_test=N_("the whole interval above or below 1"),
        source='metrics.md, "cost per acquisition", "Lifetime value"',
    ),
    Metric(
        code="early_cost",
        name=N_("Cost of the newest weeks"),
        definition=N_(
            "What a week's cohort cost within its first days, divided by those who registered, and by those with a "
            "first loan within the same days. Weeks that have not been waited for so long are hatched."
        ),
        unit=Unit.CNY,
        parts=("fen", "members", "early_borrowers"),
        calendar=N_("weeks of seven days back from the as-of date"),
        interval=N_("as of a Poisson count"),
        noise_test=N_("the newest week against those shown before it, and how much more than chance they vary"),
        source='metrics.md, "cost per acquisition", trap 21',
    ),
    Metric(
        code="early_arrears",
        name=N_("Early arrears"),
        definition=N_(
            "First payments that were missed by more than 30 days, divided by the first loans of which that is known."
        ),
        unit=Unit.RATIO,
        parts=("first_missed", "first_due"),
        calendar=_BY_COHORT,
        interval=N_("Wilson, borrowers as the sample"),
        noise_test=None,
        source='metrics.md, "first-payment default"',
    ),
    Metric(
        code="budget_used",
        name=N_("Budget used"),
        definition=N_(
            "What has been spent on a campaign, divided by its budget. A running campaign with an end is on its plan "
            "within a tenth of what the time that has passed allows; without an end the newest four weeks tell when "
            "the rest is used up."
        ),
        unit=Unit.RATIO,
        parts=("spent_fen", "budget_fen"),
        calendar=_AS_OF_SPEND,
        interval=None,
        noise_test=None,
        source='data-model.md, "campaign_spend"',
    ),
    Metric(
        code="creator_cost",
        name=N_("Cost of a creator"),
        definition=N_(
            "What was entered at the spend desk for a creator in the period, divided by those who registered with the "
            "code, and by those of them who borrowed."
        ),
        unit=Unit.CNY,
        parts=("fee_fen", "members", "borrowers"),
        calendar=_BY_COHORT,
        interval=None,
        noise_test=None,
        source='data-model.md, "spend_entry"',
    ),
)
