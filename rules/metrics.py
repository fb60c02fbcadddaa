"""The metric registry: what each number is called, means, is made of, and how far it can be trusted.

Hover texts, export headers and METRICS.md come from here; the texts are translated where they are shown.
"""

from rules.metrics_acquisition import ACQUISITION
from rules.metrics_case import CASE
from rules.metrics_collections import COLLECTIONS
from rules.metrics_compliance import COMPLIANCE
from rules.metrics_membership import MEMBERSHIP
from rules.metrics_monitoring import MONITORING
from rules.metrics_months import MONTHS
from rules.metrics_movement import MOVEMENT
from rules.metrics_overview import OVERVIEW
from rules.metrics_pack import PACK
from rules.metrics_referrals import REFERRALS
from rules.metrics_review import REVIEW
from rules.metrics_rewards import REWARDS
from rules.metrics_scores import SCORES
from rules.metrics_segments import SEGMENTS
from rules.metrics_worth import WORTH

METRICS = {
    metric.code: metric
    for metric in (
        *OVERVIEW,
        *PACK,
        *SEGMENTS,
        *MONTHS,
        *SCORES,
        *MONITORING,
        *MEMBERSHIP,
        *MOVEMENT,
        *REFERRALS,
        *ACQUISITION,
        *REWARDS,
        *WORTH,
        *REVIEW,
        *CASE,
        *COMPLIANCE,
        *COLLECTIONS,
    )
}
