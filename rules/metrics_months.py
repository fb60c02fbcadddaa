"""The metrics of what happens to loans month by month: vintages, roll rates, delinquency, first payments, cures."""

from rules.metric import Metric, Unit
from rules.text import N_

_VINTAGES = N_("loans disbursed in any month, followed to the last month end that the as-of date has reached")
_MONTH_ENDS = N_("loans at each month end that the as-of date has reached, whenever disbursed")
_SINCE_DEFAULT = N_("loans from their first day over 90 days past due, followed to the last month end")
_CLUSTERED = N_(
    "Wilson on the effective number of loans; the variance sums a borrower's loans before it squares, so that they do "
    "not count as independent"
)
_WILSON_LOANS = N_("Wilson, loans as the sample")
_AGAINST_BEFORE = N_(
    "two-sided test against the twelve months before together, widened by how much those months differ among themselves"
)

MONTHS = (
    Metric(
        code="vintage_curve",
        name=N_("Vintage curve"),
        definition=N_(
            "The share of the loans disbursed together that has defaulted by so many months on book, with early payoff "
            "as a competing end and open loans counted only for as long as they have been seen."
        ),
        unit=Unit.RATIO,
        parts=("loans", "month", "exit"),
        calendar=_VINTAGES,
        interval=_CLUSTERED,
        noise_test=N_("the interval of the difference between two cohorts at the same age"),
        source='metrics.md, "vintage curve"',
    ),
    Metric(
        code="roll_rate",
        name=N_("Roll rate"),
        definition=N_(
            "Of the loans in an ageing bucket at one month end, the share that is in a given state at the next; loans "
            "that are paid off or written off stay in the count, a month that is missing is no transition."
        ),
        unit=Unit.RATIO,
        parts=("loans", "of_loans"),
        calendar=_MONTH_ENDS,
        interval=_WILSON_LOANS,
        noise_test=_AGAINST_BEFORE,
        source='metrics.md, "roll rate"',
    ),
    Metric(
        code="balance_roll",
        name=N_("Balance roll"),
        definition=N_(
            "Of the principal in an ageing bucket at one month end, the share that belonged to loans which are in a "
            "given state at the next; a share of balance, not a probability."
        ),
        unit=Unit.RATIO,
        parts=("previous_outstanding_fen",),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=None,
        source='metrics.md, "loss forecast", trap 7',
    ),
    Metric(
        code="loss_forecast",
        name=N_("Expected loss, straight down"),
        definition=N_(
            "Principal in each ageing bucket times the product of the forward rolls from there to write-off, of the "
            "last bucket what is written off of all that leaves it; what stays or is cured is taken not to be lost."
        ),
        unit=Unit.CNY,
        parts=("previous_outstanding_fen", "outstanding_fen"),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=None,
        source='metrics.md, "loss forecast"; OCC, Retail Lending Examination Procedures, appendix G',
    ),
    Metric(
        code="absorbing_loss",
        name=N_("Expected loss, to the end"),
        definition=N_(
            "Principal in each ageing bucket times the probability that its loans end written off, if every loan goes "
            "on rolling at the same rates, by its bucket alone, until it has left."
        ),
        unit=Unit.CNY,
        parts=("loans", "outstanding_fen"),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=None,
        source='metrics.md, "loss forecast"; Kemeny and Snell 1960',
    ),
    Metric(
        code="current_late_ratio",
        name=N_("Late ratio"),
        definition=N_(
            "Principal of the loans past due by more than 30, 60 or 90 days at a month end, divided by the principal "
            "of all loans at that month end; what is written off leaves both."
        ),
        unit=Unit.RATIO,
        parts=("late_fen", "outstanding_fen"),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=None,
        source='metrics.md, "current 30+ ratio"',
    ),
    Metric(
        code="lagged_late_ratio",
        name=N_("Lagged late ratio"),
        definition=N_(
            "The same late principal, divided by the principal of all loans at the month end when the late ones were "
            "not late yet: 2 month ends before for 30 days, 3 for 60, 4 for 90; growth since does not dilute it."
        ),
        unit=Unit.RATIO,
        parts=("late_fen", "lagged_outstanding_fen"),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=None,
        source='metrics.md, "lagged 30+ ratio"',
    ),
    Metric(
        code="first_payment_default",
        name=N_("First-payment default"),
        definition=N_(
            "Borrowers whose first loan's first instalment stayed unpaid for more than 30 days, divided by the "
            "borrowers whose first due date lies at least 31 days back."
        ),
        unit=Unit.RATIO,
        parts=("missed", "borrowers"),
        calendar=N_("borrowers by the month of their first loan ever"),
        interval=N_("Wilson, borrowers as the sample"),
        noise_test=_AGAINST_BEFORE,
        source='metrics.md, "first-payment default"',
    ),
    Metric(
        code="cure_rate",
        name=N_("Cure rate"),
        definition=N_(
            "The share of the loans over 90 days past due that has come back to nothing past due, and held it for "
            "three more month ends without a moved due date, by so many months since; payoff and write-off compete."
        ),
        unit=Unit.RATIO,
        parts=("loans", "month", "exit"),
        calendar=_SINCE_DEFAULT,
        interval=_CLUSTERED,
        noise_test=None,
        source='metrics.md, "cure"',
    ),
    Metric(
        code="redefault_rate",
        name=N_("Re-default rate"),
        definition=N_(
            "The share of the cured loans that is over 90 days past due again or written off, by so many months since "
            "the cure; payoff competes."
        ),
        unit=Unit.RATIO,
        parts=("loans", "month", "exit"),
        calendar=N_("cured loans from the month end of their cure, followed to the last month end"),
        interval=_CLUSTERED,
        noise_test=None,
        source='metrics.md, "cure"',
    ),
)
