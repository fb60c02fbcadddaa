"""The guide of collections."""

from components.guides.guide import Guide, Step
from rules.text import N_

GUIDES = {
    "": Guide(
        answers=N_("How far do reminders and calls get, what do they cost, and do late loans come back?"),
        readers=N_("Risk officers and managers; whoever leads collection."),
        reading=N_(
            "Each step of the ladder is a share of the one before: reached, answered, promised, kept, cured. The "
            "reminder is judged by borrowers whom chance left out, not by all who got none."
        ),
        limits=N_(
            "Debtors who are called are later than others, so channels can't be compared by their cures alone. Agents "
            "are beside others with debtors as late; with few calls they are not judged."
        ),
        steps=(
            Step(N_("See where late loans go next month"), "default_rates", {"part": "time"}),
            Step(N_("Ask whether contacts keep to the rules"), "compliance"),
            Step(N_("Ask whether the prompt to borrow again works"), "membership", {"part": "movement"}),
        ),
    ),
}
