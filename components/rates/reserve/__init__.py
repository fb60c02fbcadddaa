"""The cards of the reserve."""
