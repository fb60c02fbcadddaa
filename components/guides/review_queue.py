"""The guides of the parts of the review queue."""

from components.guides.guide import Guide, Step
from components.review import part
from rules.text import N_

_PAGE = "review_queue"
GUIDES = {
    part.QUEUE: Guide(
        answers=N_("Which large applications wait for a person, and what is decided on this one?"),
        readers=N_("Risk officers, who take and decide cases; managers, who hand them over; auditors."),
        reading=N_(
            "The list is in order of deadline. Open a case, take it, decide with a reason: all that you were shown is "
            "kept with the decision. Above your authority a second person decides."
        ),
        limits=N_(
            "Names and numbers are masked until you say what you need them for. A case that you leave alone goes back "
            "to the list. Similar applications are few: a hint, not a rule."
        ),
        steps=(
            Step(N_("See how well is decided"), _PAGE, {"part": part.QUALITY}),
            Step(N_("See default rates by score band"), "default_rates", {"by": "score_band"}),
            Step(N_("See what each risk layer stops"), "default_rates", {"part": "score"}),
        ),
    ),
    part.QUALITY: Guide(
        answers=N_("How well is decided: in time, alike, and with loans that repay?"),
        readers=N_("Those responsible for review; an officer sees their own decisions."),
        reading=N_(
            "Times are those of working hours, with cases that still wait in them. Where an officer is marked, they "
            "differ from all others by more than chance."
        ),
        limits=N_(
            "An officer with few decisions is not compared. Whether overrides repay is known only of loans that have "
            "had their time, and never of the declined."
        ),
        steps=(
            Step(N_("Go to the cases that wait"), _PAGE),
            Step(N_("See how often the cut-off is overridden"), "default_rates", {"part": "score"}),
            Step(N_("Ask whether all groups are approved alike"), "compliance"),
        ),
    ),
}
