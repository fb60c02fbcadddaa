"""The metrics of a single application."""

from rules.metric import Metric, Unit
from rules.text import N_

_NOW = N_("one application, by the loan database as it is when the case is opened")

CASE = (
    Metric(
        code="debt_to_income",
        name=N_("Debt to income"),
        definition=N_(
            "All obligations of a month, the loan that is asked for among them, over a month's income; of debt "
            "declared elsewhere the policy's share is taken to fall due a month."
        ),
        unit=Unit.RATIO,
        parts=("asked_fen", "running_fen", "elsewhere_fen", "income_fen"),
        calendar=_NOW,
        interval=None,
        noise_test=None,
        source="rules/case_burden.py; [version.case] of the policy",
    ),
    Metric(
        code="expected_margin",
        name=N_("Expected margin"),
        definition=N_(
            "Interest and fees of the schedule, less funding, less what is expected to be lost: the default rate of "
            "the score's band times the part that is lost of late loans in the end, times the amount."
        ),
        unit=Unit.CNY,
        parts=("interest_fen", "fee_fen", "funding_fen", "loss_fen"),
        calendar=_NOW,
        interval=N_("that of the band's default rate, Wilson"),
        noise_test=None,
        source='metrics.md, "expected loss"',
    ),
    Metric(
        code="line_default_rate",
        name=N_("Default rate of a referral line"),
        definition=N_(
            "Of those whom the members above an applicant referred directly, without the applicant and whoever leads "
            "on to them: first loans that defaulted within the horizon over those observed for it."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "mature"),
        calendar=N_("first loans observed for the horizon at the snapshot's day"),
        interval=N_("Wilson"),
        noise_test=N_("two-sided test against the rest of the book; only a better line says anything"),
        source='metrics.md, "default rate at H", "level"',
    ),
)
