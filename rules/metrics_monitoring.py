"""The metrics of risk layers, of what scores promise, of price against risk, and of the reserve."""

from rules.metric import Metric, Unit
from rules.text import N_

_APPLIED = N_("applications made in the filters' period")
_MATURED = N_("scored loans that have been observed for the horizon")
_PRICED = N_("loans of the filters' period that have been observed for the horizon, within it")
_ENDS = N_("month ends; of the whole book, for the reserve is one")
_WILSON = N_("Wilson")

MONITORING = (
    Metric(
        code="layer_approval",
        name=N_("Approval by layer"),
        definition=N_(
            "Applications that a risk layer passed over those that entered it, and over all that entered the first; "
            "open and withdrawn ones are left out."
        ),
        unit=Unit.RATIO,
        parts=("passed", "entered"),
        calendar=_APPLIED,
        interval=_WILSON,
        noise_test=None,
        source='metrics.md, "approval by layer"',
    ),
    Metric(
        code="avoided_loss",
        name=N_("Loss that a reason kept out"),
        definition=N_(
            "What was asked for by those whom a reason stopped, times the default rate of the loans that these people "
            "were granted later, times what is lost of a defaulted loan. Only those who came again and passed then are "
            "seen, who are likely better than the others: a floor."
        ),
        unit=Unit.CNY,
        parts=("amount_fen", "later_defaulted", "later_observed"),
        calendar=_APPLIED,
        interval=_WILSON,
        noise_test=None,
        source='metrics.md, "expected loss", trap 10',
    ),
    Metric(
        code="cut_off_override",
        name=N_("Overrides of the cut-off"),
        definition=N_(
            "Low side: approved below the score's cut-off over all decided applicants below it; high side: declined "
            "above it over all decided applicants above it."
        ),
        unit=Unit.RATIO,
        parts=("overridden", "of"),
        calendar=_APPLIED,
        interval=_WILSON,
        noise_test=None,
        source='metrics.md, "override"',
    ),
    Metric(
        code="calibration",
        name=N_("Calibration"),
        definition=N_(
            "Borrowers of a score band who defaulted, beside the mean probability of default that the model "
            "predicted for them."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "borrowers", "expected_millionths"),
        calendar=_MATURED,
        interval=N_("Jeffreys"),
        noise_test=N_("two-sided Jeffreys test of the prediction, Benjamini-Hochberg over the bands"),
        source='metrics.md, "KS, Gini, calibration"',
    ),
    Metric(
        code="gini_difference",
        name=N_("Challenger against champion"),
        definition=N_(
            "Gini of one model less that of the other on the same borrowers, whose loans both had scored, each score "
            "in two hundred steps of its range."
        ),
        unit=Unit.INDEX,
        parts=("defaulted", "borrowers"),
        calendar=_MATURED,
        interval=N_("DeLong, both models on the same borrowers"),
        noise_test=N_("DeLong's test"),
        source='metrics.md, "KS, Gini, calibration"',
    ),
    Metric(
        code="price_margin",
        name=N_("Margin after risk"),
        definition=N_(
            "What loans charge within the horizon, less expected loss, funding, perks, contacts and acquisition, over "
            "the money lent times the years it is lent in it; expected loss = principal of those who default within "
            "the horizon x what is lost of it in the end."
        ),
        unit=Unit.RATIO,
        parts=("charge_fen", "defaulted_principal_fen", "funding_fen", "perk_fen", "contact_fen", "lent_year_fen"),
        calendar=_PRICED,
        interval=N_("that of the default rate (Wilson), by borrower; the other parts are sums of everything"),
        noise_test=N_("the interval lies on one side of zero"),
        source='metrics.md, "expected loss", "all-in annual rate"',
    ),
    Metric(
        code="risk_spread",
        name=N_("Spread"),
        definition=N_("All-in annual rate less the one-year loan prime rate of the day of disbursement."),
        unit=Unit.POINTS,
        parts=("charge_fen", "prime_fen", "lent_year_fen"),
        calendar=_PRICED,
        interval=None,
        noise_test=None,
        source='metrics.md, "all-in annual rate"',
    ),
    Metric(
        code="kept_of_principal",
        name=N_("Net return on ended loans"),
        definition=N_(
            "All that came in on loans that have ended, recoveries inside, less their principal, over that principal."
        ),
        unit=Unit.RATIO,
        parts=("received_fen", "ended_principal_fen"),
        calendar=_PRICED,
        interval=None,
        noise_test=None,
        source='metrics.md, "loss given default", trap 9',
    ),
    Metric(
        code="roll_cover",
        name=N_("Reserve over the roll-rate forecast"),
        definition=N_(
            "The reserve, divided by what goes straight down the ladder of ageing buckets at the rolls of the newest "
            "twelve months."
        ),
        unit=Unit.INDEX,
        parts=("held_fen", "roll_fen"),
        calendar=_ENDS,
        interval=None,
        noise_test=None,
        source='metrics.md, "loss forecast"; "reserve coverage"',
    ),
    Metric(
        code="set_aside",
        name=N_("Set aside of lending"),
        definition=N_(
            "What was set aside in the twelve months up to a month end, over the principal disbursed in them; the "
            "policy says how much it is to be."
        ),
        unit=Unit.RATIO,
        parts=("set_aside_fen", "lent_fen"),
        calendar=_ENDS,
        interval=None,
        noise_test=None,
        source="metrics.md, reserve / disbursed against 2-3 %",
    ),
)
