"""The cards of the overview: key figures, what moved a rate, and what needs somebody today."""
