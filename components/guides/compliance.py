"""The guide of compliance."""

from components.guides.guide import Guide, Step
from rules.text import N_

GUIDES = {
    "": Guide(
        answers=N_("Is every rule of lending and collection kept, and are all groups approved alike?"),
        readers=N_("Managers and auditors."),
        reading=N_(
            "Each row is a rule with its source, what was judged by it and how often it was broken; a click on a row "
            "lists its breaches. A group is flagged below four fifths of the highest approval rate."
        ),
        limits=N_(
            "These are flags for a person to judge, not findings of law. A difference between groups may come from "
            "what they applied for; small groups are not flagged."
        ),
        steps=(
            Step(N_("See how far calls and reminders get"), "collections"),
            Step(N_("See which rewards a lawyer would ask about"), "referrals", {"part": "abuse"}),
            Step(N_("See how well is decided"), "review_queue", {"part": "quality"}),
        ),
    ),
}
