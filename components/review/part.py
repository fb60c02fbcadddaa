"""The parts of the review page."""

from components.parts import Part
from rules.text import N_

QUEUE, QUALITY = "queue", "quality"
PARTS = (
    Part(QUEUE, N_("Queue"), ":material/inbox:"),
    Part(QUALITY, N_("Quality"), ":material/fact_check:"),
)
