"""The metrics of scores and prices."""

from rules.metric import Metric, Unit
from rules.text import N_

_MATURED = N_("scored loans that have been observed for the horizon")

SCORES = (
    Metric(
        code="population_stability",
        name=N_("Population stability"),
        definition=N_(
            "How far the scored people have moved over fixed score bands: the sum of each band's difference in share "
            "times the logarithm of its ratio, beside what chance alone would give, (bands - 1)(1/n + 1/m)."
        ),
        unit=Unit.INDEX,
        parts=("expected", "actual"),
        calendar=N_("applications scored in the period against those of the reference period"),
        interval=None,
        noise_test=N_("chi-squared with one degree of freedom fewer than bands"),
        source='metrics.md, "population stability"',
    ),
    Metric(
        code="ks",
        name=N_("KS"),
        definition=N_(
            "The greatest distance between the score distributions of the loans that defaulted and of those that did "
            "not."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "borrowers"),
        calendar=_MATURED,
        interval=None,
        noise_test=None,
        source='metrics.md, "KS, Gini, calibration"',
    ),
    Metric(
        code="gini",
        name=N_("Gini"),
        definition=N_(
            "How well the score ranks: twice the share of pairs of a defaulted and a good loan that it puts in the "
            "right order, ties for half, less one."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "borrowers"),
        calendar=_MATURED,
        interval=None,
        noise_test=None,
        source='metrics.md, "KS, Gini, calibration"',
    ),
    Metric(
        code="all_in_rate",
        name=N_("All-in annual rate"),
        definition=N_(
            "The internal rate of return of the principal less upfront fees against instalments with all fees, both "
            "times twelve and compounded."
        ),
        unit=Unit.RATIO,
        parts=("principal_fen", "upfront_fee_fen", "due_fen"),
        calendar=N_("each loan at its disbursement, by its schedule"),
        interval=None,
        noise_test=None,
        source='metrics.md, "all-in annual rate"',
    ),
)
