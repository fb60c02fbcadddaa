"""The funnel of Membership."""

from components import view
from components.membership import funnel_board, funnel_choices
from pages.parts import reading
from pages.parts.reading import Frames
from queries import funnel
from queries.read import Statement

PAGE = "membership"


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows; nothing where no cohort is settled or the book records no step."""
    chosen = funnel_choices.chosen(shown)
    if not chosen.is_settled or len(chosen.steps) == 1:
        return {}
    return funnel.asked(
        chosen.counted,
        chosen.held,
        shown.members.over_all_time(),
        chosen.beside,
        chosen.windows,
        chosen.steps,
        chosen.recorded,
        chosen.by,
        chosen.steps.index(chosen.step),
        stopped=chosen.stopped,
        listed=funnel_choices.SHOWN_MEMBERS,
    )


def draw(shown: view.View, frames: Frames) -> None:
    """The part, with all members behind the step that is listed as files."""
    chosen = funnel_choices.chosen(shown)
    place = chosen.steps.index(chosen.step)
    behind = funnel.members(chosen.counted, chosen.windows, chosen.steps, place, stopped=chosen.stopped)
    funnel_board.draw(shown, chosen, frames, reading.rows(PAGE, shown, behind))
