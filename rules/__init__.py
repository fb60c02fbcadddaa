"""Policies and vocabulary: pure functions that know nothing of the database or the screen."""
