"""The risk committee's pack: what it says, drawn for the screen and for paper."""
