"""The guides of the parts of membership."""

from components.guides.guide import Guide, Step
from components.membership import part
from rules.text import N_

_PAGE = "membership"
GUIDES = {
    part.FUNNEL: Guide(
        answers=N_("Where do members drop out, and how long does each step take?"),
        readers=N_("Marketing and managers."),
        reading=N_(
            "A bar is everybody who got so far, in order and each step in time; the tick is the comparison. The "
            "percentage beside a bar is of the step before. A click on a bar lists who is behind it."
        ),
        limits=N_(
            "Members who could still take a step in time are left out, so the newest registrations are missing; "
            "hatched months still mature."
        ),
        steps=(
            Step(N_("See how members move between tiers"), _PAGE, {"part": part.MOVEMENT}),
            Step(N_("See what each channel's members do"), "referrals", {"part": "quality"}),
            Step(N_("See what each risk layer stops"), "default_rates", {"part": "score"}),
        ),
    ),
    part.MOVEMENT: Guide(
        answers=N_("How do members move between tiers, who borrows again, and who owes too much?"),
        readers=N_("Marketing for moves, managers and risk for the watch list."),
        reading=N_(
            "A band is as wide as the members who moved; who stayed is grey. The curves of borrowing again rise with "
            "the days since the first loan was repaid."
        ),
        limits=N_(
            "All members count, whenever registered. What comes before a move need not be its cause. Cohorts are "
            "followed only as far as they have been seen."
        ),
        steps=(
            Step(N_("See which tier really earns"), _PAGE, {"part": part.WORTH}),
            Step(N_("See where members drop out"), _PAGE, {"part": part.FUNNEL}),
            Step(N_("See default rates by tier"), "default_rates", {"by": "tier"}),
        ),
    ),
    part.WORTH: Guide(
        answers=N_("What is each tier worth, and which perks really help?"),
        readers=N_("Managers and marketing."),
        reading=N_(
            "Right of zero is what a member brings in a month, left what they cost; the dot is what remains. Lifetime "
            "value is drawn as seen, then dotted as projected."
        ),
        limits=N_(
            "Projections grow older cohorts' last months onward. Who redeems a perk would often have come back anyway: "
            "believe the comparison with whom chance gave none."
        ),
        steps=(
            Step(N_("Ask whether the price pays for the risk"), "default_rates", {"part": "price"}),
            Step(N_("See what a borrower costs"), "referrals", {"part": "cost"}),
            Step(N_("See how members move between tiers"), _PAGE, {"part": part.MOVEMENT}),
        ),
    ),
}
