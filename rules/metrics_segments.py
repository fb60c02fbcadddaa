"""The metrics of what a period's loans have come to: default rates by segment, and the control totals."""

from rules.metric import Metric, Unit
from rules.text import N_

_BY_DISBURSEMENT = N_("loans disbursed in the period, followed to the as-of date")
_AT_AS_OF = N_("loans disbursed in the period, as they stand at the end of the as-of date")
_WILSON = N_("Wilson, borrowers as the sample")

SEGMENTS = (
    Metric(
        code="default_rate",
        name=N_("Default rate"),
        definition=N_(
            "Borrowers whose earliest loan in the segment met the definition of default within the horizon, divided by "
            "the borrowers whose earliest loan there has been observed for the whole horizon."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "borrowers"),
        calendar=_BY_DISBURSEMENT,
        interval=_WILSON,
        noise_test=N_("two-sided test of two proportions, borrowers as the sample"),
        source='metrics.md, "default rate at H"',
    ),
    Metric(
        code="default_rate_by_principal",
        name=N_("Default rate by principal"),
        definition=N_("The same loans as the default rate, each weighted by its principal."),
        unit=Unit.RATIO,
        parts=("defaulted_principal_fen", "principal_fen"),
        calendar=_BY_DISBURSEMENT,
        interval=None,
        noise_test=None,
        source='metrics.md, "default rate at H"',
    ),
    Metric(
        code="share_of_defaults",
        name=N_("Share of defaults"),
        definition=N_("The segment's defaulted borrowers, divided by those of all segments shown."),
        unit=Unit.RATIO,
        parts=("defaulted",),
        calendar=_BY_DISBURSEMENT,
        interval=None,
        noise_test=None,
        source='metrics.md, "default rate at H"',
    ),
    Metric(
        code="difference_to_book",
        name=N_("Difference to the book"),
        definition=N_(
            "The segment's default rate less the book's; it stands out when the segment differs from the rest of the "
            "book by more than noise, corrected for having looked at every segment."
        ),
        unit=Unit.POINTS,
        parts=("defaulted", "borrowers", "first_defaulted", "first_borrowers"),
        calendar=_BY_DISBURSEMENT,
        interval=None,
        noise_test=N_(
            "two-sided test against the rest of the book, Benjamini-Hochberg over all values of the dimension"
        ),
        source='metrics.md, "stands out"',
    ),
    Metric(
        code="standardised_rate",
        name=N_("Standardised default rate"),
        definition=N_(
            "The default rate that a group would have with the common mix of the attribute that is held equal: its own "
            "rates, weighted by both groups' borrowers together."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "borrowers"),
        calendar=_BY_DISBURSEMENT,
        interval=N_("normal, from the strata's binomial variances"),
        noise_test=N_("the interval of the difference, strata held fixed"),
        source='metrics.md, trap 11; "simpson_ucb"',
    ),
    Metric(
        code="rate_effect",
        name=N_("Rate effect"),
        definition=N_(
            "The part of a difference between two groups that remains within the strata: each stratum's difference in "
            "rates, weighted by its average share. Kitagawa's split; both parts sum to the difference exactly."
        ),
        unit=Unit.POINTS,
        parts=("defaulted", "borrowers"),
        calendar=_BY_DISBURSEMENT,
        interval=None,
        noise_test=None,
        source="Kitagawa 1955; metrics.md, trap 11",
    ),
    Metric(
        code="mix_effect",
        name=N_("Mix effect"),
        definition=N_(
            "The part of a difference between two groups that comes from their mix: each stratum's difference in "
            "share, weighted by its average rate."
        ),
        unit=Unit.POINTS,
        parts=("defaulted", "borrowers"),
        calendar=_BY_DISBURSEMENT,
        interval=None,
        noise_test=None,
        source="Kitagawa 1955; metrics.md, trap 11",
    ),
    Metric(
        code="loans",
        name=N_("Loans"),
        definition=N_("Loans that pass the filters, whether observed for the horizon or not."),
        unit=Unit.COUNT,
        parts=("loans",),
        calendar=_AT_AS_OF,
        interval=None,
        noise_test=None,
        source='product.md, "every number proves itself"',
    ),
    Metric(
        code="applied",
        name=N_("Applied for"),
        definition=N_("Amount asked for in the applications of the loans that pass the filters."),
        unit=Unit.CNY,
        parts=("applied_fen",),
        calendar=_AT_AS_OF,
        interval=None,
        noise_test=None,
        source='data-model.md, "application"',
    ),
    Metric(
        code="principal",
        name=N_("Principal"),
        definition=N_("Amount disbursed on the loans that pass the filters."),
        unit=Unit.CNY,
        parts=("principal_fen",),
        calendar=_AT_AS_OF,
        interval=None,
        noise_test=None,
        source='data-model.md, "loan"',
    ),
    Metric(
        code="outstanding",
        name=N_("Outstanding"),
        definition=N_("Principal not yet repaid on the loans that pass the filters; none once closed or written off."),
        unit=Unit.CNY,
        parts=("outstanding_fen",),
        calendar=_AT_AS_OF,
        interval=None,
        noise_test=None,
        source='data-model.md, "loan_state"',
    ),
    Metric(
        code="overdue",
        name=N_("Overdue"),
        definition=N_("Principal, interest and fees that were due before the as-of date and are not paid."),
        unit=Unit.CNY,
        parts=("overdue_fen",),
        calendar=_AT_AS_OF,
        interval=None,
        noise_test=None,
        source='data-model.md, "loan_state"',
    ),
)
