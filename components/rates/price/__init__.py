"""The cards of price against risk."""
