"""The metrics of what members are worth: contribution, lifetime value, what perks bring, and what loans really cost."""

from rules.metric import Metric, Unit
from rules.text import N_
from rules.worth import COLUMNS

_CLUSTERED = N_("normal, clustered by member, whose months are not independent")
_EVERY_MEMBER = N_("members whenever registered, by the day of the occasion")
_MATCHED = N_("normal, over strata of members who are alike")

WORTH = (
    Metric(
        code="contribution",
        name=N_("Contribution per member and month"),
        definition=N_(
            "Interest and fees received and membership fees paid, less funding (balance x the funder's cost), losses "
            "(written off less recovered, plus what is expected to be lost of loans that are late now), perks, "
            "contacts and the rewards for bringing the member, divided by the months that members stood on the tier; a "
            "rate cut is not taken off again, for it is missing from the interest already."
        ),
        unit=Unit.CNY,
        parts=(*COLUMNS, "months"),
        calendar=N_("whole months since registration, each on the tier that was held at its end"),
        interval=_CLUSTERED,
        noise_test=N_("two-sided normal test of the difference between two tiers"),
        source='metrics.md, "Lifetime value", traps 12 and 15',
    ),
    Metric(
        code="lifetime_value",
        name=N_("Lifetime value"),
        definition=N_(
            "Contribution per registered member, summed over the months since registration and discounted at the "
            "policy's rate: observed on one fixed set of cohorts for as long as the youngest of them has been seen, "
            "projected beyond by the months of older cohorts."
        ),
        unit=Unit.CNY,
        parts=(*COLUMNS, "members"),
        calendar=N_("cohorts by month of registration, whole months alone"),
        interval=None,
        noise_test=None,
        source='metrics.md, "Lifetime value", trap 3',
    ),
    Metric(
        code="perk_effect",
        name=N_("Effect of a perk"),
        definition=N_(
            "Of the members granted a perk when their first loan was repaid or when they joined a tier, the share that "
            "borrowed again within the policy's days, less that of like members who were granted nothing: same tier, "
            "channel, score band, quarter and number of loans; everybody granted counts, redeemed or not."
        ),
        unit=Unit.POINTS,
        parts=("again", "members"),
        calendar=_EVERY_MEMBER,
        interval=_MATCHED,
        noise_test=N_("two-sided test, Benjamini-Hochberg over all perks"),
        source='metrics.md, "stands out", trap 11',
    ),
    Metric(
        code="perk_return",
        name=N_("Return on a perk"),
        definition=N_(
            "Contribution per member in the policy's whole months after a perk was granted, its cost taken off, less "
            "that of like members who were granted nothing."
        ),
        unit=Unit.CNY,
        parts=("value_fen", "value_cny_squared", "valued"),
        calendar=_EVERY_MEMBER,
        interval=_MATCHED,
        noise_test=N_("two-sided normal test"),
        source='metrics.md, "Lifetime value"',
    ),
    Metric(
        code="over_price_cap",
        name=N_("Loans over the price cap"),
        definition=N_(
            "Loans whose all-in yearly rate is over the policy's cap: the internal rate of return of a month x 12, of "
            "the principal less the upfront fee against instalments with interest and monthly fees; and those that "
            "only the membership fee lifts over it, taken off the principal whole, where it was paid for the loan's "
            "tier in the policy's days before the first application that followed."
        ),
        unit=Unit.COUNT,
        parts=("over_cap", "lifted", "over_prime", "lifted_prime", "loans"),
        calendar=N_("all loans with instalments disbursed by the as-of date"),
        interval=None,
        noise_test=None,
        source='metrics.md, "all-in annual rate", trap 16',
    ),
)
