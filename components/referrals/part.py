"""The parts of the page on referrals."""

from components.parts import Part
from rules.text import N_

GROWTH = "growth"
PARTS = (Part(GROWTH, N_("Growth"), ":material/trending_up:"),)
