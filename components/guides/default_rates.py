"""The guides of the parts of default rates."""

from components.guides.guide import Guide, Step
from components.rates import part
from rules.text import N_

_PAGE = "default_rates"
GUIDES = {
    part.SEGMENTS: Guide(
        answers=N_("Where does the book default, and is that real or chance?"),
        readers=N_("Risk officers and managers."),
        reading=N_(
            "A dot is a segment's rate, its whisker the 95 % interval, the vertical line the book. Only a segment said "
            "to stand out still differs with all segments compared at once. A click on it looks into it."
        ),
        limits=N_(
            "Borrowers count, not loans, and only those observed for the whole time. Dimmed segments have few "
            "borrowers: their rates prove nothing yet."
        ),
        steps=(
            Step(N_("See how defaults come about, month by month"), _PAGE, {"part": part.TIME}),
            Step(N_("Ask whether the score still ranks"), _PAGE, {"part": part.SCORE}),
            Step(N_("Ask whether the price pays for the risk"), _PAGE, {"part": part.PRICE}),
        ),
    ),
    part.TIME: Guide(
        answers=N_("Do newer loans go bad faster, and where do late loans go?"),
        readers=N_("Risk officers and managers."),
        reading=N_(
            "A line is the loans disbursed together: compare lines at the same month on book. In the matrix a row says "
            "where the loans of a bucket are a month later; a click on a cell shows it over time."
        ),
        limits=N_(
            "Young cohorts end early and are drawn no further than they have been seen. Where few loans are left a "
            "line stops. Forecasts take the newest rolls to go on as they are."
        ),
        steps=(
            Step(N_("See which segments default"), _PAGE, {"part": part.SEGMENTS}),
            Step(N_("Ask whether the reserve holds"), _PAGE, {"part": part.RESERVE}),
            Step(N_("See how far calls and reminders get"), "collections"),
        ),
    ),
    part.SCORE: Guide(
        answers=N_("What does each risk layer stop, and does the score still rank, predict and see the same people?"),
        readers=N_("Risk officers; whoever owns the model."),
        reading=N_(
            "The further apart the two curves, the better the score ranks. In the bands the circle is what came, the "
            "stroke what was predicted. Stability over its threshold: the applicants are other people than a year ago."
        ),
        limits=N_(
            "How the declined would have repaid is never seen: what layers avoid is told by those who came back and "
            "passed, so it is a floor. Newest loans have no outcome yet."
        ),
        steps=(
            Step(N_("See default rates by score band"), _PAGE, {"by": "score_band"}),
            Step(N_("Try another cut-off"), _PAGE, {"part": part.PRICE, "by": "score_band"}),
            Step(N_("See how people decide beside the score"), "review_queue", {"part": "quality"}),
        ),
    ),
    part.PRICE: Guide(
        answers=N_("Does the price pay for the risk, and what would another price or cut-off leave?"),
        readers=N_("Managers and risk officers."),
        reading=N_(
            "To the right of zero is what a segment charges a year, to the left what it costs; the dot is what "
            "remains. It loses money where the interval lies left of zero."
        ),
        limits=N_(
            "Only loans that have had their time count. A trial holds everything else as it was: at another price "
            "other people would come."
        ),
        steps=(
            Step(N_("See which segments default"), _PAGE, {"part": part.SEGMENTS}),
            Step(N_("See which tier really earns"), "membership", {"part": "worth"}),
            Step(N_("Ask whether prices stay within their caps"), "compliance"),
        ),
    ),
    part.RESERVE: Guide(
        answers=N_("Does the reserve hold what will be lost?"),
        readers=N_("Managers and the risk committee."),
        reading=N_(
            "Cover of 1 means that the reserve equals the expected loss. Two forecasts are drawn: straight down the "
            "buckets, and to the end of all loans. Trust the lower cover."
        ),
        limits=N_(
            "The reserve is one, so filters say nothing here. Both forecasts let the newest rolls go on; a shock is in "
            "neither."
        ),
        steps=(
            Step(N_("See where late loans go next month"), _PAGE, {"part": part.TIME}),
            Step(N_("See what each funder has out"), _PAGE, {"by": "funder"}),
            Step(N_("Ask whether the price pays for the risk"), _PAGE, {"part": part.PRICE}),
        ),
    ),
}
