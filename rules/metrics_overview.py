"""The metrics that the overview alone tells: days, quotas, members, yield, risk, reserve, waiting cases."""

from rules.metric import Metric, Unit
from rules.text import N_

_LIKE_FOR_LIKE = N_(
    "per business day against the months compared to; two-sided t test against how much such changes differ anyway"
)
_MONTH_ENDS = N_("the end of the newest whole month, or of the last of the months chosen")
_BY_MONTHS = N_("two-sided t test of the change against how much such changes of month ends differ anyway")
_WHOLE_MONTHS = N_("the newest whole month, or the months chosen; days by Asia/Shanghai")

OVERVIEW = (
    Metric(
        code="lent_yesterday",
        name=N_("Lent on the last day"),
        definition=N_(
            "Principal of the loans disbursed on the last closed day. It is complete when it is no more below the "
            "newest eight days of its kind, working days or days off, than days differ anyway."
        ),
        unit=Unit.CNY,
        parts=("fen",),
        calendar=N_("loans by the Asia/Shanghai day of their disbursement"),
        interval=None,
        noise_test=N_("two-sided t test as one more of the newest eight days of its kind"),
        source='metrics.md, trap 21; data-model.md, "loan"',
    ),
    Metric(
        code="quota_left",
        name=N_("Funders' quota left"),
        definition=N_(
            "What funders have said they fund at most, less the principal that is out of loans in which they have a "
            "part, over those that have set a limit."
        ),
        unit=Unit.CNY,
        parts=("quota_fen", "used_fen"),
        calendar=N_("loans as they stand at the end of the as-of date"),
        interval=None,
        noise_test=None,
        source='data-model.md, "funder"',
    ),
    Metric(
        code="new_members",
        name=N_("New members"),
        definition=N_("Members who registered."),
        unit=Unit.COUNT,
        parts=("members",),
        calendar=_WHOLE_MONTHS,
        interval=None,
        noise_test=_LIKE_FOR_LIKE,
        source='data-model.md, "member"',
    ),
    Metric(
        code="paid_tier_share",
        name=N_("On a paid tier"),
        definition=N_(
            "Members who stand on a tier above the lowest, divided by all members; whoever is dormant or has lapsed "
            "does not stand on one."
        ),
        unit=Unit.RATIO,
        parts=("members",),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=_BY_MONTHS,
        source='metrics.md, "Tier migration"',
    ),
    Metric(
        code="applications",
        name=N_("Applications"),
        definition=N_("Applications that came in, whatever became of them."),
        unit=Unit.COUNT,
        parts=("applications",),
        calendar=_WHOLE_MONTHS,
        interval=None,
        noise_test=_LIKE_FOR_LIKE,
        source='data-model.md, "application"',
    ),
    Metric(
        code="approval_rate",
        name=N_("Approval rate"),
        definition=N_(
            "Of the members who registered in the period and applied in order and in time, those who were approved "
            "within the step's window."
        ),
        unit=Unit.RATIO,
        parts=("members", "before"),
        calendar=N_("members registered in the period, whose windows have all passed by the as-of date"),
        interval=N_("Wilson, members as the sample"),
        noise_test=N_("two-sided test of two proportions, Benjamini-Hochberg over the steps"),
        source='metrics.md, "Membership"',
    ),
    Metric(
        code="disbursed",
        name=N_("Disbursed"),
        definition=N_("Principal of the loans made."),
        unit=Unit.CNY,
        parts=("fen",),
        calendar=_WHOLE_MONTHS,
        interval=None,
        noise_test=_LIKE_FOR_LIKE,
        source='data-model.md, "loan"',
    ),
    Metric(
        code="month_end_outstanding",
        name=N_("Outstanding at month end"),
        definition=N_("Principal not yet repaid of the loans that have not left the book."),
        unit=Unit.CNY,
        parts=("outstanding_fen",),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=_BY_MONTHS,
        source='metrics.md, "current 30+ ratio"',
    ),
    Metric(
        code="all_in_yield",
        name=N_("All-in yield"),
        definition=N_(
            "Interest and fees received in the month, upfront ones included, times twelve, divided by the mean of the "
            "principal outstanding at both its ends."
        ),
        unit=Unit.RATIO,
        parts=("interest_fen", "fee_fen", "fen", "opening_fen", "closing_fen"),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=_BY_MONTHS,
        source='metrics.md, "all-in annual rate"',
    ),
    Metric(
        code="cost_of_risk",
        name=N_("Cost of risk"),
        definition=N_(
            "Principal of the loans that left unpaid in the month, times twelve, divided by the mean of the principal "
            "outstanding at both its ends; what is recovered later is not taken off."
        ),
        unit=Unit.RATIO,
        parts=("lost_fen", "opening_fen", "closing_fen"),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=_BY_MONTHS,
        source='metrics.md, "expected loss"',
    ),
    Metric(
        code="reserve_cover",
        name=N_("Reserve cover"),
        definition=N_(
            "The reserve, divided by what is expected to be lost to the end of the loans that are out, at the roll "
            "rates of the newest twelve months; of the whole book, whatever the filters, for the reserve is one."
        ),
        unit=Unit.INDEX,
        parts=("fen", "loans", "outstanding_fen"),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=_BY_MONTHS,
        source='metrics.md, "expected loss"',
    ),
    Metric(
        code="value_over_cost",
        name=N_("Value over cost"),
        definition=N_(
            "What members brought in over the policy's months, divided by what bringing them cost, of all campaigns "
            "whose members have been observed for so long."
        ),
        unit=Unit.INDEX,
        parts=("value_fen", "fen"),
        calendar=N_("members by the day they registered, whole campaigns"),
        interval=None,
        noise_test=None,
        source='metrics.md, "cost per acquisition" and "Lifetime value"',
    ),
    Metric(
        code="cases_waiting",
        name=N_("Cases waiting"),
        definition=N_("Large applications that wait for a person's decision now, parked ones left out."),
        unit=Unit.COUNT,
        parts=("cases",),
        calendar=N_("now, whatever the filters"),
        interval=None,
        noise_test=None,
        source='data-model.md, "review_case"',
    ),
    Metric(
        code="cases_late",
        name=N_("Cases late"),
        definition=N_("Of the cases that wait, those whose deadline has passed."),
        unit=Unit.COUNT,
        parts=("cases",),
        calendar=N_("now, whatever the filters"),
        interval=None,
        noise_test=None,
        source='data-model.md, "review_case"',
    ),
)
