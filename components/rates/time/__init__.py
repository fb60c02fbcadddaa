"""The cards of what happens to loans over time: vintages, roll rates, losses, lateness, first payments and cures."""
