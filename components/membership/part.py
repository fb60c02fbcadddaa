"""The parts of the page on membership."""

from components.parts import Part
from rules.text import N_

FUNNEL = "funnel"
PARTS = (Part(FUNNEL, N_("Funnel"), ":material/filter_list:"),)
