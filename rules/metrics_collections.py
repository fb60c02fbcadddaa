"""The metrics of collections."""

from rules.metric import Metric, Unit
from rules.text import N_

COLLECTIONS = (
    Metric(
        code="contact_ladder",
        name=N_("Contacts up the ladder"),
        definition=N_(
            "Contacts about what is or becomes due, by step and channel: reached (not unreachable), read or answered, "
            "promised, of promises whose day has come kept (so much was paid by then), of those followed for the "
            "policy's days cured: all that was late is paid, or the next instalment by its due date. A payment counts "
            "for the last contact before it; that does not say that the contact brought it."
        ),
        unit=Unit.RATIO,
        parts=("sent", "reached", "answered", "promised", "promises_due", "kept", "followed", "cured"),
        calendar=N_("contacts by their day in Shanghai; what followed, up to the as-of date"),
        interval=None,
        noise_test=None,
        source='metrics.md, "Collections and compliance", traps 1, 8 and 17',
    ),
    Metric(
        code="cost_per_cured",
        name=N_("Cost per ¥10,000 cured"),
        definition=N_(
            "What the contacts of a step and channel cost that have been followed for long enough, those without "
            "success among them, for each 10,000 yuan that was cured after them."
        ),
        unit=Unit.CNY,
        parts=("followed_cost_fen", "cured_fen"),
        calendar=N_("contacts by their day in Shanghai; what followed, up to the as-of date"),
        interval=None,
        noise_test=None,
        source='metrics.md, "Collections and compliance"',
    ),
    Metric(
        code="overdue_cure",
        name=N_("Cured within so many days"),
        definition=N_(
            "Of loans that came into a bucket of lateness, the share on which everything due was paid within so many "
            "days. A moved due date and a charge-off are other ends, not cures; what is still late is censored, not "
            "left out. Each borrower counts once in a bucket, at the first entry of the period."
        ),
        unit=Unit.RATIO,
        parts=("loans", "days"),
        calendar=N_("by the day of entry into the bucket; followed up to the as-of date"),
        interval=N_("of the cumulative incidence, Wilson's on its effective number, borrowers as the sample"),
        noise_test=None,
        source='metrics.md, "cure", "ageing bucket", traps 1, 2, 8 and 15',
    ),
    Metric(
        code="reminder_effect",
        name=N_("Effect of a reminder"),
        definition=N_(
            "How much oftener or rarer borrowers are late who are reminded of a due date: against those whom chance "
            "held out, each in the arm of the plan whatever reached them; where nobody was held out, day by day "
            "against like borrowers of the same tier, channel, score band and quarter who had not paid either when "
            "that day before the due date began, and were not reminded by its end. So who pays before reminders come "
            "speaks for neither side. Who is reminded on a later day still counts as not reminded, so the effect is "
            "rather too small. Never the raw difference. Each borrower counts at one instalment."
        ),
        unit=Unit.POINTS,
        parts=("late", "observed"),
        calendar=N_("by the day of the plan; observed for so many days past the due date"),
        interval=N_("Newcombe; normal where like ones are looked for, as borrowers stand there on several days"),
        noise_test=N_("two-sided test of the difference"),
        source='metrics.md, "stands out", traps 1, 11 and 15',
    ),
    Metric(
        code="message_effect",
        name=N_("Effect of a message on borrowing again"),
        definition=N_(
            "How many more or fewer borrow again within seven days of a prompt or of news of a raised limit: against "
            "those whom chance held out; where nobody was held out, against like borrowers of the same tier, channel, "
            "score band and quarter, not past their first loan, who on the same day could have got the message and "
            "had not: with the same instalment ahead and nothing late, or as long after paying off. Whom a lender "
            "chooses by what is not known here may differ, so that is a comparison, not a proof. Never the raw "
            "difference."
        ),
        unit=Unit.POINTS,
        parts=("again", "observed"),
        calendar=N_("by the day of the message; observed for seven days since"),
        interval=N_("Newcombe; normal where like ones are looked for"),
        noise_test=N_("two-sided test of the difference"),
        source='metrics.md, "stands out", traps 1, 11 and 15',
    ),
    Metric(
        code="complaint_days",
        name=N_("Days to resolve a complaint"),
        definition=N_(
            "The days within which half of the complaints are resolved; those that still wait count for as long as "
            "they have waited."
        ),
        unit=Unit.INDEX,
        parts=("resolved", "waiting"),
        calendar=N_("complaints by the day of receipt in Shanghai, calendar days"),
        interval=N_("of the median, Brookmeyer and Crowley"),
        noise_test=None,
        source="metrics.md, trap 1",
    ),
    Metric(
        code="agent_result",
        name=N_("Results of agents"),
        definition=N_(
            "What comes of an agent's calls, each debtor once, at the agent's first call of the period; beside what "
            "all other agents have with debtors who were as late. A difference is a reason to listen in, not a verdict."
        ),
        unit=Unit.RATIO,
        parts=("answered", "promised", "kept", "cured", "sent", "promises_due", "followed"),
        calendar=N_("calls by their day in Shanghai; what followed, up to the as-of date"),
        interval=N_("Wilson, debtors as the sample"),
        noise_test=N_("standardised to the agent's mix of buckets; Benjamini-Hochberg over the agents"),
        source='metrics.md, "stands out", traps 11, 15 and 20',
    ),
    Metric(
        code="planned_breaches",
        name=N_("Planned contacts that would break a rule"),
        definition=N_(
            "Contacts about debts that are planned after the as-of date, held against the rules on contacts of the "
            "policy as if they were made as planned: hours, calls a day, third persons."
        ),
        unit=Unit.COUNT,
        parts=("breaches", "judged"),
        calendar=N_("by the planned instant in Shanghai"),
        interval=None,
        noise_test=None,
        source='metrics.md, "Collections and compliance", trap 17',
    ),
)
