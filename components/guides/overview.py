"""The guides of the overview's parts."""

from components.guides.guide import Guide, Step
from components.overview import part
from rules.text import N_

GUIDES = {
    part.TODAY: Guide(
        answers=N_("How do we stand, what moved, and what needs somebody today?"),
        readers=N_("Managers every morning; everybody else sees the figures of the pages that they may open."),
        reading=N_(
            "A coloured change is more than noise, a grey one is not. The line is the last 13 months. A click on a "
            "card opens the page behind its figure."
        ),
        limits=N_(
            "Only whole months are compared, by business days. The default rate is that of borrowers who have had "
            "their time to default: it says nothing of the newest months."
        ),
        steps=(
            Step(N_("See which segments default"), "default_rates"),
            Step(N_("See where members drop out"), "membership"),
            Step(N_("See what a borrower costs"), "referrals", {"part": "cost"}),
        ),
    ),
    part.COMMITTEE: Guide(
        answers=N_("How did the book stand at a month end, which limits did it break, and what do we say to that?"),
        readers=N_("The risk committee; managers and senior risk officers write the commentary."),
        reading=N_(
            "Green is within a limit, amber near it, red past it. A frozen month keeps its figures and its commentary "
            "when the data is refreshed."
        ),
        limits=N_(
            "Quotas, what one borrower owes, the sizes of trees and rows that break a rule have no history: they are "
            "those of the copy that is shown."
        ),
        steps=(
            Step(N_("See the vintages behind it"), "default_rates", {"part": "time"}),
            Step(N_("See whether the reserve holds"), "default_rates", {"part": "reserve"}),
            Step(N_("See each breach of a rule"), "compliance"),
            Step(N_("See what needs somebody today"), "overview", {"part": part.TODAY}),
        ),
        act="see_pack",
    ),
}
