"""The parts of the page on membership."""

from components import parts
from components.language import _
from components.parts import Part
from rules.text import N_

FUNNEL, MOVEMENT, WORTH = "funnel", "movement", "worth"
PARTS = (
    Part(FUNNEL, N_("Funnel"), ":material/filter_list:"),
    Part(MOVEMENT, N_("Movement"), ":material/swap_vert:"),
    Part(WORTH, N_("Worth"), ":material/payments:"),
)
_NOTES = {
    MOVEMENT: N_("All members, whenever registered: of the filters only the choices of segments count here."),
    WORTH: N_("Lifetime value: members registered in the period. All else: whenever registered."),
}


def note() -> str:
    """What is to be known of the part that is shown, beside the switch."""
    shown = parts.chosen(PARTS)
    return _(_NOTES[shown]) if shown in _NOTES else ""
