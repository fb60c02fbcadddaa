"""The metrics that only the risk committee's pack tells."""

from rules.metric import Metric, Unit
from rules.text import N_

_MONTH_END = N_("loans at the month end, whenever disbursed")

PACK = (
    Metric(
        code="limit_light",
        name=N_("Limits"),
        definition=N_(
            "A figure is amber once it is past its amber threshold and red once it is past its red one; exactly on a "
            "threshold it is not past it. What the book does not tell is neither. The thresholds are the policy's."
        ),
        unit=Unit.COUNT,
        parts=("value", "amber", "red"),
        calendar=N_("each figure as of the month end"),
        interval=N_("beside each rate: of its own metric"),
        noise_test=None,
        source='metrics.md, "expected loss", "override"; the policy file, limits',
    ),
    Metric(
        code="quota_used",
        name=N_("Quota used"),
        definition=N_(
            "Principal that is out at the month end of loans in which a funder has a part, divided by what the funder "
            "has said that it funds at most."
        ),
        unit=Unit.RATIO,
        parts=("used_fen", "quota_fen"),
        calendar=N_("loans at the month end; quotas as they stand now, for their history is not on record"),
        interval=None,
        noise_test=None,
        source='data-model.md, "funder"',
    ),
    Metric(
        code="concentration",
        name=N_("Concentration"),
        definition=N_("Principal of the largest segment that is known, divided by the principal of all loans."),
        unit=Unit.RATIO,
        parts=("outstanding_fen", "outstanding_fen_of_all"),
        calendar=_MONTH_END,
        interval=None,
        noise_test=None,
        source='metrics.md, "current 30+ ratio"',
    ),
    Metric(
        code="balance_walk",
        name=N_("Balance movement"),
        definition=N_(
            "How the principal in each ageing bucket came from one month end to the next: lent, come from and gone to "
            "other buckets, paid off, written off, repaid. The parts of each bucket sum to its change."
        ),
        unit=Unit.CNY,
        parts=("previous_outstanding_fen", "outstanding_fen"),
        calendar=_MONTH_END,
        interval=None,
        noise_test=None,
        source='metrics.md, "roll rate", traps 5 and 6',
    ),
)
