"""The metrics of referral: how the network grows, and what those are worth whom a channel or a referrer brings."""

from rules.metric import Metric, Unit
from rules.text import N_

_BY_REGISTRATION = N_("members by the day of registration, up to the as-of date")
_FOLLOWED = N_("members of each registration month, each followed for the same number of days")
_AT_AS_OF = N_("every tree as it stands at the end of the as-of date")
_MATURE = N_("members registered in the period, followed to the as-of date")
_AGAINST_OTHERS = N_("two-sided test against all other members, Benjamini-Hochberg over the groups")

REFERRALS = (
    Metric(
        code="members_by_level",
        name=N_("Members by referral level"),
        definition=N_(
            "Members by the week in which they registered and by their distance from the root of their tree: a root "
            "came by another channel, level 1 was invited by a root, and so on."
        ),
        unit=Unit.COUNT,
        parts=("members",),
        calendar=_BY_REGISTRATION,
        interval=None,
        noise_test=None,
        source='metrics.md, "level"',
    ),
    Metric(
        code="viral_coefficient",
        name=N_("Viral coefficient K"),
        definition=N_(
            "Members referred per member within the same number of days after registration: invitations per member "
            "times registrations per invitation. Cohorts that have not been followed for so long are hatched."
        ),
        unit=Unit.INDEX,
        parts=("referees", "members", "referees_squared", "invitations"),
        calendar=_FOLLOWED,
        interval=N_("normal, with the spread of the members' own numbers of referees"),
        noise_test=N_("the difference of two means over its standard error"),
        source='metrics.md, "viral coefficient K"',
    ),
    Metric(
        code="cycle_time",
        name=N_("Cycle time"),
        definition=N_(
            "The day after a member's own registration by which half of those have registered whom a member refers "
            "within a year. Whom recent members may yet refer is allowed for, not counted as nobody."
        ),
        unit=Unit.COUNT,
        parts=("referees", "members"),
        calendar=N_("every member from registration to the as-of date"),
        interval=N_("from the variance of the mean cumulative function"),
        noise_test=None,
        source='metrics.md, "cycle time"; Nelson 2003',
    ),
    Metric(
        code="referral_forecast",
        name=N_("Forecast of referral"),
        definition=N_(
            "Members whom referral will bring: all who registered before, each at the rate at which members of the "
            "same age have brought others, with as many new roots a week as in the newest 13 weeks."
        ),
        unit=Unit.COUNT,
        parts=("members", "referees"),
        calendar=_BY_REGISTRATION,
        interval=N_("the interval of K and how much more than chance weeks have varied"),
        noise_test=None,
        source='metrics.md, "viral coefficient K"; Feller 1941',
    ),
    Metric(
        code="structural_virality",
        name=N_("Structural virality"),
        definition=N_(
            "The mean distance of two members of one tree: near 2 where one person has invited everybody, long where "
            "invitations are passed on from one to the next."
        ),
        unit=Unit.INDEX,
        parts=("distances", "pairs"),
        calendar=_AT_AS_OF,
        interval=None,
        noise_test=None,
        source='metrics.md, "structural virality"; Goel et al. 2016',
    ),
    Metric(
        code="invitation_conversion",
        name=N_("Invitation conversion"),
        definition=N_(
            "Invitations that led to a step (opened, registered, verified, first loan) within the window after they "
            "were sent, each step after the one before, divided by invitations sent so long ago."
        ),
        unit=Unit.RATIO,
        parts=("registered", "sent"),
        calendar=N_("invitations sent in the period, followed for the window"),
        interval=N_("Wilson, invitations as the sample"),
        noise_test=N_("two-sided test against all other campaigns, Benjamini-Hochberg over the campaigns"),
        source='metrics.md, "Membership"',
    ),
    Metric(
        code="branch_default",
        name=N_("Default rate of the branch"),
        definition=N_(
            "Borrowers of the branch (the member and everybody below) whose first loan defaulted within the horizon, "
            "divided by those whose first loan has been observed for so long; by the definition of default with which "
            "the pages open."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "mature"),
        calendar=_AT_AS_OF,
        interval=N_("Wilson, borrowers as the sample"),
        noise_test=N_("two-sided test against all other borrowers, Benjamini-Hochberg over the branches drawn"),
        source='metrics.md, "default rate at H"',
    ),
    Metric(
        code="group_approval",
        name=N_("Approved"),
        definition=N_("Members who were ever approved, divided by those who ever applied."),
        unit=Unit.RATIO,
        parts=("approved", "applicants"),
        calendar=_MATURE,
        interval=N_("Wilson, members as the sample"),
        noise_test=_AGAINST_OTHERS,
        source='metrics.md, "approval by layer"',
    ),
    Metric(
        code="group_default",
        name=N_("Defaulted"),
        definition=N_(
            "Members whose first loan met the definition of default within the horizon, divided by the members whose "
            "first loan has been observed for the whole horizon."
        ),
        unit=Unit.RATIO,
        parts=("defaulted", "mature"),
        calendar=_MATURE,
        interval=N_("Wilson, borrowers as the sample"),
        noise_test=_AGAINST_OTHERS,
        source='metrics.md, "default rate at H"',
    ),
    Metric(
        code="group_again",
        name=N_("Borrowed again"),
        definition=N_(
            "Members with a second disbursement within six months of the first, divided by the members whose first "
            "loan has been observed for six months."
        ),
        unit=Unit.RATIO,
        parts=("again", "followed"),
        calendar=_MATURE,
        interval=N_("Wilson, borrowers as the sample"),
        noise_test=_AGAINST_OTHERS,
        source='metrics.md, "Membership"',
    ),
    Metric(
        code="group_value",
        name=N_("Value per member"),
        definition=N_(
            "Contribution (interest and fees less funding, losses, perks, contacts and rewards) in the first months "
            "since registration, per member who has been followed for all of them, borrower or not."
        ),
        unit=Unit.CNY,
        parts=("value_fen", "valued", "value_cny_squared"),
        calendar=_MATURE,
        interval=N_("normal, with the members' own spread"),
        noise_test=N_("two-sided test of two means against all others, Benjamini-Hochberg over the groups"),
        source='metrics.md, "Lifetime value"',
    ),
    Metric(
        code="referrer_value",
        name=N_("Value per referee, shrunk"),
        definition=N_(
            "What those are worth on average whom a referrer brought, drawn towards the mean of all referees the more "
            "the fewer they are: a referrer of two can't be told to be better than one of fifty by raw averages."
        ),
        unit=Unit.CNY,
        parts=("value_fen", "referees", "value_cny_squared"),
        calendar=_MATURE,
        interval=N_("empirical Bayes, normal with unequal groups"),
        noise_test=N_("the interval against the mean of all"),
        source="Efron and Morris 1975; metrics.md, trap 20",
    ),
)
