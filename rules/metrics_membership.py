"""The metrics of the tier funnel."""

from rules.metric import Metric, Unit
from rules.text import N_

_BY_REGISTRATION = N_("members registered in the period, whose windows have all passed by the as-of date")
_WILSON = N_("Wilson, members as the sample")
_ACROSS_STEPS = N_("two-sided test of two proportions, Benjamini-Hochberg over the steps")

MEMBERSHIP = (
    Metric(
        code="step_conversion",
        name=N_("Conversion of a step"),
        definition=N_(
            "Members who reached the step, in order and each step within its window after the one before, divided by "
            "those who reached the step before. Windows are elapsed time, their last second included."
        ),
        unit=Unit.RATIO,
        parts=("members", "before"),
        calendar=_BY_REGISTRATION,
        interval=_WILSON,
        noise_test=_ACROSS_STEPS,
        source='metrics.md, "Membership"',
    ),
    Metric(
        code="conversion_from_start",
        name=N_("Conversion from registration"),
        definition=N_(
            "Members who reached the step, in order and each step within its window after the one before, divided by "
            "those who registered."
        ),
        unit=Unit.RATIO,
        parts=("members", "start"),
        calendar=_BY_REGISTRATION,
        interval=_WILSON,
        noise_test=None,
        source='metrics.md, "Membership"',
    ),
    Metric(
        code="cohort_conversion",
        name=N_("Conversion by registration month"),
        definition=N_(
            "Of the members of a registration month who reached the first of two steps, those who reached the second. "
            "A month is still maturing until the windows up to the second step have passed since its last day; until "
            "then its rate can only rise, and it is in no headline."
        ),
        unit=Unit.RATIO,
        parts=("converted", "entered"),
        calendar=N_("members registered in the month, followed to the as-of date"),
        interval=_WILSON,
        noise_test=N_("two-sided test of two proportions: the newest six mature months against the six before"),
        source='metrics.md, "Membership"',
    ),
    Metric(
        code="time_to_step",
        name=N_("Time to a step"),
        definition=N_(
            "Time from the step before until so many of those have taken the step who take it within its window. "
            "Members who could not yet be followed through the window are reckoned with as long as they were "
            "(Kaplan-Meier)."
        ),
        unit=Unit.INDEX,
        parts=("members", "taken", "bin"),
        calendar=N_("members registered since the period began, followed to the as-of date"),
        interval=None,
        noise_test=None,
        source='metrics.md, "Membership"',
    ),
    Metric(
        code="segment_conversion",
        name=N_("Conversion of a segment"),
        definition=N_(
            "Of the segment's members who reached the first of two steps, those who reached the second. It stands out "
            "when it differs from that of all other segments together by more than noise, corrected for having looked "
            "at every segment."
        ),
        unit=Unit.RATIO,
        parts=("converted", "entered"),
        calendar=_BY_REGISTRATION,
        interval=_WILSON,
        noise_test=N_("two-sided test against all other segments, Benjamini-Hochberg over all of them"),
        source='metrics.md, "stands out"',
    ),
)
