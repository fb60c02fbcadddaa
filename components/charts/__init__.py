"""Figures: pure functions from a frame whose texts are already formatted to a Plotly figure that serves both themes."""
