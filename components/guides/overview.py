"""The guide of the overview."""

from components.guides.guide import Guide, Step
from rules.text import N_

GUIDES = {
    "": Guide(
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
}
