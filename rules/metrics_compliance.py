"""The metrics of compliance."""

from rules.metric import Metric, Unit
from rules.text import N_

COMPLIANCE = (
    Metric(
        code="rule_breaches",
        name=N_("Breaches"),
        definition=N_(
            "What is found against a rule of the policy, each by the limit that was in force on its day in Shanghai, "
            "of what was judged by the rule. A breach is a fact of the book against a number of the policy; a person "
            "judges what it means."
        ),
        unit=Unit.COUNT,
        parts=("breaches", "judged"),
        calendar=N_("the day of the contact, of the disbursement, of the verification; balances at the as-of date"),
        interval=None,
        noise_test=None,
        source='metrics.md, "Collections and compliance"',
    ),
    Metric(
        code="adverse_impact",
        name=N_("Adverse impact ratio"),
        definition=N_(
            "A group's approval rate divided by that of the group with the highest. A group is flagged where the ratio "
            "is below the policy's and the difference is not noise once all groups are compared. A flag is not a "
            "verdict: the groups may differ in what they ask for and can repay."
        ),
        unit=Unit.RATIO,
        parts=("approved", "decided"),
        calendar=N_("applications by the month of their decision, open and withdrawn ones left out"),
        interval=N_("Wilson, applications as the sample"),
        noise_test=N_("Fisher's exact test where few are expected, else the score test; Benjamini-Hochberg"),
        source='metrics.md, "adverse impact ratio", trap 20; vector "eeoc_air"',
    ),
    Metric(
        code="five_class",
        name=N_("Five-category class"),
        definition=N_(
            "Principal outstanding at the as-of date by the days that a loan is past due: none, any, more than 90, 270 "
            "and 360. What else a lender knows of a borrower may class a loan lower."
        ),
        unit=Unit.CNY,
        parts=("outstanding_fen", "loans"),
        calendar=N_("at the as-of date"),
        interval=None,
        noise_test=None,
        source='metrics.md, "Collections and compliance"',
    ),
)
