"""The guides of the parts of referrals."""

from components.guides.guide import Guide, Step
from components.referrals import part
from rules.text import N_

_PAGE = "referrals"
GUIDES = {
    part.GROWTH: Guide(
        answers=N_("Does the network grow by itself, how fast and how deep?"),
        readers=N_("Marketing and managers."),
        reading=N_(
            "The viral coefficient is how many newcomers a member brings in the same time for all: below 1 the network "
            "needs other channels to grow. The cycle time says how fast it comes round."
        ),
        limits=N_(
            "Months that have not had the whole time are hatched and in no headline. The forecast takes rates and "
            "cycle to stay as they are."
        ),
        steps=(
            Step(N_("See what a borrower costs"), _PAGE, {"part": part.COST}),
            Step(N_("See who brings borrowers who repay"), _PAGE, {"part": part.QUALITY}),
            Step(N_("See who looks farmed"), _PAGE, {"part": part.ABUSE}),
        ),
    ),
    part.COST: Guide(
        answers=N_("What does a borrower cost with every cost in it, and when is that paid back?"),
        readers=N_("Marketing; managers before budgets."),
        reading=N_(
            "A bar is the cost per head, split into its parts; the diamond is what a head is worth. A campaign that is "
            "cheap per registration may be dear per repaying borrower: choose both in turn."
        ),
        limits=N_(
            "Costs follow the members whom they brought, whenever paid. Recent members have not repaid yet, so their "
            "cost per repaying borrower still falls. Spend that nobody entered is missing."
        ),
        steps=(
            Step(
                N_("See campaigns by repaying borrower"),
                _PAGE,
                {"part": part.COST, "cost_by": "campaign", "cost_per": "repaying"},
            ),
            Step(N_("See who brings borrowers who repay"), _PAGE, {"part": part.QUALITY}),
            Step(N_("See what rewards cost and are owed"), _PAGE, {"part": part.REWARDS}),
        ),
    ),
    part.QUALITY: Guide(
        answers=N_("Which channels, campaigns and people bring borrowers worth having?"),
        readers=N_("Marketing and managers."),
        reading=N_(
            "A dot is what each brings, its whisker the 95 % interval, the line everybody. Rates of referrers with few "
            "referees are drawn towards the average: luck is not skill."
        ),
        limits=N_(
            "Only referees who have had their time count. Groups of few are dimmed. Another mix of tiers or products "
            "explains some of a difference."
        ),
        steps=(
            Step(N_("See what a borrower costs"), _PAGE, {"part": part.COST}),
            Step(N_("See who invited whom"), _PAGE, {"part": part.TREE}),
            Step(N_("See default rates by channel"), "default_rates", {"by": "channel"}),
        ),
    ),
    part.TREE: Guide(
        answers=N_("Who invited whom, and what does a branch come to?"),
        readers=N_("Marketing; whoever looks into a suspicion."),
        reading=N_(
            "A block is a member with everybody below whom they invited: as wide as the branch has members, coloured "
            "by what is chosen. A click opens or folds a branch; the table shows the same."
        ),
        limits=N_(
            "Every member at every time stands in it: filters say nothing here. Large trees are drawn to a depth; the "
            "sums below count all of the branch."
        ),
        steps=(
            Step(N_("See who looks farmed"), _PAGE, {"part": part.ABUSE}),
            Step(N_("See who brings borrowers who repay"), _PAGE, {"part": part.QUALITY}),
            Step(N_("Ask whether the network grows by itself"), _PAGE, {"part": part.GROWTH}),
        ),
    ),
    part.REWARDS: Guide(
        answers=N_("What have rewards cost, what is still owed, and what would other terms have cost?"),
        readers=N_("Marketing and finance."),
        reading=N_(
            "Each bar is the rewards for those who registered in a month, split by what became of them: paid, still "
            "owed, reversed. Other terms are counted on the very same events."
        ),
        limits=N_(
            "A trial of terms takes people to do as they did; under other terms they would invite otherwise. Rewards "
            "of the last days are not due yet."
        ),
        steps=(
            Step(N_("See who looks farmed"), _PAGE, {"part": part.ABUSE}),
            Step(N_("See what a borrower costs"), _PAGE, {"part": part.COST}),
            Step(N_("Ask whether the network grows by itself"), _PAGE, {"part": part.GROWTH}),
        ),
    ),
    part.ABUSE: Guide(
        answers=N_("Who looks farmed, and which rewards would a lawyer ask about?"),
        readers=N_("Marketing and managers, who judge; auditors."),
        reading=N_(
            "Cases are in order of suspicion; each signal says how often it is found in honest accounts too. Open a "
            "case, look at its members, then record what you judge."
        ),
        limits=N_(
            "Signals are not proof: a shared address alone is weak. Nothing is blocked or taken back here; a person "
            "decides. Legal flags are facts, not verdicts."
        ),
        steps=(
            Step(N_("See who invited whom"), _PAGE, {"part": part.TREE}),
            Step(N_("See what rewards cost and are owed"), _PAGE, {"part": part.REWARDS}),
            Step(N_("Ask whether every rule is kept"), "compliance"),
        ),
    ),
}
