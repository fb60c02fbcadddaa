"""The cards of the page on membership."""
