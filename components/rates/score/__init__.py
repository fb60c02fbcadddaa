"""The cards of risk layers and scores."""
