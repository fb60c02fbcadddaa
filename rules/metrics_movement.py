"""The metrics of members on the move: between tiers, back to another loan, and into more debt than they can bear."""

from rules.metric import Metric, Unit
from rules.text import N_

_ANY_DAY = N_("members registered by the later of two days, at the end of each")
_WILSON_MEMBERS = N_("Wilson, members as the sample")
_MONTH_ENDS = N_("members with principal outstanding at each month end that the as-of date has reached")

MOVEMENT = (
    Metric(
        code="tier_migration",
        name=N_("Tier migration"),
        definition=N_(
            "Of the members in a state on one day, the share that is in a given state on a later day; a state is the "
            "tier, none yet, lapsed (the membership lapsed or ended), or dormant (no sign of life and no running loan "
            "for longer than the policy says)."
        ),
        unit=Unit.RATIO,
        parts=("members", "of_members"),
        calendar=_ANY_DAY,
        interval=_WILSON_MEMBERS,
        noise_test=N_("the interval of the difference between two periods of the same length"),
        source='metrics.md, "Tier migration"',
    ),
    Metric(
        code="paid_upgrades",
        name=N_("Paid upgrades"),
        definition=N_(
            "Of the memberships that led to a tier above the lowest and above the one before, the share for which a "
            "fee was paid; the others were reached by tasks."
        ),
        unit=Unit.RATIO,
        parts=("paid", "upgrades"),
        calendar=N_("memberships that began after the first of two days and by the second"),
        interval=N_("Wilson, upgrades as the sample"),
        noise_test=None,
        source='metrics.md, "Tier migration"',
    ),
    Metric(
        code="time_on_tier",
        name=N_("Time on a tier"),
        definition=N_(
            "Days from coming to a tier to leaving it by whichever way, renewals included; stays that go on are "
            "counted for as long as they have been seen. The median is the day by which half have left; the mean is "
            "that of a fixed number of first days, the same for every tier."
        ),
        unit=Unit.INDEX,
        parts=("days", "ended", "stays"),
        calendar=N_("stays on a tier since the first membership, followed to the as-of date"),
        interval=N_("log(-log) band with Greenwood's variance; of the median, where it crosses a half"),
        noise_test=None,
        source="Kaplan and Meier 1958; Brookmeyer and Crowley 1982; Royston and Parmar 2013",
    ),
    Metric(
        code="before_moves",
        name=N_("Did so in the days before"),
        definition=N_(
            "Of the members who upgraded or lapsed, the share that did something in the days before, beside members "
            "who stood on the same tier for as many quarters in the same month and did not move."
        ),
        unit=Unit.RATIO,
        parts=("members", "did"),
        calendar=N_("moves of the newest twelve whole months; the policy says how many days before each"),
        interval=N_("normal, of the difference with tiers and quarters held as the movers have them"),
        noise_test=N_("two-sided test of the difference, Benjamini-Hochberg over all that is looked at"),
        source='metrics.md, "Tier migration", trap 11',
    ),
    Metric(
        code="repeat_rate",
        name=N_("Borrowed again"),
        definition=N_(
            "Borrowers with a second disbursement within so many days of their first, divided by the borrowers whose "
            "first disbursement lies at least so many days back."
        ),
        unit=Unit.RATIO,
        parts=("again", "observed"),
        calendar=N_("borrowers by the month of their first disbursement"),
        interval=N_("Wilson, borrowers as the sample"),
        noise_test=N_(
            "two-sided test against the twelve months before together, widened by how much those months differ among "
            "themselves"
        ),
        source='metrics.md, "Repeat at H"',
    ),
    Metric(
        code="prompt_effect",
        name=N_("Effect of the prompt"),
        definition=N_(
            "The share of members who borrowed again within so many days among those who were to be prompted, less "
            "the same share among those whom chance held out; whether the prompt was read makes no difference."
        ),
        unit=Unit.POINTS,
        parts=("treated_again", "treated", "held_again", "held"),
        calendar=N_("members by their first planned prompt, observed for so many days since"),
        interval=N_("Newcombe's hybrid score interval"),
        noise_test=N_("two-sided test of two proportions"),
        source="Newcombe 1998; Fisher 1935 on randomisation",
    ),
    Metric(
        code="line_use",
        name=N_("Use of lines"),
        definition=N_(
            "Principal outstanding of the members who have a credit line, divided by the lines in force, by the tier "
            "on which they stand at the month end."
        ),
        unit=Unit.RATIO,
        parts=("used_fen", "line_fen"),
        calendar=_MONTH_ENDS,
        interval=None,
        noise_test=None,
        source='metrics.md, "Membership", trap 12',
    ),
    Metric(
        code="over_extended",
        name=N_("Over-extended"),
        definition=N_(
            "Members whose principal outstanding and debt declared elsewhere pass the policy's number of monthly "
            "incomes, or whose line was raised shortly before a loan went over 30 days past due, divided by the "
            "members who owe."
        ),
        unit=Unit.RATIO,
        parts=("watched", "members"),
        calendar=_MONTH_ENDS,
        interval=_WILSON_MEMBERS,
        noise_test=N_(
            "two-sided test against the twelve month ends before together, widened by how much those differ among "
            "themselves; of a tier, against all others, Benjamini-Hochberg"
        ),
        source="rules/policy.toml, exposure",
    ),
)
