"""The metrics of review: how much is decided, how fast, and how well."""

from rules.metric import Metric, Unit
from rules.text import N_

_DECIDED = N_("decisions by the Shanghai day on which they were taken, as of now")
_FIRST = N_("first decisions by the day on which they were taken, as of now")

REVIEW = (
    Metric(
        code="decisions_made",
        name=N_("Decisions"),
        definition=N_("Decisions that settled a case, corrections of a slip left out."),
        unit=Unit.COUNT,
        parts=("decided", "late"),
        calendar=_DECIDED,
        interval=None,
        noise_test=None,
        source='metrics.md, "approval by layer"',
    ),
    Metric(
        code="decided_late",
        name=N_("Decided late"),
        definition=N_(
            "Decisions after the deadline over all that settled a case: so many working hours from the application on, "
            "the time not counted during which information was awaited."
        ),
        unit=Unit.RATIO,
        parts=("late", "decided"),
        calendar=_DECIDED,
        interval=N_("Wilson"),
        noise_test=N_("two-sided test of the newest days against those before"),
        source='metrics.md, "rate interval"',
    ),
    Metric(
        code="time_to_decide",
        name=N_("Time to decide"),
        definition=N_(
            "Working hours from the opening of a case to the decision that settles it, pauses left out; cases that "
            "wait, or ended without a decision, are counted for as long as they were followed."
        ),
        unit=Unit.INDEX,
        parts=("decided", "cases"),
        calendar=N_("cases opened in the period, as of now"),
        interval=N_("of the median, Brookmeyer and Crowley"),
        noise_test=None,
        source="rules.survival; Kaplan and Meier 1958",
    ),
    Metric(
        code="override_rate",
        name=N_("Overrides"),
        definition=N_(
            "Low side: granted over first decisions on applications that a check failed. High side: declined over "
            "first decisions on those that no check failed."
        ),
        unit=Unit.RATIO,
        parts=("overridden", "of"),
        calendar=_FIRST,
        interval=N_("Wilson; each officer's also drawn towards all by empirical Bayes"),
        noise_test=N_("two-sided test against all others, Benjamini-Hochberg over the officers"),
        source='metrics.md, "override", "stands out"',
    ),
    Metric(
        code="override_reason",
        name=N_("Reasons of overrides"),
        definition=N_("Overrides that give a reason over all overrides of the side; one may give up to four."),
        unit=Unit.RATIO,
        parts=("overridden", "of"),
        calendar=_FIRST,
        interval=N_("Wilson"),
        noise_test=None,
        source='metrics.md, "override"',
    ),
    Metric(
        code="override_default",
        name=N_("Default rate of what was overridden"),
        definition=N_(
            "Borrowers whose loan defaulted within the horizon over those whose loan has been observed for it, of "
            "loans that a person granted: against a failed check, beside as rules and model said. Only what was "
            "granted has an outcome."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "borrowers"),
        calendar=N_("all loans granted by persons, as of the snapshot"),
        interval=N_("Wilson; of the difference Newcombe"),
        noise_test=N_("two-sided test of the difference"),
        source='metrics.md, "default rate at H", trap 10',
    ),
    Metric(
        code="decision_kappa",
        name=N_("Agreement beyond chance (kappa)"),
        definition=N_(
            "How far two people's decisions on the same cases agree beyond what chance would give, 1 is always: by "
            "outcome (approve, approve less, decline)."
        ),
        unit=Unit.INDEX,
        parts=("agreed", "pairs"),
        calendar=N_("second decisions by the day on which they were taken, as of now"),
        interval=N_("large-sample variance of Fleiss, Cohen and Everitt"),
        noise_test=None,
        source="Cohen 1960; Fleiss, Cohen, Everitt 1969",
    ),
    Metric(
        code="decision_load",
        name=N_("Decisions per working day"),
        definition=N_("Decisions that an officer took, first and further ones, over the working days of the period."),
        unit=Unit.INDEX,
        parts=("decisions", "working_days"),
        calendar=_DECIDED,
        interval=None,
        noise_test=None,
        source='metrics.md, "override"',
    ),
    Metric(
        code="good_referral_line",
        name=N_("Good referral line"),
        definition=N_(
            "The applicant's referrer has brought borrowers who default less often than referred borrowers do, by more "
            "than noise; it may let the case pass faster, and is never held against anybody."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "observed"),
        calendar=N_("first loans of referees observed for the policy's horizon, as of the snapshot"),
        interval=N_("empirical Bayes, drawn towards all referred borrowers"),
        noise_test=N_("the whole interval lies below the rate of all referred borrowers"),
        source="metrics.md, trap 20; Efron and Morris 1975",
    ),
)
